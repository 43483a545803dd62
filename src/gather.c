// SPDX-License-Identifier: MIT
/*
 * gather.c: what one operation on one space cleared, flushed once, and then freed.
 *
 *   1. begin: raise the `pending` mark, tell secondary TLBs      salvo_gather_begin
 *   2. for each table, under its lock: clear entries, note
 *      their range, queue their pages                            _cleared, _page, _table
 *      if one was dirty: flush, mark it dirty again              _flush_tlb, see unmap.c
 *      remove the rmap                                           salvo_gather_remove_rmap
 *   3. when the room is used up, with no lock held: flush, free  salvo_gather_flush
 *   4. finish: flush, lower the mark, free                       salvo_gather_finish
 *      or let the last CPU that answers lower it and free        _finish_later
 *
 * Must never free a page or a table that a CPU can still reach (invariants 1 and 3), nor remove the
 * rmap of a page that a CPU can still write to without Dirty being seen (invariant 4).
 *
 * The mark. From the first clear to the end of the flush an entry is clear in memory and alive in a
 * TLB. An operation that finds it clear must not promise its absence, so the mark goes up before
 * the first clear and comes down after the flush, and step 4 reads it after its last look at an
 * entry:
 *
 *         operation A                        operation B, on the same space
 *         a: pending = pending + 1
 *         lock; pte = 0; unlock
 *                                            lock; pte is 0 already; unlock
 *         flush; done = gen                  b: read pending: a foreign mark, flush its own range
 *         c: pending = pending - 1
 *    a is before the lock that B takes later, so b sees it unless c came first; c is a release that
 *    b acquires, after the flush.
 *
 * The flush takes its generation when it is made, so after every clear that it covers.
 */
#include "internal.h"

/* ---- Piles of runs ---- */

SALVO_STATIC_ASSERT(offsetof(struct salvo_pile, room) ==
			    offsetof(struct salvo_pile, head) + sizeof(struct salvo_chunk),
	"a chunk's runs follow it");

static struct salvo_run *
chunk_runs(struct salvo_chunk *chunk)
{
	return (struct salvo_run *)(void *)(chunk + 1);
}

/* pile_end: past the last run of a chunk that is not empty. */
static const struct salvo_run *
pile_end(const struct salvo_pile *pile, struct salvo_chunk *chunk)
{
	return chunk == pile->active ? pile->next : chunk_runs(chunk) + chunk->capacity;
}

/* pile_rewind: the next run is the first one. */
static void
pile_rewind(struct salvo_pile *pile)
{
	pile->next = pile->room;
	pile->end = pile->room + SALVO_GATHER_INLINE;
	pile->active = &pile->head;
}

static void
pile_begin(struct salvo_pile *pile)
{
	pile->head = (struct salvo_chunk){.capacity = SALVO_GATHER_INLINE};
	pile->chunks = 0;
	pile_rewind(pile);
}

/* pile_extend: have a chunk that follows the active one; false if none is to be had. */
static bool
pile_extend(struct salvo_pile *pile)
{
	struct salvo_chunk *next;

	if (pile->active->next != NULL)
		return true;
	if (pile->chunks == SALVO_GATHER_CHUNKS)
		return false;
	next = salvo_port_chunk_alloc();
	if (next == NULL)
		return false;
	*next = (struct salvo_chunk){
		.capacity = (SALVO_PAGE_SIZE - sizeof(*next)) / sizeof(struct salvo_run)};
	pile->active->next = next;
	pile->chunks++;
	return true;
}

/*
 * pile_add: one more run; whether the chunk has room for another. There is room: the caller was
 * told when it ended. A run for which there is none is lost, and nothing else.
 */
static bool
pile_add(struct salvo_pile *pile, const struct salvo_run *run)
{
	SALVO_EXPECT(pile->next != pile->end);
	if (pile->next == pile->end)
		return false;
	*pile->next++ = *run;
	return pile->next != pile->end;
}

