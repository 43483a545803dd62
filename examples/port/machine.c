// SPDX-License-Identifier: MIT
/*
 * machine.c: CPUs and page tables of the examples' host: what a kernel has before it adopts salvo.
 */
#include <stdio.h>

#include "machine.h"

static bool ok = true;

void
machine_start(void)
{
	mmu_reset(MMU_CACHES_UPPER | MMU_KEEPS_UPPER);
	salvo_machine_init(salvo_port_machine(), tables_new(), 33, 0);
	for (unsigned c = 0; c < SALVO_MAX_CPUS; c++)
		salvo_cpu_init(salvo_port_cpu(c), 2);
	for (unsigned c = SALVO_MAX_CPUS; c-- > 0;) {
		uintptr_t state;

		mmu_self = c;
		state = salvo_port_irq_save();
		salvo_cpu_online();
		salvo_port_irq_restore(state);
	}
}

void
machine_run(unsigned cpu, struct salvo_space *space)
{
	unsigned me = mmu_self;
	uintptr_t state;

	mmu_self = cpu;
	state = salvo_port_irq_save();
	salvo_space_load(space);
	salvo_port_irq_restore(state);
	mmu_self = me;
}

unsigned long
machine_interrupts(void)
{
	static uintptr_t before;
	uintptr_t now = 0, since;

	for (unsigned c = 0; c < SALVO_MAX_CPUS; c++)
		now += salvo_atomic_load(&salvo_port_cpu(c)->stats.nr_interrupts_sent);
	since = now - before;
	before = now;
	return (unsigned long)since;
}

bool
machine_ok(void)
{
	return ok;
}

void
mmu_violated(enum mmu_oracle oracle, unsigned cpu, uintptr_t address)
{
	printf("CPU %u broke invariant %d at %#lx\n", cpu, (int)oracle, (unsigned long)address);
	ok = false;
}

void
machine_look(unsigned cpu, uintptr_t address, const char *when)
{
	uintptr_t value;

	if (mmu_read(cpu, address, &value))
		printf("%s: CPU %u reads %lu\n", when, cpu, (unsigned long)value);
	else
		printf("%s: CPU %u faults\n", when, cpu);
}

salvo_root
tables_new(void)
{
	return mmu_frame_take(MMU_TABLE) << SALVO_ARCH_PAGE_SHIFT;
}

struct salvo_word *
tables_entry(const struct salvo_space *space, uintptr_t address, unsigned at)
{
	uintptr_t frame = space->root >> SALVO_ARCH_PAGE_SHIFT;

	for (unsigned level = SALVO_ARCH_LEVELS;; level--) {
		struct salvo_word *table = mmu_frame_memory(frame);
		struct salvo_word *entry = &table[mmu_index(address, level)];

		if (level == at)
			return entry;
		if (!salvo_arch_pte_present(salvo_atomic_load(entry)))
			salvo_atomic_store_release(entry, tables_new() | MMU_PRESENT);
		frame = salvo_arch_pte_frame(salvo_atomic_load(entry), level);
	}
}

uintptr_t
tables_map(const struct salvo_space *space, uintptr_t address, uintptr_t frame)
{
	if (frame == 0)
		frame = mmu_frame_take(MMU_PAGE);
	salvo_atomic_store_release(tables_entry(space, address, 1),
		frame << SALVO_ARCH_PAGE_SHIFT | MMU_PRESENT | MMU_WRITE);
	return frame;
}
