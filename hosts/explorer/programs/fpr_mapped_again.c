// expect: fails 0
// SPDX-License-Identifier: MIT
// The simulator's policy `fpr`: an address is unmapped and mapped again, the old page elsewhere in
// the same space: a thread that was told so reads the old page at the new address.
#include "policies/simulated.h"

enum { MAPPED }; /* of words[] */

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	follow(&policy_fpr);
	begin_task(0, 0);
	begin_task(1, 0);
	name_word(&words[MAPPED], "mapped");
}

static void
cpu0(void)
{
	take_away(0, 0, 1, false);
	fault_in(0, 1);
	fault_in(0, 0);
	user_store(0, 7);
	salvo_atomic_store_release(&words[MAPPED], 1);
}

static void
cpu1(void)
{
	wait_until(&words[MAPPED], 1);
	require(user_load(0) == 7, "the page that was mapped last is read");
}

PROGRAM_OF(fpr_mapped_again, 2, take_calls, cpu0, cpu1);
