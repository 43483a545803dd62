/* SPDX-License-Identifier: MIT */
/*
 * machine.h: what the simulated machine is made of and what everything costs on it, as a machine
 * file says. Times are in picoseconds.
 */
#ifndef SIMULATOR_MACHINE_H
#define SIMULATOR_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

enum { NODES_MAX = 64 };

enum distance { SAME_CORE, SAME_CLUSTER, SAME_SOCKET, OTHER_SOCKET, DISTANCES };

/* How an interrupt is sent. */
enum apic { APIC_XAPIC, APIC_X2APIC_PHYSICAL, APIC_X2APIC_CLUSTER, APIC_MODES };

struct machine {
	char name[64];
	/* topology */
	unsigned sockets; /* a socket is a NUMA node */
	unsigned cores;   /* of a socket */
	unsigned threads; /* of a core */
	unsigned cluster; /* cores that share a last-level cache; 0: all of a socket */
	unsigned cpus;
	uint64_t cycle; /* of a CPU's clock: for figures in cycles, it costs nothing */
	uint64_t memory_mib[NODES_MAX];
	/* costs */
	struct {
		uint64_t hit, update, fence, relax, own, memory, slack;
		uint64_t to[DISTANCES];
	} line;
	struct {
		enum apic mode;
		uint64_t send;  /* each write of the interrupt command register */
		uint64_t exit;  /* the same in a virtual machine, besides; 0: there is none */
		uint64_t entry; /* from user mode or kernel into the handler and back */
		uint64_t nodes; /* the same, more, where there are several nodes */
		uint64_t deliver[DISTANCES];
	} interrupt;
	struct {
		uint64_t page, space, everything, load;
		uint64_t broadcast, broadcast_wait;
		uint64_t ceiling; /* pages beyond which all of a space is flushed */
	} flush;
	struct {
		uint64_t entries, refill, hot;
	} tlb;
	struct {
		uint64_t fault, entry, read, allocate, release, lru, scan, rmap, call;
		uint64_t zone, cache;
		uint64_t
			nodes; /* a page read in, more than `read`, where there are several nodes */
	} kernel;
	struct {
		uint64_t page, touch, think;
	} user;
	struct {
		uint64_t slice, change, tick;
	} schedule;
};

extern struct machine machine;

/*
 * machine_read: `machine`, from a file. False: what is wrong has been said, as one line
 * `FILE:LINE: what; allowed: what`.
 */
bool machine_read(const char *path);

/* machine_each: each cost and count, in the unit of the file. */
void machine_each(void (*visit)(const char *section, const char *name, double value, void *context),
	void *context);

/* machine_set: one value by "section.key=value", as of --set. False: what is wrong has been said. */
bool machine_set(const char *assignment);

/* Where a CPU is. */
struct machine_place {
	uint16_t core, cluster, socket;
};
extern struct machine_place machine_places[];

static inline unsigned
machine_node(unsigned cpu)
{
	return machine_places[cpu].socket;
}

static inline enum distance
machine_distance(unsigned a, unsigned b)
{
	const struct machine_place *x = &machine_places[a], *y = &machine_places[b];

	if (x->socket != y->socket)
		return OTHER_SOCKET;
	if (x->cluster != y->cluster)
		return SAME_SOCKET;
	return x->core == y->core ? SAME_CORE : SAME_CLUSTER;
}

/* machine_line_cost: of moving a line from another CPU's cache, or from one's own larger one. */
static inline uint64_t
machine_line_cost(unsigned cpu, unsigned holder)
{
	return cpu == holder ? machine.line.own : machine.line.to[machine_distance(cpu, holder)];
}

#endif
