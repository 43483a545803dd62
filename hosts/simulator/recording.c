// SPDX-License-Identifier: MIT
/*
 * recording.c: numbers for threads and spaces, and why requests were made: an event does not tell,
 * but the events of its thread around it do.
 */
#include <search.h>
#include <stdlib.h>

#include "recording.h"

enum { PAGE_SHIFT = 12, HUGEST_SHIFT = 30 };

#define PAGE_MASK UINT64_C(4095)

/* A name of the recording's, and its number here. */
struct number {
	uint64_t name;
	unsigned number;
	bool dead; /* a space that has exited: CPUs may keep it, nobody uses it any more */
};

struct thread {
	struct trace_event *last;  /* its last event, but for what the hardware was told */
	struct trace_event *call;  /* the system call that it is in, perhaps */
	struct trace_event *whole; /* its last request that frees all of a space */
};

struct maker {
	struct recording *recording;
	void *thread_numbers, *space_numbers; /* trees */
	struct thread *threads;
	size_t thread_room;
	bool no_memory;
};

static int
by_name(const void *a, const void *b)
{
	const struct number *x = a, *y = b;

	return (x->name > y->name) - (x->name < y->name);
}

/* number_of: of a name that may be new: then `next` is taken. NULL: no memory. */
static struct number *
number_of(void **tree, uint64_t name, unsigned next)
{
	const struct number wanted = {.name = name};
	struct number **found = tfind(&wanted, tree, by_name);
	struct number *new;

	if (found != NULL)
		return *found;
	new = malloc(sizeof *new);
	if (new == NULL)
		return NULL;
	*new = (struct number){.name = name, .number = next};
	if (tsearch(new, tree, by_name) != NULL)
		return new;
	free(new);
	return NULL;
}

/* ---- Threads ---- */

/* thread_of: the event's thread, numbered. */
static struct thread *
thread_of(struct maker *maker, struct trace_event *event)
{
	unsigned next = maker->recording->threads;
	const struct number *number = number_of(&maker->thread_numbers, event->thread, next);

	if (number != NULL && number->number == next) {
		if (next == maker->thread_room) {
			size_t room = maker->thread_room * 2 + 64;
			struct thread *more = realloc(maker->threads, room * sizeof *more);

			if (more == NULL)
				number = NULL;
			else
				maker->threads = more;
			maker->thread_room = room;
		}
		if (number != NULL)
			maker->threads[maker->recording->threads++] = (struct thread){.call = NULL};
	}
	maker->no_memory |= number == NULL;
	if (number == NULL)
		return NULL;
	event->thread = number->number;
	return &maker->threads[number->number];
}

/* ---- Spaces ---- */

/*
 * number_space: the number of a space. CPUs keep one that has exited until they load another; to
 * whoever uses its name otherwise it is a new one.
 */
static uint64_t
number_space(struct maker *maker, uint64_t name, bool kept)
{
	struct number *number;

	if (name == SPACE_KERNEL)
		return SPACE_KERNEL;
	number = number_of(&maker->space_numbers, name, maker->recording->spaces + 1);
	if (number == NULL) {
		maker->no_memory = true;
		return SPACE_KERNEL;
	}
	if (number->dead && !kept) {
		number->number = maker->recording->spaces + 1;
		number->dead = false;
	}
	if (number->number > maker->recording->spaces)
		maker->recording->spaces = number->number;
	return number->number;
}

/* has_exited: its last mappings are gone. */
static void
has_exited(struct maker *maker, uint64_t name)
{
	struct number *number = number_of(&maker->space_numbers, name, 0);

	if (number != NULL)
		number->dead = true;
}

/* number_spaces: of an event. */
static void
number_spaces(struct maker *maker, struct trace_event *event)
{
	const uint64_t name = event->space;

	switch (event->kind) {
	case TRACE_LAZY:
		event->space = number_space(maker, name, true);
		break;
	case TRACE_SWITCH:
	case TRACE_UNLOAD:
		event->previous = number_space(maker, event->previous, true);
		event->space = number_space(maker, name, false);
		break;
	case TRACE_REQUEST:
	case TRACE_UNMAP:
	case TRACE_SEND:
		event->space = number_space(maker, name, false);
		break;
	case TRACE_EXIT:
		event->space = number_space(maker, name, true);
		has_exited(maker, name);
		break;
	default:
		break;
	}
}

/*
 * find_first_space: by the CPU's first event that says which space it has or, where it is lazy, had
 * until it let go.
 */
static void
find_first_space(struct recording *recording, const struct trace_event *event, bool *known)
{
	if (known[event->cpu])
		return;
	if (event->kind == TRACE_LAZY)
		recording->first_space[event->cpu] = (unsigned)event->space;
	else if (event->kind == TRACE_SWITCH)
		recording->first_space[event->cpu] = (unsigned)event->previous;
	else
		return;
	known[event->cpu] = true;
}

