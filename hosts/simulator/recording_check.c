// SPDX-License-Identifier: MIT
/*
 * recording_check.c: which CPUs have which space loaded, as switches tell, against the masks of the
 * kernel's own flushes. Where they differ a replay goes by something else than the kernel did.
 */
#include <stdlib.h>

#include "recording.h"

enum { MASK_CPUS = 64 };

/* What a thread that reclaims has unmapped and put off: the CPUs that may hold it. */
struct put_off {
	uint64_t mask;
	uint64_t last; /* of its last page, which Linux may flush at once */
};

struct checker {
	uint64_t *masks;         /* by space */
	unsigned *loaded;        /* by CPU */
	struct put_off *put_off; /* by thread */
	struct recording_check check;
};

static void
load(struct checker *checker, unsigned cpu, unsigned space)
{
	if (cpu >= MASK_CPUS)
		return;
	checker->masks[checker->loaded[cpu]] &= ~(UINT64_C(1) << cpu);
	checker->masks[space] |= UINT64_C(1) << cpu;
	checker->loaded[cpu] = space;
}

static void
compare(struct checker *checker, uint64_t mask, const struct trace_event *event)
{
	checker->check.masks++;
	checker->check.same += mask == event->mask;
}

static void
put_off(struct put_off *thread, uint64_t mask)
{
	thread->mask |= thread->last;
	thread->last = mask;
}

static void
follow(struct checker *checker, const struct trace_event *event)
{
	struct put_off *thread = &checker->put_off[event->thread];

	switch (event->kind) {
	case TRACE_SWITCH:
	case TRACE_UNLOAD:
		load(checker, event->cpu, (unsigned)event->space);
		break;
	case TRACE_UNMAP:
		put_off(thread, checker->masks[event->space]);
		break;
	case TRACE_REQUEST:
		if (event->cause == CAUSE_RECLAIM)
			thread->last = 0;
		break;
	case TRACE_BATCH:
		put_off(thread, 0);
		compare(checker, thread->mask, event);
		thread->mask = 0;
		break;
	case TRACE_SEND:
		if (event->space != SPACE_KERNEL)
			compare(checker, checker->masks[event->space], event);
		break;
	default:
		break;
	}
}

struct recording_check
recording_check(const struct recording *recording)
{
	const struct trace *trace = &recording->trace;
	struct checker checker = {
		.masks = calloc(recording->spaces + 1, sizeof *checker.masks),
		.loaded = calloc(trace->cpus + 1, sizeof *checker.loaded),
		.put_off = calloc(recording->threads + 1, sizeof *checker.put_off),
	};

	if (checker.masks != NULL && checker.loaded != NULL && checker.put_off != NULL) {
		for (unsigned c = 0; c < trace->cpus; c++)
			load(&checker, c, recording->first_space[c]);
		for (size_t i = 0; i < trace->count; i++)
			follow(&checker, &trace->events[i]);
	}
	free(checker.masks);
	free(checker.loaded);
	free(checker.put_off);
	return checker.check;
}
