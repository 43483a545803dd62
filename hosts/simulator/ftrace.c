// SPDX-License-Identifier: MIT
/*
 * ftrace.c: reads trace.dat by libtracecmd and libtraceevent, and turns the events of a Linux
 * kernel that have to do with flushes into those of trace.h.
 *
 * What is said here of Linux is so of 6.1 on x86-64, and was seen in recordings of it.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event-parse.h>
#include <trace-cmd.h>

#include "ftrace.h"

/* ---- What is known ---- */

/* Where an argument goes. */
enum place {
	TO_NOWHERE,
	TO_SPACE,
	TO_PREVIOUS,
	TO_START,
	TO_PAGE, /* the start of a page: its end follows */
	TO_END,
	TO_LENGTH, /* after TO_START */
	TO_STRIDE,
	TO_TABLES,
	TO_MASK,
	TO_PAGES,
	TO_REASON, /* tlb:tlb_flush: says which kind it is */
};

enum { FIELDS = 5, FOUND_MAX = 512 };

/* An event that is known, by its name and by the arguments that it must have. */
struct known {
	const char *name;
	enum trace_kind kind;
	struct {
		const char *name;
		enum place place;
	} fields[FIELDS];
};

static const struct known known[] = {
	{"switchmm", TRACE_SWITCH, {{"prev", TO_PREVIOUS}, {"next", TO_SPACE}}},
	{"lazy", TRACE_LAZY, {{"mm", TO_SPACE}}},
	{"mmrange", TRACE_REQUEST,
		{{"mm", TO_SPACE}, {"start", TO_START}, {"end", TO_END}, {"stride", TO_STRIDE},
			{"freed", TO_TABLES}}},
	{"unmapone", TRACE_UNMAP, {{"mm", TO_SPACE}, {"addr", TO_PAGE}}},
	{"tlbbatch", TRACE_BATCH, {{"mask", TO_MASK}}},
	{"multi", TRACE_SEND, {{"mask", TO_MASK}, {"mm", TO_SPACE}, {"freed", TO_TABLES}}},
	{"tlb_flush", TRACE_NOTHING, {{"pages", TO_PAGES}, {"reason", TO_REASON}}},
	{"page_fault_user", TRACE_FAULT, {{"address", TO_START}}},
	{"mm_vmscan_lru_isolate", TRACE_RECLAIM_BEGIN, {{"nr_taken", TO_PAGES}}},
	{"mm_vmscan_lru_shrink_inactive", TRACE_RECLAIM_END, {{"nr_reclaimed", TO_PAGES}}},
	{"exit_mmap", TRACE_EXIT, {{"mm", TO_SPACE}}},
	{"sys_enter_munmap", TRACE_MUNMAP, {{"addr", TO_START}, {"len", TO_LENGTH}}},
	{"sys_enter_madvise", TRACE_MADVISE, {{"start", TO_START}, {"len_in", TO_LENGTH}}},
	{"sys_enter_mprotect", TRACE_PROTECT, {{"start", TO_START}, {"len", TO_LENGTH}}},
};
enum { KNOWN = sizeof known / sizeof known[0] };

/* The kernel's image and modules: the space that a kernel thread runs on is a variable there. */
#define KERNEL_IMAGE UINT64_C(0xffffffff80000000)

#define PAGE_BYTES   UINT64_C(4096)

/* ---- An event ---- */

/* kind_of_flush: by tlb:tlb_flush's reason. */
static enum trace_kind
kind_of_flush(uint64_t reason)
{
	static const enum trace_kind kinds[] = {
		TRACE_SWITCH_FLUSH, /* a task switch */
		TRACE_INTERRUPT,    /* a remote shootdown */
		TRACE_LOCAL,        /* a local shootdown: all spaces */
		TRACE_LOCAL,        /* ... of one */
		TRACE_ROUND,        /* an interrupt is sent */
	};

	return reason < sizeof kinds / sizeof kinds[0] ? kinds[reason] : TRACE_NOTHING;
}

