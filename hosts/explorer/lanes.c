// SPDX-License-Identifier: MIT
/* lanes.c: docs/READING-A-SCHEDULE.md explains what is printed here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lanes.h"

enum { LANE = 34 };

/* wrap: print up to LANE - 1 characters of the text, broken at a blank; returns the rest. */
static const char *
wrap(const char *text)
{
	size_t length = strlen(text), cut = LANE - 1;

	if (length <= cut) {
		printf("%-*s", LANE, text);
		return text + length;
	}
	while (cut > LANE / 2 && text[cut] != ' ')
		cut--;
	printf("%-*.*s", LANE, (int)cut, text);
	return text + cut + (text[cut] == ' ');
}

static void
print_step(size_t number, unsigned cpus_used, const struct trace_step *step)
{
	const char *lanes[CPUS_MAX + 1] = {"", "", "", "", ""};
	bool first = true, more = true;

	lanes[step->command == DRAIN ? cpus_used : step->cpu] = step->text;
	if (step->command != DRAIN)
		lanes[cpus_used] = step->hardware;
	for (; more; first = false) {
		if (first)
			printf("%4zu  ", number);
		else
			printf("      ");
		more = false;
		for (unsigned i = 0; i <= cpus_used; i++) {
			lanes[i] = wrap(lanes[i]);
			more |= lanes[i][0] != '\0';
		}
		if (first && step->line != 0)
			printf("%s:%d", step->file, step->line);
		putchar('\n');
	}
}

void
lanes_print(const struct outcome *outcome, const char *saved)
{
	const struct program *program = outcome->listing->program;
	struct trace trace;

	printf("\n%s, memory %s: breaks oracle %d in %zu step%s\n\nstep  ", program->name,
		outcome->tso ? "tso" : "sc", outcome->result.oracle, outcome->result.steps,
		outcome->result.steps == 1 ? "" : "s");
	for (unsigned c = 0; c < program->cpus; c++)
		printf("CPU %-*u", LANE - 4, c);
	printf("%-*swhere\n", LANE, "hardware");
	trace_make(program, outcome->result.schedule, outcome->result.steps, &trace);
	for (size_t i = 0; i < trace.count; i++)
		print_step(i + 1, program->cpus, &trace.steps[i]);
	if (!trace.complete)
		printf("step %zu is not possible here\n", trace.count);
	printf("\nbreaks oracle %d (%s): %s\n%s", outcome->result.oracle,
		trace_oracle(outcome->result.oracle), outcome->result.failure, trace.end);
	if (saved != NULL)
		printf("again: ./dev explore --replay %s\n", saved);
	putchar('\n');
	free(trace.steps);
}
