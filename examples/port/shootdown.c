// SPDX-License-Identifier: MIT
/*
 * shootdown.c: the callbacks of step 2: who and where, interrupts, and when something is wrong.
 */
#include <stdio.h>
#include <stdlib.h>

#include "machine.h"

static struct salvo_machine machine;
static struct salvo_cpu cpus[SALVO_MAX_CPUS];
static bool irqs_off[SALVO_MAX_CPUS];

unsigned
salvo_port_this_cpu(void)
{
	return mmu_self;
}

struct salvo_cpu *
salvo_port_cpu(unsigned cpu)
{
	return &cpus[cpu];
}

struct salvo_machine *
salvo_port_machine(void)
{
	return &machine;
}

uintptr_t
salvo_port_irq_save(void)
{
	uintptr_t state = irqs_off[mmu_self];

	irqs_off[mmu_self] = true;
	return state;
}

void
salvo_port_irq_restore(uintptr_t state)
{
	irqs_off[mmu_self] = state != 0;
}

bool
salvo_port_irqs_off(void)
{
	return irqs_off[mmu_self];
}

/* The other CPUs have interrupts on: while one thread plays CPU n, they do nothing else. */
void
salvo_port_interrupt(const struct salvo_cpuset *set)
{
	unsigned me = mmu_self;

	for (unsigned c = salvo_cpuset_next(set, 0); c < SALVO_MAX_CPUS;
		c = salvo_cpuset_next(set, c + 1)) {
		uintptr_t state;

		mmu_self = c;
		state = salvo_port_irq_save();
		salvo_interrupt();
		salvo_port_irq_restore(state);
	}
	mmu_self = me;
}

void
salvo_port_relax(void)
{
}

uint64_t
salvo_port_clock_ns(void)
{
	return 0;
}

void
salvo_port_stall(const struct salvo_stall *stall)
{
	printf("CPU %u does not answer\n", stall->cpu);
}

void
salvo_port_broken(const char *what, const char *file, int line)
{
	printf("%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

void
salvo_port_trace(enum salvo_event event, uintptr_t a, uintptr_t b)
{
	(void)event;
	(void)a;
	(void)b;
}