static uint64_t
space_of(uint64_t mm)
{
	return mm >= KERNEL_IMAGE ? SPACE_KERNEL : mm;
}

static void
put(struct trace_event *event, enum place place, uint64_t value)
{
	switch (place) {
	case TO_NOWHERE:
		break;
	case TO_SPACE:
		event->space = space_of(value);
		break;
	case TO_PREVIOUS: /* none: the kernel makes a lazy CPU let go of its space */
		event->previous = space_of(value);
		if (value == 0)
			event->kind = TRACE_UNLOAD;
		break;
	case TO_START:
		event->start = value;
		break;
	case TO_PAGE:
		event->start = value;
		event->end = value + PAGE_BYTES;
		break;
	case TO_END:
		event->end = value;
		break;
	case TO_LENGTH:
		event->end = event->start + value;
		break;
	case TO_STRIDE:
		event->stride_shift = (uint8_t)value;
		break;
	case TO_TABLES:
		event->tables = value != 0;
		break;
	case TO_MASK:
		event->mask = value;
		break;
	case TO_PAGES:
		event->pages = value;
		break;
	case TO_REASON:
		event->kind = kind_of_flush(value);
		break;
	}
}

/* ---- A file ---- */

/* A known event as this file describes it. */
struct described {
	const struct known *known;
	int id;
	struct tep_format_field *fields[FIELDS];
};

/* The next event of each CPU. */
struct head {
	struct tep_record *record;
	unsigned long long last; /* the time of the one before */
};

struct reader {
	struct tracecmd_input *input;
	struct tep_handle *tep;
	struct described described[KNOWN];
	size_t described_count;
	struct head *heads;
	unsigned cpus;
	uint64_t lost;
};

/* What was found and is not written yet; a crash of libtracecmd leaves it as it is. */
static struct trace_event found[FOUND_MAX];
static size_t found_count;
static int found_output;

/* write_found: false if nobody reads any more. */
static bool
write_found(void)
{
	const char *bytes = (const char *)found;
	size_t left = found_count * sizeof found[0];

	found_count = 0;
	while (left > 0) {
		ssize_t written = write(found_output, bytes, left);

		if (written < 0)
			return false;
		bytes += written;
		left -= (size_t)written;
	}
	return true;
}

static bool
find(const struct trace_event *event)
{
	found[found_count++] = *event;
	return found_count < FOUND_MAX || write_found();
}

static void
crashed(int number)
{
	write_found();
	signal(number, SIG_DFL);
	raise(number);
}

static void
catch_crashes(void)
{
	static const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGXCPU};

	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		signal(numbers[i], crashed);
}

/* describe: look the known events up. One without the arguments it must have is another's. */
static void
describe(struct reader *reader)
{
	struct tep_event **events = tep_list_events(reader->tep, TEP_EVENT_SORT_ID);

	for (; events != NULL && *events != NULL; events++)
		for (size_t i = 0; i < KNOWN && reader->described_count < KNOWN; i++) {
			struct described *it = &reader->described[reader->described_count];
			bool all = strcmp((*events)->name, known[i].name) == 0;

			for (size_t f = 0; all && f < FIELDS && known[i].fields[f].name; f++) {
				it->fields[f] = tep_find_field(*events, known[i].fields[f].name);
				all = it->fields[f] != NULL;
			}
			if (!all)
				continue;
			it->known = &known[i];
			it->id = (*events)->id;
			reader->described_count++;
		}
}

/* decode: the fields of an event; false if it is too short for them. */
static bool
decode(struct trace_event *event, const struct described *it, const struct tep_record *record)
{
	event->kind = it->known->kind;
	for (size_t f = 0; f < FIELDS && it->known->fields[f].name != NULL; f++) {
		struct tep_format_field *field = it->fields[f];
		unsigned long long value;

		if (field->offset < 0 || field->size < 0 ||
			field->offset + field->size > record->size ||
			tep_read_number_field(field, record->data, &value) != 0)
			return false;
		put(event, it->known->fields[f].place, value);
	}
	return true;
}

