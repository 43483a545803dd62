// SPDX-License-Identifier: MIT
/*
 * machine.c: reads a machine file, by inih. Every key is in the table below with what it may be;
 * every one must be given, so that a machine is what its file says and nothing else.
 */
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "machine.h"
#include "message.h"

struct machine machine;
struct machine_place machine_places[CLOCK_CPUS_MAX];

enum kind { NUMBER, NANOSECONDS, MICROSECONDS, TEXT, MODE, MEMORY };

static const struct key {
	const char *section, *name;
	enum kind kind;
	double least, most;
	size_t offset; /* of a member: unsigned for NUMBER, uint64_t for times */
} keys[] = {
#define IN(member) offsetof(struct machine, member)
	{"machine", "name", TEXT, 0, 0, IN(name)},
	{"machine", "sockets", NUMBER, 1, NODES_MAX, IN(sockets)},
	{"machine", "cores", NUMBER, 1, CLOCK_CPUS_MAX, IN(cores)},
	{"machine", "threads", NUMBER, 1, 8, IN(threads)},
	{"machine", "cluster", NUMBER, 0, CLOCK_CPUS_MAX, IN(cluster)},
	{"machine", "cycle_ns", NANOSECONDS, 0.01, 1e3, IN(cycle)},
	{"machine", "memory_mib", MEMORY, 1, 1 << 26, IN(memory_mib)},
	{"line", "hit_ns", NANOSECONDS, 0, 1e6, IN(line.hit)},
	{"line", "update_ns", NANOSECONDS, 0, 1e6, IN(line.update)},
	{"line", "fence_ns", NANOSECONDS, 0, 1e6, IN(line.fence)},
	{"line", "relax_ns", NANOSECONDS, 1, 1e6, IN(line.relax)},
	{"line", "own_ns", NANOSECONDS, 0, 1e6, IN(line.own)},
	{"line", "memory_ns", NANOSECONDS, 0, 1e6, IN(line.memory)},
	{"line", "core_ns", NANOSECONDS, 0, 1e6, IN(line.to[SAME_CORE])},
	{"line", "cluster_ns", NANOSECONDS, 0, 1e6, IN(line.to[SAME_CLUSTER])},
	{"line", "socket_ns", NANOSECONDS, 0, 1e6, IN(line.to[SAME_SOCKET])},
	{"line", "remote_ns", NANOSECONDS, 0, 1e6, IN(line.to[OTHER_SOCKET])},
	{"interrupt", "mode", MODE, 0, 0, IN(interrupt.mode)},
	{"interrupt", "send_ns", NANOSECONDS, 0, 1e6, IN(interrupt.send)},
	{"interrupt", "exit_ns", NANOSECONDS, 0, 1e6, IN(interrupt.exit)},
	{"interrupt", "entry_ns", NANOSECONDS, 0, 1e6, IN(interrupt.entry)},
	{"interrupt", "nodes_ns", NANOSECONDS, 0, 1e6, IN(interrupt.nodes)},
	{"interrupt", "core_ns", NANOSECONDS, 0, 1e6, IN(interrupt.deliver[SAME_CORE])},
	{"interrupt", "cluster_ns", NANOSECONDS, 0, 1e6, IN(interrupt.deliver[SAME_CLUSTER])},
	{"interrupt", "socket_ns", NANOSECONDS, 0, 1e6, IN(interrupt.deliver[SAME_SOCKET])},
	{"interrupt", "remote_ns", NANOSECONDS, 0, 1e6, IN(interrupt.deliver[OTHER_SOCKET])},
	{"flush", "page_ns", NANOSECONDS, 0, 1e6, IN(flush.page)},
	{"flush", "space_ns", NANOSECONDS, 0, 1e6, IN(flush.space)},
	{"flush", "everything_ns", NANOSECONDS, 0, 1e6, IN(flush.everything)},
	{"flush", "load_ns", NANOSECONDS, 0, 1e6, IN(flush.load)},
	{"flush", "broadcast_ns", NANOSECONDS, 0, 1e6, IN(flush.broadcast)},
	{"flush", "broadcast_wait_ns", NANOSECONDS, 0, 1e6, IN(flush.broadcast_wait)},
	{"flush", "ceiling", NUMBER, 0, 1 << 20, IN(flush.ceiling)},
	{"tlb", "entries", NUMBER, 1, 1 << 20, IN(tlb.entries)},
	{"tlb", "hot", NUMBER, 0, 1 << 20, IN(tlb.hot)},
	{"tlb", "refill_ns", NANOSECONDS, 0, 1e6, IN(tlb.refill)},
	{"kernel", "fault_ns", NANOSECONDS, 0, 1e6, IN(kernel.fault)},
	{"kernel", "entry_ns", NANOSECONDS, 0, 1e6, IN(kernel.entry)},
	{"kernel", "read_ns", NANOSECONDS, 0, 1e9, IN(kernel.read)},
	{"kernel", "allocate_ns", NANOSECONDS, 0, 1e6, IN(kernel.allocate)},
	{"kernel", "release_ns", NANOSECONDS, 0, 1e6, IN(kernel.release)},
	{"kernel", "zone_ns", NANOSECONDS, 0, 1e6, IN(kernel.zone)},
	{"kernel", "cache_ns", NANOSECONDS, 0, 1e6, IN(kernel.cache)},
	{"kernel", "lru_ns", NANOSECONDS, 0, 1e6, IN(kernel.lru)},
	{"kernel", "scan_ns", NANOSECONDS, 0, 1e6, IN(kernel.scan)},
	{"kernel", "rmap_ns", NANOSECONDS, 0, 1e6, IN(kernel.rmap)},
	{"kernel", "nodes_ns", NANOSECONDS, 0, 1e9, IN(kernel.nodes)},
	{"kernel", "call_ns", NANOSECONDS, 0, 1e6, IN(kernel.call)},
	{"user", "page_ns", NANOSECONDS, 0, 1e9, IN(user.page)},
	{"user", "touch_ns", NANOSECONDS, 0, 1e9, IN(user.touch)},
	{"user", "think_ns", NANOSECONDS, 0, 1e9, IN(user.think)},
	{"schedule", "slice_us", MICROSECONDS, 1, 1e6, IN(schedule.slice)},
	{"schedule", "change_ns", NANOSECONDS, 0, 1e6, IN(schedule.change)},
	{"schedule", "tick_us", MICROSECONDS, 1, 1e6, IN(schedule.tick)},
#undef IN
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]), SAID_BYTES = 256 };

