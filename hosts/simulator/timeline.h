/* SPDX-License-Identifier: MIT */
/* timeline.h: what happened when, as a file that trace viewers open (Chrome's and Perfetto's). */
#ifndef SIMULATOR_TIMELINE_H
#define SIMULATOR_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

struct cpu;

/* timeline_open: write one from now on. False: what is wrong has been said. */
bool timeline_open(const char *path);
bool timeline_close(void);

/* timeline_span: the CPU was where it is until now. */
void timeline_span(const struct cpu *cpu, uint64_t until);
void timeline_interrupt(unsigned from, unsigned to, uint64_t sent, uint64_t arrival);

#endif
