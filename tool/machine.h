/* SPDX-License-Identifier: MIT */
/* machine.h: the kernel under QEMU, from power on to its last line. */
#ifndef TOOL_MACHINE_H
#define TOOL_MACHINE_H

#include <stdbool.h>

struct machine {
	const char *kernel;       /* path of the ELF file */
	const char *command_line; /* the kernel's */
	const char *log;          /* path; every line of the kernel goes there too */
	unsigned cpus;
	unsigned memory_mib;
	unsigned silence_s; /* a kernel without a sign of life for so long is given up */
	int disk;           /* an open file, or -1 for none */
};

enum machine_end {
	MACHINE_SUCCESS, /* the kernel said so */
	MACHINE_FAILURE, /* the kernel said that a check had failed */
	MACHINE_PANIC,   /* it panicked */
	MACHINE_SILENT,  /* it gave no sign of life for too long and was killed */
	MACHINE_STOPPED, /* the listener wanted no more and it was killed */
	MACHINE_BROKEN,  /* QEMU did not start, or ended otherwise */
};

/* Looks at one line of the kernel, without its '\n'; false ends the machine. */
typedef bool machine_listener(void *context, char *line);

enum machine_end machine_run(
	const struct machine *machine, machine_listener *listener, void *context);

#endif
