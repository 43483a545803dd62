/* SPDX-License-Identifier: MIT */
/*
 * simulated.h: what a program is written with that asks about a policy of hosts/simulator: the
 * policy's own file runs, between operations that are its stepwise.c's. Addresses, spaces and
 * frames are as in protocol.h. All steps of such a program are taken to depend on each other, since
 * policies share objects that are no words.
 */
#ifndef EXPLORER_SIMULATED_H
#define EXPLORER_SIMULATED_H

#include "../protocol.h"

struct policy;
extern const struct policy policy_abis, policy_batch_pages, policy_broadcast, policy_concurrent,
	policy_fpr, policy_latr, policy_linux, policy_linux_4_2, policy_linux_4_3,
	policy_linux_in_turn;

/* ---- Set up alone ---- */

/* follow: a policy. => spaces are made */
void follow(const struct policy *policy);

/* begin_task: the CPU runs a task of the space, in user mode. */
void begin_task(unsigned cpu, unsigned space);

/* note_users: hardware keeps an entry only with a note, at the page, of the CPU that uses it. */
void note_users(void);

/* ---- Handlers ---- */

/* take_calls: the policy's handler. ..._keeping_off: that keeps NMIs off user memory. ..._at_tick:
 * the timer's beside it. */
void take_calls(void);
void take_calls_keeping_off(void);
void take_calls_at_tick(void);

/* ---- Bodies ---- */

/* run_task: another task of the CPU goes on, in user mode. idle: none can; the space stays. */
void run_task(unsigned space);
void idle(void);

/* use_and_note: the CPU uses a page, and is noted there in a step of its own. => note_users */
void use_and_note(unsigned page);

/* take_tick: the timer's interrupt. */
void take_tick(void);

/* take_away: an unmap of pages [from, to), and of their table if asked. Pages are freed when the
 * policy lets them. That they are gone is not promised. */
void take_away(unsigned space, unsigned from, unsigned to, bool tables);

/* take_right: pages [from, to) become read-only, which is not promised. */
void take_right(unsigned space, unsigned from, unsigned to);

/* take_back: a batch of reclaim, of one page, which is a file's. */
void take_back(unsigned space, unsigned page);

/* fault_in: a page where nothing is mapped, a recycled one if the policy has one. */
void fault_in(unsigned space, unsigned page);

#endif
