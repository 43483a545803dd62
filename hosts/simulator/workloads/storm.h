/* SPDX-License-Identifier: MIT */
/* storm.h: what workloads share in which each thread works on an area of its own. */
#ifndef SIMULATOR_STORM_H
#define SIMULATOR_STORM_H

#include "../cpu.h"
#include "workload.h"

/* storm_start: where the area of a CPU's thread begins; each has leaf tables of its own. */
uintptr_t storm_start(unsigned cpu, unsigned pages);

/* storm_set_up: a thread on each busy CPU, of one process unless told otherwise. */
void storm_set_up(const struct run *run, void (*body)(struct task *task));

#endif
