// expect: fails 0
// SPDX-License-Identifier: MIT
// A program shares a word that is not part of a state: the explorer says so.
#include "program.h"

FIXED static struct salvo_word x;

static void
set_up(void)
{
	salvo_atomic_store(&x, 0);
	new_space(0);
	run_on(0, KERNEL);
	run_on(1, KERNEL);
}

static void
cpu0(void)
{
	salvo_atomic_store(&x, 1);
}

static void
cpu1(void)
{
	require(salvo_atomic_load(&x) == 0, "nothing yet");
}

PROGRAM(word_not_explored, 2, cpu0, cpu1);
