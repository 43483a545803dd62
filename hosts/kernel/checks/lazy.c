// SPDX-License-Identifier: MIT
/* lazy.c: a CPU that runs no user code is left alone, and yet uses nothing that is gone. */
#include "check.h"

#define ROUNDS  3
#define PAGES   8
#define PATTERN 0x6666000000000000UL

/* Is a lazy CPU not interrupted by an unmap, and does it flush before it goes on in user mode? */
static bool
lazy_catch_up(void)
{
	struct prober prober;
	uintptr_t at, end;
	bool holds = true;

	prober_start(&prober, 1);
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t before;

		/* The page behind stays mapped, so that no table is freed. */
		at = mm_map_anonymous(prober.mm, (PAGES + 1) * PAGE_SIZE);
		end = at + PAGES * PAGE_SIZE;
		holds = expect(probe_store(&prober, at, PAGES + 1, PATTERN) == 0, "it may store") &&
			holds;
		prober_sleep(&prober);
		before = interrupts_received(prober.cpu);
		mm_unmap(prober.mm, at, end, end - at);
		holds = expect(interrupts_received(prober.cpu) == before,
				"the lazy CPU is left alone") &&
			holds;
		prober_wake(&prober);
		holds = expect(probe_load(&prober, at, PAGES, NULL) == PAGES,
				"every load faults") &&
			holds;
	}
	prober_stop(&prober);
	return holds;
}

/* Are page tables that are unmapped given back, with every CPU asked, the lazy ones too, and does
 * the thread that used them fault? */
static bool
table_free(void)
{
	size_t size = 2 * HUGE_SIZE, before;
	struct prober prober;
	uintptr_t at;
	bool holds = true;

	prober_start(&prober, 1);
	probe_call(&prober, SYS_YIELD, 0, 0); /* now its stack is there */
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t asked;

		before = frames_free();
		at = mm_map_anonymous(prober.mm, size);
		holds = expect(probe_store(&prober, at, 1, PATTERN) == 0 &&
					probe_store(&prober, at + HUGE_SIZE, 1, PATTERN) == 0,
				"it may store") &&
			holds;
		if (round > 0)
			prober_sleep(&prober);
		asked = interrupts_received(prober.cpu);
		mm_unmap(prober.mm, at, at + size, size);
		holds = expect(was_interrupted(prober.cpu, asked), "the CPU is asked") && holds;
		if (round > 0)
			prober_wake(&prober);
		holds = expect(frames_free() == before, "pages and tables are back") && holds;
		holds = expect(probe_load(&prober, at, 1, NULL) == 1, "the load faults") && holds;
	}
	prober_stop(&prober);
	return holds;
}

/* Is a lazy CPU asked before the table of pages that became a huge one is free? */
static bool
collapse_asks_lazy(void)
{
	struct prober prober;
	uint64_t asked;
	uintptr_t at;
	bool holds;

	prober_start(&prober, 1);
	at = (mm_map_anonymous(prober.mm, 2 * HUGE_SIZE) + HUGE_SIZE - 1) & -HUGE_SIZE;
	holds = expect(probe_store(&prober, at, HUGE_FRAMES, PATTERN) == 0, "it may store");
	prober_sleep(&prober);
	asked = interrupts_received(prober.cpu);
	holds = expect(mm_collapse(prober.mm, at), "it collapses") && holds;
	holds = expect(was_interrupted(prober.cpu, asked), "the lazy CPU is asked") && holds;
	prober_wake(&prober);
	prober_stop(&prober);
	return holds;
}

/* Is a lazy CPU asked before a shared table is its owner's alone, and are the pages still there? */
static bool
unshare_asks_lazy(void)
{
	struct process *process = process_create();
	struct prober prober;
	uintptr_t owned, at;
	uint64_t asked, sum;
	struct mm *owner;
	bool holds;

	if (process == NULL)
		panic("no memory for a process");
	owner = process_mm(process);
	owned = (mm_map_anonymous(owner, 2 * HUGE_SIZE) + HUGE_SIZE - 1) & -HUGE_SIZE;
	mm_populate(owner, owned, owned + PAGES * PAGE_SIZE, true);
	prober_start(&prober, 1);
	at = mm_share(prober.mm, owner, owned, HUGE_SIZE);
	holds = expect(at != 0 && probe_store(&prober, at, PAGES, PATTERN) == 0, "it may store");
	holds = expect(!mm_unmap(prober.mm, at, at + HUGE_SIZE, HUGE_SIZE), "nor unmap") && holds;
	prober_sleep(&prober);
	asked = interrupts_received(prober.cpu);
	holds = expect(mm_unshare(prober.mm, at, at + HUGE_SIZE, HUGE_SIZE), "it unshares") &&
		holds;
	holds = expect(was_interrupted(prober.cpu, asked), "the lazy CPU is asked") && holds;
	prober_wake(&prober);
	holds = expect(probe_load(&prober, at, PAGES, NULL) == PAGES, "every load faults") && holds;
	at = mm_share(prober.mm, owner, owned, HUGE_SIZE);
	holds = expect(probe_load(&prober, at, PAGES, &sum) == 0 &&
				sum == sum_of_stores(PAGES, PATTERN),
			"the pages are there") &&
		holds;
	prober_stop(&prober);
	process_destroy(process);
	return holds;
}

/* Does a flush of kernel memory reach a lazy CPU, which uses that memory all the time? */
static bool
kernel_flush(void)
{
	struct prober prober;
	uint64_t asked, flushes;
	bool holds;

	prober_start(&prober, 1);
	prober_sleep(&prober);
	asked = interrupts_received(prober.cpu);
	flushes = local_flushes(prober.cpu);
	salvo_flush_page(&port_machine.kernel, DIRECT_MAP);
	holds = expect(was_interrupted(prober.cpu, asked), "the CPU is asked");
	holds = expect(local_flushes(prober.cpu) > flushes, "the CPU flushes") && holds;
	prober_wake(&prober);
	prober_stop(&prober);
	return holds;
}

const struct check lazy_checks[] = {{"lazy-catch-up", lazy_catch_up}, {"table-free", table_free},
	{"collapse-asks-lazy", collapse_asks_lazy}, {"unshare-asks-lazy", unshare_asks_lazy},
	{"kernel-flush", kernel_flush}, {NULL, NULL}};