static const char *const modes[APIC_MODES] = {
	[APIC_XAPIC] = "xapic",
	[APIC_X2APIC_PHYSICAL] = "x2apic-physical",
	[APIC_X2APIC_CLUSTER] = "x2apic-cluster",
};

static bool given[KEYS];
static double values[KEYS];   /* as they were given, for reports */
static unsigned nodes_given;  /* figures in memory_mib */
static char said[SAID_BYTES]; /* what is wrong with the first wrong line */

/* wrong: what is; the first time it counts. */
static bool __attribute__((format(printf, 1, 2))) wrong(const char *format, ...)
{
	va_list arguments;

	if (said[0] != '\0')
		return false;
	va_start(arguments, format);
	vsnprintf(said, sizeof(said), format, arguments);
	va_end(arguments);
	return false;
}

/* ---- Values ---- */

static void *
member(const struct key *key)
{
	return (char *)&machine + key->offset;
}

/* parse_figure: which ends at a blank or at the end. */
static bool
parse_figure(const struct key *key, const char **text, double *number)
{
	char *end;

	errno = 0;
	*number = strtod(*text, &end);
	if (end == *text || errno != 0 || (*end != '\0' && *end != ' ') ||
		!(*number >= key->least && *number <= key->most) ||
		(key->kind != NANOSECONDS && *number != (double)(uint64_t)*number))
		return false;
	*text = end + strspn(end, " ");
	return true;
}

