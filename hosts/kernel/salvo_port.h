/* SPDX-License-Identifier: MIT */
/*
 * salvo_port.h: this kernel's half of salvo, the part that must be fast. The rest is in port.c;
 * <salvo/port.h> says what each callback owes.
 *
 * A port that is new starts here: a limit, the types, and five functions of a line or two each.
 */
#ifndef SALVO_PORT_H
#define SALVO_PORT_H

#define SALVO_MAX_CPUS 64 /* KERNEL_MAX_CPUS; port.c checks that they agree */

#include <salvo/types.h>

#include "kernel.h"

extern struct salvo_cpu port_cpus[SALVO_MAX_CPUS];
extern struct salvo_machine port_machine;

/* Interrupts are off, so the thread cannot move and what %gs tells stays true. */
static inline unsigned
salvo_port_this_cpu(void)
{
	return cpu_number();
}

static inline struct salvo_cpu *
salvo_port_cpu(unsigned cpu)
{
	return &port_cpus[cpu];
}

static inline struct salvo_machine *
salvo_port_machine(void)
{
	return &port_machine;
}

/* The state that restore takes is the flags register of before. */
static inline uintptr_t
salvo_port_irq_save(void)
{
	uintptr_t flags;

	__asm__ volatile("pushfq; popq %0; cli" : "=r"(flags) : : "memory");
	return flags;
}

static inline void
salvo_port_irq_restore(uintptr_t flags)
{
	__asm__ volatile("pushq %0; popfq" : : "r"(flags) : "memory", "cc");
}

static inline void
salvo_port_relax(void)
{
	cpu_relax();
}

/* Nothing here needs events; the compiler drops the calls. */
static inline void
salvo_port_trace(enum salvo_event event, uintptr_t a, uintptr_t b)
{
	(void)event;
	(void)a;
	(void)b;
}

#endif
