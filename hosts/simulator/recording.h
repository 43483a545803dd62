/* SPDX-License-Identifier: MIT */
/* recording.h: what the events of a recording say together that none says alone. */
#ifndef SIMULATOR_RECORDING_H
#define SIMULATOR_RECORDING_H

#include "trace.h"

struct recording {
	struct trace trace; /* its events name threads from 0, and spaces from 1, by numbers */
	unsigned threads;
	unsigned spaces;       /* one that exits and one that gets its structure are two */
	unsigned *first_space; /* of each CPU: loaded when it begins; SPACE_KERNEL: not known */
};

/*
 * recording_make: take the trace over; number threads and spaces, and fill in `goes_on` and `cause`.
 * False: no memory.
 */
bool recording_make(struct recording *recording, const struct trace *trace);

/* recording_check: how many of the masks that the kernel's flushes had are those that come out here.
 */
struct recording_check {
	size_t masks, same;
};
struct recording_check recording_check(const struct recording *recording);

void recording_free(struct recording *recording);

#endif
