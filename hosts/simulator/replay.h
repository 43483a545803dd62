/* SPDX-License-Identifier: MIT */
/* replay.h: what the flushes of a recording would have cost on the simulated machine. */
#ifndef SIMULATOR_REPLAY_H
#define SIMULATOR_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "recording.h"

struct policy;

/* What came out of one policy; times in picoseconds, of all CPUs together. */
struct replay_result {
	const struct policy *policy;
	const char *why_not; /* not from this trace, because ...; NULL: the figures hold */
	uint64_t interrupts; /* CPUs that were asked by one */
	uint64_t spent;      /* on flushes: asking, waiting, interrupts, flushing, refilling */
	uint64_t waited;     /* of that, for answers */
};

/* replay_why_not: what the trace lacks that the policy goes by; NULL: nothing. */
const char *replay_why_not(const struct trace *trace, const struct policy *policy);

/*
 * replay_drive: each recorded CPU is a CPU of `machine`; it does at the recorded time, or as soon
 *    after as it can, what the recording says, with its flushes made in the policy's way.
 * => `machine` is read and has that many CPUs
 */
void replay_drive(const struct recording *recording, const struct policy *policy,
	struct replay_result *result);

/* replay_note: what the policy does that the recorded kernel has no likeness of; NULL: nothing. */
const char *replay_note(const struct policy *policy);

void replay_print(const char *path, const struct recording *recording,
	const struct replay_result *results, unsigned count);
void replay_print_json(const char *path, const struct recording *recording,
	const struct replay_result *results, unsigned count);

/* command_replay: `./dev replay`. */
int command_replay(int argc, char **argv);

#endif
