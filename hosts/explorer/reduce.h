/* SPDX-License-Identifier: MIT */
/* reduce.h: which transitions need not be tried in every order. See reduce.c. */
#ifndef EXPLORER_REDUCE_H
#define EXPLORER_REDUCE_H

#include "state.h"

extern bool reducing;

void reduce_open(void);
uint16_t reduce_place(const struct cpu *cpu);

/* reduce_context: how many requests were made of all spaces. reduce_is_context: by adding to this.
 */
uint8_t reduce_context(void);
bool reduce_is_context(const struct salvo_word *word);

void reduce_learn(unsigned cpu, const piece *key, enum command command,
	const struct transition *transition, uint16_t touched);

/* reduce_learned: something was learned since reduce_apply, which takes it into account. */
bool reduce_learned(void);
void reduce_apply(unsigned cpu_count);

/*
 * reduce_only: a transition that needs no other tried beside it here; false: there is none. The
 * result of taking it is in `transition`.
 */
bool reduce_only(const piece *key, unsigned cpu_count, uint8_t *via, struct transition *transition);

#endif