/* pile_grow: go on in the next chunk, the active one being full. */
static bool
pile_grow(struct salvo_pile *pile)
{
	if (!pile_extend(pile))
		return false;
	pile->active = pile->active->next;
	pile->next = chunk_runs(pile->active);
	pile->end = pile->next + pile->active->capacity;
	return true;
}

/* pile_room: how many runs there is room for, up to `most`. */
static size_t
pile_room(struct salvo_pile *pile, size_t most)
{
	size_t room = (size_t)(pile->end - pile->next);

	if (room < most && pile_extend(pile))
		room += pile->active->next->capacity;
	return room < most ? room : most;
}

/* pile_free: give all runs to the host, and keep the chunks for the next ones. */
static void
pile_free(struct salvo_pile *pile, struct salvo_space *space,
	void (*give)(struct salvo_space *, const struct salvo_run *, size_t))
{
	struct salvo_chunk *chunk = &pile->head;

	for (;;) {
		const struct salvo_run *runs = chunk_runs(chunk), *end = pile_end(pile, chunk);

		if (runs != end)
			give(space, runs, (size_t)(end - runs));
		if (chunk == pile->active)
			break;
		chunk = chunk->next;
	}
	pile_rewind(pile);
}

static void
pile_finish(struct salvo_pile *pile)
{
	struct salvo_chunk *next;

	for (struct salvo_chunk *chunk = pile->head.next; chunk != NULL; chunk = next) {
		next = chunk->next;
		salvo_port_chunk_free(chunk);
	}
}

/* ---- Gathering ---- */

static void
forget_range(struct salvo_gather *gather)
{
	gather->range = (struct salvo_range){.stride_shift = SALVO_WORD_BITS};
	gather->changed = false;
}

/* mark_rmap: nothing added so far has an rmap to be removed; so no run of it gets longer. */
static void
mark_rmap(struct salvo_gather *gather)
{
	gather->unrmap_chunk = gather->pages.active;
	gather->unrmap = gather->pages.next;
	gather->follows = SALVO_NO_FRAME;
}

static bool
no_rmap_pending(const struct salvo_gather *gather)
{
	return gather->unrmap == gather->pages.next;
}

static void
begin(struct salvo_gather *gather, struct salvo_space *space, uintptr_t start, uintptr_t end,
	bool dying)
{
	gather->space = space;
	gather->start = start;
	gather->end = end;
	gather->dying = dying;
	gather->blind = true;
	gather->met = false;
	gather->number = 0;
	forget_range(gather);
	pile_begin(&gather->pages);
	pile_begin(&gather->tables);
	mark_rmap(gather);
	salvo_atomic_add(&space->pending, 1);
	salvo_port_invalidate_begin(space, start, end);
}

void
salvo_gather_begin(
	struct salvo_gather *gather, struct salvo_space *space, uintptr_t start, uintptr_t end)
{
	begin(gather, space, start, end, false);
	SALVO_EXPECT(start < end);
}

void
salvo_gather_begin_dying(struct salvo_gather *gather, struct salvo_space *space)
{
	SALVO_EXPECT(salvo_atomic_load(&space->dying) != 0);
	begin(gather, space, 0, UINTPTR_MAX, true);
}

/* widen: the range that the next flush covers takes in [start, end) too. */
static void
widen(struct salvo_gather *gather, uintptr_t start, uintptr_t end, unsigned stride_shift)
{
	struct salvo_range *range = &gather->range;

	if (range->start == range->end) {
		range->start = start;
		range->end = end;
	}
	if (start < range->start)
		range->start = start;
	if (end > range->end)
		range->end = end;
	if (stride_shift < range->stride_shift)
		range->stride_shift = stride_shift;
	gather->changed = true;
}

