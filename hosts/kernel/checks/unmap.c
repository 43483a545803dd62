// SPDX-License-Identifier: MIT
/* unmap.c: when an unmap has returned, nobody uses what was mapped. */
#include "check.h"

#define ROUNDS  4
#define PAGES   8
#define PATTERN 0x1111000000000000UL

/* Does a CPU that has pages in its TLB fault on them after another CPU unmapped them? */
static bool
stale_read(void)
{
	struct prober prober;
	bool holds = true;

	prober_start(&prober, 1);
	for (unsigned round = 0; round < ROUNDS; round++) {
		uintptr_t at = map_stored(&prober, PAGES, PATTERN), end = at + PAGES * PAGE_SIZE;
		uint64_t sum, before = interrupts_received(1);

		holds = expect(probe_load(&prober, at, PAGES, &sum) == 0 &&
					sum == sum_of_stores(PAGES, PATTERN),
				"pages hold what was stored") &&
			holds;
		mm_unmap(prober.mm, at, end, end - at);
		holds = expect(probe_load(&prober, at, PAGES, NULL) == PAGES,
				"every load faults after the unmap") &&
			holds;
		holds = expect(was_interrupted(1, before) && interrupts_received(1) == before + 1,
				"by one interrupt") &&
			holds;
	}
	prober_stop(&prober);
	return holds;
}

/* And the CPU that unmaps? The thread unmaps its own memory and stays on its CPU. */
static bool
local_flush(void)
{
	struct prober prober;
	bool holds = true;

	prober_start(&prober, 1);
	for (unsigned round = 0; round < ROUNDS; round++) {
		uintptr_t at = map_stored(&prober, PAGES, PATTERN);

		holds = expect(probe_call(&prober, SYS_UNMAP, at, PAGES) == 0, "it unmaps") &&
			holds;
		holds = expect(probe_load(&prober, at, PAGES, NULL) == PAGES,
				"every load faults after its own unmap") &&
			holds;
	}
	prober_stop(&prober);
	return holds;
}

/* unmap_against_hold: true if the unmap waited for the CPU that would not answer, page in hand. */
static bool
unmap_against_hold(struct prober *prober, uint64_t microseconds)
{
	uintptr_t at = map_stored(prober, 1, PATTERN);
	int64_t seen;
	bool holds;

	hold_begin(prober, at, microseconds);
	mm_unmap(prober->mm, at, at + PAGE_SIZE, PAGE_SIZE);
	seen = hold_end(prober);
	holds = expect((seen & HOLD_OVER) == 0, "the unmap waits for the CPU's answer");
	holds = expect((seen & HOLD_FREED) == 0, "the page is not free before") && holds;
	return expect(probe_load(prober, at, 1, NULL) == 1, "the load faults then") && holds;
}

/* Does an unmap wait for a CPU that has interrupts off? */
static bool
wait_for_answer(void)
{
	struct prober prober;
	bool holds = true;

	prober_start(&prober, 1);
	for (unsigned round = 0; round < ROUNDS; round++)
		holds = unmap_against_hold(&prober, 50000) && holds;
	prober_stop(&prober);
	return holds;
}

/* Is a CPU that keeps interrupts off too long reported, and nothing lost by it? */
static bool
stall_report(void)
{
	uint64_t usual = port_machine.stall_ns;
	unsigned before = atomic_load(&port_stalls);
	struct prober prober;
	bool holds;

	prober_start(&prober, 1);
	port_machine.stall_ns = 100000000;
	holds = unmap_against_hold(&prober, 500000);
	port_machine.stall_ns = usual;
	holds = expect(atomic_load(&port_stalls) > before, "the silent CPU was reported") && holds;
	prober_stop(&prober);
	return holds;
}

static void
map_page(struct prober *prober, uintptr_t address)
{
	if (!mm_populate(prober->mm, address, address + 1, true))
		panic("no memory for a page");
}

/* map_scattered: so many pages, and as many behind them; the frames are in no order, so that hardly
 * any can be taken together. */
static uintptr_t
map_scattered(struct prober *prober, uintptr_t pages)
{
	uintptr_t at = mm_map_anonymous(prober->mm, 2 * pages * PAGE_SIZE);

	for (uintptr_t page = at; page < at + pages * PAGE_SIZE; page += PAGE_SIZE) {
		map_page(prober, page);
		map_page(prober, page + pages * PAGE_SIZE);
	}
	return at;
}

