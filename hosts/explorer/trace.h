/* SPDX-License-Identifier: MIT */
/* trace.h: what one transition did, in words. */
#ifndef EXPLORER_TRACE_H
#define EXPLORER_TRACE_H

#include "explorer.h"

enum { TRACE_TEXT = 240 };

struct trace_step {
	unsigned cpu;
	enum command command;
	char text[TRACE_TEXT];     /* what the CPU did, or took */
	char hardware[TRACE_TEXT]; /* what TLBs may hold now and did not before, or the reverse */
	const char *file;          /* its name alone */
	int line;                  /* 0: nowhere in the source */
	unsigned sent;             /* CPUs that it interrupts, a bit each */
};

/* A schedule that has been made once more. */
struct trace {
	struct trace_step *steps;
	size_t count;
	bool complete;  /* all steps of the schedule were possible */
	char end[1600]; /* what tables and TLBs hold where it ends, a line each */
};

extern size_t trace_number;

void trace_make(
	const struct program *program, const uint8_t *schedule, size_t count, struct trace *trace);

/* trace_name: the name of a shared word. */
void trace_name(char *text, size_t size, const void *word);
/* trace_oracle: what it says must hold. */
const char *trace_oracle(int oracle);
void trace_entry_value(char *text, size_t size, uintptr_t pte);

#endif