/* parse_number: the one figure of a key. */
static bool
parse_number(const struct key *key, const char *text, double *number)
{
	const char *rest = text;

	if (!parse_figure(key, &rest, number))
		return wrong(key->kind == NANOSECONDS
				     ? "%s is '%s'; allowed: a number from %g to %g"
				     : "%s is '%s'; allowed: a whole number from %.0f to %.0f",
			key->name, text, key->least, key->most);
	return *rest == '\0' || wrong("%s has more than one figure; allowed: one", key->name);
}

static bool
parse_memory(const struct key *key, const char *text)
{
	double number;

	for (nodes_given = 0; *text != '\0'; nodes_given++) {
		if (nodes_given == NODES_MAX)
			return wrong("%s has too many figures; allowed: one for each of up to %d "
				     "sockets",
				key->name, NODES_MAX);
		if (!parse_figure(key, &text, &number))
			return wrong("%s has '%s'; allowed: a whole number from %.0f to %.0f for "
				     "each node, and blanks between them",
				key->name, text, key->least, key->most);
		machine.memory_mib[nodes_given] = (uint64_t)number;
	}
	return nodes_given != 0 || wrong("%s is empty; allowed: MiB of each node", key->name);
}

static bool
parse_mode(const char *text)
{
	for (unsigned i = 0; i < APIC_MODES; i++)
		if (strcmp(text, modes[i]) == 0) {
			machine.interrupt.mode = (enum apic)i;
			return true;
		}
	return wrong("mode is '%s'; allowed: %s, %s or %s", text, modes[0], modes[1], modes[2]);
}

static bool
parse_value(const struct key *key, const char *text)
{
	double number;

	switch (key->kind) {
	case TEXT:
		if (*text == '\0')
			return wrong("%s is empty; allowed: some text", key->name);
		snprintf(member(key), sizeof(machine.name), "%s", text);
		return true;
	case MODE:
		return parse_mode(text);
	case MEMORY:
		return parse_memory(key, text);
	case NUMBER:
	case NANOSECONDS:
	case MICROSECONDS:
		break;
	}
	if (!parse_number(key, text, &number))
		return false;
	values[key - keys] = number;
	if (key->kind == NANOSECONDS)
		*(uint64_t *)member(key) = (uint64_t)(number * 1000 + 0.5);
	else if (key->kind == MICROSECONDS)
		*(uint64_t *)member(key) = (uint64_t)number * 1000000;
	else if (strcmp(key->section, "machine") == 0)
		*(unsigned *)member(key) = (unsigned)number;
	else
		*(uint64_t *)member(key) = (uint64_t)number;
	return true;
}

