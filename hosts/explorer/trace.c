// SPDX-License-Identifier: MIT
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "search.h"
#include "trace.h"

bool tracing;
size_t trace_number; /* of the step that is being made, for a debugger's conditions */
static struct trace_step *current;

/* What each CPU has called, by phase, and the last that was told. */
static const char *calls[CPUS_MAX][UINT8_MAX + 1];
static uint8_t told[CPUS_MAX];

const char *
trace_file(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* trace_stop: where a debugger stops, in what makes the step, just before it is made. */
__attribute__((noinline)) void
trace_stop(void)
{
	__asm__ volatile("" ::: "memory");
}

/* say: more text for the step. */
static __attribute__((format(printf, 1, 2))) void
say(const char *format, ...)
{
	size_t used = strlen(current->text);
	va_list args;

	va_start(args, format);
	vsnprintf(current->text + used, TRACE_TEXT - used, format, args);
	va_end(args);
}

/* trace_note: what a step did, where its words do not tell. */
void
trace_note(const char *format, ...)
{
	size_t used;
	va_list args;

	if (!tracing)
		return;
	used = strlen(current->text);
	va_start(args, format);
	vsnprintf(current->text + used, TRACE_TEXT - used, format, args);
	va_end(args);
}

/* is_entry: the word is one of a page table's. */
static bool
is_entry(const struct salvo_word *word)
{
	ptrdiff_t offset = (const char *)word - (const char *)frames;

	return offset >= 0 && offset < (ptrdiff_t)sizeof(frames) &&
	       frames[offset / (ptrdiff_t)sizeof(frames[0])].kind != PAGE;
}

static void
say_value(const struct salvo_word *word, uintptr_t value)
{
	char text[40];

	if (is_entry(word)) {
		trace_entry_value(text, sizeof text, value);
		say("%s", text);
	} else if (late_name(text, sizeof text, value)) {
		say("%s", text);
	} else {
		say("%jd", (intmax_t)value);
	}
}

static void
say_what(const struct pending *pending)
{
	char name[64];

	switch (pending->operation) {
	case OP_LOAD:
	case OP_STORE:
	case OP_UPDATE:
		trace_name(name, sizeof name, pending->what);
		say("%s%s", pending->operation == OP_LOAD ? "read " : "", name);
		break;
	case OP_FENCE:
		say("full fence");
		break;
	case OP_SEND:
		say("interrupt");
		break;
	case OP_FLUSH:
		say("flush %s", (const char *)pending->what);
		break;
	case OP_ROOT:
		say("load a root (%s)", (const char *)pending->what);
		break;
	case OP_RELAX:
		say("wait");
		break;
	case OP_HOST:
	case OP_USER:
	case OP_CHOICE:
		say("%s", (const char *)pending->what);
		break;
	case OP_DONE:
		say("idle");
		break;
	}
}

/* trace_call: a call of the program's body begins. */
void
trace_call(unsigned cpu, unsigned phase, const char *name)
{
	calls[cpu][phase] = name;
}

/* say_call: before the first step of a call, which one it is. */
static void
say_call(unsigned cpu)
{
	uint8_t phase = cpu_of(cpu)->phase;

	if (phase != told[cpu])
		say("[%s] ", calls[cpu][phase]);
	told[cpu] = phase;
}

void
trace(unsigned cpu, enum command command, unsigned choice, const struct pending *pending)
{
	char name[64];

	if (!tracing)
		return;
	current->cpu = cpu;
	current->command = command;
	current->file = pending->file;
	current->line = pending->line;
	switch (command) {
	case GO_ON:
		say_call(cpu);
		say_what(pending);
		if (pending->operation == OP_CHOICE)
			say(" (%u of %u)", choice + 1, pending->choices);
		break;
	case TAKE_INTERRUPT:
		say("<- interrupt");
		break;
	case DRAIN:
		trace_name(name, sizeof name, cpu_of(cpu)->buffer[0].word);
		say("%s", name);
		break;
	}
}

/* trace_value: what the step found in its word, and left there. */
void
trace_value(const struct salvo_word *word, uintptr_t before, uintptr_t after)
{
	if (!tracing)
		return;
	say(": ");
	say_value(word, before);
	if (before != after) {
		say(" -> ");
		say_value(word, after);
	}
}

void
trace_sent(unsigned cpu)
{
	if (!tracing)
		return;
	say(" CPU %u", cpu);
	current->sent |= 1u << cpu;
}

/* ---- A schedule ---- */

/* make_step: take one transition and tell what it did. False: it is not possible here. */
static bool
make_step(uint8_t via, struct trace_step *step)
{
	bool possible;

	*step = (struct trace_step){.file = ""};
	current = step;
	tracing = true;
	possible = search_step(via);
	tracing = false;
	tlb_describe_changes(step->hardware, sizeof step->hardware);
	step->file = trace_file(step->file);
	if (step->command != GO_ON)
		step->line = 0;
	return possible;
}

/* describe_end: tables, then TLBs. */
static void
describe_end(char *text, size_t size, unsigned cpu_count)
{
	size_t used = 0;

	for (unsigned s = 0; s < KERNEL && used < size; s++) {
		const struct frame *root = &frames[spaces[s].root >> SALVO_ARCH_PAGE_SHIFT];

		for (unsigned p = 0; p < 4 && spaces[s].root != 0 && used < size; p++) {
			uintptr_t upper = root->words[p / 2].value;
			char entry[40] = "no table";

			if (salvo_arch_pte_present(upper))
				trace_entry_value(entry, sizeof entry,
					salvo_arch_pte_leaf(upper, 2)
						? upper
						: frames[salvo_arch_pte_frame(upper, 2)]
							  .words[p % 2]
							  .value);
			used += (size_t)snprintf(
				text + used, size - used, "space%u.page[%u]: %s\n", s, p, entry);
		}
	}
	for (unsigned c = 0; c < cpu_count && used < size; c++)
		used += tlb_describe(text + used, size - used, c);
}

/* trace_make: make a schedule once more, from its program's first state. */
void
trace_make(const struct program *program, const uint8_t *schedule, size_t count, struct trace *made)
{
	char nothing[TRACE_TEXT];

	*made = (struct trace){.steps = calloc(count + 1, sizeof(*made->steps)), .complete = true};
	memset(told, 0, sizeof(told));
	search_begin(program);
	tlb_describe_changes(nothing, sizeof nothing);
	while (made->count < count && made->complete) {
		trace_number = made->count + 1;
		made->complete = make_step(schedule[made->count], &made->steps[made->count]);
		made->count++;
	}
	describe_end(made->end, sizeof made->end, program->cpus);
	search_end();
}
