// SPDX-License-Identifier: MIT
/*
 * machine.c: CPUs, their interrupts and the locks that wait with an eye on them.
 */
#include <sched.h>
#include <string.h>
#include <time.h>

#include <host.h>

struct salvo_machine host_machine;
struct host_cpu host_cpus[SALVO_MAX_CPUS];
unsigned host_count;
void (*host_hook)(enum host_event event, uintptr_t a, uintptr_t b);

/* One for the table in each frame; the entries of that table. */
static struct host_lock table_locks[MMU_FRAMES];

static uint64_t
monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t (*host_clock)(void) = monotonic_ns;

void
host_tell(enum host_event event, uintptr_t a, uintptr_t b)
{
	if (host_hook != NULL)
		host_hook(event, a, b);
}

/* kernel_tables: a root with the tables of the kernel's part, which all spaces share. */
static salvo_root
kernel_tables(void)
{
	salvo_root root = mmu_frame_take(MMU_TABLE) << SALVO_ARCH_PAGE_SHIFT;

	for (unsigned i = 0; i < HOST_KERNEL_PAGES; i++) {
		uintptr_t address = MMU_KERNEL_BASE + i * HOST_PAGE;
		struct salvo_word *entry = host_entry(root, address, true, NULL);

		salvo_atomic_store_release(entry, host_page_new() << SALVO_ARCH_PAGE_SHIFT |
							  MMU_PRESENT | MMU_WRITE | MMU_GLOBAL);
	}
	return root;
}

void
host_start(unsigned cpus, unsigned slots, unsigned ceiling, unsigned rules)
{
	mmu_reset(rules);
	memset(host_cpus, 0, host_count * sizeof(host_cpus[0]));
	host_count = cpus;
	memset(host_spaces, 0, sizeof(host_spaces));
	memset(&host_file, 0, sizeof(host_file));
	memset(host_pages, 0, sizeof(host_pages));
	salvo_atomic_store(&host_chunks_left, MMU_FRAMES);
	salvo_machine_init(&host_machine, kernel_tables(), ceiling, 10000000000u);
	for (unsigned c = 0; c < cpus; c++) {
		host_cpus[c].irqs_off = true;
		salvo_cpu_init(&host_cpus[c].salvo, slots);
	}
}

/* host_poll: the boundary between two instructions: an interrupt that waits is taken. */
void
host_poll(void)
{
	struct host_cpu *self = host_self();

	while (!self->irqs_off && salvo_atomic_load_acquire(&self->interrupted) != 0) {
		self->irqs_off = true;
		salvo_atomic_exchange(&self->interrupted, 0);
		salvo_interrupt();
		self->irqs_off = false;
	}
}

/* ---- Locks ---- */

bool
host_try_lock(struct host_lock *lock)
{
	uintptr_t free = 0;

	return salvo_atomic_compare_exchange(&lock->held, &free, 1);
}

void
host_lock(struct host_lock *lock)
{
	while (!host_try_lock(lock)) {
		salvo_serve();
		host_poll();
		salvo_port_relax();
	}
}

void
host_unlock(struct host_lock *lock)
{
	salvo_atomic_store_release(&lock->held, 0);
}

struct host_lock *
host_table_lock(uintptr_t frame)
{
	return &table_locks[frame];
}

/* ---- The port's part of this ---- */

struct salvo_cpu *
salvo_port_cpu(unsigned cpu)
{
	return &host_cpus[cpu].salvo;
}

struct salvo_machine *
salvo_port_machine(void)
{
	return &host_machine;
}

uintptr_t
salvo_port_irq_save(void)
{
	bool before = host_self()->irqs_off;

	host_self()->irqs_off = true;
	return before;
}

void
salvo_port_irq_restore(uintptr_t state)
{
	host_self()->irqs_off = state != 0;
	host_poll();
}

bool
salvo_port_irqs_off(void)
{
	return host_self()->irqs_off;
}

void
salvo_port_interrupt(const struct salvo_cpuset *cpus)
{
	for (unsigned c = salvo_cpuset_next(cpus, 0); c < SALVO_MAX_CPUS;
		c = salvo_cpuset_next(cpus, c + 1)) {
		salvo_atomic_exchange(&host_cpus[c].interrupted, 1);
		host_tell(HOST_INTERRUPT, c, 0);
	}
}

void
salvo_port_relax(void)
{
	if (host_hook != NULL)
		host_hook(HOST_RELAX, 0, 0);
	else
		sched_yield();
}

uint64_t
salvo_port_clock_ns(void)
{
	return host_clock();
}

void
salvo_port_trace(enum salvo_event event, uintptr_t a, uintptr_t b)
{
	(void)b;
	host_tell(HOST_TRACE, (uintptr_t)event, a);
}
