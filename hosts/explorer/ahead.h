/* SPDX-License-Identifier: MIT */
/* ahead.h: what CPUs may do while others stand still. See ahead.c. */
#ifndef EXPLORER_AHEAD_H
#define EXPLORER_AHEAD_H

#include "events.h"

/* ahead_begin: follow the events that are known by now, and no others until the next time, so that
 * a search that is made again is the same. */
void ahead_begin(void);

/*
 * ahead_of: what may be touched before one of the CPUs `still` (a bit each) goes on; drains: stores
 * that these hold back may reach memory.
 */
struct touched ahead_of(const piece *key, unsigned cpu_count, unsigned still, bool drains);

#endif