void
salvo_gather_cleared(struct salvo_gather *gather, uintptr_t address, unsigned stride_shift)
{
	uintptr_t end = address + ((uintptr_t)1 << stride_shift);

	widen(gather, address, end != 0 ? end : UINTPTR_MAX, stride_shift);
	SALVO_EXPECT(address >= gather->start && address < gather->end);
}

void
salvo_gather_cleared_range(
	struct salvo_gather *gather, uintptr_t start, uintptr_t end, unsigned stride_shift)
{
	widen(gather, start, end, stride_shift);
	SALVO_EXPECT(start >= gather->start && start < end && end <= gather->end);
}

/*
 * salvo_gather_run: one more run of pages, or a longer last one. Dirty pages are an operation's,
 * which removes their rmap before it returns: salvo_gather_page never makes their run longer.
 */
bool
salvo_gather_run(struct salvo_gather *gather, const struct salvo_run *run)
{
	struct salvo_run *last = gather->pages.next - 1;

	if (run->frame != gather->follows || run->dirty != last->dirty ||
		run->count > UINT32_MAX - last->count) {
		if (!pile_add(&gather->pages, run))
			return salvo_gather_full(gather);
	} else {
		last->count += run->count;
	}
	gather->follows = run->frame + run->count;
	return true;
}

/* salvo_gather_full: the chunk that takes runs is. The next run begins another. */
bool
salvo_gather_full(struct salvo_gather *gather)
{
	gather->follows = SALVO_NO_FRAME;
	return pile_grow(&gather->pages);
}

/* salvo_gather_room: how many pages may be added before the next flush, up to `most`; 1 or more. */
size_t
salvo_gather_room(struct salvo_gather *gather, size_t most)
{
	return pile_room(&gather->pages, most);
}

/* salvo_gather_slowly: what salvo_gather_page does not do: tell the host that it is wrong. */
bool
salvo_gather_slowly(struct salvo_gather *gather, uintptr_t frame, size_t count)
{
	struct salvo_run run = {.frame = frame, .count = (uint32_t)count};

	SALVO_EXPECT(count <= UINT32_MAX);
	return salvo_gather_run(gather, &run);
}

/*
 * salvo_gather_unlinked: a table was, by clearing the entry for the address. The stride stays that
 * of the leaves; `tables` is what makes CPUs forget the upper-level entry, and lazy CPUs be asked.
 */
void
salvo_gather_unlinked(struct salvo_gather *gather, uintptr_t address, unsigned span_shift)
{
	uintptr_t span = (uintptr_t)1 << span_shift;
	uintptr_t start = address & ~(span - 1);
	uintptr_t end = start + span;

	widen(gather, start, end != 0 ? end : UINTPTR_MAX, SALVO_ARCH_PAGE_SHIFT);
	gather->range.tables = true;
}

/* salvo_gather_free_table: as salvo_gather_table. => it was unlinked */
bool
salvo_gather_free_table(struct salvo_gather *gather, uintptr_t frame)
{
	struct salvo_run run = {.frame = frame, .count = 1};

	return pile_add(&gather->tables, &run) || pile_grow(&gather->tables);
}

bool
salvo_gather_table(
	struct salvo_gather *gather, uintptr_t frame, uintptr_t address, unsigned span_shift)
{
	salvo_gather_unlinked(gather, address, span_shift);
	return salvo_gather_free_table(gather, frame);
}

void
salvo_gather_flush_tlb(struct salvo_gather *gather)
{
	if (gather->range.start == gather->range.end)
		return;
	if (!gather->dying)
		salvo_flush_noted(gather->space, &gather->range);
	forget_range(gather);
}

/* salvo_gather_each_pending: visit the runs whose rmap is still to be removed. */
void
salvo_gather_each_pending(const struct salvo_gather *gather,
	void (*visit)(struct salvo_space *space, const struct salvo_run *run))
{
	struct salvo_chunk *chunk = gather->unrmap_chunk;
	const struct salvo_run *run = gather->unrmap;

	for (;;) {
		const struct salvo_run *end = pile_end(&gather->pages, chunk);

		while (run != end)
			visit(gather->space, run++);
		if (chunk == gather->pages.active)
			return;
		chunk = chunk->next;
		run = chunk_runs(chunk);
	}
}

