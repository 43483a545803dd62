// SPDX-License-Identifier: MIT
/* reclaim.c: when memory is reclaimed and given away, its old owner is out. */
#include "check.h"

#define ROUNDS    3
#define PAGES     32
#define SECRET    0x5ec0000000000000UL
#define PROCESSES (SALVO_BATCH_SPACES + 6)

/* map_file_start: the prober has the file's first pages in its TLB; their sum. */
static uintptr_t
map_file_start(struct prober *prober, unsigned pages, bool writable, uint64_t *sum)
{
	uintptr_t address = mm_map_file(prober->mm, 0, pages, writable);

	if (address == 0 || probe_load(prober, address, pages, sum) != 0)
		panic("a prober cannot read the file");
	return address;
}

static bool
none_cached(unsigned pages)
{
	for (unsigned i = 0; i < pages; i++) {
		struct page *page = cache_find(i);

		if (page != NULL) {
			page_put(page);
			return false;
		}
	}
	return true;
}

/* take_frames: another process gets the frames that were freed last, and fills them. */
static uintptr_t
take_frames(struct prober *prober, unsigned pages)
{
	uintptr_t address = mm_map_anonymous(prober->mm, pages * PAGE_SIZE);

	if (address == 0 || probe_store(prober, address, pages, SECRET) != 0)
		panic("a prober cannot write its memory");
	return address;
}

/* Does the old owner of a reclaimed page ever see the new one's data, or write to it? */
static bool
reuse_after_reclaim(void)
{
	struct prober old, new;
	bool holds = true;

	prober_start(&old, 1);
	prober_start(&new, 2);
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t sum, again;
		uintptr_t at = map_file_start(&old, PAGES, false, &sum), other;

		reclaim_pages(cache_pages());
		holds = expect(none_cached(PAGES), "all pages are reclaimed") && holds;
		other = take_frames(&new, PAGES);
		holds = expect(probe_load(&old, at, PAGES, &again) == 0 && again == sum,
				"the old owner reads the file, not the new owner's data") &&
			holds;
		holds = expect(probe_load(&new, other, PAGES, &again) == 0 &&
					again == sum_of_stores(PAGES, SECRET),
				"the new owner has what it stored") &&
			holds;
		mm_unmap(old.mm, at, at + PAGES * PAGE_SIZE, PAGES * PAGE_SIZE);
		mm_unmap(new.mm, other, other + PAGES * PAGE_SIZE, PAGES * PAGE_SIZE);
	}
	prober_stop(&old);
	prober_stop(&new);
	return holds;
}

/* The same of pages that more processes map than a batch has room for. */
static bool
many_spaces(void)
{
	static struct process *processes[PROCESSES];
	struct prober old, new;
	uintptr_t at, other;
	uint64_t sum, again;
	bool holds;

	prober_start(&old, 1);
	at = map_file_start(&old, PAGES, false, &sum);
	prober_start(&new, 2);
	for (unsigned i = 0; i < PROCESSES; i++) {
		uintptr_t address;

		processes[i] = process_create();
		if (processes[i] == NULL)
			panic("no memory for process %u", i);
		address = mm_map_file(process_mm(processes[i]), 0, PAGES, false);
		mm_populate(process_mm(processes[i]), address, address + PAGES * PAGE_SIZE, false);
	}
	reclaim_pages(cache_pages());
	holds = expect(none_cached(PAGES), "all pages are reclaimed");
	other = take_frames(&new, PAGES);
	holds = expect(probe_load(&old, at, PAGES, &again) == 0 && again == sum,
			"the old owner reads the file, not the new owner's data") &&
		holds;
	holds = expect(probe_load(&new, other, PAGES, &again) == 0, "the new owner reads") && holds;
	for (unsigned i = 0; i < PROCESSES; i++)
		process_destroy(processes[i]);
	prober_stop(&old);
	prober_stop(&new);
	return holds;
}

/* unmap_pending: unmap a page between reclaim's clear and its flush. */
static bool
unmap_pending(struct prober *prober)
{
	struct salvo_batch batch;
	uint64_t sum;
	uintptr_t at = map_file_start(prober, 1, false, &sum), frame;
	struct page *page = cache_find(0);
	bool holds;

	page_lock(page);
	frame = frame_of(page);
	salvo_batch_begin(&batch);
	salvo_reclaim(&batch, &frame, 1);
	holds = expect(mm_entry(prober->mm, at) == 0, "reclaim clears the entry");
	mm_unmap(prober->mm, at, at + PAGE_SIZE, PAGE_SIZE);
	holds = expect(probe_load(prober, at, 1, NULL) == 1, "the load faults after the unmap") &&
		holds;
	salvo_batch_flush(&batch);
	page_unlock(page);
	page_put(page);
	return holds;
}

/* Does an unmap that finds an entry cleared by reclaim, not flushed yet, flush it? */
static bool
pending_unmap(void)
{
	struct prober prober;
	bool holds = true;

	prober_start(&prober, 1);
	holds = expect(prober.mm->marked, "tables have marks");
	for (unsigned round = 0; round < ROUNDS; round++)
		holds = unmap_pending(&prober) && holds;
	prober_stop(&prober);
	return holds;
}

/* And in a space whose tables have no marks? */
static bool
pending_unmap_unmarked(void)
{
	struct prober prober;
	bool holds = true;

	atomic_store(&port_refuse_marks, true);
	prober_start(&prober, 1);
	atomic_store(&port_refuse_marks, false);
	for (unsigned round = 0; round < ROUNDS; round++)
		holds = unmap_pending(&prober) && holds;
	prober_stop(&prober);
	return holds;
}

#define STORM_TURNS 40
#define STORM_PAGES 8

/* storm: map a part of the file, read it, unmap it, again and again; the sum of what failed. */
static int64_t
storm(uintptr_t first)
{
	struct mm *mm = process_mm(thread_process(current_thread()));
	int64_t failed = 0;

	for (unsigned turn = 0; turn < STORM_TURNS; turn++) {
		uintptr_t at = mm_map_file(mm, first, STORM_PAGES, true);
		uintptr_t end = at + STORM_PAGES * PAGE_SIZE;

		if (!mm_populate(mm, at, end, false) || !mm_unmap(mm, at, end, end - at))
			failed++;
	}
	return failed;
}

/* Do three CPUs that map and unmap, and one that reclaims the same pages, get on together? */
static bool
storms_merge(void)
{
	struct prober probers[3];
	bool holds = true;

	prober_start(&probers[0], 1);
	prober_join(&probers[1], &probers[0], 2);
	prober_join(&probers[2], &probers[0], 3);
	on_system_call(storm);
	for (unsigned i = 0; i < 3; i++)
		probe_call_begin(&probers[i], SYS_CHECK, i * STORM_PAGES / 2, 0);
	for (unsigned i = 0; i < STORM_TURNS; i++) {
		reclaim_pages(cache_pages());
		yield();
	}
	for (unsigned i = 0; i < 3; i++)
		holds = expect(probe_call_end(&probers[i]) == 0, "every turn worked") && holds;
	prober_exit(&probers[1]);
	prober_exit(&probers[2]);
	prober_stop(&probers[0]);
	return holds;
}

const struct check reclaim_checks[] = {{"reuse-after-reclaim", reuse_after_reclaim},
	{"many-spaces", many_spaces}, {"pending-unmap", pending_unmap},
	{"pending-unmarked", pending_unmap_unmarked}, {"storm", storms_merge}, {NULL, NULL}};
