// SPDX-License-Identifier: MIT
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "search.h"
#include "trace.h"

bool tracing;
static struct trace_step *current;

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

static void
say_value(const void *word, uintptr_t value)
{
	char text[40];

	if ((const void *)word >= (const void *)frames &&
		(const void *)word < (const void *)(frames + FRAMES_MAX)) {
		trace_entry_value(text, sizeof text, value);
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
trace_begin(void)
{
	char nothing[TRACE_TEXT];

	tlb_describe_changes(nothing, sizeof nothing);
}

/* trace_step: take one transition and tell what it did. False: it is not possible here. */
bool
trace_step(uint8_t via, struct trace_step *step)
{
	bool possible;

	*step = (struct trace_step){.file = ""};
	current = step;
	tracing = true;
	possible = search_step(via);
	tracing = false;
	tlb_describe_changes(step->hardware, sizeof step->hardware);
	return possible;
}
