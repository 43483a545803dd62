// SPDX-License-Identifier: MIT
/* program.c: the calls of program.h: what a kernel does with salvo. */
#include "host.h"
#include "program.h"
#include "tlb.h"

EXPLORED struct salvo_word host_lock;

/* ---- Set up ---- */

void
use_slots(unsigned slots)
{
	need_slots(slots);
	for (unsigned i = 0; i < CPUS_MAX; i++)
		salvo_cpus[i].slots = slots;
}

void
offer_books(void)
{
	host_offer_books();
}

void
refuse_pins(void)
{
	host_refuse_pins();
}

void
count_pins(void)
{
	host_count_pins();
}

void
attach_device(void)
{
	has_device = true;
}

bool
is_saved(uintptr_t frame)
{
	need_frame("is_saved", frame);
	cpu_step(OP_HOST, "ask if the page is saved", 1, __FILE__, __LINE__);
	step_is_visible();
	return !frames[frame].unsaved || frames[frame].dirty;
}

bool
was_accessed(uintptr_t frame)
{
	need_frame("was_accessed", frame);
	cpu_step(OP_HOST, "ask if the page was accessed", 1, __FILE__, __LINE__);
	step_is_visible();
	return frames[frame].accessed;
}

void
lock_each_table(void)
{
	tables_lock_each();
}

void
mark_each_table(void)
{
	tables_mark_each();
}

void
track_accessed_bits(void)
{
	track_accessed = true;
}

void
start_lazy(unsigned cpu)
{
	need_cpu("start_lazy", cpu);
	running = cpu;
	go_lazy();
}

void
start_offline(unsigned cpu)
{
	need_cpu("start_offline", cpu);
	running = cpu;
	go_offline();
}

/* ---- Memory management ---- */

static void
unmap_range(unsigned space, unsigned from, unsigned to, bool tables)
{
	struct salvo_gather gather;

	salvo_gather_begin(&gather, space_of(space), PAGE(from), PAGE(to));
	salvo_unmap(&gather, PAGE(from), PAGE(to));
	if (tables)
		salvo_free_tables(&gather, PAGE(from), PAGE(to));
	salvo_gather_finish(&gather);
}

void
zap(unsigned space, unsigned from, unsigned to, bool tables)
{
	begin_call("zap");
	need_pages("zap", space, from, to);
	unmap_range(space, from, to, tables);
}

void
unmap(unsigned space, unsigned from, unsigned to, bool tables)
{
	begin_call("unmap");
	need_pages("unmap", space, from, to);
	unmap_range(space, from, to, tables);
	promise(space, from, to, true);
}

void
protect(unsigned space, unsigned from, unsigned to)
{
	struct salvo_gather gather;

	begin_call("protect");
	need_pages("protect", space, from, to);
	salvo_gather_begin(&gather, space_of(space), PAGE(from), PAGE(to));
	salvo_protect(&gather, PAGE(from), PAGE(to), 0);
	salvo_gather_finish(&gather);
	promise(space, from, to, false);
}

static uintptr_t
frame_of(const char *call, unsigned space, unsigned page)
{
	uintptr_t frame;

	need_page(call, space, page);
	frame = salvo_arch_pte_frame(entry(space, page)->value, 1);
	need_frame(call, frame);
	return frame;
}

uintptr_t
hold(unsigned space, unsigned page)
{
	uintptr_t frame = frame_of("hold", space, page);

	frames[frame].held = true;
	return frame;
}

uintptr_t
keep(unsigned space, unsigned page)
{
	uintptr_t frame = frame_of("keep", space, page);

	frames[frame].refs++;
	return frame;
}

static size_t
held_frames(uintptr_t group[FRAMES_MAX])
{
	size_t count = 0;

	cpu_step(OP_HOST, "pick pages", 1, __FILE__, __LINE__);
	step_is_visible();
	for (uintptr_t f = 0; f < FRAMES_MAX; f++)
		if (frames[f].held)
			group[count++] = f;
	return count;
}

void
track(unsigned space, unsigned from, unsigned to, unsigned what)
{
	struct salvo_gather gather;

	begin_call("track");
	need_pages("track", space, from, to);
	salvo_gather_begin(&gather, space_of(space), PAGE(from), PAGE(to));
	salvo_track(&gather, PAGE(from), PAGE(to), what);
	salvo_gather_finish(&gather);
}

