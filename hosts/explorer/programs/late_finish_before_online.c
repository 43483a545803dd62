// expect: safe
// SPDX-License-Identifier: MIT
// A CPU goes offline and comes back, where it finds a finish put down for it; a kernel mapping goes
// meanwhile: the finish ends when the CPU has forgotten that.
#include "program.h"

enum { GONE };

FIXED static uintptr_t frame;

static void
set_up(void)
{
	name_word(&words[GONE], "gone");
	allow_late_finishes();
	new_space(0);
	map(0, 0, PTE_WRITE | PTE_DIRTY);
	map(KERNEL, 0, PTE_WRITE);
	frame = keep(KERNEL, 0);
	run_on(0, KERNEL);
	run_on(1, 0);
	run_on(2, KERNEL);
}

static void
cpu0(void)
{
	unmap_later(0, 0, 1, false);
}

static void
cpu1(void)
{
	go_offline();
	salvo_atomic_store_release(&words[GONE], 1);
	come_online();
}

static void
cpu2(void)
{
	wait_until(&words[GONE], 1);
	irqs_off();
	salvo_atomic_exchange(entry(KERNEL, 0), 0);
	salvo_flush_page(&machine.kernel, PAGE(0));
	promise(KERNEL, 0, 1, true);
	free_page(frame);
	irqs_on();
}

PROGRAM(late_finish_before_online, 3, cpu0, cpu1, cpu2);
