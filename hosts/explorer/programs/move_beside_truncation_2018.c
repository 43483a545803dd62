// expect: fails 1
// SPDX-License-Identifier: MIT
// A move drops the tables' lock before it has flushed (CVE-2018-18281): truncation finds the page
// at its new address, flushes that, and frees it, while the old one is in a TLB.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	lock_tables(0);
	salvo_atomic_store(entry(0, 2), salvo_atomic_exchange(entry(0, 0), 0));
	unlock_tables(0);
	salvo_flush_page(&spaces[0], PAGE(0));
	promise(0, 0, 1, true);
}

static void
cpu1(void)
{
	zap(0, 2, 3, false);
}

PROGRAM(move_beside_truncation_2018, 2, cpu0, cpu1);