static void
remove_rmap(struct salvo_space *space, const struct salvo_run *run)
{
	SALVO_EXPECT(salvo_port_rmap_remove(space, run->frame, run->count));
}

void
salvo_gather_remove_rmap(struct salvo_gather *gather)
{
	salvo_gather_each_pending(gather, remove_rmap);
	mark_rmap(gather);
}

void
salvo_gather_discard_rmap(struct salvo_gather *gather)
{
	mark_rmap(gather);
}

/* free_all: => what the piles hold is flushed */
static void
free_all(struct salvo_gather *gather)
{
	if (gather->pages.next != gather->pages.room)
		pile_free(&gather->pages, gather->space, salvo_port_free_pages);
	if (gather->tables.next != gather->tables.room)
		pile_free(&gather->tables, gather->space, salvo_port_free_tables);
	mark_rmap(gather);
}

void
salvo_gather_flush(struct salvo_gather *gather)
{
	SALVO_EXPECT(no_rmap_pending(gather));
	salvo_gather_flush_tlb(gather);
	free_all(gather);
}

/*
 * salvo_lower_numbered_mark: where it was the last mark all numbers that were given out before are
 * flushed (D, see mark.c). A store that comes late, and lowers `quiet`, costs others a flush; one
 * that only raised it would leave it behind for good, once it is half of what a counter counts.
 */
void
salvo_lower_numbered_mark(struct salvo_space *space)
{
	uintptr_t begun = salvo_atomic_load_acquire(&space->begun);

	if (salvo_atomic_add(&space->pending, (uintptr_t)-1) == 1)
		salvo_atomic_store_release(&space->quiet, begun);
}

/*
 * cover_met: our own mark is one; another means that an entry which this operation found clear may
 * be alive in a TLB. Tables that another operation unlinked are its own to flush.
 */
static void
cover_met(struct salvo_gather *gather)
{
	SALVO_EXPECT(no_rmap_pending(gather));
	if (!gather->dying &&
		(gather->blind ? salvo_outstanding_but(gather->space, 1) : gather->met))
		widen(gather, gather->start, gather->end, SALVO_ARCH_PAGE_SHIFT);
}

/*
 * gather_end: all of it is flushed. The mark and the secondary TLBs are let go before the
 * host frees, which may take long.
 */
static void
gather_end(struct salvo_gather *gather)
{
	salvo_port_invalidate_end(gather->space, gather->start, gather->end);
	salvo_note_flushed(gather->space, gather->number, gather->met);
	salvo_lower_mark(gather->space, !gather->blind);
	free_all(gather);
	pile_finish(&gather->pages);
	pile_finish(&gather->tables);
}

void
salvo_gather_finish(struct salvo_gather *gather)
{
	cover_met(gather);
	salvo_gather_flush_tlb(gather);
	gather_end(gather);
}

/* late_is_over: of the gather around it. */
static void
late_is_over(struct salvo_later *later)
{
	struct salvo_late_gather *late = (struct salvo_late_gather *)(void *)later;

	gather_end(&late->gather);
	late->over(late);
}

void
salvo_gather_finish_later(
	struct salvo_late_gather *late, void (*over)(struct salvo_late_gather *late))
{
	struct salvo_gather *gather = &late->gather;
	struct salvo_range *range = &gather->range;

	late->over = over;
	cover_met(gather);
	if (gather->dying || range->start == range->end) {
		salvo_flush_nothing_later(gather->space, &late->later, late_is_over);
	} else {
		salvo_complete_later(gather->space, salvo_request_noted(gather->space, range),
			range->tables, &late->later, late_is_over);
	}
}
