/* SPDX-License-Identifier: MIT */
/*
 * change.h: the flush decision: what a change of an entry needs before nobody goes by the old one.
 * It is made here, and nowhere else.
 *
 *   entry becomes present         nothing: absence is not cached, or salvo_spurious_fault ends it
 *   entry becomes absent          a flush
 *   another frame, or a table     the entry absent, a flush, then the new one: two CPUs must not
 *   where a leaf was              use two pages for one address at once
 *   Dirty is cleared              a flush: stores through the old one would set it nowhere
 *   a right is lost               a flush
 *   rights are gained             nothing: who has the old one faults, and finds the new one
 *   Accessed is set or cleared    nothing: a page may look younger or older than it is
 *   other attributes              what the hardware says: salvo_arch_attributes_need
 *
 * tests/build/changes.c asks it of every CPU's entries, bit by bit.
 */
#ifndef SALVO_CHANGE_H
#define SALVO_CHANGE_H

#include <salvo/arch.h>

static inline enum salvo_need
salvo_change_needs(salvo_pte old, salvo_pte new_pte, unsigned level)
{
	if (!salvo_arch_pte_present(old))
		return SALVO_NEEDS_NOTHING;
	if (!salvo_arch_pte_present(new_pte))
		return SALVO_NEEDS_FLUSH;
	if (salvo_arch_pte_frame(old, level) != salvo_arch_pte_frame(new_pte, level) ||
		salvo_arch_pte_leaf(old, level) != salvo_arch_pte_leaf(new_pte, level) ||
		salvo_arch_attributes_need(old, new_pte, level) == SALVO_NEEDS_BREAK)
		return SALVO_NEEDS_BREAK;
	if ((salvo_arch_pte_rights(old) & ~salvo_arch_pte_rights(new_pte)) != 0 ||
		(salvo_arch_pte_dirty(old) && !salvo_arch_pte_dirty(new_pte)))
		return SALVO_NEEDS_FLUSH;
	return salvo_arch_attributes_need(old, new_pte, level);
}

#endif
