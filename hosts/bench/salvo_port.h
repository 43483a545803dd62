/* SPDX-License-Identifier: MIT */
/*
 * salvo_port.h: the port of the bench. What a kernel would have inline is inline, and costs what it
 * costs there: a load for who it is, a flag for interrupts. The rest is in port.c.
 */
#ifndef SALVO_PORT_H
#define SALVO_PORT_H

#ifndef SALVO_MAX_CPUS
#error "SALVO_MAX_CPUS is given by the build: 64 or 4096"
#endif

/* CPUs that there are, of which the first and the last do something. */
#ifndef BENCH_CPUS
#define BENCH_CPUS SALVO_MAX_CPUS
#endif

#include <salvo/types.h>

extern struct salvo_machine bench_machine;
extern struct salvo_cpu bench_cpus[SALVO_MAX_CPUS];
extern unsigned bench_this_cpu;
extern bool bench_irqs_off;
extern unsigned long bench_pins;

/* The addresses of a round, and a word for each of their tables. */
#define BENCH_BASE  ((uintptr_t)0x7f0000000000)
#define BENCH_MARKS 256
extern struct salvo_word bench_marks[BENCH_MARKS];

static inline unsigned
salvo_port_this_cpu(void)
{
	return bench_this_cpu;
}

static inline struct salvo_cpu *
salvo_port_cpu(unsigned cpu)
{
	return &bench_cpus[cpu];
}

static inline struct salvo_machine *
salvo_port_machine(void)
{
	return &bench_machine;
}

static inline uintptr_t
salvo_port_irq_save(void)
{
	uintptr_t state = bench_irqs_off;

	bench_irqs_off = true;
	return state;
}

static inline void
salvo_port_irq_restore(uintptr_t state)
{
	bench_irqs_off = state != 0;
}

static inline bool
salvo_port_irqs_off(void)
{
	return bench_irqs_off;
}

static inline void
salvo_port_relax(void)
{
}

static inline void
salvo_port_trace(enum salvo_event event, uintptr_t a, uintptr_t b)
{
	(void)event;
	(void)a;
	(void)b;
}

static inline bool
salvo_port_rmap_remove(struct salvo_space *space, uintptr_t frame, size_t count)
{
	(void)space;
	(void)frame;
	(void)count;
	return true;
}

static inline void
salvo_port_invalidate_begin(struct salvo_space *space, uintptr_t start, uintptr_t end)
{
	(void)space;
	(void)start;
	(void)end;
}

static inline void
salvo_port_invalidate_end(struct salvo_space *space, uintptr_t start, uintptr_t end)
{
	(void)space;
	(void)start;
	(void)end;
}

static inline bool
salvo_port_space_pin(struct salvo_space *space)
{
	(void)space;
	bench_pins++;
	return true;
}

static inline void
salvo_port_space_unpin(struct salvo_space *space)
{
	(void)space;
	bench_pins--;
}

static inline struct salvo_word *
salvo_port_mark(struct salvo_space *space, uintptr_t table, uintptr_t address)
{
	(void)space;
	(void)address;
	return &bench_marks[table];
}

#endif
