// SPDX-License-Identifier: MIT
/*
 * cpu.c: CPUs as fibers. Before each access to shared memory, and each callback that another CPU
 * can notice, a CPU says what it will do and stops; the search decides who goes on. What only the
 * CPU itself can see is not a step.
 *
 * Memory is sequentially consistent, or total store order: then a store goes into the CPU's buffer,
 * from which the hardware takes it whenever it likes, oldest first; a load looks in the buffer
 * first; an atomic update, a fence and an interrupt that is sent wait until the buffer is empty.
 */
#include <string.h>

#include "explorer.h"

EXPLORED struct cpu cpus[CPUS_MAX];
EXPLORED struct salvo_cpu salvo_cpus[CPUS_MAX];
EXPLORED struct salvo_machine machine;

unsigned running;
bool tso;

static bool exploring; /* false while a program sets up: nothing stops */
static _Alignas(64) unsigned char stacks[CPUS_MAX][STACK_SIZE];
static void *stack_pointers[CPUS_MAX];
static void *search_pointer;
static void (*const *bodies)(void);
static enum command command;
static unsigned chosen;

void fiber_switch(void **save, void *load);

/* ---- Fibers ---- */

static __attribute__((noinline)) void
run_body(void)
{
	if (bodies[running] != NULL)
		bodies[running]();
}

static __attribute__((noinline)) void
fiber_main(void)
{
	run_body();
	for (;;)
		cpu_step(OP_DONE, NULL, 0, "", 0);
}

/* exploring_stops: what follows is set-up: CPUs run through. */
void
exploring_stops(void)
{
	exploring = false;
}

void
cpus_begin(unsigned count, void (*const program_bodies[])(void))
{
	bodies = program_bodies;
	exploring = true;
	memset(stacks, 0, sizeof(stacks));
	for (unsigned i = 0; i < CPUS_MAX; i++) {
		uintptr_t *top = (uintptr_t *)(void *)(stacks[i] + STACK_SIZE) - 1;

		*--top = (uintptr_t)fiber_main;
		top -= 6; /* registers that fiber_switch takes */
		stack_pointers[i] = top;
		if (i < count)
			cpu_do(i, GO_ON, 0);
	}
}

size_t
cpu_stack(unsigned cpu, void **start)
{
	*start = stack_pointers[cpu];
	return (size_t)(stacks[cpu] + STACK_SIZE - (unsigned char *)stack_pointers[cpu]);
}

void
cpu_set_stack(unsigned cpu, const void *bytes, size_t length)
{
	stack_pointers[cpu] = stacks[cpu] + STACK_SIZE - length;
	memcpy(stack_pointers[cpu], bytes, length);
}

/* wake: memory has changed, so every waiting loop may find something new. */
static void
wake(void)
{
	for (unsigned i = 0; i < CPUS_MAX; i++)
		cpus[i].woken = true;
}

static void
take_interrupt(struct cpu *self)
{
	self->interrupted = false;
	self->irqs_off = true;
	salvo_interrupt();
	self->irqs_off = false;
}

/*
 * cpu_step: say what comes next, stop, and do it when told to; interrupts come before it. Returns
 * which of the choices was taken.
 */
unsigned
cpu_step(enum operation operation, const void *what, unsigned choices, const char *file, int line)
{
	struct cpu *self = &cpus[running];

	if (!exploring)
		return 0;
	for (;;) {
		self->pending = (struct pending){operation, choices, what, file, line};
		fiber_switch(&stack_pointers[running], search_pointer);
		if (command == GO_ON)
			break;
		take_interrupt(self);
	}
	return chosen;
}

/* ---- What the search does with a CPU ---- */

/* waits_for_buffer: the pending step cannot be done before the held stores are in memory. */
static bool
waits_for_buffer(const struct cpu *cpu)
{
	switch (cpu->pending.operation) {
	case OP_UPDATE:
	case OP_FENCE:
	case OP_SEND:
	case OP_ROOT:
		return cpu->held != 0;
	case OP_STORE:
		return cpu->held == BUFFER_MAX;
	default:
		return false;
	}
}

bool
cpu_can(unsigned n, enum command what)
{
	const struct cpu *cpu = &cpus[n];

	switch (what) {
	case GO_ON:
		if (cpu->pending.operation == OP_DONE ||
			(cpu->pending.operation == OP_RELAX && !cpu->woken))
			return false;
		return !waits_for_buffer(cpu);
	case TAKE_INTERRUPT:
		return cpu->interrupted && !cpu->irqs_off;
	case DRAIN:
		return cpu->held != 0;
	default:
		return false;
	}
}

static void
write_word(struct salvo_word *word, uintptr_t value)
{
	trace_value(word, word->value, value);
	if (word->value == value)
		return;
	word->value = value;
	wake();
	if ((void *)word >= (void *)frames && (void *)word < (void *)(frames + FRAMES_MAX))
		tlb_changed();
}

static void
drain(struct cpu *cpu)
{
	write_word(cpu->buffer[0].word, cpu->buffer[0].value);
	cpu->held--;
	memmove(cpu->buffer, cpu->buffer + 1, cpu->held * sizeof(cpu->buffer[0]));
	cpu->buffer[cpu->held] = (struct held_store){NULL, 0};
}

