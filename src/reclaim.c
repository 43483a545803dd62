// SPDX-License-Identifier: MIT
/*
 * reclaim.c: operations on pages, wherever they are mapped: unmap them to reuse their memory, clean
 * them to write them out, look whether they were used. Entries are found by rmap, with the lock of
 * their table held; the flush is the batch's, see batch.c.
 *
 * Two phases (van Riel). Where hardware lets a store through a cached clean entry without looking
 * at the tables, a page unmapped while clean may still be written, and the write is lost:
 *
 *         reclaim                            a CPU with a clean, writable entry cached
 *         pte = 0; it was clean
 *                                            store: through the cached entry, Dirty is set nowhere
 *         flush; page is clean: free it
 *
 * So such entries are first made read-only and flushed: a store before that flush sets Dirty in the
 * entry, which is still there, and one after it faults. Read-only entries, dirty ones and pages
 * that are dirty anyway go without the first phase, and so does hardware that walks the tables
 * again.
 */
#include "internal.h"

/* What an rmap visitor is told. */
struct visit {
	struct salvo_batch *batch;
	bool changed; /* some entry was write-protected */
	bool dirty;   /* the entry that was changed last may have been written through */
	size_t used;  /* entries found accessed */
};

static size_t
mapped_pages(const struct salvo_mapping *mapping)
{
	return (size_t)1 << (mapping->stride_shift - SALVO_ARCH_PAGE_SHIFT);
}

static unsigned
mapped_level(const struct salvo_mapping *mapping)
{
	return (mapping->stride_shift - SALVO_ARCH_PAGE_SHIFT) / SALVO_ARCH_INDEX_BITS + 1;
}

/*
 * change: replace the entry, covered by the batch: its mark goes up before the change, and
 * secondary TLBs have forgotten the page then. Returns what was there.
 */
static salvo_pte
change(struct visit *visit, const struct salvo_mapping *mapping,
	salvo_pte (*to)(salvo_pte, unsigned))
{
	struct salvo_space *space = mapping->space;
	uintptr_t end = mapping->address + ((uintptr_t)1 << mapping->stride_shift);
	bool covered = salvo_batch_cover(visit->batch, space);
	bool unflushed = salvo_unflushed(space, covered);
	salvo_pte old;

	salvo_port_invalidate_begin(space, mapping->address, end);
	old = salvo_change_entry(mapping->entry, to, 0);
	salvo_port_invalidate_end(space, mapping->address, end);
	if (covered)
		salvo_batch_mark(visit->batch, space, mapping->table, mapping->address);
	else
		salvo_batch_beyond(visit->batch, space);
	visit->dirty = salvo_may_be_dirty(old, unflushed);
	return old;
}

static salvo_pte
to_nothing(salvo_pte pte, unsigned unused)
{
	(void)pte;
	(void)unused;
	return 0;
}

static salvo_pte
to_read_only(salvo_pte pte, unsigned unused)
{
	(void)unused;
	return salvo_arch_pte_protect(pte, salvo_arch_pte_rights(pte) & ~SALVO_WRITE);
}

static salvo_pte
to_clean(salvo_pte pte, unsigned unused)
{
	(void)unused;
	return salvo_arch_pte_clean(pte);
}

static salvo_pte
to_old(salvo_pte pte, unsigned unused)
{
	(void)unused;
	return salvo_arch_pte_old(pte);
}

/* ---- Reclaim ---- */

/* write_protect: the first phase, for one entry. */
static void
write_protect(const struct salvo_mapping *mapping, void *context)
{
	struct visit *visit = context;
	salvo_pte pte = salvo_atomic_load(mapping->entry);

	if (!salvo_arch_pte_writable(pte) || salvo_arch_pte_dirty(pte))
		return;
	change(visit, mapping, to_read_only);
	visit->changed = true;
}

/*
 * unmap: the second phase. The rmap goes before the flush: nobody acts on it until then, the host
 * holds the page.
 */
static void
unmap(const struct salvo_mapping *mapping, void *context)
{
	struct visit *visit = context;
	salvo_pte pte = change(visit, mapping, to_nothing);
	uintptr_t frame = salvo_arch_pte_frame(pte, mapped_level(mapping));
	size_t pages = mapped_pages(mapping);

	if (visit->dirty)
		salvo_port_page_dirty(frame, pages);
	if (salvo_arch_pte_accessed(pte))
		salvo_port_page_accessed(frame, pages);
	SALVO_EXPECT(salvo_port_rmap_remove(mapping->space, frame, pages));
}

void
salvo_reclaim(struct salvo_batch *batch, const uintptr_t *frames, size_t count)
{
	struct visit visit = {.batch = batch};

	if (!salvo_arch_clean_write_traps()) {
		for (size_t i = 0; i < count; i++)
			if (!salvo_port_page_is_dirty(frames[i]))
				salvo_port_rmap_walk(frames[i], write_protect, &visit);
		if (visit.changed)
			salvo_batch_flush(batch);
	}
	for (size_t i = 0; i < count; i++)
		salvo_port_rmap_walk(frames[i], unmap, &visit);
}

/* ---- Clean ---- */

/*
 * clean_entry: stores go on through a cached dirty entry until the flush, and are in what is
 * written out after it; a store after it faults, and sets Dirty anew (invariant 2).
 */
static void
clean_entry(const struct salvo_mapping *mapping, void *context)
{
	struct visit *visit = context;
	salvo_pte pte = salvo_atomic_load(mapping->entry);

	if (salvo_change_needs(pte, salvo_arch_pte_clean(pte), mapped_level(mapping)) ==
		SALVO_NEEDS_NOTHING)
		return;
	pte = change(visit, mapping, to_clean);
	if (visit->dirty)
		salvo_port_page_dirty(
			salvo_arch_pte_frame(pte, mapped_level(mapping)), mapped_pages(mapping));
}

void
salvo_clean(struct salvo_batch *batch, const uintptr_t *frames, size_t count)
{
	struct visit visit = {.batch = batch};

	for (size_t i = 0; i < count; i++)
		salvo_port_rmap_walk(frames[i], clean_entry, &visit);
}

/* ---- Age ---- */

static void
age_entry(const struct salvo_mapping *mapping, void *context)
{
	struct visit *visit = context;

	visit->used += salvo_arch_pte_accessed(salvo_change_entry(mapping->entry, to_old, 0));
}

size_t
salvo_age(uintptr_t frame)
{
	struct visit visit = {.batch = NULL};

	salvo_port_rmap_walk(frame, age_entry, &visit);
	return visit.used;
}
