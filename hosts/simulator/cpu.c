// SPDX-License-Identifier: MIT
/*
 * cpu.c: interrupts, and where the time of CPUs goes.
 *
 * An interrupt that is raised at a CPU arrives later, by what the distance costs, and is taken when
 * the CPU next looks and has interrupts on: it looks wherever others might go first, and where it
 * turns interrupts on. Raised twice before it is taken, it is taken once.
 */
#include <string.h>

#include "clock.h"
#include "cpu.h"
#include "lines.h"
#include "machine.h"
#include "task.h"
#include "timeline.h"

struct cpu *cpus;
void (*cpu_handler)(void);
void (*cpu_tick)(unsigned cpu);
struct histogram cpu_waits;

void
cpus_reset(void)
{
	cpus = lines_allocate(sizeof(*cpus) * machine.cpus, LINES_HOST);
	for (unsigned c = 0; c < machine.cpus; c++)
		cpus[c].irqs_off = true;
	memset(&cpu_waits, 0, sizeof(cpu_waits));
}

/* ---- Where time goes ---- */

static void
settle(struct cpu *cpu, uint64_t now)
{
	if (now <= cpu->since)
		return;
	cpu->counts.spent[cpu->where] += now - cpu->since;
	if (cpu->task != NULL && cpu->task->space == NULL)
		cpu->counts.kernel += now - cpu->since;
	if (cpu->where == WAIT)
		cpu->waited += now - cpu->since;
	timeline_span(cpu, now);
	cpu->since = now;
}

enum where
cpu_enter(enum where where)
{
	struct cpu *self = cpu_self();
	enum where before = self->where;

	settle(self, clock_now);
	self->where = where;
	return before;
}

/* cpus_settle: a CPU that has not run since is where it was. */
void
cpus_settle(uint64_t now)
{
	for (unsigned c = 0; c < machine.cpus; c++)
		settle(&cpus[c], now);
}

void
cpus_count_anew(void)
{
	for (unsigned c = 0; c < machine.cpus; c++)
		memset(&cpus[c].counts, 0, sizeof(cpus[c].counts));
	memset(&cpu_waits, 0, sizeof(cpu_waits));
}

/* ---- Interrupts ---- */

/* due: when the CPU is to take an interrupt, as far as is known. */
static uint64_t
due(const struct cpu *self)
{
	uint64_t time = CLOCK_NEVER;

	if (self->irqs_off)
		return CLOCK_NEVER;
	if (self->raised)
		time = self->arrival;
	if (cpu_tick != NULL && self->task != NULL && self->next_tick < time)
		time = self->next_tick;
	return time;
}

/* take: the interrupt that is due. */
static void
take(struct cpu *self)
{
	uint64_t start = clock_now;
	enum where before = cpu_enter(INTERRUPT);
	bool idle = before == IDLE;
	uint64_t entry = machine.interrupt.entry;

	if (machine.sockets > 1)
		entry += machine.interrupt.nodes;
	self->irqs_off = true;
	charge(entry / 2);
	if (self->raised && self->arrival <= start) {
		self->raised = false;
		self->counts.interrupts++;
		cpu_handler();
	} else {
		self->next_tick += machine.schedule.tick;
		if (self->next_tick <= start)
			self->next_tick = start + machine.schedule.tick;
		cpu_tick(clock_cpu);
	}
	charge(entry - entry / 2);
	self->irqs_off = false;
	cpu_enter(before);
	if (!idle)
		self->counts.stolen += clock_now - start;
}

void
cpu_look(void)
{
	struct cpu *self = cpu_self();
	uint64_t next, interrupt;

	for (;;) {
		interrupt = due(self);
		next = clock_next();
		if (interrupt <= clock_now)
			take(self);
		else if (next < clock_now)
			clock_wait(clock_now);
		else
			break;
	}
	clock_horizon = next < interrupt ? next : interrupt;
}

void
cpu_sleep(uint64_t until)
{
	uint64_t interrupt = due(cpu_self());

	if (interrupt < until)
		until = interrupt;
	clock_wait(until > clock_now ? until : clock_now);
	cpu_look();
}

void
cpu_run(uint64_t time)
{
	while (time != 0) {
		struct cpu *self = cpu_self();
		uint64_t interrupt = due(self), start, until;

		if (interrupt <= clock_now) {
			take(self);
			continue;
		}
		start = clock_now;
		until = interrupt < start + time ? interrupt : start + time;
		clock_wait(until);
		time -= clock_now - start;
	}
	cpu_look();
}

uintptr_t
cpu_irq_save(void)
{
	struct cpu *self = cpu_self();
	uintptr_t before = self->irqs_off;

	self->irqs_off = true;
	return before;
}

void
cpu_irq_restore(uintptr_t state)
{
	struct cpu *self = cpu_self();

	self->irqs_off = state != 0;
	if (state == 0 && self->raised && clock_running)
		cpu_look();
}

void
cpu_interrupt(unsigned c)
{
	struct cpu *cpu = &cpus[c];
	uint64_t arrival = clock_now;

	if (c != clock_cpu)
		arrival += machine.interrupt.deliver[machine_distance(clock_cpu, c)];
	timeline_interrupt(clock_cpu, c, clock_now, arrival);
	if (cpu->raised && cpu->arrival <= arrival)
		return;
	cpu->raised = true;
	cpu->arrival = arrival;
	if (c == clock_cpu)
		return;
	task_stack_for_idle(c);
	if (!cpu->irqs_off)
		clock_wake(c, arrival);
}

/* shares_write: CPUs of a cluster of 16 share one where the mode has clusters. */
static bool
shares_write(unsigned a, unsigned b)
{
	return machine.interrupt.mode == APIC_X2APIC_CLUSTER && a / 16 == b / 16;
}

void
cpu_send(const struct salvo_cpuset *set)
{
	unsigned last = SALVO_MAX_CPUS;

	if (!salvo_cpuset_empty(set))
		lines_fence(); /* x2APIC: mfence; lfence */
	for (unsigned c = salvo_cpuset_next(set, 0); c < SALVO_MAX_CPUS;
		c = salvo_cpuset_next(set, c + 1)) {
		if (last == SALVO_MAX_CPUS || !shares_write(last, c))
			charge(machine.interrupt.send + machine.interrupt.exit);
		last = c;
		if (c != clock_cpu)
			cpu_self()->counts.sent++;
		cpu_interrupt(c);
	}
}
