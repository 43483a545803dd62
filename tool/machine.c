// SPDX-License-Identifier: MIT
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "machine.h"
#include "message.h"

enum {
	ARGUMENTS = 48,
	ARGUMENT_BYTES = 512,
	LINE_BYTES = 1024,
	PIPE_BYTES = 65536, /* one read takes all that waits */
	/* What isa-debug-exit makes of 0x10, 0x11 and 0x12 written to its port: twice that and one.
	 */
	STATUS_SUCCESS = 33,
	STATUS_CHECK = 35,
	STATUS_PANIC = 37,
};

/* QEMU's arguments; the pointers are into `text` or to constants. */
struct arguments {
	char *list[ARGUMENTS + 1];
	int count;
	char text[8][ARGUMENT_BYTES];
	int texts;
};

/* The kernel's output as it comes: whole lines go to the listener and to the log. */
struct console {
	machine_listener *listener;
	void *context;
	FILE *log;
	time_t now_s;  /* when the lines that are being taken were read */
	time_t life_s; /* when the last sign of life was read */
	size_t length;
	char line[LINE_BYTES];
	char last[LINE_BYTES];     /* for a QEMU that ends with a complaint */
	char progress[LINE_BYTES]; /* the last line of progress */
};

static time_t
now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static void
add(struct arguments *arguments, const char *argument)
{
	if (arguments->count < ARGUMENTS)
		arguments->list[arguments->count++] = (char *)argument;
}

static void add_text(struct arguments *arguments, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void
add_text(struct arguments *arguments, const char *format, ...)
{
	char *text = arguments->text[arguments->texts++];
	va_list values;

	va_start(values, format);
	vsnprintf(text, ARGUMENT_BYTES, format, values);
	va_end(values);
	add(arguments, text);
}

static void
fill_arguments(struct arguments *arguments, const struct machine *machine)
{
	static const char *const fixed[] = {"qemu-system-x86_64", "-machine", "microvm,acpi=off",
		"-global", "virtio-mmio.force-legacy=false", "-accel", "tcg,thread=multi", "-cpu",
		"max", "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
		"-serial", "stdio", "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"};

	arguments->count = arguments->texts = 0;
	for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
		add(arguments, fixed[i]);
	add(arguments, "-smp");
	add_text(arguments, "%u", machine->cpus);
	add(arguments, "-m");
	add_text(arguments, "%u", machine->memory_mib);
	if (machine->disk >= 0) {
		/* The image has no name: QEMU gets the open file itself. */
		add(arguments, "-drive");
		add_text(arguments, "id=disk,file=/proc/self/fd/%d,format=raw,if=none,cache=unsafe",
			machine->disk);
		add(arguments, "-device");
		add(arguments, "virtio-blk-device,drive=disk");
	}
	add(arguments, "-kernel");
	add(arguments, machine->kernel);
	add(arguments, "-append");
	add(arguments, machine->command_line);
	arguments->list[arguments->count] = NULL;
}

/*
 * shows_life: whether a line tells that the kernel gets on. Stall reports and progress that stays
 * where it was do not: a CPU that spins, or one that reports on others, can print them for ever.
 */
static bool
shows_life(struct console *console)
{
	static const char progress[] = "progress ", stall[] = "stall:";

	if (strncmp(console->line, stall, sizeof stall - 1) == 0)
		return false;
	if (strncmp(console->line, progress, sizeof progress - 1) != 0)
		return true;
	if (strcmp(console->line, console->progress) == 0)
		return false;
	memcpy(console->progress, console->line, LINE_BYTES);
	return true;
}

/* take_line: a whole line has come. Returns false when the listener wants no more. */
static bool
take_line(struct console *console)
{
	console->line[console->length] = '\0';
	console->length = 0;
	if (shows_life(console))
		console->life_s = console->now_s;
	if (console->log)
		fprintf(console->log, "%s\n", console->line);
	if (console->line[0] != '\0')
		memcpy(console->last, console->line, LINE_BYTES);
	return console->listener(console->context, console->line);
}

/* take: bytes have come; a line longer than the buffer is cut. */
static bool
take(struct console *console, const char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (bytes[i] == '\n') {
			if (!take_line(console))
				return false;
		} else if (bytes[i] != '\r' && console->length < LINE_BYTES - 1) {
			console->line[console->length++] = bytes[i];
		}
	}
	return true;
}

/*
 * listen_to: reads what the machine prints until its end, the listener's wish or too long a
 * time without a sign of life, which only whole lines are. MACHINE_SUCCESS stands for "it ended by
 * itself". A listener may be held up, by a terminal that takes no more: silence is judged by when
 * lines were read, and only after all that waited was.
 */
static enum machine_end
listen_to(const struct child *qemu, struct console *console, unsigned silence_s)
{
	struct pollfd output = {.fd = qemu->output, .events = POLLIN};
	char bytes[PIPE_BYTES];

	for (;;) {
		int ready = poll(&output, 1, 1000);

		if (ready < 0)
			continue;
		console->now_s = now_s();
		if (ready > 0) {
			ssize_t got = read(qemu->output, bytes, sizeof bytes);

			if (got <= 0)
				return MACHINE_SUCCESS;
			if (!take(console, bytes, (size_t)got))
				return MACHINE_STOPPED;
		}
		if (console->now_s - console->life_s >= (time_t)silence_s)
			return MACHINE_SILENT;
	}
}

/* judge: what QEMU's own end means. */
static enum machine_end
judge(int status, const struct console *console)
{
	if (status >= 0 && WIFEXITED(status)) {
		switch (WEXITSTATUS(status)) {
		case STATUS_SUCCESS:
			return MACHINE_SUCCESS;
		case STATUS_CHECK:
			return MACHINE_FAILURE;
		case STATUS_PANIC:
			return MACHINE_PANIC;
		case 127:
			error("qemu-system-x86_64 is not there (Debian: qemu-system-x86)");
			return MACHINE_BROKEN;
		default:
			error("QEMU ended with status %d: %s", WEXITSTATUS(status),
				console->last[0] ? console->last : "it printed nothing");
			return MACHINE_BROKEN;
		}
	}
	error("QEMU was killed by signal %d", status >= 0 ? WTERMSIG(status) : 0);
	return MACHINE_BROKEN;
}

/*
 * machine_run: boots the kernel and hands its lines to the listener until it ends.
 * MACHINE_BROKEN has been explained on standard error, the other ends have not.
 */
enum machine_end
machine_run(const struct machine *machine, machine_listener *listener, void *context)
{
	struct console console = {.listener = listener, .context = context, .life_s = now_s()};
	struct arguments arguments;
	struct child qemu;
	enum machine_end end;
	int status;

	if (access(machine->kernel, R_OK) != 0) {
		error("cannot read the kernel %s: %s", machine->kernel, strerror(errno));
		return MACHINE_BROKEN;
	}
	fill_arguments(&arguments, machine);
	console.log = fopen(machine->log, "w");
	if (!child_start(&qemu, arguments.list, machine->disk)) {
		end = MACHINE_BROKEN;
	} else {
		end = listen_to(&qemu, &console, machine->silence_s);
		if (end != MACHINE_SUCCESS)
			child_kill(&qemu);
		status = child_wait(&qemu);
		if (end == MACHINE_SUCCESS)
			end = judge(status, &console);
	}
	if (console.log)
		fclose(console.log);
	return end;
}