/* cpu_do: one transition. The dead part of the stack is cleared, lest it make states differ. */
void
cpu_do(unsigned n, enum command what, unsigned choice)
{
	unsigned char *live = stack_pointers[n];
	size_t dead = (size_t)(live - stacks[n]);

	running = n;
	command = what;
	chosen = choice;
	trace(n, what, choice, &cpus[n].pending);
	if (what == DRAIN) {
		drain(&cpus[n]);
		return;
	}
	if (dead > 1024)
		dead = 1024;
	memset(live - dead, 0, dead);
	fiber_switch(&search_pointer, stack_pointers[n]);
}

/* ---- Shared memory ---- */

#define INSIDE(address, object)                                                                    \
	((const char *)(address) >= (const char *)&(object) &&                                     \
		(const char *)(address) < (const char *)(&(object) + 1))

/* is_statistic: counts what happened, and nothing depends on it: not part of a state. */
static bool
is_statistic(const struct salvo_word *word)
{
	for (unsigned i = 0; i < CPUS_MAX; i++)
		if (INSIDE(word, salvo_cpus[i].stats))
			return true;
	return false;
}

/*
 * is_own: a word that no other CPU writes: to read it is not a step. All words of struct salvo_cpu
 * but `asked` are such, see types.h.
 */
static bool
is_own(const struct salvo_word *word)
{
	return INSIDE(word, salvo_cpus[running]) && word != &salvo_cpus[running].asked;
}

static uintptr_t
read_word(const struct salvo_word *word)
{
	const struct cpu *self = &cpus[running];

	for (unsigned i = self->held; i > 0; i--)
		if (self->buffer[i - 1].word == word)
			return self->buffer[i - 1].value;
	return word->value;
}

uintptr_t
explored_load(const struct salvo_word *word, const char *file, int line)
{
	if (is_statistic(word))
		return 0;
	if (is_own(word))
		return read_word(word);
	cpu_step(OP_LOAD, word, 1, file, line);
	trace_value(word, read_word(word), read_word(word));
	return read_word(word);
}

void
explored_store(struct salvo_word *word, uintptr_t value, const char *file, int line)
{
	struct cpu *self = &cpus[running];

	if (is_statistic(word))
		return;
	if (exploring && word == &salvo_cpus[running].user_access) {
		word->value = value; /* read by this CPU's NMI alone */
		return;
	}
	cpu_step(OP_STORE, word, 1, file, line);
	if (!tso || !exploring) {
		write_word(word, value);
		return;
	}
	trace_value(word, read_word(word), value);
	trace_note(" (held back)");
	self->buffer[self->held++] = (struct held_store){word, value};
}

uintptr_t
explored_add(struct salvo_word *word, uintptr_t amount, const char *file, int line)
{
	uintptr_t old;

	cpu_step(OP_UPDATE, word, 1, file, line);
	old = word->value;
	write_word(word, old + amount);
	return old;
}

uintptr_t
explored_or(struct salvo_word *word, uintptr_t bits, const char *file, int line)
{
	uintptr_t old;

	cpu_step(OP_UPDATE, word, 1, file, line);
	old = word->value;
	write_word(word, old | bits);
	return old;
}

uintptr_t
explored_and(struct salvo_word *word, uintptr_t bits, const char *file, int line)
{
	uintptr_t old;

	cpu_step(OP_UPDATE, word, 1, file, line);
	old = word->value;
	write_word(word, old & bits);
	return old;
}

uintptr_t
explored_exchange(struct salvo_word *word, uintptr_t value, const char *file, int line)
{
	uintptr_t old;

	cpu_step(OP_UPDATE, word, 1, file, line);
	old = word->value;
	write_word(word, value);
	return old;
}

bool
explored_compare_exchange(
	struct salvo_word *word, uintptr_t *expected, uintptr_t value, const char *file, int line)
{
	cpu_step(OP_UPDATE, word, 1, file, line);
	if (word->value != *expected) {
		trace_value(word, word->value, word->value);
		*expected = word->value;
		return false;
	}
	write_word(word, value);
	return true;
}

void
explored_fence(const char *file, int line)
{
	if (cpus[running].held != 0)
		cpu_step(OP_FENCE, NULL, 1, file, line);
}

/* ---- The port: who and where, interrupts ---- */

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
	bool before = cpus[running].irqs_off;

	cpus[running].irqs_off = true;
	return before;
}

void
salvo_port_irq_restore(uintptr_t state)
{
	cpus[running].irqs_off = state != 0;
}

bool
salvo_port_irqs_off(void)
{
	return cpus[running].irqs_off;
}

void
salvo_port_interrupt(const struct salvo_cpuset *set)
{
	cpu_step(OP_SEND, NULL, 1, __FILE__, __LINE__);
	for (unsigned c = salvo_cpuset_next(set, 0); c < SALVO_MAX_CPUS;
		c = salvo_cpuset_next(set, c + 1)) {
		cpus[c].interrupted = true;
		trace_note(" CPU %u", c);
	}
}

/*
 * salvo_port_relax: a turn of a waiting loop. If nothing was written since the last turn the loop
 * would read what it read before, so the CPU goes on only when something was.
 */
void
salvo_port_relax(void)
{
	cpu_step(OP_RELAX, NULL, 1, __FILE__, __LINE__);
	cpus[running].woken = false;
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
