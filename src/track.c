// SPDX-License-Identifier: MIT
/*
 * track.c: look which pages of a range are written or used from now on: clear Dirty or a bit of
 * software's and take write permission away, so that the next write faults; clear Accessed. One
 * flush for the whole range, at the gather's end, and none where every entry was as it is to be.
 *
 * Must never let a store pass that its entry does not show afterwards (invariant 2): until the
 * flush stores go on through old entries, so what is found dirty is clean only after it.
 */
#include "internal.h"

static salvo_pte
tracked(salvo_pte pte, unsigned what)
{
	if ((what & SALVO_TRACK_DIRTY) != 0)
		pte = salvo_arch_pte_clean(pte);
	if ((what & SALVO_TRACK_SOFT_DIRTY) != 0)
		pte = salvo_arch_pte_protect(pte, salvo_arch_pte_rights(pte) & ~SALVO_WRITE) &
		      ~SALVO_ARCH_SOFT_DIRTY;
	if ((what & SALVO_TRACK_ACCESSED) != 0)
		pte = salvo_arch_pte_old(pte);
	return pte;
}

/* track_leaf: Accessed alone is flushed by wish, not by need: see change.h. */
static void
track_leaf(struct salvo_gather *gather, const struct salvo_sweep *sweep, unsigned what)
{
	salvo_pte old = salvo_change_entry(sweep->entry, tracked, what);
	uintptr_t frame = salvo_arch_pte_frame(old, sweep->level);
	size_t pages = (size_t)1 << (SALVO_LEVEL_SHIFT(sweep->level) - SALVO_ARCH_PAGE_SHIFT);

	salvo_note_change(gather, sweep, old, tracked(old, what));
	if ((what & SALVO_TRACK_DIRTY) != 0 && salvo_may_be_dirty(old, sweep->unflushed))
		(void)salvo_port_page_dirty(frame, pages);
	if ((what & SALVO_TRACK_ACCESSED) != 0 && salvo_arch_pte_accessed(old)) {
		salvo_gather_cleared(gather, sweep->address, SALVO_LEVEL_SHIFT(sweep->level));
		salvo_port_page_accessed(frame, pages);
	}
}

enum salvo_status
salvo_track(struct salvo_gather *gather, uintptr_t start, uintptr_t end, unsigned what)
{
	struct salvo_sweep sweep;

	salvo_sweep_begin(&sweep, gather, start, end);
	while (salvo_sweep_table(&sweep)) {
		salvo_sweep_lock(&sweep);
		while (salvo_sweep_leaf(&sweep))
			track_leaf(gather, &sweep, what);
		salvo_sweep_unlock(&sweep);
	}
	return sweep.splits ? SALVO_SPLITS_LEAF : SALVO_OK;
}
