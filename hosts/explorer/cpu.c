// SPDX-License-Identifier: MIT
/*
 * cpu.c: CPUs as fibers. Before each access to shared memory, and each callback that another CPU
 * can notice, a CPU says what it will do and stops; the search decides who goes on. What only the
 * CPU itself can see is not a step.
 */
#include <string.h>

#include "events.h"

/* Dead stack is cleared this far below the live part, lest what was left there make states differ.
 */
enum { CLEARED = 768 };

struct fiber {
	unsigned char stack[STACK_SIZE];
	struct cpu cpu; /* after the stack's top: one piece with the live part */
};

EXPLORED struct wires wires;
EXPLORED struct salvo_cpu salvo_cpus[CPUS_MAX];
EXPLORED struct salvo_machine machine;

unsigned running;
bool tso;

static bool exploring; /* false while a program sets up: nothing stops */
static _Alignas(64) struct fiber fibers[CPUS_MAX];
static void *stack_pointers[CPUS_MAX];
static void *search_pointer;
static bool inside; /* a fiber runs */
static const struct program *program;
static enum command command;
static unsigned chosen;

void fiber_switch(void **save, void *load);

struct cpu *
cpu_of(unsigned cpu)
{
	return &fibers[cpu].cpu;
}

bool
cpu_exploring(void)
{
	return exploring;
}

/* cpus_there: how many the program has. */
unsigned
cpus_there(void)
{
	return program->cpus;
}

bool
cpu_is_inside(void)
{
	return inside;
}

/* ---- Fibers ---- */

/* enter: the running CPU, or set_up, goes on until it stops. */
static void
enter(void)
{
	inside = true;
	fiber_switch(&search_pointer, stack_pointers[running]);
	inside = false;
}

/* cpu_leave: what runs never goes on from here. => it runs on a fiber's stack, or on that of a
 * signal that it has raised */
void
cpu_leave(void)
{
	static void *left;

	fiber_switch(&left, search_pointer);
}

static __attribute__((noinline)) void
run_body(void)
{
	if (program->bodies[running] != NULL)
		program->bodies[running]();
}

static __attribute__((noinline)) void
fiber_main(void)
{
	run_body();
	fibers[running].cpu.request = 0;
	for (;;)
		cpu_step(OP_DONE, NULL, 0, "", 0);
}

/* cpus_stop: what follows is set-up: CPUs run through. */
void
cpus_stop(void)
{
	exploring = false;
	memset(fibers, 0, sizeof(fibers));
}

/* begin_at: a fiber that has not run yet. */
static void
begin_at(unsigned cpu, void (*first)(void))
{
	uintptr_t *top = (uintptr_t *)(void *)(fibers[cpu].stack + STACK_SIZE) - 1;

	*--top = (uintptr_t)first;
	top -= 6; /* registers that fiber_switch takes */
	stack_pointers[cpu] = top;
}

static __attribute__((noinline)) void
set_up_main(void)
{
	program->set_up();
	cpu_leave();
}

/* cpus_set_up: run a program's set_up, on a stack that it can leave. */
void
cpus_set_up(const struct program *begun)
{
	program = begun;
	running = 0;
	begin_at(0, set_up_main);
	enter();
	memset(fibers[0].stack, 0, STACK_SIZE);
}

/* cpus_begin: each CPU runs up to its first step. */
void
cpus_begin(unsigned count)
{
	exploring = true;
	for (unsigned i = 0; i < CPUS_MAX; i++) {
		begin_at(i, fiber_main);
		if (i < count)
			cpu_do(i, GO_ON, 0);
	}
}

/* cpu_piece: the live part of a CPU's stack, and struct cpu behind it. */
void *
cpu_piece(unsigned cpu, size_t *length)
{
	*length = (size_t)((unsigned char *)(&fibers[cpu] + 1) -
			   (unsigned char *)stack_pointers[cpu]);
	return stack_pointers[cpu];
}

void
cpu_set_piece(unsigned cpu, const void *bytes, size_t length)
{
	stack_pointers[cpu] = (unsigned char *)(&fibers[cpu] + 1) - length;
	memcpy(stack_pointers[cpu], bytes, length);
}

static void
take_interrupt(struct cpu *self)
{
	wires.interrupted &= (uint8_t) ~(1u << running);
	step_touches_interrupt(running);
	trace_stop();
	self->irqs_off = true;
	if (self->depth == 0)
		self->place = events_place(self);
	self->depth++;
	if (program->interrupt != NULL)
		program->interrupt();
	else
		salvo_interrupt();
	if (--self->depth == 0)
		self->place = 0;
	self->irqs_off = false;
}

/*
 * cpu_step: say what comes next, stop, and do it when told to; interrupts come before it. Returns
 * which of the choices was taken.
 */
unsigned
cpu_step(enum operation operation, const void *what, unsigned choices, const char *file, int line)
{
	struct cpu *self = &fibers[running].cpu;

	if (!exploring)
		return 0;
	for (;;) {
		self->pending =
			(struct pending){what, file, line, (uint8_t)operation, (uint8_t)choices};
		fiber_switch(&stack_pointers[running], search_pointer);
		if (command == GO_ON)
			break;
		memory_polls_no_more();
		take_interrupt(self);
		memory_polls_no_more(); /* the handler may have waited */
	}
	trace_stop();
	if (operation > OP_UPDATE && operation != OP_RELAX)
		memory_polls_no_more();
	return chosen;
}

/* cpu_do: one transition. => it is possible */
void
cpu_do(unsigned n, enum command what, unsigned choice)
{
	unsigned char *live = stack_pointers[n];

	running = n;
	command = what;
	chosen = choice;
	trace(n, what, choice, &fibers[n].cpu.pending);
	if (what == DRAIN) {
		trace_stop();
		memory_drain(&fibers[n].cpu);
		return;
	}
	memset(live - CLEARED, 0, CLEARED);
	enter();
	if (fibers[n].stack[0] != 0 || (unsigned char *)stack_pointers[n] < fibers[n].stack + 1024)
		fail(0, "the stack of CPU %u is too small", n);
}
