// SPDX-License-Identifier: MIT
/*
 * walk.c: from an address to a word of memory: the TLB first, then the tables, from the deepest
 * upper-level entry that is cached. Accessed and Dirty are set by compare-exchange, which checks
 * again that the entry allows what is done; nothing is cached that was not there at that moment.
 */
#include <mmu.h>

/* Where a walk stands: about to read an entry of this table. */
struct place {
	unsigned level;
	uintptr_t frame;
	uintptr_t incarnation;
};

static struct place
first_place(unsigned cpu, uintptr_t address)
{
	const struct mmu_entry *upper = mmu_cached_upper(cpu, address);

	if (upper != NULL)
		return (struct place){.level = upper->level - 1,
			.frame = mmu_frame_in(upper->pte),
			.incarnation = upper->incarnation};
	return (struct place){.level = SALVO_ARCH_LEVELS,
		.frame = mmu_cpus[cpu].root >> SALVO_ARCH_PAGE_SHIFT,
		.incarnation = mmu_cpus[cpu].root_incarnation};
}

/* read_entry: false if there is no such table any more, or the entry is not present. */
static bool
read_entry(unsigned cpu, uintptr_t address, const struct place *at, salvo_pte *pte)
{
	struct salvo_word *table = mmu_frame_memory(at->frame);

	if (mmu_frame_incarnation(at->frame) != at->incarnation ||
		mmu_frame_kind(at->frame) != MMU_TABLE) {
		mmu_violated(MMU_FREED_TABLE, cpu, address);
		return false;
	}
	*pte = salvo_atomic_load_acquire(&table[mmu_index(address, at->level)]);
	return salvo_arch_pte_present(*pte);
}

static struct mmu_entry
entry_at(unsigned cpu, uintptr_t address, unsigned level, salvo_pte pte)
{
	return (struct mmu_entry){.valid = true,
		.slot = mmu_cpus[cpu].slot,
		.level = level,
		.start = address & ~(mmu_span(level) - 1),
		.pte = pte,
		.incarnation = mmu_frame_incarnation(mmu_frame_in(pte))};
}

/* descend: follow tables down to a leaf; its place and value. False: not present. */
static bool
descend(unsigned cpu, uintptr_t address, bool cache, struct place *at, salvo_pte *pte)
{
	*at = first_place(cpu, address);
	while (read_entry(cpu, address, at, pte)) {
		struct mmu_entry upper;

		if (salvo_arch_pte_leaf(*pte, at->level))
			return true;
		upper = entry_at(cpu, address, at->level, *pte);
		upper.upper = true;
		if (cache)
			mmu_insert(cpu, &upper);
		*at = (struct place){.level = at->level - 1,
			.frame = mmu_frame_in(*pte),
			.incarnation = upper.incarnation};
	}
	return false;
}

/* walk: find the leaf, set Accessed and what else is needed of it, cache it. NULL is a fault. */
static struct mmu_entry *
walk(unsigned cpu, uintptr_t address, salvo_pte need)
{
	const salvo_pte rights = need & (MMU_PRESENT | MMU_WRITE | MMU_EXEC);
	struct mmu_entry leaf;
	struct salvo_word *where;
	struct place at;
	salvo_pte pte;

	if (mmu_cpus[cpu].root == 0 ||
		!descend(cpu, address, (mmu_rules & MMU_CACHES_UPPER) != 0, &at, &pte))
		return NULL;
	where = (struct salvo_word *)mmu_frame_memory(at.frame) + mmu_index(address, at.level);
	do {
		if ((pte & rights) != rights || !salvo_arch_pte_leaf(pte, at.level))
			return NULL;
	} while (!salvo_atomic_compare_exchange(where, &pte, pte | need));
	leaf = entry_at(cpu, address, at.level, pte | need);
	return mmu_insert(cpu, &leaf);
}

/*
 * dirty_late: a store goes through a clean entry that is cached. The tables learn of it if they
 * still show that page, be it read-only by now; if not, nobody does: the machine that two phases
 * are for.
 */
