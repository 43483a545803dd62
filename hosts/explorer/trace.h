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
	const char *file;
	int line;
};

void trace_begin(void);
bool trace_step(uint8_t via, struct trace_step *step);

/* trace_name: the name of a shared word. */
void trace_name(char *text, size_t size, const void *word);
void trace_entry_value(char *text, size_t size, uintptr_t pte);

#endif
