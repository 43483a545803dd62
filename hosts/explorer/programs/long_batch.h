/* SPDX-License-Identifier: MIT */
/*
 * long_batch.h: for the programs long_batch_*: dirty pages of a file, in two tables, are unmapped
 * and flushed once, after the lock of the first table is dropped; beside a CPU that writes one
 * out, stores to it, and writes it out again.
 */
#include "program.h"

FIXED static uintptr_t first, second;

/* write_back: clean the first page, and write it out. */
static void write_back(void);

static void
set_up(void)
{
	new_space(0);
	map_file(0, 1, PTE_WRITE | PTE_DIRTY);
	map_file(0, 2, PTE_WRITE | PTE_DIRTY);
	first = hold(0, 1);
	second = hold(0, 2);
	run_on(0, 0);
	run_on(1, 0);
}

/* clear: an entry, under its table's lock; whether its page was dirty. */
static bool
clear(unsigned page, uintptr_t frame)
{
	bool dirty;

	lock_tables(0);
	dirty = salvo_arch_pte_dirty(salvo_atomic_exchange(entry(0, page), 0));
	if (dirty)
		salvo_port_page_dirty(frame, 1);
	unlock_tables(0);
	return dirty;
}

/* let_go_of: it is flushed: what was stored until then is marked again. */
static void
let_go_of(uintptr_t frame, bool dirty)
{
	if (dirty)
		salvo_port_page_dirty(frame, 1);
	salvo_port_rmap_remove(&spaces[0], frame, 1);
}

static void
cpu0(void)
{
	bool first_dirty = clear(1, first), second_dirty = clear(2, second);

	salvo_flush_space(&spaces[0], false);
	let_go_of(first, first_dirty);
	let_go_of(second, second_dirty);
}

static void
cpu1(void)
{
	write_back();
	if (!user_store(1, 7))
		return;
	write_back();
	require(is_saved(first), "a sync misses no store that was made before it");
}