/* ---- Why ---- */

static bool
is_whole(const struct trace_event *request)
{
	return request->start == 0 && request->end == UINT64_MAX;
}

/* meets: the request is about what the system call is for. */
static bool
meets(const struct trace_event *request, const struct trace_event *call)
{
	return request->start < ((call->end + PAGE_MASK) & ~PAGE_MASK) &&
	       request->end > (call->start & ~PAGE_MASK);
}

static enum trace_cause
cause_of_call(const struct trace_event *call)
{
	switch (call->kind) {
	case TRACE_MUNMAP:
		return CAUSE_MUNMAP;
	case TRACE_MADVISE:
		return CAUSE_MADVISE;
	default:
		return CAUSE_PROTECT;
	}
}

static void
explain_request(struct thread *thread, struct trace_event *request)
{
	const struct trace_event *last = thread->last;

	if (last != NULL && last->kind == TRACE_UNMAP && last->space == request->space &&
		last->start == request->start && last->end == request->end)
		request->cause = CAUSE_RECLAIM;
	else if (request->cause == CAUSE_UNKNOWN && thread->call != NULL && !is_whole(request) &&
		 meets(request, thread->call))
		request->cause = (uint8_t)cause_of_call(thread->call);
	if (request->tables && is_whole(request))
		thread->whole = request;
}

/* is_same: the thread does more of what it did. */
static bool
is_same(const struct trace_event *last, const struct trace_event *event)
{
	if (last->kind == TRACE_REQUEST)
		return event->kind == TRACE_REQUEST && event->cause == last->cause;
	return last->kind == TRACE_RECLAIM_END &&
	       (event->kind == TRACE_RECLAIM_BEGIN || event->kind == TRACE_UNMAP ||
		       event->kind == TRACE_RECLAIM_END);
}

/* explain: the event is the thread's next. A fault of user code ends the system call before it. */
static void
explain(struct thread *thread, struct trace_event *event)
{
	switch (event->kind) {
	case TRACE_INTERRUPT:
	case TRACE_ROUND:
	case TRACE_LOCAL:
	case TRACE_SEND:
		return;
	case TRACE_REQUEST:
		explain_request(thread, event);
		break;
	case TRACE_MUNMAP:
	case TRACE_MADVISE:
	case TRACE_PROTECT:
		thread->call = event;
		break;
	case TRACE_FAULT:
		thread->call = NULL;
		break;
	case TRACE_EXIT:
		if (thread->whole != NULL && thread->whole->space == event->space)
			thread->whole->cause = CAUSE_EXIT;
		break;
	default:
		break;
	}
	if (thread->last != NULL)
		thread->last->goes_on = is_same(thread->last, event);
	thread->last = event;
}

/* ---- The whole of it ---- */

/* make_pages: a range of whole pages. One that makes no sense, in a damaged file, is all there is. */
static void
make_pages(struct trace_event *event)
{
	uint64_t end = (event->end + PAGE_MASK) & ~PAGE_MASK;

	if (event->stride_shift < PAGE_SHIFT || event->stride_shift > HUGEST_SHIFT)
		event->stride_shift = PAGE_SHIFT;
	event->start &= ~PAGE_MASK;
	if (end > event->start) {
		event->end = end;
		return;
	}
	event->start = 0;
	event->end = UINT64_MAX;
}

static void
make(struct maker *maker, bool *known)
{
	struct recording *recording = maker->recording;

	for (size_t i = 0; i < recording->trace.count && !maker->no_memory; i++) {
		struct trace_event *event = &recording->trace.events[i];
		struct thread *thread = thread_of(maker, event);

		if (event->kind == TRACE_REQUEST || event->kind == TRACE_UNMAP)
			make_pages(event);
		number_spaces(maker, event);
		find_first_space(recording, event, known);
		if (thread != NULL)
			explain(thread, event);
	}
}

bool
recording_make(struct recording *recording, const struct trace *trace)
{
	struct maker maker = {.recording = recording};
	bool *known = calloc(trace->cpus + 1, sizeof *known);

	*recording = (struct recording){.trace = *trace,
		.first_space = calloc(trace->cpus + 1, sizeof *recording->first_space)};
	if (known == NULL || recording->first_space == NULL)
		maker.no_memory = true;
	else
		make(&maker, known);
	tdestroy(maker.thread_numbers, free);
	tdestroy(maker.space_numbers, free);
	free(maker.threads);
	free(known);
	return !maker.no_memory;
}

void
recording_free(struct recording *recording)
{
	free(recording->first_space);
	trace_free(&recording->trace);
}
