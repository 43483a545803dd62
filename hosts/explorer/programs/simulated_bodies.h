/* SPDX-License-Identifier: MIT */
/*
 * simulated_bodies.h: for programs that ask about a policy of the simulator: two pages under one
 * table in space 0, where the CPUs run. POLICY is the policy; NOTES_USERS: hardware notes users.
 */
#include "policies/simulated.h"

static void
set_up(void)
{
	new_space(0);
	new_space(1);
	map(0, 0, PTE_WRITE);
	map(0, 1, PTE_WRITE);
#ifdef NOTES_USERS
	note_users();
#endif
	follow(&POLICY);
	for (unsigned c = 0; c < CPUS; c++)
		begin_task(c, 0);
}

static inline void
unmap_first(void)
{
	take_away(0, 0, 1, false);
	promise(0, 0, 1, true);
}

static inline void
unmap_second(void)
{
	take_away(0, 1, 2, false);
	promise(0, 1, 2, true);
}

static inline void
unmap_table(void)
{
	take_away(0, 0, 2, true);
	promise(0, 0, 2, true);
}

static inline void
protect_first(void)
{
	take_right(0, 0, 1);
	promise(0, 0, 1, false);
}

static inline void
protect_both(void)
{
	take_right(0, 0, 2);
	promise(0, 0, 2, false);
}

/* reclaim_first: frees the page. */
static inline void
reclaim_first(void)
{
	take_back(0, 0);
}

static inline void
lazy_and_back(void)
{
	idle();
	run_task(0);
}

/* come_and_go: the CPU goes lazy or does not, to another space or does not, and comes back. */
static inline void
come_and_go(void)
{
	if (choose(2) == 0)
		idle();
	if (choose(2) == 0)
		run_task(1);
	run_task(0);
}

/* use_and_go: the same of a CPU that uses the first page before, and after. */
static inline void
use_and_go(void)
{
	user_load(0);
	come_and_go();
	user_load(0);
}
