// SPDX-License-Identifier: MIT
/*
 * smp.c: brings the other CPUs up.
 *
 * The start-up interrupt goes to all of them at once; each takes the next number, in whatever
 * order they come, and reads its own APIC identity. So no table of CPUs is needed, only their
 * count, which QEMU tells through fw_cfg.
 */
#include "../thread.h"
#include "machine.h"
#include "x86.h"

#define FW_CFG_SELECT    0x510
#define FW_CFG_DATA      0x511
#define FW_CFG_SIGNATURE 0x00
#define FW_CFG_CPUS      0x05
#define START_LIMIT      30000000UL /* microseconds */

extern const unsigned char trampoline_begin[], trampoline_end[]; /* boot.S */

uint64_t *smp_stacks;        /* by CPU number; boot.S reads it */
atomic_uint smp_next_number; /* boot.S raises it */
static struct thread *idle_threads[KERNEL_MAX_CPUS];
static unsigned count = 1;
static atomic_uint running;

static uint8_t
fw_cfg_byte(void)
{
	return port_in8(FW_CFG_DATA);
}

void
smp_probe(void)
{
	char signature[4];

	port_out16(FW_CFG_SELECT, FW_CFG_SIGNATURE);
	for (unsigned i = 0; i < sizeof(signature); i++)
		signature[i] = (char)fw_cfg_byte();
	if (memcmp(signature, "QEMU", 4) != 0)
		panic("no fw_cfg device tells the number of CPUs");
	port_out16(FW_CFG_SELECT, FW_CFG_CPUS);
	count = fw_cfg_byte();
	count |= (unsigned)fw_cfg_byte() << 8;
	if (count == 0 || count > KERNEL_MAX_CPUS)
		panic("%u CPUs; this kernel is built for 1 to %u", count, KERNEL_MAX_CPUS);
	smp_stacks = boot_alloc(count * sizeof(uint64_t));
	for (unsigned i = 1; i < count; i++) {
		cpu_allocate(i);
		idle_threads[i] = thread_for_idle(i);
		smp_stacks[i] = thread_stack_top(idle_threads[i]);
	}
}

unsigned
cpu_count(void)
{
	return count;
}

void
smp_start(void)
{
	uint64_t start = clock_microseconds();

	if (count == 1)
		return;
	atomic_store(&smp_next_number, 1);
	memcpy(direct_map(TRAMPOLINE), trampoline_begin,
		(size_t)(trampoline_end - trampoline_begin));
	apic_start_others();
	while (atomic_load(&running) != count - 1) {
		if (clock_microseconds() - start > START_LIMIT)
			panic("%u of %u CPUs came up", atomic_load(&running) + 1, count);
		lock_wait();
	}
}

/* smp_cpu_main: another CPU's first C function, on its idle thread's stack. */
_Noreturn void
smp_cpu_main(unsigned number)
{
	cpu_init(number, idle_threads[number]);
	apic_cpu_init();
	mm_cpu_start();
	sched_cpu_start(idle_threads[number]);
	clock_tick_start();
	atomic_fetch_add(&running, 1);
	interrupts_restore(true);
	sched_idle();
}