/* cause_of: threads of the kernel's whose requests have one reason. */
static enum trace_cause
cause_of(struct reader *reader, int thread)
{
	const char *name = tep_data_comm_from_pid(reader->tep, thread);

	if (name != NULL && strncmp(name, "kworker", 7) == 0)
		return CAUSE_CLEAN;
	return name != NULL && strncmp(name, "kcompactd", 9) == 0 ? CAUSE_MIGRATE : CAUSE_UNKNOWN;
}

/* tell: find the event of that CPU, if it is known; false if it is garbage. */
static bool
tell(struct reader *reader, unsigned cpu)
{
	struct tep_record *record = reader->heads[cpu].record;
	int id = tep_data_type(reader->tep, record);
	struct trace_event event = {.time_ns = record->ts, .cpu = cpu};

	for (size_t i = 0; i < reader->described_count; i++) {
		if (reader->described[i].id != id)
			continue;
		if (!decode(&event, &reader->described[i], record))
			return false;
		event.thread = (uint32_t)tep_data_pid(reader->tep, record);
		if (event.kind == TRACE_REQUEST)
			event.cause = (uint8_t)cause_of(reader, (int)event.thread);
		return event.kind == TRACE_NOTHING || find(&event);
	}
	return tep_find_event_by_record(reader->tep, record) != NULL;
}

/* advance: to the CPU's next event. False if that comes before the one it follows. */
static bool
advance(struct reader *reader, unsigned cpu)
{
	struct head *head = &reader->heads[cpu];

	if (head->record != NULL) {
		head->last = head->record->ts;
		tracecmd_free_record(head->record);
	}
	head->record = tracecmd_read_data(reader->input, (int)cpu);
	if (head->record == NULL)
		return true;
	reader->lost += head->record->missed_events != 0;
	return head->record->ts >= head->last;
}

/* earliest: the CPU whose event is next, or `cpus`. */
static unsigned
earliest(const struct reader *reader)
{
	unsigned next = reader->cpus;

	for (unsigned cpu = 0; cpu < reader->cpus; cpu++)
		if (reader->heads[cpu].record != NULL &&
			(next == reader->cpus ||
				reader->heads[cpu].record->ts < reader->heads[next].record->ts))
			next = cpu;
	return next;
}

static enum ftrace_end
read_all(struct reader *reader)
{
	unsigned cpu;

	for (cpu = 0; cpu < reader->cpus; cpu++)
		if (!advance(reader, cpu))
			return FTRACE_GARBAGE;
	if (earliest(reader) == reader->cpus)
		return FTRACE_EMPTY;
	while ((cpu = earliest(reader)) != reader->cpus)
		if (!tell(reader, cpu) || !advance(reader, cpu))
			return FTRACE_GARBAGE;
	return FTRACE_WHOLE;
}

enum ftrace_end
ftrace_read(int file, int output)
{
	const int flags = TRACECMD_FL_LOAD_NO_PLUGINS | TRACECMD_FL_LOAD_NO_SYSTEM_PLUGINS;
	struct reader reader = {.cpus = 0};
	struct trace_event last = {.kind = TRACE_NOTHING};
	enum ftrace_end end;

	found_output = output;
	catch_crashes();
	reader.input = tracecmd_open_fd(file, flags);
	if (reader.input == NULL)
		return FTRACE_UNREADABLE;
	reader.tep = tracecmd_get_tep(reader.input);
	reader.cpus = (unsigned)tep_get_cpus(reader.tep);
	reader.heads = calloc(reader.cpus, sizeof *reader.heads);
	if (reader.heads == NULL)
		return FTRACE_NO_MEMORY;
	describe(&reader);
	end = read_all(&reader);
	last.cpu = reader.cpus;
	last.pages = reader.lost;
	if (!find(&last) || !write_found())
		return FTRACE_NO_MEMORY;
	return end;
}
