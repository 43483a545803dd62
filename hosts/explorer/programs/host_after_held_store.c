// expect: fails 0
// SPDX-License-Identifier: MIT
// After a store a CPU asks if a page is dirty, which another makes it.
#include "program.h"

FIXED static uintptr_t f;

static void
set_up(void)
{
	new_space(0);
	map_file(0, 0, PTE_WRITE);
	f = hold(0, 0);
	run_on(0, KERNEL);
	run_on(1, KERNEL);
}

static void
cpu0(void)
{
	salvo_atomic_store(&words[0], 1);
	require(!salvo_port_page_is_dirty(f), "not dirty");
}

static void
cpu1(void)
{
	salvo_atomic_store(&words[1], 1);
	salvo_port_page_dirty(f, 1);
}

PROGRAM(host_after_held_store, 2, cpu0, cpu1);