void
replace(unsigned space, unsigned from, unsigned to, salvo_replace_visit *next)
{
	struct salvo_gather gather;

	begin_call("replace");
	need_pages("replace", space, from, to);
	salvo_gather_begin(&gather, space_of(space), PAGE(from), PAGE(to));
	salvo_replace(&gather, PAGE(from), PAGE(to), next, NULL);
	salvo_gather_finish(&gather);
}

void
reclaim(void)
{
	struct salvo_batch batch;
	uintptr_t group[FRAMES_MAX];
	size_t count;

	begin_call("reclaim");
	count = held_frames(group);
	salvo_batch_begin(&batch);
	salvo_reclaim(&batch, group, count);
	salvo_batch_flush(&batch);
	for (size_t i = 0; i < count; i++) {
		if (frames[group[i]].file)
			write_out(group[i]);
		cpu_step(OP_HOST, "free", 1, __FILE__, __LINE__);
		step_is_visible();
		frames[group[i]].held = false;
		if (frames[group[i]].refs == 0)
			host_free_frame(group[i]);
	}
}

void
clean(void)
{
	struct salvo_batch batch;
	uintptr_t group[FRAMES_MAX];
	size_t count;

	begin_call("clean");
	count = held_frames(group);
	salvo_batch_begin(&batch);
	salvo_clean(&batch, group, count);
	salvo_batch_flush(&batch);
	for (size_t i = 0; i < count; i++)
		write_out(group[i]);
}

void
destroy(unsigned space)
{
	struct salvo_gather gather;

	begin_call("destroy");
	need_space("destroy", space);
	salvo_space_destroy(&spaces[space]);
	salvo_gather_begin_dying(&gather, &spaces[space]);
	salvo_unmap(&gather, 0, PAGE(4));
	salvo_free_tables(&gather, 0, PAGE(4));
	salvo_gather_finish(&gather);
	cpu_step(OP_HOST, "free the root", 1, __FILE__, __LINE__);
	host_free_frame(spaces[space].root >> SALVO_ARCH_PAGE_SHIFT);
	spaces[space].root = 0;
	host_give_back(space);
}

static salvo_pte
to_written(salvo_pte pte, unsigned unused)
{
	(void)unused;
	return salvo_arch_pte_present(pte) ? pte | PTE_WRITE | PTE_DIRTY : pte;
}

void
write_fault(unsigned space, unsigned page)
{
	begin_call("write_fault");
	need_page("write_fault", space, page);
	salvo_port_table_lock(space_of(space), 0);
	salvo_change_entry(entry(space, page), to_written, 0);
	salvo_port_table_unlock(space_of(space), 0);
}

salvo_pte
copy_page(unsigned space, unsigned page, salvo_pte old)
{
	struct frame *from = &frames[salvo_arch_pte_frame(old, 1)];
	uintptr_t frame;

	cpu_step(OP_HOST, "copy page to", 1, __FILE__, __LINE__);
	frame = host_take_frame(PAGE);
	trace_note(" frame %u", (unsigned)frame);
	frames[frame].file = from->file;
	frames[frame].mapped = 1;
	frames[frame].where = host_where(space, page);
	frames[frame].words[0].value = from->words[0].value;
	return frame << SALVO_ARCH_PAGE_SHIFT |
	       (old & (((uintptr_t)1 << SALVO_ARCH_PAGE_SHIFT) - 1));
}

/* is_pinned: somebody has taken hold of a page of the table. */
static bool
is_pinned(const struct salvo_word *entries)
{
	bool pinned = false;

	cpu_step(OP_HOST, "look who holds the pages", 1, __FILE__, __LINE__);
	step_is_visible();
	for (unsigned i = 0; i < 2; i++)
		pinned |= frames[salvo_arch_pte_frame(entries[i].value, 1)].refs > 1;
	return pinned;
}

/* copy_table: the huge leaf for the pages of a table that is out: a copy of both. `context`: the
 * space where walks are waited for. */
