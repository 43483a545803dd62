// SPDX-License-Identifier: MIT
/* protect.c: when a right was taken away, nobody uses it. */
#include "check.h"

#define ROUNDS 4
#define PAGES  8
#define OLD    0x2222000000000000UL
#define NEW    0x3333000000000000UL

/* Does a CPU that has pages as writable in its TLB fault on a store after another CPU made them
 * read-only? And may it store again when they are writable again? */
static bool
stale_write(void)
{
	struct prober prober;
	uintptr_t at, end;
	uint64_t sum;
	bool holds = true;

	prober_start(&prober, 1);
	at = mm_map_anonymous(prober.mm, PAGES * PAGE_SIZE);
	end = at + PAGES * PAGE_SIZE;
	for (unsigned round = 0; round < ROUNDS; round++) {
		holds = expect(probe_store(&prober, at, PAGES, OLD) == 0, "it may store") && holds;
		mm_protect(prober.mm, at, end, end - at, false);
		holds = expect(probe_store(&prober, at, PAGES, NEW) == PAGES,
				"every store faults") &&
			holds;
		holds = expect(probe_load(&prober, at, PAGES, &sum) == 0, "it may load") && holds;
		holds = expect(sum == sum_of_stores(PAGES, OLD), "no store went through") && holds;
		mm_protect(prober.mm, at, end, end - at, true);
	}
	prober_stop(&prober);
	return holds;
}

/* And the CPU that takes the right from itself? */
static bool
local_protect(void)
{
	struct prober prober;
	uintptr_t at;
	bool holds;

	prober_start(&prober, 1);
	at = mm_map_anonymous(prober.mm, PAGES * PAGE_SIZE);
	holds = expect(probe_store(&prober, at, PAGES, OLD) == 0, "it may store");
	holds = expect(probe_call(&prober, SYS_PROTECT, at, PAGES) == 0, "it protects") && holds;
	holds = expect(probe_store(&prober, at, PAGES, NEW) == PAGES, "every store faults") &&
		holds;
	prober_stop(&prober);
	return holds;
}

const struct check protect_checks[] = {
	{"stale-write", stale_write}, {"local-protect", local_protect}, {NULL, NULL}};
