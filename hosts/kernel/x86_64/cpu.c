// SPDX-License-Identifier: MIT
/* cpu.c: a CPU's segments, task state, and its interrupt flag. */
#include "../thread.h"
#include "machine.h"
#include "x86.h"

#define GATE_INTERRUPT 0x8e00 /* present, 64-bit interrupt gate: interrupts off on entry */
#define GATE_USER      0x6000 /* user mode may use it, by the int instruction */
#define EMERGENCY_IST  1      /* in the gate's flags: take the stack task.emergency[0] */

struct task_state {
	uint32_t reserved0;
	uint64_t stack[3]; /* [0]: where traps from user mode go */
	uint64_t reserved1;
	uint64_t emergency[7];
	uint64_t reserved2;
	uint16_t reserved3, io_map;
} __attribute__((packed));

struct gate {
	uint16_t offset_low, selector, flags_low, offset_middle;
	uint32_t offset_high, reserved;
};

struct table_pointer {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

/* All that one CPU has for itself. */
struct cpu_state {
	struct cpu cpu;
	struct task_state task;
	uint64_t segments[7];
};

_Static_assert(offsetof(struct cpu, self) == 0, "this_cpu() reads %gs:0");
_Static_assert(offsetof(struct cpu, current) == 8, "current_thread() reads %gs:8");

extern const unsigned char trap_vectors[]; /* trap.S: 16 bytes each */
extern const unsigned char trap_nmi[];

static struct cpu_state first_cpu; /* of CPU 0, which runs before there is memory to give */
static struct cpu_state *cpus[KERNEL_MAX_CPUS] = {&first_cpu};
static struct gate gates[256];
static unsigned char emergency_stack[2048] __attribute__((aligned(16))); /* of the last words */

static void
gate_set(unsigned vector, const void *handler, unsigned flags)
{
	uint64_t offset = (uint64_t)handler;

	gates[vector] = (struct gate){
		.offset_low = (uint16_t)offset,
		.selector = SELECTOR_KERNEL_CODE,
		.flags_low = (uint16_t)flags,
		.offset_middle = (uint16_t)(offset >> 16),
		.offset_high = (uint32_t)(offset >> 32),
	};
}

/* gates_init: all CPUs share the table. => once, on the first CPU */
void
gates_init(void)
{
	for (unsigned vector = 0; vector < 256; vector++)
		gate_set(vector, trap_vectors + 16UL * vector, GATE_INTERRUPT);
	gate_set(VECTOR_NMI, trap_nmi, GATE_INTERRUPT);
	gate_set(VECTOR_DOUBLE_FAULT, trap_vectors + 16UL * VECTOR_DOUBLE_FAULT,
		GATE_INTERRUPT | EMERGENCY_IST);
	gate_set(VECTOR_SYSCALL, trap_vectors + 16UL * VECTOR_SYSCALL, GATE_INTERRUPT | GATE_USER);
}

static void
segments_load(struct cpu_state *state)
{
	uint64_t task = (uint64_t)&state->task;
	struct table_pointer segments = {sizeof(state->segments) - 1, (uint64_t)state->segments};
	struct table_pointer vectors = {sizeof(gates) - 1, (uint64_t)gates};

	state->segments[SELECTOR_KERNEL_CODE / 8] = 0x00af9a000000ffff;
	state->segments[SELECTOR_KERNEL_DATA / 8] = 0x00cf92000000ffff;
	state->segments[SELECTOR_USER_DATA / 8] = 0x00cff2000000ffff;
	state->segments[SELECTOR_USER_CODE / 8] = 0x00affa000000ffff;
	state->segments[SELECTOR_TASK / 8] = (sizeof(state->task) - 1) | (task & 0xffffff) << 16 |
					     0x89UL << 40 | (task >> 24 & 0xff) << 56;
	state->segments[SELECTOR_TASK / 8 + 1] = task >> 32;
	state->task.emergency[EMERGENCY_IST - 1] =
		(uint64_t)(emergency_stack + sizeof(emergency_stack));
	state->task.io_map = sizeof(state->task);
	__asm__ volatile("lgdt %0; lidt %1" ::"m"(segments), "m"(vectors));
	__asm__ volatile("ltr %w0" ::"r"(SELECTOR_TASK));
	__asm__ volatile("movl %0, %%fs; movl %0, %%gs" ::"r"(0));
}

/* cpu_allocate: room for a CPU that is about to start. => boot_alloc() usable */
void
cpu_allocate(unsigned number)
{
	cpus[number] = boot_alloc(sizeof(struct cpu_state));
}

/*
 * cpu_init: make this CPU number `number`, running as `current`. It leaves the boot page tables,
 * whose low half maps memory as global; only then may global entries outlive a change of root.
 * => interrupts off, once on each CPU
 */
void
cpu_init(unsigned number, struct thread *current)
{
	struct cpu_state *state = cpus[number];

	state->cpu = (struct cpu){
		.self = &state->cpu, .current = current, .number = number, .tss = &state->task};
	segments_load(state);
	msr_write(MSR_GS_BASE, (uint64_t)&state->cpu);
	cr3_write(kernel_root());
	cr4_write(cr4_read() | CR4_PGE);
}

struct cpu *
cpu_by_number(unsigned number)
{
	return &cpus[number]->cpu;
}

void
interrupt_stack_set(uint64_t top)
{
	((struct task_state *)this_cpu()->tss)->stack[0] = top;
}

bool
interrupts_on(void)
{
	uint64_t flags;

	__asm__ volatile("pushfq; popq %0" : "=r"(flags)::"memory");
	return (flags & FLAGS_IF) != 0;
}

bool
interrupts_disable(void)
{
	bool on = interrupts_on();

	__asm__ volatile("cli" ::: "memory");
	return on;
}

void
interrupts_restore(bool on)
{
	if (on)
		__asm__ volatile("sti" ::: "memory");
}

void
cpu_sleep(void)
{
	__asm__ volatile("sti; hlt" ::: "memory");
}
