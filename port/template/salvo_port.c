/* SPDX-License-Identifier: MIT */
/*
 * salvo_port.c: a port that compiles and does nothing. "Must": salvo goes wrong without it. "May":
 * the body here will do. Contexts and contracts are in include/salvo/port.h, in the same order.
 */
#include <salvo/salvo.h>

static struct salvo_machine machine;
static struct salvo_cpu cpus[SALVO_MAX_CPUS];

/* Must, as soon as there is a second CPU: read the number that this CPU was given at its start. */
unsigned
salvo_port_this_cpu(void)
{
	return 0;
}

/* May: an array does; a host with memory near each CPU puts each structure there. */
struct salvo_cpu *
salvo_port_cpu(unsigned cpu)
{
	return &cpus[cpu];
}

/* May. */
struct salvo_machine *
salvo_port_machine(void)
{
	return &machine;
}

/* Must: read the interrupt flag, clear it, return what it was. */
uintptr_t
salvo_port_irq_save(void)
{
	return 0;
}

/* Must: set the flag to what it was, which may be off. */
void
salvo_port_irq_restore(uintptr_t state)
{
	(void)state;
}

/* May: it finds bugs of the host; true finds none. Must not be false while interrupts are off. */
bool
salvo_port_irqs_off(void)
{
	return true;
}

/* Must: raise the interrupt whose handler calls salvo_interrupt(), earlier stores first. */
void
salvo_port_interrupt(const struct salvo_cpuset *set)
{
	(void)set;
}

/* May: `pause`, `yield`; a virtual CPU may tell its hypervisor. */
void
salvo_port_relax(void)
{
}

/* May: 0 is a host without a clock, and without stall reports. */
uint64_t
salvo_port_clock_ns(void)
{
	return 0;
}

/* Must, where there is a clock: print it. */
void
salvo_port_stall(const struct salvo_stall *stall)
{
	(void)stall;
}

/* Must: print it and stop. */
void
salvo_port_broken(const char *what, const char *file, int line)
{
	(void)what;
	(void)file;
	(void)line;
}

/* May. */
void
salvo_port_trace(enum salvo_event event, uintptr_t a, uintptr_t b)
{
	(void)event;
	(void)a;
	(void)b;
}

/* ======== Shootdown alone stops here: delete the rest. ======== */

/* May: with NULL a gather flushes whenever its inline room is full. */
void *
salvo_port_chunk_alloc(void)
{
	return NULL;
}

/* Must, where chunk_alloc gives anything. */
void
salvo_port_chunk_free(void *chunk)
{
	(void)chunk;
}

/* Must, or memory leaks. */
void
salvo_port_free_pages(struct salvo_space *space, const struct salvo_run *runs, size_t count)
{
	(void)space;
	(void)runs;
	(void)count;
}

/* Must, or memory leaks. */
void
salvo_port_free_tables(struct salvo_space *space, const struct salvo_run *runs, size_t count)
{
	(void)space;
	(void)runs;
	(void)count;
}

/* Must, where the host counts mappings of a page or walks from a page to its entries. */
bool
salvo_port_rmap_remove(struct salvo_space *space, uintptr_t frame, size_t count)
{
	(void)space;
	(void)frame;
	(void)count;
	return true;
}

/* Must, where an IOMMU, a device or a guest translates by these tables. */
void
salvo_port_invalidate_begin(struct salvo_space *space, uintptr_t start, uintptr_t end)
{
	(void)space;
	(void)start;
	(void)end;
}

/* Must, as salvo_port_invalidate_begin. */
void
salvo_port_invalidate_end(struct salvo_space *space, uintptr_t start, uintptr_t end)
{
	(void)space;
	(void)start;
	(void)end;
}

/* May: refusing costs interrupts, not safety. */
bool
salvo_port_space_pin(struct salvo_space *space)
{
	(void)space;
	return false;
}

/* Must, where space_pin does not refuse. */
void
salvo_port_space_unpin(struct salvo_space *space)
{
	(void)space;
}

/* ======== A host that changes its page-table entries itself stops here: delete the rest. ========
 */

/* Must: the kernel's address of the frame. */
struct salvo_word *
salvo_port_table(uintptr_t frame)
{
	(void)frame;
	return NULL;
}

/* Must: a spinlock whose waiters call salvo_serve() where interrupts may be off. */
void
salvo_port_table_lock(struct salvo_space *space, uintptr_t frame)
{
	(void)space;
	(void)frame;
}

/* Must. */
void
salvo_port_table_unlock(struct salvo_space *space, uintptr_t frame)
{
	(void)space;
	(void)frame;
}

/* Must, for salvo_move and salvo_collapse: both locks, always in the same order. */
void
salvo_port_tables_lock(struct salvo_space *space, uintptr_t a, uintptr_t b)
{
	(void)space;
	(void)a;
	(void)b;
}

/* Must, as salvo_port_tables_lock. */
void
salvo_port_tables_unlock(struct salvo_space *space, uintptr_t a, uintptr_t b)
{
	(void)space;
	(void)a;
	(void)b;
}

/* May: a word a table saves flushes where several operations work on a space at once. */
struct salvo_word *
salvo_port_mark(struct salvo_space *space, uintptr_t table, uintptr_t address)
{
	(void)space;
	(void)table;
	(void)address;
	return NULL;
}

/* Must, or writes are lost: mark the pages for writing out; true where there is where to write. */
bool
salvo_port_page_dirty(uintptr_t frame, size_t count)
{
	(void)frame;
	(void)count;
	return true;
}

/* May: a hint. */
void
salvo_port_page_accessed(uintptr_t frame, size_t count)
{
	(void)frame;
	(void)count;
}

/* May: true saves the first of two phases. */
bool
salvo_port_page_is_dirty(uintptr_t frame)
{
	(void)frame;
	return false;
}

/* Must, for salvo_reclaim, salvo_clean and salvo_age: visit each entry that maps the page. */
void
salvo_port_rmap_walk(uintptr_t frame, salvo_rmap_visit *visit, void *context)
{
	(void)frame;
	(void)visit;
	(void)context;
}

/* Must, for salvo_move, where the rmap remembers addresses. */
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
