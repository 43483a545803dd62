// SPDX-License-Identifier: MIT
/* lazy.c: a CPU that runs no user code is left alone, and yet uses nothing that is gone. */
#include "check.h"

#define ROUNDS      3
#define PAGES       8
#define SLEEP_TICKS 20
#define PATTERN     0x6666000000000000UL

/* fall_asleep: the prober's thread sleeps, and its CPU idles with the space loaded. */
static void
fall_asleep(struct prober *prober)
{
	probe_call_begin(prober, SYS_SLEEP, SLEEP_TICKS, 0);
	while (salvo_atomic_load(&port_cpus[prober->cpu].lazy) == 0)
		cpu_relax();
}

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
		fall_asleep(&prober);
		before = interrupts_received(prober.cpu);
		mm_unmap(prober.mm, at, end, end - at);
		holds = expect(interrupts_received(prober.cpu) == before,
				"the lazy CPU is left alone") &&
			holds;
		probe_call_end(&prober);
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
			fall_asleep(&prober);
		asked = interrupts_received(prober.cpu);
		mm_unmap(prober.mm, at, at + size, size);
		holds = expect(interrupts_received(prober.cpu) > asked, "the CPU is asked") &&
			holds;
		if (round > 0)
			probe_call_end(&prober);
		holds = expect(frames_free() == before, "pages and tables are back") && holds;
		holds = expect(probe_load(&prober, at, 1, NULL) == 1, "the load faults") && holds;
	}
	prober_stop(&prober);
	return holds;
}

const struct check lazy_checks[] = {
	{"lazy-catch-up", lazy_catch_up}, {"table-free", table_free}, {NULL, NULL}};
