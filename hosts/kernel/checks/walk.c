// SPDX-License-Identifier: MIT
/* walk.c: threads that find pages in their tables without a lock, while others change those. */
#include "check.h"

#define WALKERS        2
#define PAGES          8
#define ROUNDS         12
#define FOREIGN_ROUNDS 4
#define PATTERN        0xeeee000000000000UL
#define SECRET         0x5ec0111100000000UL

/* What the walkers do; one job at a time. */
static struct {
	struct mm *mm; /* constant */
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
		struct page *page = gup_fast(job.mm, atomic_load(&job.at) + i * PAGE_SIZE);
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

/* walk_foreign: the same in a kernel thread, whose CPU need not have the space loaded. */
static void
walk_foreign(void *unused)
{
	(void)unused;
	walk(0);
}

/* walks_come: so many more pages are found from now on; or a while has passed. */
static bool
walks_come(unsigned count)
{
	uint64_t before = atomic_load(&job.found), begun = clock_microseconds();

	while (atomic_load(&job.found) < before + count && clock_microseconds() - begun < 5000000)
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
	struct thread *foreign;
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
	job.mm = walkers[0].mm;
	for (unsigned i = 0; i < WALKERS; i++)
		probe_call_begin(&walkers[i], SYS_CHECK, 0, 0);
	foreign = kernel_thread("walker", walk_foreign, NULL, 3);
	if (foreign == NULL)
		panic("no thread for a walker");
	for (unsigned round = 0; round < ROUNDS; round++)
		holds = change(walkers[0].mm, round) && holds;
	atomic_store(&job.stop, true);
	thread_wait(foreign, NULL);
	for (unsigned i = 0; i < WALKERS; i++)
		probe_call_end(&walkers[i]);
	holds = expect(atomic_load(&job.missed) > 0, "at times there was nothing to find") && holds;
	prober_exit(&walkers[1]);
	prober_stop(&walkers[0]);
	process_destroy(process);
	return holds;
}

/* ---- A walk that takes long ---- */

static struct {
	struct mm *mm;
	struct page *table;
	const struct salvo_word *upper; /* leads to it */
	atomic_bool walks, freed;
} rest;

/* rest_in_table: a walk that stops in the leaf's table, until a while after that was unlinked, and
 * looks whether it is free then. */
static int64_t
rest_in_table(uintptr_t unused)
{
	bool on = interrupts_disable(), freed = false;
	uintptr_t before = salvo_walk_begin(&rest.mm->space);
	uint64_t begun = clock_microseconds();

	(void)unused;
	atomic_store(&rest.walks, true);
	while (salvo_atomic_load(rest.upper) != 0 && clock_microseconds() - begun < 5000000)
		cpu_relax();
	begun = clock_microseconds();
	while (!freed && clock_microseconds() - begun < 60000)
		freed = page_refs(rest.table) == 0;
	atomic_store(&rest.freed, freed);
	salvo_walk_end(before);
	interrupts_restore(on);
	return 0;
}

static void
rest_foreign(void *unused)
{
	(void)unused;
	rest_in_table(0);
}

/* rest_at: which table. */
static void
rest_at(struct mm *mm, uintptr_t at)
{
	uintptr_t frame;

	rest.mm = mm;
	mutex_lock(&mm->lock);
	table_entry(mm, at, 1, false, &frame);
	rest.table = page_of(frame);
	rest.upper = table_entry(mm, at, 2, false, &frame);
	mutex_unlock(&mm->lock);
	atomic_store(&rest.walks, false);
}

static bool
rested_well(void)
{
	bool holds =
		expect(!atomic_load(&rest.freed), "the table is there while a walker is in it");

	return expect(page_refs(rest.table) == 0, "it is free then") && holds;
}

/* Is a table not free as long as a thread of the process is in it? */
static bool
walk_holds_table(void)
{
	struct prober prober;
	uintptr_t at;
	bool holds;

	prober_start(&prober, 1);
	at = map(prober.mm, PAGES);
	rest_at(prober.mm, at);
	on_system_call(rest_in_table);
	probe_call_begin(&prober, SYS_CHECK, 0, 0);
	while (!atomic_load(&rest.walks))
		cpu_relax();
	unmap(prober.mm, at);
	probe_call_end(&prober);
	holds = rested_well();
	prober_stop(&prober);
	return holds;
}

/* Nor one that was shared, and that its owner frees, whom no CPU runs? */
static bool
walk_holds_shared(void)
{
	struct process *process = process_create();
	struct prober prober;
	uintptr_t owned, at;
	bool holds;

	if (process == NULL)
		panic("no memory for a process");
	owned = map(process_mm(process), PAGES);
	prober_start(&prober, 1);
	at = mm_share(prober.mm, process_mm(process), owned, HUGE_SIZE);
	rest_at(prober.mm, at);
	on_system_call(rest_in_table);
	probe_call_begin(&prober, SYS_CHECK, 0, 0);
	while (!atomic_load(&rest.walks))
		cpu_relax();
	mm_unshare(prober.mm, at, at + HUGE_SIZE, HUGE_SIZE);
	unmap(process_mm(process), owned);
	probe_call_end(&prober);
	holds = rested_well();
	prober_stop(&prober);
	process_destroy(process);
	return holds;
}

static atomic_bool elsewhere, leave;

/* rest_elsewhere: a walk of another space, until the check is over. */
static void
rest_elsewhere(void *mm)
{
	bool on = interrupts_disable();
	uintptr_t before = salvo_walk_begin(&((struct mm *)mm)->space);
	uint64_t begun = clock_microseconds();

	atomic_store(&elsewhere, true);
	while (!atomic_load(&leave) && clock_microseconds() - begun < 1000000)
		cpu_relax();
	salvo_walk_end(before);
	interrupts_restore(on);
}

static struct thread *
start_walker(void (*run)(void *), struct mm *mm, int cpu, const atomic_bool *walks)
{
	struct thread *thread = kernel_thread("walker", run, mm, cpu);

	if (thread == NULL)
		panic("no thread for a walker");
	while (!atomic_load(walks))
		cpu_relax();
	return thread;
}

/* free_beside_walkers: one round of the check below. */
static bool
free_beside_walkers(struct mm *mm, struct mm *other)
{
	uint64_t before = interrupts_received(1);
	uintptr_t at = map(mm, PAGES);
	struct thread *walker, *stranger;
	bool holds;

	rest_at(mm, at);
	atomic_store(&elsewhere, false);
	atomic_store(&leave, false);
	walker = start_walker(rest_foreign, NULL, 2, &rest.walks);
	stranger = start_walker(rest_elsewhere, other, 1, &elsewhere);
	unmap(mm, at);
	atomic_store(&leave, true);
	thread_wait(walker, NULL);
	thread_wait(stranger, NULL);
	holds = rested_well();
	return expect(interrupts_received(1) == before, "who walks elsewhere is left alone") &&
	       holds;
}

/* Nor one of a space that the walker's CPU has not loaded, and is that CPU alone interrupted, not
 * one that walks another space? More than once: whoever frees may not run just when it matters. */
static bool
walk_holds_foreign(void)
{
	struct process *process = process_create(), *other = process_create();
	bool holds = true;

	if (process == NULL || other == NULL)
		panic("no memory for a process");
	for (unsigned round = 0; round < FOREIGN_ROUNDS; round++)
		holds = free_beside_walkers(process_mm(process), process_mm(other)) && holds;
	process_destroy(process);
	process_destroy(other);
	return holds;
}

const struct check walk_checks[] = {{"walk-beside-free", walk_beside_free},
	{"walk-holds-table", walk_holds_table}, {"walk-holds-shared", walk_holds_shared},
	{"walk-holds-foreign", walk_holds_foreign}, {NULL, NULL}};