static const struct key *
find_key(const char *section, const char *name)
{
	for (unsigned i = 0; i < KEYS; i++)
		if (strcmp(keys[i].section, section) == 0 && strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

/* unknown: the key is; names those that the section has. */
static bool
unknown(const char *section, const char *name)
{
	char allowed[SAID_BYTES] = "";

	for (unsigned i = 0; i < KEYS; i++)
		if (strcmp(keys[i].section, section) == 0) {
			size_t length = strlen(allowed);

			snprintf(allowed + length, sizeof(allowed) - length, " %s", keys[i].name);
		}
	if (allowed[0] == '\0')
		return wrong("unknown section [%s]; allowed: machine line interrupt flush tlb "
			     "kernel user schedule",
			section);
	return wrong("unknown key '%s' in [%s]; allowed:%s", name, section, allowed);
}

/* take: inih's callback for each line with a key; 0 makes it remember the line as wrong. */
static int
take(void *context, const char *section, const char *name, const char *value)
{
	const struct key *key = find_key(section, name);

	(void)context;
	if (key == NULL)
		return unknown(section, name);
	if (given[key - keys])
		return wrong("%s is given twice; allowed: once", name);
	given[key - keys] = true;
	return parse_value(key, value);
}

/* ---- Topology: threads of a core follow each other, then cores of a socket ---- */

/* set_places: whose core, cluster and socket each CPU is of: asked for at each transfer. */
static void
set_places(void)
{
	for (unsigned cpu = 0; cpu < machine.cpus; cpu++) {
		unsigned core = cpu / machine.threads, socket = core / machine.cores;
		unsigned cluster = machine.cluster == 0 ? 1 : machine.cluster;

		machine_places[cpu].core = (uint16_t)core;
		machine_places[cpu].socket = (uint16_t)socket;
		machine_places[cpu].cluster =
			(uint16_t)(socket * machine.cores + core % machine.cores / cluster);
	}
}

/* ---- The whole ---- */

/* complete: what no single line tells. */
static bool
complete(void)
{
	for (unsigned i = 0; i < KEYS; i++)
		if (!given[i])
			return wrong("%s is missing in [%s]; allowed: every key once", keys[i].name,
				keys[i].section);
	machine.cpus = machine.sockets * machine.cores * machine.threads;
	if (machine.cpus > CLOCK_CPUS_MAX)
		return wrong("sockets * cores * threads is %u CPUs; allowed: 1 to %d", machine.cpus,
			CLOCK_CPUS_MAX);
	if (nodes_given == 1)
		for (unsigned i = 1; i < machine.sockets; i++)
			machine.memory_mib[i] = machine.memory_mib[0];
	else if (nodes_given != machine.sockets)
		return wrong("memory_mib has %u figures for %u sockets, so a node has no memory; "
			     "allowed: one for all, or one for each",
			nodes_given, machine.sockets);
	machine.line.slack = machine.line.to[SAME_SOCKET];
	set_places();
	return true;
}

/* is_ordered: asked of a file alone, for --set changes one figure after the other. */
static bool
is_ordered(void)
{
	return machine.line.to[OTHER_SOCKET] >= machine.line.to[SAME_SOCKET] ||
	       wrong("remote_ns of [line] is less than its socket_ns; allowed: as much or more");
}

/* last_line: the number of the last line of a file, where what is missing is told. */
static int
last_line(const char *path)
{
	FILE *file = fopen(path, "r");
	int line = 1, c;

	while (file != NULL && (c = getc(file)) != EOF)
		line += c == '\n';
	if (file != NULL)
		fclose(file);
	return line;
}

bool
machine_read(const char *path)
{
	int line;

	memset(&machine, 0, sizeof(machine));
	memset(given, 0, sizeof(given));
	said[0] = '\0';
	line = ini_parse(path, take, NULL);
	if (line == -1) {
		error("%s: %s", path, strerror(errno));
		return false;
	}
	if (line > 0 && said[0] == '\0')
		wrong("is no line of a machine file; allowed: [section], key = value, ; comment");
	if (line == 0 && !(complete() && is_ordered()))
		line = last_line(path);
	if (line != 0)
		error("%s:%d: %s", path, line, said);
	return line == 0;
}

bool
machine_set(const char *assignment)
{
	char section[32], name[32];
	int length = 0;
	const struct key *key;

	said[0] = '\0';
	if (sscanf(assignment, "%31[a-z].%31[a-z_]=%n", section, name, &length) != 2 ||
		length == 0) {
		error("--set takes SECTION.KEY=VALUE, not '%s'", assignment);
		return false;
	}
	key = find_key(section, name);
	if (key == NULL)
		unknown(section, name);
	else if (parse_value(key, assignment + length) && complete())
		return true;
	error("--set %s: %s", assignment, said);
	return false;
}

void
machine_each(void (*visit)(const char *section, const char *name, double value, void *context),
	void *context)
{
	for (unsigned i = 0; i < KEYS; i++)
		if (keys[i].kind != TEXT && keys[i].kind != MODE && keys[i].kind != MEMORY)
			visit(keys[i].section, keys[i].name, values[i], context);
}
