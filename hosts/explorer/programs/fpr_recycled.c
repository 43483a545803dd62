// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `fpr`: a page is unmapped and mapped again, while another CPU unmaps one
// and may have both leave the space.
#include "policies/simulated.h"

enum { UNMAPPED }; /* of words[] */

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	map(0, 1, PTE_WRITE);
	follow(&policy_fpr);
	begin_task(0, 0);
	begin_task(1, 0);
	name_word(&words[UNMAPPED], "unmapped");
}

/* cpu0: in the end it maps what the space may have kept. */
static void
cpu0(void)
{
	take_away(0, 0, 1, false);
	fault_in(0, 0);
	wait_until(&words[UNMAPPED], 1);
	fault_in(0, 2);
}

static void
cpu1(void)
{
	take_away(0, 1, 2, false);
	salvo_atomic_store_release(&words[UNMAPPED], 1);
}

PROGRAM_OF(fpr_recycled, 2, take_calls, cpu0, cpu1);
