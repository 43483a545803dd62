/* SPDX-License-Identifier: MIT */
/*
 * check.h: what the checks share.
 *
 * A check runs in a kernel thread on CPU 0 and watches user threads, the probers, on other CPUs. A
 * prober stays in user mode between its accesses, on a CPU that nothing else runs on, so what it
 * has in its TLB stays there until somebody flushes it: if salvo does not, the check sees it.
 */
#ifndef CHECK_H
#define CHECK_H

#include "../mm/mm.h"
#include "../user/abi.h"

#define CHECK_CPUS 4

struct check {
	const char *name; /* known to tests/mutants */
	bool (*run)(void);
};

/* By subject; each list ends with a NULL name. */
extern const struct check unmap_checks[], protect_checks[], reclaim_checks[], disk_checks[],
	lazy_checks[], cpu_checks[], life_checks[], change_checks[], track_checks[],
	device_checks[], walk_checks[], batch_checks[], beside_checks[], late_checks[];

/* expect: false, with a comment line, if it does not hold. */
bool expect(bool holds, const char *what);

/* ---- prober.c ---- */

struct prober {
	struct process *process;
	struct mm *mm;
	struct thread *thread;
	struct probe_box *box;
	unsigned cpu;
};

/* prober_start: in a process of its own; prober_join: in that of another one. They panic if out of
 * memory. prober_exit leaves the process; prober_stop ends it too. */
void prober_start(struct prober *prober, unsigned cpu);
void prober_join(struct prober *prober, const struct prober *other, unsigned cpu);
void prober_exit(struct prober *prober);
void prober_stop(struct prober *prober);

/*
 * probe_load: the sum of the first words of so many pages; probe_store: word i becomes value + i.
 *    Both return how many of the accesses faulted.
 */
uint64_t probe_load(struct prober *prober, uintptr_t address, unsigned pages, uint64_t *sum);
uint64_t probe_store(struct prober *prober, uintptr_t address, unsigned pages, uint64_t value);

/* probe_call: a system call in the prober's thread; _begin and _end let the check work meanwhile.
 */
int64_t probe_call(struct prober *prober, unsigned number, uintptr_t address, uint64_t value);
void probe_call_begin(struct prober *prober, unsigned number, uintptr_t address, uint64_t value);
int64_t probe_call_end(struct prober *prober);

/* prober_sleep: its thread sleeps, and its CPU idles with the space loaded; prober_wake: no more. A
 * system call for two probers at once. */
void prober_sleep(struct prober *prober);
void prober_wake(struct prober *prober);

/* loaded_root: what the root register of this CPU says. */
static inline uint64_t
loaded_root(void)
{
	uint64_t value;

	__asm__ volatile("movq %%cr3, %0" : "=r"(value));
	return value & -PAGE_SIZE;
}

/*
 * interrupts_received: shootdown interrupts that a CPU has taken; local_flushes: what it has
 *    flushed, one by one or all. was_interrupted: whether it has
 *    taken more than `before`; gives one time that is still on its way, for a CPU that happened to
 *    wait for a lock has served the request without it.
 */
uint64_t interrupts_received(unsigned cpu);
uint64_t local_flushes(unsigned cpu);
bool was_interrupted(unsigned cpu, uint64_t before);

/* sum_of_stores: what probe_load returns after probe_store. */
uint64_t sum_of_stores(unsigned pages, uint64_t value);

/* page_mapped: what the address is mapped to. => it is */
struct page *page_mapped(struct mm *mm, uintptr_t address);

/* map_stored: pages that the prober has written, and so has in its TLB as writable. */
uintptr_t map_stored(struct prober *prober, unsigned pages, uint64_t value);

/* ---- storer.c ---- */

struct storer {
	struct process *process;
	struct mm *mm;
	struct thread *thread;
	uintptr_t at; /* the page that it stores to */
};

/*
 * storer_start: at an address that 2 MiB divide; storer_start_file: to the file's first page. They
 *    return when stores come, and panic if out of memory.
 * stores_come, store_slips: whether a store is seen in this page from now on; where one must come
 *    it is waited for long, where none may come only for a moment.
 */
void storer_start(struct storer *storer, unsigned cpu);
void storer_start_file(struct storer *storer, unsigned cpu);
bool storer_stop(struct storer *storer); /* false: a store failed. Ends the process */
bool stores_come(struct page *page);
bool store_slips(struct page *page);

/* ---- hold.c ---- */

/*
 * hold_begin: the prober's CPU has the address in its TLB and from now on answers nobody,
 *    until so long after its entry was cleared.
 * hold_end: the check has done what must wait for that CPU. Returns what the CPU saw when it gave
 *    up waiting for this, or saw it.
 */
#define HOLD_OVER     1 /* the check did not have to wait */
#define HOLD_FREED    2 /* the page was free */
#define HOLD_UNMAPPED 4 /* the page's rmap was gone */
void hold_begin(struct prober *prober, uintptr_t address, uint64_t microseconds);
int64_t hold_end(struct prober *prober);

#endif
