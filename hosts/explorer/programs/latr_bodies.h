/* SPDX-License-Identifier: MIT */
/*
 * latr_bodies.h: for programs that ask about the simulator's policy `latr`. What is unmapped waits
 * for ticks, so each CPU takes some when the others are past theirs, lest a page wait for ever.
 */
#define POLICY policy_latr
#define CPUS   2
#include "simulated_bodies.h"

/* meet: both CPUs come here before either goes on. */
static inline void
meet(unsigned time)
{
	salvo_atomic_store_release(&words[time * CPUS + this_cpu()], 1);
	wait_until(&words[time * CPUS + 1 - this_cpu()], 1);
}

/* end_with_ticks: => called once by each CPU, when it has nothing else to do */
static inline void
end_with_ticks(void)
{
	take_tick();
	meet(0);
	take_tick();
	meet(1);
	take_tick();
	take_tick();
}

static inline void
come_and_go_until_tick(void)
{
	come_and_go();
	end_with_ticks();
}
