// SPDX-License-Identifier: MIT
/* walk.c: threads that find pages in their tables without a lock, while others change the tables. */
#include "check.h"

#define WALKERS 2
#define PAGES   8
#define ROUNDS  12
#define PATTERN 0xeeee000000000000UL
#define SECRET  0x5ec0111100000000UL

/* What the walkers do; one job at a time. */
static struct {
	atomic_uintptr_t at;
	atomic_uint_fast64_t found, missed; /* pages */
	atomic_bool stop, stranger;         /* stranger: a page was somebody else's */
} job;

/* walk: in a walker's thread: take hold of a page, read it, let it go, until told to stop. */
static int64_t
walk(uintptr_t unused)
{
	(void)unused;
	for (unsigned i = 0; !atomic_load(&job.stop); i = (i + 1) % PAGES) {
		struct page *page = gup_fast(atomic_load(&job.at) + i * PAGE_SIZE);
		uint64_t word;

		if (page == NULL) {
			atomic_fetch_add(&job.missed, 1);
			continue;
		}
		word = *(_Atomic(uint64_t) *)page_memory(page);
		if (word != 0 && word != PATTERN)
			atomic_store(&job.stranger, true);
		page_put(page);
		atomic_fetch_add(&job.found, 1);
	}
	return 0;
}

/* walks_come: so many more pages are found from now on; or a while has passed. */
static bool
walks_come(unsigned count)
{
	uint64_t before = atomic_load(&job.found), begun = clock_microseconds();

	while (atomic_load(&job.found) < before + count && clock_microseconds() - begun < 500000)
		cpu_relax();
	return atomic_load(&job.found) >= before + count;
}

/* reuse: somebody else has the frames that were freed last, for a moment. */
static void
reuse(void)
{
	struct page *pages[4 * PAGES];
	unsigned count = 0;

	while (count < 4 * PAGES && (pages[count] = page_alloc()) != NULL) {
		for (uint64_t *word = page_memory(pages[count]), *end = word + PAGE_SIZE / 8;
			word < end; word++)
			*word = SECRET | ENTRY_PRESENT;
		count++;
	}
	while (count > 0)
		page_put(pages[--count]);
}

/* map: memory at an address that 2 MiB divide, with a table of its own. */
static uintptr_t
map(struct mm *mm, size_t pages)
{
	uintptr_t at = mm_map_anonymous(mm, 3 * HUGE_SIZE);

	at = (at + HUGE_SIZE - 1) & -HUGE_SIZE;
	if (!mm_populate(mm, at, at + pages * PAGE_SIZE, true))
		panic("no memory for the walkers");
	for (uintptr_t i = 0; i < PAGES; i++)
		*(_Atomic(uint64_t) *)page_memory(page_mapped(mm, at + i * PAGE_SIZE)) = PATTERN;
	return at;
}

static void
unmap(struct mm *mm, uintptr_t at)
{
	mm_unmap(mm, at, at + HUGE_SIZE, HUGE_SIZE);
}

/* A space that no CPU runs, whose tables others share. */
static struct mm *owner;

/* take: one round of what is done beneath the walkers: unmap with the tables, collapse first, move,
 * or unshare and let the owner unmap. */
static void
take(struct mm *mm, uintptr_t at, uintptr_t owned, unsigned round)
{
	uintptr_t to = 0;

	if (round % 4 == 1)
		for (unsigned tries = 0; tries < 100 && !mm_collapse(mm, at); tries++)
			yield();
	if (round % 4 == 2)
		to = mm_move(mm, at, HUGE_SIZE, HUGE_SIZE);
	if (round % 4 == 3) {
		mm_unshare(mm, at, at + HUGE_SIZE, HUGE_SIZE);
		unmap(owner, owned);
	}
	unmap(mm, at);
	reuse();
	if (to != 0)
		unmap(mm, to);
	reuse();
}

static bool
change(struct mm *mm, unsigned round)
{
	uintptr_t owned = round % 4 == 3 ? map(owner, PAGES) : 0;
	uintptr_t at = owned != 0 ? mm_share(mm, owner, owned, HUGE_SIZE)
				  : map(mm, round % 4 == 1 ? HUGE_FRAMES : PAGES);
	bool holds;

	atomic_store(&job.at, at);
	holds = expect(walks_come(PAGES), "the walkers find the pages");
	take(mm, at, owned, round);
	return expect(!atomic_load(&job.stranger), "no walker finds what is somebody else's") &&
	       holds;
}