/* Does an unmap lose nothing when there is no memory for its bookkeeping? */
static bool
chunk_refused(void)
{
	enum { MANY = 64 };
	size_t before = frames_free();
	unsigned refused = atomic_load(&port_chunks_refused);
	struct prober prober;
	uintptr_t at, end;
	bool holds;

	prober_start(&prober, 1);
	at = map_scattered(&prober, MANY);
	end = at + MANY * PAGE_SIZE;
	holds = expect(probe_store(&prober, at, MANY, PATTERN) == 0, "it may store");
	atomic_store(&port_refuse_chunks, true);
	mm_unmap(prober.mm, at, end, end - at);
	atomic_store(&port_refuse_chunks, false);
	holds = expect(atomic_load(&port_chunks_refused) > refused, "memory was refused") && holds;
	holds = expect(probe_load(&prober, at, MANY, NULL) == MANY, "all loads fault") && holds;
	holds = expect(probe_store(&prober, end, MANY, PATTERN) == 0, "the rest is there") && holds;
	prober_stop(&prober);
	return expect(frames_free() == before, "no frame is lost") && holds;
}

/* The same of a page of 2 MiB: does a CPU fault, and do all 512 frames come back? */
static bool
huge_page(void)
{
	size_t before = frames_free();
	struct prober prober;
	uintptr_t at;
	bool holds;

	prober_start(&prober, 1);
	at = mm_map_huge(prober.mm, HUGE_SIZE);
	holds = expect(probe_store(&prober, at, HUGE_FRAMES, PATTERN) == 0, "it is there");
	holds = expect(!mm_unmap(prober.mm, at, at + PAGE_SIZE, PAGE_SIZE), "none is split") &&
		holds;
	holds = expect(mm_unmap(prober.mm, at, at + HUGE_SIZE, HUGE_SIZE), "it is unmapped") &&
		holds;
	holds = expect(probe_load(&prober, at, HUGE_FRAMES, NULL) == HUGE_FRAMES,
			"all loads fault") &&
		holds;
	prober_stop(&prober);
	return expect(frames_free() == before, "no frame is lost") && holds;
}

/* ---- The rmap ---- */

/* removed: how many mappings an unmap of so many pages takes off. */
static uint64_t
removed(struct prober *prober, uintptr_t pages)
{
	uintptr_t at = map_scattered(prober, pages);
	uint64_t before = rmap_removed();

	mm_unmap(prober->mm, at, at + pages * PAGE_SIZE, pages * PAGE_SIZE);
	before = rmap_removed() - before;
	mm_unmap(prober->mm, at, at + 2 * pages * PAGE_SIZE, 2 * pages * PAGE_SIZE);
	return before;
}

/* Is each page looked at once to remove its rmap, over however many page tables, pages of
 * bookkeeping and flushes? */
static bool
rmap_looks(void)
{
	struct prober prober;
	bool holds;

	prober_start(&prober, 1);
	holds = expect(removed(&prober, 8) == 8, "8 looks at 8 pages of a table or two");
	holds = expect(removed(&prober, 2000) == 2000, "2000 at 2000 of many tables") && holds;
	atomic_store(&port_refuse_chunks, true);
	holds = expect(removed(&prober, 200) == 200, "200 at 200, 8 of them a flush") && holds;
	atomic_store(&port_refuse_chunks, false);
	prober_stop(&prober);
	return holds;
}

/* Is it reported when a page is unmapped more often than this kernel has counted it mapped? */
static bool
negative_count(void)
{
	struct prober prober;
	struct page *page;
	uintptr_t at;
	bool holds;

	prober_start(&prober, 1);
	at = map_stored(&prober, 1, PATTERN);
	page = page_mapped(prober.mm, at);
	page_get(page);
	atomic_store(&page->mapcount, 0); /* the kernel's mistake */
	atomic_store(&port_expect_broken, true);
	mm_unmap(prober.mm, at, at + PAGE_SIZE, PAGE_SIZE);
	holds = expect(!atomic_exchange(&port_expect_broken, false), "it is reported");
	holds = expect(probe_load(&prober, at, 1, NULL) == 1, "the page is unmapped") && holds;
	atomic_store(&page->mapcount, 0);
	page_put(page);
	prober_stop(&prober);
	return holds;
}

const struct check unmap_checks[] = {{"stale-read", stale_read}, {"local-flush", local_flush},
	{"wait-for-answer", wait_for_answer}, {"stall-report", stall_report},
	{"chunk-refused", chunk_refused}, {"huge-page", huge_page}, {"rmap-looks", rmap_looks},
	{"negative-count", negative_count}, {NULL, NULL}};