static salvo_pte
copy_table(const struct salvo_word *entries, void *context)
{
	uintptr_t frame, bits = PTE_PRESENT | PTE_HUGE;

	if (context != NULL)
		salvo_walk_sync(context);
	if (walks_are_marked() && is_pinned(entries))
		return 0;
	cpu_step(OP_HOST, "copy table's pages to", 1, __FILE__, __LINE__);
	frame = host_take_huge();
	trace_note(" frames %u and %u", (unsigned)frame, (unsigned)frame + 1);
	for (unsigned i = 0; i < 2; i++) {
		uintptr_t pte = salvo_atomic_load(&entries[i]);
		uintptr_t content = frames[salvo_arch_pte_frame(pte, 1)].words[0].value;

		step_is_visible();
		frames[frame + i].words[0].value = content;
		require(content == 0 || salvo_arch_pte_dirty(pte), "what was written to is dirty");
		bits |= pte & (PTE_WRITE | PTE_DIRTY | PTE_ACCESSED);
	}
	return frame << SALVO_ARCH_PAGE_SHIFT | bits;
}

static void
collapse_table(unsigned space, unsigned page, bool waits)
{
	struct salvo_gather gather;

	begin_call("collapse");
	need_pages("collapse", space, page, page + 2);
	salvo_gather_begin(&gather, space_of(space), PAGE(page), PAGE(page + 2));
	salvo_collapse(&gather, PAGE(page), copy_table, waits ? space_of(space) : NULL);
	salvo_gather_finish(&gather);
}

void
collapse(unsigned space, unsigned page)
{
	collapse_table(space, page, walks_are_marked());
}

void
collapse_without_waiting(unsigned space, unsigned page)
{
	collapse_table(space, page, false);
}

uintptr_t
page_content(uintptr_t frame)
{
	need_frame("page_content", frame);
	cpu_step(OP_HOST, "look into page", 1, __FILE__, __LINE__);
	step_is_visible();
	return frames[frame].words[0].value;
}

void
speculate(unsigned page)
{
	begin_call("speculate");
	need_page("speculate", KERNEL, page);
	if (tlb_speculate(page,
		    cpu_step(OP_CHOICE, "hardware walks", SPECULATE_CHOICES, __FILE__, __LINE__)))
		trace_note(" to page %u", page);
}

void
lock_tables(unsigned space)
{
	need_space("lock_tables", space);
	salvo_port_table_lock(space_of(space), 0);
}

void
unlock_tables(unsigned space)
{
	need_space("unlock_tables", space);
	salvo_port_table_unlock(space_of(space), 0);
}

void
move(unsigned space, unsigned from, unsigned to, unsigned pages)
{
	struct salvo_gather gather;

	begin_call("move");
	need_pages("move", space, from, from + pages);
	need_pages("move", space, to, to + pages);
	cpu_step(OP_HOST, "pages may come", 1, __FILE__, __LINE__);
	for (unsigned p = to; p < to + pages; p++)
		tlb_promise(space, p, false, false);
	salvo_gather_begin(&gather, space_of(space), PAGE(from), PAGE(from + pages));
	salvo_move(&gather, PAGE(from), PAGE(to), PAGE(pages));
	salvo_gather_finish(&gather);
	promise(space, from, from + pages, true);
}

/* ---- The CPU ---- */

void
go_lazy(void)
{
	begin_call("go_lazy");
	irqs_off();
	salvo_lazy_enter();
	irqs_on();
}

void
leave_lazy(void)
{
	begin_call("leave_lazy");
	irqs_off();
	salvo_lazy_leave();
	irqs_on();
}

void
load(unsigned space)
{
	begin_call("load");
	need_space("load", space);
	irqs_off();
	salvo_space_load(space_of(space));
	irqs_on();
}

void
load_kernel(void)
{
	load(KERNEL);
}

void
go_offline(void)
{
	begin_call("go_offline");
	irqs_off();
	tlb_online(false);
	salvo_cpu_offline();
}

void
come_online(void)
{
	begin_call("come_online");
	irqs_off();
	if (cpu_step(OP_CHOICE, "interrupts raised meanwhile: kept, lost", 2, __FILE__, __LINE__) !=
		0)
		wires.interrupted &= (uint8_t) ~(1u << running);
	step_is_visible();
	step_touches_interrupt(running);
	salvo_cpu_online();
	tlb_online(true);
	irqs_on();
}

void
lock(bool serves)
{
	begin_call("lock");
	irqs_off();
	while (salvo_atomic_exchange(&host_lock, 1) != 0) {
		if (serves)
			salvo_serve();
		salvo_port_relax();
	}
}

void
unlock(void)
{
	salvo_atomic_store_release(&host_lock, 0);
	irqs_on();
}
