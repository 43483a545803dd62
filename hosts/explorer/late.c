// SPDX-License-Identifier: MIT
/*
 * late.c: finishes that wait for nobody. Their memory is the host's, for they outlive the call; it
 * holds zeros when they are over, so that a write to it is seen.
 */
#include <stdio.h>
#include <string.h>

#include "host.h"
#include "program.h"
#include "tlb.h"

enum { LATES_MAX = 2 };

/* One finish: its memory, and what is promised when it is over. */
struct late {
	struct salvo_late_gather gather; /* first: what `over` is told */
	uint8_t space, from, to;
	bool used;
};

LATE static struct late lates[LATES_MAX];
LATE static uintptr_t ending; /* a bit a CPU: it is in a callback */
LATE static uintptr_t queue;  /* a bit a frame: a table that waits for walks to end */

LATE static struct salvo_word ended;

static bool used, queued;

void
late_begin(void)
{
	used = queued = false;
}

bool
late_is_used(void)
{
	return used;
}

void
allow_late_finishes(void)
{
	used = true;
}

void
queue_tables(void)
{
	queued = true;
}

/* late_queue: tables wait for free_queued_tables; false: the host frees them at once. */
bool
late_queue(const struct salvo_run *tables, size_t count)
{
	if (!queued)
		return false;
	cpu_step(OP_HOST, "queue tables", 1, __FILE__, __LINE__);
	step_is_visible();
	for (size_t i = 0; i < count; i++)
		for (unsigned f = 0; f < tables[i].count; f++)
			queue |= (uintptr_t)1 << (tables[i].frame + f);
	return true;
}

void
free_queued_tables(unsigned space)
{
	uintptr_t tables;

	begin_call("free_queued_tables");
	need_space("free_queued_tables", space);
	cpu_step(OP_HOST, "take tables from the queue", 1, __FILE__, __LINE__);
	step_is_visible();
	tables = queue;
	queue = 0;
	salvo_walk_sync(space_of(space));
	for (; tables != 0; tables &= tables - 1)
		free_table(salvo_lowest_bit(tables));
}

static bool
is_zero(const void *memory, size_t size)
{
	const unsigned char *bytes = memory;

	while (size > 0)
		if (bytes[--size] != 0)
			return false;
	return true;
}

void
late_check(void)
{
	for (unsigned i = 0; i < LATES_MAX && used; i++)
		if (!lates[i].used && !is_zero(&lates[i], sizeof lates[i]))
			fail(1, "a finish is written to that is over");
}

void
late_check_end(void)
{
	for (unsigned i = 0; i < LATES_MAX; i++)
		if (lates[i].used)
			fail(6,
				"the finish of pages %u to %u, which nobody waits for, is never "
				"over",
				lates[i].from, lates[i].to);
}

/* late_name: of a flush, by what a CPU's `later` holds; false: it is no word of this file's. */
bool
late_name(char *text, size_t size, uintptr_t later)
{
	for (unsigned i = 0; i < LATES_MAX; i++)
		if (later == (uintptr_t)&lates[i]) {
			snprintf(text, size, "finish %u", i);
			return true;
		}
	return false;
}

/* over: all CPUs have answered. Pages and tables are freed by now. A callback may use the kernel's
 * memory, and serve: no other is called here meanwhile. */
static void
over(struct salvo_late_gather *gather)
{
	struct late *late = (struct late *)(void *)gather;
	const uintptr_t here = (uintptr_t)1 << running;
	const bool online = tlbs[running].online;

	tlb_online(true);
	promise(late->space, late->from, late->to, true);
	step_is_visible();
	if ((ending & here) != 0)
		fail(0, "CPU %u is told that a finish is over while it ends another", running);
	ending |= here;
	salvo_serve();
	ending &= ~here;
	*late = (struct late){.used = false};
	salvo_atomic_add(&ended, 1);
	tlb_online(online);
}

void
wait_for_finishes(unsigned count)
{
	name_word(&ended, "finishes that ended");
	wait_until(&ended, count);
}

static struct late *
take(void)
{
	for (unsigned i = 0; i < LATES_MAX && used; i++)
		if (!lates[i].used)
			return &lates[i];
	need_late();
	return NULL;
}

void
unmap_later(unsigned space, unsigned from, unsigned to, bool tables)
{
	struct late *late;

	begin_call("unmap_later");
	need_pages("unmap_later", space, from, to);
	cpu_step(OP_HOST, "take memory for a finish", 1, __FILE__, __LINE__);
	step_is_visible();
	late = take();
	late->used = true;
	late->space = (uint8_t)space;
	late->from = (uint8_t)from;
	late->to = (uint8_t)to;
	salvo_gather_begin(&late->gather.gather, space_of(space), PAGE(from), PAGE(to));
	salvo_unmap(&late->gather.gather, PAGE(from), PAGE(to));
	if (tables)
		salvo_free_tables(&late->gather.gather, PAGE(from), PAGE(to));
	salvo_gather_finish_later(&late->gather, over);
}
