// SPDX-License-Identifier: MIT
/*
 * stepwise.c: unmap, protect and reclaim in the steps that Linux takes, each told to the policy:
 *
 *   1. begin
 *   2. for each table, under its lock: change entries, tell the policy, remove the rmap
 *   3. finish: flush
 *   4. free
 */
#include <salvo/salvo.h>
#include <salvo/arch.h>

#include "beside.h"
#include "clock.h"
#include "cpu.h"
#include "frames.h"
#include "lines.h"
#include "machine.h"
#include "policies/policy.h"
#include "port.h"
#include "space.h"
#include "stepwise.h"

enum { GATHERED = 506 }; /* pages that one flush of an unmap covers: of Linux's mmu_gather */

/* ---- Unmap ---- */

/* What an unmap has to free. */
struct gathered {
	size_t count;
	uintptr_t frames[GATHERED];
};

static void
free_frames(const uintptr_t *frames, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (frame_of(frames[i])->file == NO_FILE &&
			(policy->hold == NULL || !policy->hold(frame_of(frames[i]))))
			frame_give(frame_of(frames[i]));
}

/* flush_gathered: steps 3 and 4, and 1 of what follows. */
static void
flush_gathered(struct flush_op *op, struct gathered *gathered)
{
	policy->finish(op);
	free_frames(gathered->frames, gathered->count);
	gathered->count = 0;
	policy->begin(op);
}

/* table_end: the address past what the table of this address maps, of the range. */
static uintptr_t
table_end(uintptr_t address, uintptr_t end)
{
	const uintptr_t size = (uintptr_t)1 << SALVO_LEVEL_SHIFT(2);
	uintptr_t next = (address | (size - 1)) + 1;

	return next < end ? next : end;
}

/* unmap_entry: => the table's lock is held */
static void
unmap_entry(
	struct flush_op *op, struct salvo_word *entry, uintptr_t address, struct gathered *gathered)
{
	salvo_pte pte;
	uintptr_t frame;

	if (!salvo_arch_pte_present(lines_load(entry)))
		return;
	pte = lines_exchange(entry, 0);
	frame = salvo_arch_pte_frame(pte, 1);
	if (salvo_arch_pte_dirty(pte))
		salvo_port_page_dirty(frame, 1);
	op->frame = frame;
	policy->cleared(op, op->space, address, 1);
	salvo_port_rmap_remove(&op->space->salvo, frame, 1);
	gathered->frames[gathered->count++] = frame;
}

static void
unmap_table(struct flush_op *op, uintptr_t at, uintptr_t end, struct gathered *gathered)
{
	uintptr_t table;
	struct salvo_word *entry = space_entry(op->space, at, false, &table);

	if (entry == NULL)
		return;
	while (at < end) {
		lock_take(table_lock(table), LOCK_TABLE);
		for (; at < end && gathered->count < GATHERED; at += PAGE_SIZE, entry++)
			unmap_entry(op, entry, at, gathered);
		lock_drop(table_lock(table));
		if (at < end)
			flush_gathered(op, gathered);
	}
}

/* unlink_tables: leaf tables that lie wholly in the range. Their frames; at most so many. */
static size_t
unlink_tables(struct space *space, uintptr_t start, uintptr_t end, uintptr_t *tables, size_t most)
{
	const uintptr_t size = (uintptr_t)1 << SALVO_LEVEL_SHIFT(2);
	size_t count = 0;

	for (uintptr_t at = (start + size - 1) & ~(size - 1); at + size <= end && count < most;
		at += size) {
		uintptr_t above;
		struct salvo_word *entry = space_upper_entry(space, at, &above);

		if (entry == NULL || lines_load(entry) == 0)
			continue;
		lock_take(table_lock(above), LOCK_TABLE);
		tables[count++] = salvo_arch_pte_frame(lines_exchange(entry, 0), 2);
		lock_drop(table_lock(above));
	}
	return count;
}

