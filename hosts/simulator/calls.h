/* SPDX-License-Identifier: MIT */
/*
 * calls.h: have functions run on other CPUs, by interrupts, as Linux's smp_call_function_many does
 * since 5.13: for policies with a protocol of their own.
 */
#ifndef SIMULATOR_CALLS_H
#define SIMULATOR_CALLS_H

#include <stdbool.h>

#include <salvo/port.h>

/* How a call is made. */
struct calls_way {
	bool early;    /* the CPU that is called answers before it runs the function */
	bool one_line; /* what to do lies in the line of the call itself */
	bool in_turn;  /* the caller's own part comes before the others are called, as until 5.12 */
};

/* A function that is called; `info` is what the caller passed. */
typedef void calls_function(void *info);

void calls_reset(void);

/*
 * calls_make: run the function on each CPU of the set but this one, and `here` on this one
 * meanwhile (NULL: nothing); returns when all have answered. `info` lies in shared memory, or is
 * not touched by the function.
 */
void calls_make(const struct salvo_cpuset *set, const struct calls_way *way,
	calls_function *function, void *info, calls_function *here);

/* calls_interrupted: the handler of the interrupt. */
void calls_interrupted(void);

#endif
