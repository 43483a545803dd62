// SPDX-License-Identifier: MIT
/* port.c: the port's first part: who and where, interrupts, what is wrong. The rest is host.c's. */
#include "explorer.h"

unsigned
salvo_port_this_cpu(void)
{
	return running;
}

struct salvo_cpu *
salvo_port_cpu(unsigned cpu)
{
	return &salvo_cpus[cpu];
}

struct salvo_machine *
salvo_port_machine(void)
{
	return &machine;
}

uintptr_t
salvo_port_irq_save(void)
{
	bool before = cpu_of(running)->irqs_off;

	cpu_of(running)->irqs_off = true;
	return before;
}

void
salvo_port_irq_restore(uintptr_t state)
{
	cpu_of(running)->irqs_off = state != 0;
}

bool
salvo_port_irqs_off(void)
{
	return cpu_of(running)->irqs_off;
}

static unsigned most_interrupts;
EXPLORED static uintptr_t interrupts; /* raised by initiators; counted where there is a limit */

void
port_limit_interrupts(unsigned most)
{
	most_interrupts = most;
	interrupts = 0;
}

/* count_interrupt: oracle 7. One that a CPU raises to itself interrupts nobody else. */
static void
count_interrupt(unsigned cpu)
{
	if (most_interrupts == UNLIMITED || cpu == running)
		return;
	step_is_visible();
	if (++interrupts > most_interrupts)
		fail(7, "CPU %u is interrupted: more than %u interrupt%s", cpu, most_interrupts,
			most_interrupts == 1 ? "" : "s");
}

void
salvo_port_interrupt(const struct salvo_cpuset *set)
{
	cpu_step(OP_SEND, NULL, 1, __FILE__, __LINE__);
	for (unsigned c = salvo_cpuset_next(set, 0); c < SALVO_MAX_CPUS;
		c = salvo_cpuset_next(set, c + 1)) {
		wires.interrupted |= (uint8_t)(1u << c);
		step_touches_interrupt(c);
		count_interrupt(c);
		trace_sent(c);
	}
}

/*
 * salvo_port_relax: a turn of a waiting loop. If the CPU has only read since the last turn, and
 * what it read is still so, the next turn would read the same and come back here with nothing
 * changed: so the CPU goes on only when a word that it read has changed. A loop that gives up after
 * so many turns is not waiting, and must not call this.
 */
void
salvo_port_relax(void)
{
	cpu_step(OP_RELAX, NULL, 1, __FILE__, __LINE__);
	memory_polls();
}

uint64_t
salvo_port_clock_ns(void)
{
	return 0;
}

void
salvo_port_stall(const struct salvo_stall *stall)
{
	(void)stall;
}

void
salvo_port_broken(const char *what, const char *file, int line)
{
	fail(0, "precondition %s (%s:%d)", what, file, line);
}

void
salvo_port_trace(enum salvo_event event, uintptr_t a, uintptr_t b)
{
	(void)event;
	(void)a;
	(void)b;
}