static void
dirty_late(unsigned cpu, uintptr_t address, struct mmu_entry *entry)
{
	struct salvo_word *where;
	struct place at;
	salvo_pte pte;

	entry->pte |= MMU_DIRTY;
	if (!descend(cpu, address, false, &at, &pte))
		return;
	where = (struct salvo_word *)mmu_frame_memory(at.frame) + mmu_index(address, at.level);
	while (salvo_arch_pte_present(pte) && mmu_frame_in(pte) == mmu_frame_in(entry->pte))
		if (salvo_atomic_compare_exchange(where, &pte, pte | MMU_DIRTY))
			return;
}

/* reach: the word at an address, for a CPU that needs these bits of its entry. NULL is a fault. */
static struct salvo_word *
reach(unsigned cpu, uintptr_t address, salvo_pte need)
{
	const salvo_pte rights = need & (MMU_WRITE | MMU_EXEC);
	struct mmu_entry *entry = mmu_cached(cpu, address);
	struct salvo_word *word;

	if (entry != NULL && (entry->pte & rights) != rights) {
		if (!mmu_fault_forgets())
			return NULL;
		entry->valid = false;
		entry = NULL;
	}
	if (entry != NULL && (need & ~entry->pte & MMU_DIRTY) != 0) {
		if (mmu_clean_write_traps()) {
			entry->valid = false;
			entry = NULL;
		} else {
			dirty_late(cpu, address, entry);
		}
	}
	if (entry == NULL)
		entry = walk(cpu, address, need);
	if (entry == NULL)
		return NULL;
	mmu_check_use(cpu, entry, address, need);
	word = mmu_frame_memory(
		mmu_frame_in(entry->pte) + ((address - entry->start) >> SALVO_ARCH_PAGE_SHIFT));
	return word + (address & ((1u << SALVO_ARCH_PAGE_SHIFT) - 1)) / sizeof(*word);
}

bool
mmu_read(unsigned cpu, uintptr_t address, uintptr_t *value)
{
	const struct salvo_word *word = reach(cpu, address, MMU_PRESENT | MMU_ACCESSED);

	if (word != NULL)
		*value = salvo_atomic_load(word);
	return word != NULL;
}

bool
mmu_write(unsigned cpu, uintptr_t address, uintptr_t value)
{
	struct salvo_word *word =
		reach(cpu, address, MMU_PRESENT | MMU_ACCESSED | MMU_WRITE | MMU_DIRTY);

	if (word != NULL)
		salvo_atomic_store(word, value);
	return word != NULL;
}

bool
mmu_add(unsigned cpu, uintptr_t address, uintptr_t amount)
{
	struct salvo_word *word =
		reach(cpu, address, MMU_PRESENT | MMU_ACCESSED | MMU_WRITE | MMU_DIRTY);

	if (word != NULL)
		salvo_atomic_add(word, amount);
	return word != NULL;
}

bool
mmu_fetch(unsigned cpu, uintptr_t address)
{
	return reach(cpu, address, MMU_PRESENT | MMU_ACCESSED | MMU_EXEC) != NULL;
}

void
mmu_speculate(unsigned cpu, uintptr_t address)
{
	const struct mmu_entry *entry = mmu_cached(cpu, address);
	struct place at;
	salvo_pte pte;

	if (entry == NULL)
		(void)walk(cpu, address, MMU_PRESENT | MMU_ACCESSED);
	else if (mmu_needs_break() && descend(cpu, address, false, &at, &pte) &&
		 (at.level != entry->level || mmu_frame_in(pte) != mmu_frame_in(entry->pte)))
		mmu_violated(MMU_STALE_PAGE, cpu, address);
}

void
mmu_cache_upper(unsigned cpu, uintptr_t address)
{
	struct place at;
	salvo_pte pte;

	if (mmu_cpus[cpu].root != 0)
		(void)descend(cpu, address, true, &at, &pte);
}

void
mmu_walk_check(unsigned cpu)
{
	const struct mmu_cpu *self = &mmu_cpus[cpu];

	for (unsigned i = 0; i < MMU_ENTRIES; i++) {
		const struct mmu_entry *entry = &self->entries[i];

		if (entry->valid && entry->upper && entry->slot == self->slot &&
			mmu_frame_incarnation(mmu_frame_in(entry->pte)) != entry->incarnation)
			mmu_violated(MMU_FREED_TABLE, cpu, entry->start);
	}
}
