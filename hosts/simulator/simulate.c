// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <salvo/port.h>
#include <salvo/arch.h>

#include "clock.h"
#include "frames.h"
#include "lines.h"
#include "machine.h"
#include "message.h"
#include "policies/policy.h"
#include "port.h"
#include "progress.h"
#include "simulate.h"
#include "space.h"
#include "task.h"
#include "timeline.h"
#include "tlb.h"
#include "workloads/workload.h"

enum { PARTS = 100 /* of a run, after which progress is told */ };

static uint64_t events_before;
static double host_before;

/* host_seconds: this program has had a core for so long. */
static double
host_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

unsigned
simulate_cpu(const struct run *run, unsigned n)
{
	return run->spread ? (unsigned)((uint64_t)n * machine.cpus / run->busy) : n;
}

/* warm: what follows is counted. */
static void
warm(uint64_t mark)
{
	cpus_settle(mark);
	cpus_count_anew();
	memset(lock_waits, 0, sizeof(lock_waits));
	memset(lines_moved, 0, sizeof(lines_moved));
	memset(lines_waits, 0, sizeof(lines_waits));
	frames_freed = 0;
	events_before = clock_events;
	host_before = host_seconds();
}

/* reset: with so much memory on each node. */
static void
reset(const struct policy *chosen, const uint64_t *per_node)
{
	clock_reset();
	lines_reset();
	tasks_reset();
	cpus_reset();
	tlb_reset();
	spaces_reset();
	frames_reset(per_node);
	policy = chosen;
	cpu_handler = policy->interrupted;
	cpu_tick = policy->tick;
	clean_write_traps = !policy->clean_writes_pass;
	port_reset();
	if (policy->reset != NULL)
		policy->reset();
}

void
simulate_reset(const struct policy *chosen, uint64_t per_node)
{
	uint64_t nodes[NODES_MAX];

	for (unsigned n = 0; n < NODES_MAX; n++)
		nodes[n] = per_node;
	reset(chosen, nodes);
}

static void
collect(const struct run *run, struct result *result)
{
	memset(result, 0, sizeof(*result));
	result->cpus = machine.cpus;
	result->busy = run->busy;
	result->events = clock_events - events_before;
	result->host_seconds = host_seconds() - host_before;
	result->seconds = run->seconds;
	result->frames_freed = frames_freed;
	result->waits = cpu_waits;
	memcpy(result->lock_waits, lock_waits, sizeof(lock_waits));
	memcpy(result->lines_moved, lines_moved, sizeof(lines_moved));
	memcpy(result->lines_waits, lines_waits, sizeof(lines_waits));
	for (unsigned c = 0; c < machine.cpus; c++) {
		const struct cpu_counts *counts = &cpus[c].counts;

		result->interrupts += counts->interrupts;
		result->pages += counts->pages;
		result->operations += counts->operations;
		result->refills += counts->refills;
		result->stolen += counts->stolen;
		result->kernel += counts->kernel;
		for (unsigned i = 0; i < WHERES; i++)
			result->spent[i] += counts->spent[i];
	}
}

static void
run_to(uint64_t time)
{
	if (clock_run(time))
		return;
	error("every simulated CPU waits for another one");
	exit(STATUS_WRONG);
}

/* advance: from one time to another, telling how far it is. */
static void
advance(struct progress *progress, uint64_t from, uint64_t to, uint64_t end)
{
	for (uint64_t at = from; at < to;) {
		at = to - at < end / PARTS ? to : at + end / PARTS;
		run_to(at);
		if (progress != NULL)
			progress_show(progress, at / (1000 * CLOCK_NS), end / (1000 * CLOCK_NS),
				"us simulated");
	}
}

void
simulate(const struct run *run, struct result *result)
{
	struct progress shown, *progress = run->progress ? &shown : NULL;
	uint64_t per_node[NODES_MAX] = {0};
	uint64_t mark = (uint64_t)(run->warm_up * (double)CLOCK_SECOND);
	uint64_t end = mark + (uint64_t)(run->seconds * (double)CLOCK_SECOND);

	if (progress != NULL)
		progress_quiet(progress, run->policy->name);
	/* Nodes have memory for their busy CPUs: how many others there are changes nothing. */
	for (unsigned i = 0; i < run->busy; i++)
		per_node[machine_node(simulate_cpu(run, i))] += run->per_cpu;
	reset(run->policy, per_node);
	run->workload->set_up(run);
	tasks_begin();
	advance(progress, 0, mark, end);
	warm(mark);
	advance(progress, mark, end, end);
	cpus_settle(end);
	collect(run, result);
	if (progress != NULL)
		progress_clear(progress);
}
