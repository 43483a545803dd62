// SPDX-License-Identifier: MIT
#include <stddef.h>

#include "workloads.h"

/* `dev` reads the names here, as those of the workloads below. */
const struct policy_kind policies[POLICIES] = {
	[POLICY_PAGE] = {"page", "one entry at a time", "policy=page", NULL},
	[POLICY_BATCH] = {"batch", "as many as it can", "policy=batch", NULL},
	[POLICY_NO_LAZY_SKIP] = {"no-lazy-skip", "lazy CPUs are interrupted too", "policy=batch",
		"skip-lazy"},
	[POLICY_NO_CURRENT_SKIP] = {"no-current-skip", "CPUs that have flushed are interrupted too",
		"policy=batch", "skip-current"},
	[POLICY_NO_DONE_SKIP] = {"no-done-skip", "requests that others have completed are made",
		"policy=batch", "done-merges"},
	[POLICY_NO_EARLY_ANSWER] = {"no-early-answer", "CPUs answer when they have flushed",
		"policy=batch", "early-at-all"},
	[POLICY_NO_MARKS] = {"no-marks", "a mark a space, none a page table",
		"policy=batch marks=0", NULL},
	[POLICY_FLUSH_PER_GROUP] = {"flush-per-group", "a flush for each group of memory",
		"policy=batch flush=group", NULL},
	[POLICY_FLUSH_BY_PAGE] = {"flush-by-page", "pages are flushed one by one up to 1024",
		"policy=batch ceiling=1024", NULL},
	[POLICY_TWO_PHASE] = {"two-phase", "as if stores could pass through clean entries",
		"policy=batch phases=2", NULL},
	[POLICY_DEFERRED] = {"deferred", "tables are freed after a grace period",
		"policy=batch tables=defer", NULL},
	[POLICY_LATER] = {"later", "unmaps wait for no CPU", "policy=batch finish=later", NULL},
	[POLICY_NO_WALKER_CHOICE] = {"no-walker-choice", "every CPU is interrupted for a walker",
		"policy=batch spared=0", "walkers-only"},
};

#define OFF(policy) (1u << POLICY_##policy)
#define BOTH        (OFF(PAGE) | OFF(BATCH))
#define SKIPS       (OFF(NO_LAZY_SKIP) | OFF(NO_CURRENT_SKIP) | OFF(NO_DONE_SKIP))
#define STEPS       (SKIPS | OFF(NO_EARLY_ANSWER))

/*
 * Linux's figures: docs/peers/linux, 4 CPUs, threads of one process. That of protect-shrink is of a
 * round of two calls, the second of which makes the pages writable again.
 */
const struct workload workloads[] = {
	{"reclaim", "reclaimed", true, 81, NULL,
		BOTH | STEPS | OFF(NO_MARKS) | OFF(FLUSH_PER_GROUP) | OFF(DEFERRED)},
	{"reclaim-writable", "reclaimed, mapped writable", true, 0, "reclaim writable=1",
		BOTH | OFF(TWO_PHASE)},
	{"munmap", "unmapped", false, 11.7, NULL,
		BOTH | STEPS | OFF(NO_MARKS) | OFF(FLUSH_BY_PAGE) | OFF(DEFERRED) | OFF(LATER)},
	{"protect-shrink", "write-protected", false, 23.4, NULL,
		BOTH | STEPS | OFF(NO_MARKS) | OFF(FLUSH_BY_PAGE)},
	{"protect-grow", "made writable", false, 0, NULL,
		BOTH | STEPS | OFF(NO_MARKS) | OFF(FLUSH_BY_PAGE)},
	{"clean", "written back", false, 234, NULL, BOTH | STEPS | OFF(NO_MARKS)},
	{"move", "moved", false, 0, NULL, BOTH | STEPS | OFF(NO_MARKS) | OFF(FLUSH_BY_PAGE)},
	{"merge", "merged", false, 0, NULL, BOTH | STEPS | OFF(NO_MARKS) | OFF(FLUSH_BY_PAGE)},
	{"table-free", "unmapped, tables freed", false, 0, NULL,
		BOTH | STEPS | OFF(NO_MARKS) | OFF(DEFERRED) | OFF(LATER)},
	{"unshare", "tables unshared", false, 0, NULL,
		BOTH | STEPS | OFF(NO_MARKS) | OFF(DEFERRED)},
	{"walk", "tables freed beside a walker", false, 0, NULL,
		BOTH | OFF(DEFERRED) | OFF(NO_WALKER_CHOICE)},
	{"beside", "that need no flush", false, 0, NULL,
		BOTH | OFF(NO_CURRENT_SKIP) | OFF(NO_DONE_SKIP) | OFF(NO_MARKS)},
	{"no-pressure", "read, memory being free", false, 0, NULL, BOTH | STEPS | OFF(NO_MARKS)},
	{"not-resident", "reclaimed, in no TLB", false, 0, NULL,
		BOTH | STEPS | OFF(NO_MARKS) | OFF(FLUSH_PER_GROUP)},
};
const int workload_count = sizeof workloads / sizeof workloads[0];
