// SPDX-License-Identifier: MIT
#include <salvo/salvo.h>
#include <salvo/arch.h>

#include "clock.h"
#include "cpu.h"
#include "frames.h"
#include "machine.h"
#include "operations.h"
#include "policies/policy.h"
#include "port.h"
#include "space.h"
#include "stepwise.h"

/* waited: how long this CPU has waited for others so far. */
static uint64_t
waited(void)
{
	cpu_enter(cpu_self()->where);
	return cpu_self()->waited;
}

static void
note_wait(uint64_t before)
{
	histogram_add(&cpu_waits, (waited() - before) / CLOCK_NS);
}

/* ---- The library's ---- */

/* part_end: where the part of the range ends that one flush is for. */
static uintptr_t
part_end(uintptr_t start, uintptr_t end)
{
	uintptr_t most = policy->pages_a_flush * PAGE_SIZE;

	return most == 0 || end - start < most ? end : start + most;
}

/* is_mapped: whether there is anything to do for a page by itself. */
static bool
is_mapped(const struct space *space, uintptr_t address)
{
	uintptr_t table;
	const struct salvo_word *entry = space_entry(space, address, false, &table);

	return entry != NULL && entry->value != 0;
}

static void
library_unmap(struct space *space, uintptr_t start, uintptr_t end, bool tables)
{
	struct salvo_gather gather;

	for (uintptr_t at = start, next; at < end; at = next) {
		next = part_end(at, end);
		if (next - at == PAGE_SIZE && !is_mapped(space, at))
			continue;
		salvo_gather_begin(&gather, &space->salvo, at, next);
		salvo_unmap(&gather, at, next);
		if (tables && at == start && next == end)
			salvo_free_tables(&gather, start, end);
		salvo_gather_finish(&gather);
	}
	if (tables && part_end(start, end) != end) {
		salvo_gather_begin(&gather, &space->salvo, start, end);
		salvo_free_tables(&gather, start, end);
		salvo_gather_finish(&gather);
	}
}

static void
library_protect(struct space *space, uintptr_t start, uintptr_t end, unsigned rights)
{
	struct salvo_gather gather;

	for (uintptr_t at = start, next; at < end; at = next) {
		next = part_end(at, end);
		salvo_gather_begin(&gather, &space->salvo, at, next);
		salvo_protect(&gather, at, next, rights);
		salvo_gather_finish(&gather);
	}
}

/* library_batch: salvo_reclaim or salvo_clean, a part of the pages to a flush. */
static void
library_batch(const uintptr_t *frames, size_t count,
	void (*change)(struct salvo_batch *batch, const uintptr_t *frames, size_t count))
{
	size_t part = policy->pages_a_flush != 0 ? policy->pages_a_flush : count;
	struct salvo_batch batch;

	salvo_batch_begin(&batch);
	for (size_t i = 0; i < count; i += part) {
		change(&batch, &frames[i], count - i < part ? count - i : part);
		salvo_batch_flush(&batch);
	}
}

/* ---- Either ---- */

void
operations_unmap(struct space *space, uintptr_t start, uintptr_t end, bool tables)
{
	uint64_t before = waited();

	if (policy->library)
		library_unmap(space, start, end, tables);
	else
		stepwise_unmap(space, start, end, tables);
	note_wait(before);
}

void
operations_protect(struct space *space, uintptr_t start, uintptr_t end, unsigned rights)
{
	uint64_t before = waited();

	if (policy->library)
		library_protect(space, start, end, rights);
	else
		stepwise_protect(space, start, end, rights);
	note_wait(before);
}

void
operations_reclaim(const uintptr_t *frames, size_t count)
{
	uint64_t before = waited();

	if (policy->library)
		library_batch(frames, count, salvo_reclaim);
	else
		stepwise_reclaim(frames, count);
	note_wait(before);
}

void
operations_clean(const uintptr_t *frames, size_t count)
{
	uint64_t before = waited();

	if (policy->library)
		library_batch(frames, count, salvo_clean);
	else
		stepwise_clean(frames, count);
	note_wait(before);
}
