// SPDX-License-Identifier: MIT
/*
 * port.c: the rest of this kernel's half of salvo, in the order of <salvo/port.h>; then what the
 * kernel asks of salvo: at start-up, at each switch between threads, and at its interrupt.
 *
 * The callbacks about rmap are in mm/rmap.c, those that pin a space in mm/space.c, those for
 * secondary TLBs in mm/device.c.
 */
#include "mm/mm.h"

#define STALL_NS 10000000000UL

struct salvo_cpu port_cpus[SALVO_MAX_CPUS];
struct salvo_machine port_machine;
atomic_bool port_refuse_chunks;
atomic_uint port_chunks_refused;
atomic_uint port_stalls;
atomic_bool port_expect_broken;
atomic_bool port_refuse_marks;

_Static_assert(SALVO_MAX_CPUS == KERNEL_MAX_CPUS, "salvo and the kernel disagree on CPUs");

/* ---- Shootdown ---- */

bool
salvo_port_irqs_off(void)
{
	return !interrupts_on();
}

void
salvo_port_interrupt(const struct salvo_cpuset *cpus)
{
	ipi_send_shootdown(cpus->bits[0]);
}

uint64_t
salvo_port_clock_ns(void)
{
	return clock_microseconds() * 1000;
}

void
salvo_port_stall(const struct salvo_stall *stall)
{
	atomic_fetch_add(&port_stalls, 1);
	print_line("stall: CPU %u has not answered for %lu ms (space %lu, generation %lu)",
		stall->cpu, stall->waited_ns / 1000000, stall->space_id, stall->gen);
}

void
salvo_port_broken(const char *what, const char *file, int line)
{
	if (atomic_exchange(&port_expect_broken, false))
		return;
	print_line("# salvo: %s (%s:%d)", what, file, line);
	check_broken();
	panic("salvo: %s (%s:%d)", what, file, line);
}

/* ---- Gather and batch ---- */

void *
salvo_port_chunk_alloc(void)
{
	struct page *page;

	if (atomic_load_explicit(&port_refuse_chunks, memory_order_relaxed)) {
		atomic_fetch_add(&port_chunks_refused, 1);
		return NULL;
	}
	page = page_alloc_reserved();
	return page != NULL ? page_memory(page) : NULL;
}

void
salvo_port_chunk_free(void *chunk)
{
	page_put(page_of(physical_of(chunk) >> PAGE_SHIFT));
}

/* put_runs: drop one hold on each page of the runs. */
static void
put_runs(const struct salvo_run *runs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (uintptr_t n = 0; n < runs[i].count; n++)
			page_put(page_of(runs[i].frame + n));
}

void
salvo_port_free_pages(struct salvo_space *space, const struct salvo_run *runs, size_t count)
{
	(void)space;
	put_runs(runs, count);
}

/* gup.c walks tables without a lock, those of spaces too that its CPU has not loaded. A flush that
 * nobody has waited for is over with interrupts off, where nobody may wait for walks either. */
void
salvo_port_free_tables(struct salvo_space *space, const struct salvo_run *runs, size_t count)
{
	if (!options.defer && interrupts_on()) {
		salvo_walk_sync(space);
		put_runs(runs, count);
		return;
	}
	for (size_t i = 0; i < count; i++)
		for (uintptr_t n = 0; n < runs[i].count; n++)
			grace_put(page_of(runs[i].frame + n));
}

/* ---- Operations ---- */

struct salvo_word *
salvo_port_table(uintptr_t frame)
{
	return direct_map(frame << PAGE_SHIFT);
}

/* Whoever waits here has interrupts on, or serves shootdowns in lock_wait(). */
void
salvo_port_table_lock(struct salvo_space *space, uintptr_t frame)
{
	(void)space;
	spin_lock(&page_of(frame)->table_lock);
}

void
salvo_port_table_unlock(struct salvo_space *space, uintptr_t frame)
{
	(void)space;
	spin_unlock(&page_of(frame)->table_lock);
}

/* Of two, the lower frame's first. */
void
salvo_port_tables_lock(struct salvo_space *space, uintptr_t a, uintptr_t b)
{
	salvo_port_table_lock(space, a < b ? a : b);
	if (a != b)
		salvo_port_table_lock(space, a < b ? b : a);
}

void
salvo_port_tables_unlock(struct salvo_space *space, uintptr_t a, uintptr_t b)
{
	salvo_port_table_unlock(space, a);
	if (a != b)
		salvo_port_table_unlock(space, b);
}

/* Entries are found through their area. */
void
salvo_port_rmap_move(
	struct salvo_space *space, uintptr_t frame, size_t count, uintptr_t from, uintptr_t to)
{
	(void)space;
	(void)frame;
	(void)count;
	(void)from;
	(void)to;
}

/* One a table, or none in all of a space. It is zero when the table is new: frames.c. */
struct salvo_word *
salvo_port_mark(struct salvo_space *space, uintptr_t table, uintptr_t address)
{
	(void)address;
	return mm_of(space)->marked ? &page_of(table)->mark : NULL;
}

/* Only pages of the file outlive their mappings. A mapped one is cached and stays so. */
bool
salvo_port_page_dirty(uintptr_t frame, size_t count)
{
	if (!page_has(page_of(frame), PAGE_CACHED))
		return false;
	for (size_t i = 0; i < count; i++)
		page_set(page_of(frame + i), PAGE_DIRTY);
	return true;
}

void
salvo_port_page_accessed(uintptr_t frame, size_t count)
{
	for (size_t i = 0; i < count; i++)
		page_set(page_of(frame + i), PAGE_ACCESSED);
}

bool
salvo_port_page_is_dirty(uintptr_t frame)
{
	return page_has(page_of(frame), PAGE_DIRTY);
}

/* ---- What the kernel asks of salvo ---- */

void
mm_cpu_start(void)
{
	unsigned cpu = cpu_number();

	if (cpu == 0)
		salvo_machine_init(&port_machine, kernel_root(), options.flush_ceiling, STALL_NS);
	salvo_cpu_init(&port_cpus[cpu], 1);
	salvo_cpu_online();
}

/* A kernel thread needs no user memory: it keeps the space that is loaded, and no flush bothers
 * it. The way back into the same process then costs nothing, or a catch-up. */
void
space_switch(struct process *next)
{
	if (next == NULL)
		salvo_lazy_enter();
	else
		salvo_space_load(&process_mm(next)->space);
}

void
shootdown_interrupt(void)
{
	salvo_interrupt();
}

void
shootdown_serve(void)
{
	salvo_serve();
}

uint64_t
port_stats_sum(size_t offset)
{
	uint64_t sum = 0;

	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		const char *stats = (const char *)&port_cpus[cpu].stats;

		sum += salvo_atomic_load((const struct salvo_word *)(stats + offset));
	}
	return sum;
}