/* Do walkers without a lock find their own pages alone, while these are unmapped with their tables,
 * collapsed, moved and unshared? */
static bool
walk_beside_free(void)
{
	struct process *process = process_create();
	struct prober walkers[WALKERS];
	bool holds = true;

	if (process == NULL)
		panic("no memory for a process");
	owner = process_mm(process);
	atomic_store(&job.stop, false);
	atomic_store(&job.stranger, false);
	prober_start(&walkers[0], 1);
	prober_join(&walkers[1], &walkers[0], 2);
	on_system_call(walk);
	atomic_store(&job.at, PAGE_SIZE);
	for (unsigned i = 0; i < WALKERS; i++)
		probe_call_begin(&walkers[i], SYS_CHECK, 0, 0);
	for (unsigned round = 0; round < ROUNDS; round++)
		holds = change(walkers[0].mm, round) && holds;
	atomic_store(&job.stop, true);
	for (unsigned i = 0; i < WALKERS; i++)
		probe_call_end(&walkers[i]);
	holds = expect(atomic_load(&job.missed) > 0, "at times there was nothing to find") && holds;
	prober_exit(&walkers[1]);
	prober_stop(&walkers[0]);
	process_destroy(process);
	return holds;
}

/* ---- A walk that takes long ---- */

static struct page *table;
static const struct salvo_word *upper; /* leads to it */
static atomic_bool in_table;

/* rest_in_table: a walk that stops in the leaf's table, until a while after that was unlinked. It
 * returns whether the table was free then. */
static int64_t
rest_in_table(uintptr_t unused)
{
	bool on = interrupts_disable(), freed;
	uint64_t begun = clock_microseconds();

	(void)unused;
	atomic_store(&in_table, true);
	while (salvo_atomic_load(upper) != 0 && clock_microseconds() - begun < 5000000)
		cpu_relax();
	begun = clock_microseconds();
	while (clock_microseconds() - begun < 30000)
		cpu_relax();
	freed = page_refs(table) == 0;
	interrupts_restore(on);
	return freed;
}

/* hold_in_walk: a walker rests in the table of this address; returns whether the table was there all
 * the time, while `take` had it freed. */
static bool
hold_in_walk(struct prober *prober, uintptr_t at, void (*take)(struct mm *, uintptr_t))
{
	uintptr_t frame;
	bool holds;

	mutex_lock(&prober->mm->lock);
	table_entry(prober->mm, at, 1, false, &frame);
	table = page_of(frame);
	upper = table_entry(prober->mm, at, 2, false, &frame);
	mutex_unlock(&prober->mm->lock);
	atomic_store(&in_table, false);
	on_system_call(rest_in_table);
	probe_call_begin(prober, SYS_CHECK, 0, 0);
	while (!atomic_load(&in_table))
		cpu_relax();
	take(prober->mm, at);
	holds = expect(probe_call_end(prober) == 0, "the table is there while a walker is in it");
	return expect(page_refs(table) == 0, "it is free then") && holds;
}

/* Is a table not free as long as a walker is in it? */
static bool
walk_holds_table(void)
{
	struct prober prober;
	bool holds;

	prober_start(&prober, 1);
	holds = hold_in_walk(&prober, map(prober.mm, PAGES), unmap);
	prober_stop(&prober);
	return holds;
}

static uintptr_t owned; /* the owner's address */

/* unshare: and then the owner, which no CPU runs, frees the table. */
static void
unshare(struct mm *mm, uintptr_t at)
{
	mm_unshare(mm, at, at + HUGE_SIZE, HUGE_SIZE);
	unmap(owner, owned);
}

/* Nor one that was shared, and that its owner frees? */
static bool
walk_holds_shared(void)
{
	struct process *process = process_create();
	struct prober prober;
	bool holds;

	if (process == NULL)
		panic("no memory for a process");
	owner = process_mm(process);
	owned = map(owner, PAGES);
	prober_start(&prober, 1);
	holds = hold_in_walk(&prober, mm_share(prober.mm, owner, owned, HUGE_SIZE), unshare);
	prober_stop(&prober);
	process_destroy(process);
	return holds;
}

const struct check walk_checks[] = {{"walk-beside-free", walk_beside_free},
	{"walk-holds-table", walk_holds_table}, {"walk-holds-shared", walk_holds_shared},
	{NULL, NULL}};
