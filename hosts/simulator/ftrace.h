/* SPDX-License-Identifier: MIT */
/*
 * ftrace.h: between trace.c and the process of its own that reads a file by libtracecmd, which is
 * not written for damaged ones.
 */
#ifndef SIMULATOR_FTRACE_H
#define SIMULATOR_FTRACE_H

#include "trace.h"

/* How the reading process ends, told by its exit status. */
enum ftrace_end {
	FTRACE_WHOLE,      /* everything was read */
	FTRACE_UNREADABLE, /* libtracecmd makes nothing of the head */
	FTRACE_EMPTY,      /* the head is good, and no CPU has data */
	FTRACE_GARBAGE,    /* an event that the head does not describe, or one out of order */
	FTRACE_NO_MEMORY,
	FTRACE_ENDS,
};

/*
 * ftrace_read: to be called once a process: write the events of the file to `output`, as struct trace_event, in the order of
 *    time, and return how it ended. A last event of kind TRACE_NOTHING has the number of CPUs as
 *    `cpu`, and as `pages` how often the recorder had dropped events.
 */
enum ftrace_end ftrace_read(int file, int output);

#endif