void
stepwise_unmap(struct space *space, uintptr_t start, uintptr_t end, bool tables)
{
	struct flush_op op = {
		.kind = FLUSH_UNMAP, .space = space, .start = start, .end = end, .tables = tables};
	struct gathered gathered = {.count = 0};
	uintptr_t unlinked[GATHERED];
	size_t unlinked_count = 0;

	beside_begin(&op);
	for (uintptr_t at = start; at < end; at = table_end(at, end))
		unmap_table(&op, at, table_end(at, end), &gathered);
	if (tables)
		unlinked_count = unlink_tables(space, start, end, unlinked, GATHERED);
	beside_finish(&op);
	free_frames(gathered.frames, gathered.count);
	for (size_t i = 0; i < unlinked_count; i++) {
		struct salvo_run run = {.frame = unlinked[i], .count = 1};

		salvo_port_free_tables(&space->salvo, &run, 1);
	}
}

/* ---- Protect ---- */

static void
protect_table(struct flush_op *op, uintptr_t at, uintptr_t end, unsigned rights)
{
	uintptr_t table;
	struct salvo_word *entry = space_entry(op->space, at, false, &table);

	if (entry == NULL)
		return;
	lock_take(table_lock(table), LOCK_TABLE);
	for (; at < end; at += PAGE_SIZE, entry++) {
		salvo_pte pte = lines_load(entry), changed = salvo_arch_pte_protect(pte, rights);

		if (!salvo_arch_pte_present(pte) || changed == pte)
			continue;
		while (!lines_compare_exchange(entry, &pte, changed))
			changed = salvo_arch_pte_protect(pte, rights);
		op->frame = salvo_arch_pte_frame(pte, 1);
		if ((salvo_arch_pte_rights(pte) & ~rights) != 0)
			policy->cleared(op, op->space, at, 1);
	}
	lock_drop(table_lock(table));
}

void
stepwise_protect(struct space *space, uintptr_t start, uintptr_t end, unsigned rights)
{
	struct flush_op op = {.kind = FLUSH_PROTECT, .space = space, .start = start, .end = end};

	beside_begin(&op);
	for (uintptr_t at = start; at < end; at = table_end(at, end))
		protect_table(&op, at, table_end(at, end), rights);
	beside_finish(&op);
}

/* ---- Reclaim ---- */

static void
unmap_mapping(const struct salvo_mapping *mapping, void *context)
{
	struct flush_op *op = context;
	struct space *space = (struct space *)(void *)mapping->space;
	salvo_pte pte = lines_exchange(mapping->entry, 0);
	uintptr_t frame = salvo_arch_pte_frame(pte, 1);

	if (salvo_arch_pte_dirty(pte))
		salvo_port_page_dirty(frame, 1);
	op->frame = frame;
	policy->cleared(op, space, mapping->address, 1);
	salvo_port_rmap_remove(mapping->space, frame, 1);
}

void
stepwise_reclaim(const uintptr_t *frames, size_t count)
{
	struct flush_op op = {.kind = FLUSH_RECLAIM};

	policy->begin(&op);
	for (size_t i = 0; i < count; i++)
		salvo_port_rmap_walk(frames[i], unmap_mapping, &op);
	policy->finish(&op);
}

/* ---- Clean ---- */

/* clean_mapping: with a flush of its own, under the table's lock, as Linux does until 6.1 at least. */
static void
clean_mapping(const struct salvo_mapping *mapping, void *context)
{
	struct space *space = (struct space *)(void *)mapping->space;
	struct flush_op op = {.kind = FLUSH_PROTECT,
		.space = space,
		.start = mapping->address,
		.end = mapping->address + PAGE_SIZE};
	salvo_pte pte = lines_load(mapping->entry);

	(void)context;
	if (!salvo_arch_pte_writable(pte) && !salvo_arch_pte_dirty(pte))
		return;
	policy->begin(&op);
	pte = lines_exchange(mapping->entry, salvo_arch_pte_clean(pte));
	op.frame = salvo_arch_pte_frame(pte, 1);
	policy->cleared(&op, space, mapping->address, 1);
	policy->finish(&op);
	salvo_port_page_dirty(salvo_arch_pte_frame(pte, 1), 1);
}

void
stepwise_clean(const uintptr_t *frames, size_t count)
{
	for (size_t i = 0; i < count; i++)
		salvo_port_rmap_walk(frames[i], clean_mapping, NULL);
}
