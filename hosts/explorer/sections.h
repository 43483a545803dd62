/* SPDX-License-Identifier: MIT */
/*
 * sections.h: where memory lies that is a part of states. A state has all of EXPLORED and of
 * WALKED, which the hardware walks; of LATE and of SIMULATED where the program says so.
 */
#ifndef EXPLORER_SECTIONS_H
#define EXPLORER_SECTIONS_H

#define EXPLORED __attribute__((section("explored")))
#define WALKED   __attribute__((section("walked")))

/* FIXED: what a program's set_up writes, and nobody after it. */
#define FIXED __attribute__((section("fixed")))

/* LATE: of programs that have late finishes. */
#define LATE __attribute__((section("late")))

/* SIMULATED: of programs that follow a policy of the simulator. */
#define SIMULATED __attribute__((section("simulated")))

extern unsigned char __start_explored[], __stop_explored[], __start_walked[], __stop_walked[];
extern unsigned char __start_fixed[], __stop_fixed[], __start_late[], __stop_late[];
extern unsigned char __start_simulated[], __stop_simulated[];

#endif
