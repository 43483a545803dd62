// SPDX-License-Identifier: MIT
/*
 * tlb.c: what a CPU remembers of page tables, and how it forgets. An entry stays until a flush that
 * must drop it, or until there is no room: nothing else makes it go.
 */
#include <mmu.h>

_Thread_local unsigned mmu_self;
unsigned mmu_rules;
struct mmu_cpu mmu_cpus[SALVO_MAX_CPUS];

bool
mmu_clean_write_traps(void)
{
	return (mmu_rules & MMU_CLEAN_WRITE_PASSES) == 0;
}

bool
mmu_fault_forgets(void)
{
	return (mmu_rules & MMU_FAULT_KEEPS) == 0;
}

bool
mmu_needs_break(void)
{
	return (mmu_rules & MMU_NEEDS_BREAK) != 0;
}

static bool
is_global(const struct mmu_entry *entry)
{
	return (entry->pte & MMU_GLOBAL) != 0;
}

/* covers: the entry is one that this CPU would use for the address now. */
static bool
covers(const struct mmu_cpu *cpu, const struct mmu_entry *entry, uintptr_t address)
{
	return entry->valid && (entry->slot == cpu->slot || is_global(entry)) &&
	       address >= entry->start && address - entry->start < mmu_span(entry->level);
}

struct mmu_entry *
mmu_cached(unsigned cpu, uintptr_t address)
{
	struct mmu_cpu *self = &mmu_cpus[cpu];

	for (unsigned i = 0; i < MMU_ENTRIES; i++)
		if (!self->entries[i].upper && covers(self, &self->entries[i], address))
			return &self->entries[i];
	return NULL;
}

struct mmu_entry *
mmu_cached_upper(unsigned cpu, uintptr_t address)
{
	struct mmu_cpu *self = &mmu_cpus[cpu];
	struct mmu_entry *best = NULL;

	for (unsigned i = 0; i < MMU_ENTRIES; i++) {
		struct mmu_entry *entry = &self->entries[i];

		if (entry->upper && covers(self, entry, address) &&
			(best == NULL || entry->level < best->level))
			best = entry;
	}
	return best;
}

struct mmu_entry *
mmu_insert(unsigned cpu, const struct mmu_entry *entry)
{
	struct mmu_cpu *self = &mmu_cpus[cpu];
	unsigned i = 0;

	while (i < MMU_ENTRIES && self->entries[i].valid)
		i++;
	if (i == MMU_ENTRIES)
		i = self->victim++ % MMU_ENTRIES;
	self->entries[i] = *entry;
	return &self->entries[i];
}

void
mmu_load_root(salvo_root root, unsigned slot, bool keep)
{
	struct mmu_cpu *self = &mmu_cpus[mmu_self];

	self->root = root;
	self->root_incarnation = mmu_frame_incarnation(root >> SALVO_ARCH_PAGE_SHIFT);
	self->slot = slot;
	for (unsigned i = 0; i < MMU_ENTRIES && !keep; i++)
		if (self->entries[i].slot == slot && !is_global(&self->entries[i]))
			self->entries[i].valid = false;
	salvo_atomic_fence(); /* the contract: loading a root is a full barrier */
}

/*
 * steps_on: a flush that goes from start to end in steps of 1 << shift names an address that the
 * entry maps. A stride larger than the leaf misses leaves in between, as it would in hardware.
 */
static bool
steps_on(const struct mmu_entry *entry, uintptr_t start, uintptr_t end, unsigned shift)
{
	uintptr_t step = (uintptr_t)1 << shift;
	uintptr_t first = start;

	if (entry->start > start)
		first += (entry->start - start + step - 1) & ~(step - 1);
	return first < end && first >= entry->start &&
	       first - entry->start < mmu_span(entry->level);
}

static bool
overlaps(const struct mmu_entry *entry, uintptr_t start, uintptr_t end)
{
	return entry->start < end && entry->start + (mmu_span(entry->level) - 1) >= start;
}

static void
flush_addresses(bool global, uintptr_t start, uintptr_t end, unsigned shift, bool tables)
{
	struct mmu_cpu *self = &mmu_cpus[mmu_self];
	bool upper = tables || (mmu_rules & MMU_KEEPS_UPPER) == 0;

	for (unsigned i = 0; i < MMU_ENTRIES; i++) {
		struct mmu_entry *entry = &self->entries[i];

		if (is_global(entry) != global || (!global && entry->slot != self->slot))
			continue;
		if (entry->upper ? upper && overlaps(entry, start, end)
				 : steps_on(entry, start, end, shift))
			entry->valid = false;
	}
}

void
mmu_flush_range(uintptr_t start, uintptr_t end, unsigned stride_shift, bool tables)
{
	flush_addresses(false, start, end, stride_shift, tables);
}

void
mmu_flush_kernel_range(uintptr_t start, uintptr_t end, unsigned stride_shift, bool tables)
{
	flush_addresses(true, start, end, stride_shift, tables);
}

void
mmu_flush_space(void)
{
	struct mmu_cpu *self = &mmu_cpus[mmu_self];

	for (unsigned i = 0; i < MMU_ENTRIES; i++)
		if (self->entries[i].slot == self->slot && !is_global(&self->entries[i]))
			self->entries[i].valid = false;
}

void
mmu_flush_everything(void)
{
	struct mmu_cpu *self = &mmu_cpus[mmu_self];

	for (unsigned i = 0; i < MMU_ENTRIES; i++)
		self->entries[i].valid = false;
}
