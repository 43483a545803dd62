/* SPDX-License-Identifier: MIT */
/* reduce.h: which transitions need not be tried in every order. See reduce.c. */
#ifndef EXPLORER_REDUCE_H
#define EXPLORER_REDUCE_H

#include "state.h"

extern bool reducing;

/*
 * reduce_only: a transition that needs no other tried beside it here; false: there is none. The
 * result of taking it is in `transition`. CPU `first` is asked first: who has just gone on may well
 * do so again.
 */
bool reduce_only(const piece *key, unsigned cpu_count, unsigned first, uint8_t *via,
	struct transition *transition);

/*
 * reduce_cpus: CPUs whose transitions (of all those listed) need no other CPU's tried beside them
 * here, unless they lead to nothing new.
 */
unsigned reduce_cpus(const piece *key, unsigned cpu_count, const uint8_t *list, unsigned count);

#endif
