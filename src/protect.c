// SPDX-License-Identifier: MIT
/*
 * protect.c: change what the entries of a range allow. An entry that only gains rights is not
 * flushed, see change.h. One that loses a right is noted in the gather and flushed at its end, or
 * by it if another operation took the right away already and has not flushed (invariant 5).
 */
#include "internal.h"

enum salvo_status
salvo_protect(struct salvo_gather *gather, uintptr_t start, uintptr_t end, unsigned rights)
{
	struct salvo_sweep sweep;

	salvo_sweep_begin(&sweep, gather, start, end);
	while (salvo_sweep_table(&sweep)) {
		salvo_sweep_lock(&sweep);
		while (salvo_sweep_leaf(&sweep)) {
			salvo_pte old =
				salvo_change_entry(sweep.entry, salvo_arch_pte_protect, rights);

			salvo_note_change(gather, &sweep, old, salvo_arch_pte_protect(old, rights));
		}
		salvo_sweep_unlock(&sweep);
	}
	return sweep.splits ? SALVO_SPLITS_LEAF : SALVO_OK;
}
