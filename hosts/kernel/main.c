// SPDX-License-Identifier: MIT
/* main.c: brings the parts up in order, and runs the workload that was asked for. */
#include "thread.h"
#include "x86_64/machine.h"

static bool
run_workload(void)
{
	switch (options.workload) {
	case WORKLOAD_BOOT:
		return workload_boot();
	case WORKLOAD_CHECKS:
		return workload_checks();
	case WORKLOAD_RECLAIM:
		return workload_reclaim();
	case WORKLOAD_MUNMAP:
		return workload_munmap();
	case WORKLOAD_PROTECT_SHRINK:
		return workload_protect_shrink();
	case WORKLOAD_TABLE_FREE:
		return workload_table_free();
	}
	return false;
}

static void
main_thread(void *argument)
{
	(void)argument;
	disk_init();
	emulator_exit(run_workload());
}

/* kernel_main: the first CPU's first C function; interrupts stay off until all is there. */
_Noreturn void
kernel_main(uint32_t start_info)
{
	struct thread *idle = thread_first();

	gates_init();
	cpu_init(0, idle);
	console_init();
	memory_init(direct_map(start_info));
	options_parse(memory_command_line());
	apic_cpu_init();
	clock_init();
	smp_probe();
	thread_init();
	memory_hand_over();
	mm_cpu_start();
	sched_cpu_start(idle);
	smp_start();
	/* On one CPU, so that it never comes to those that a check watches; not on that of the
	   checks, for it is what notices if they hang. */
	if (kernel_thread("main", main_thread, NULL, (int)cpu_count() - 1) == NULL)
		panic("no thread for the workload");
	clock_tick_start();
	interrupts_restore(true);
	sched_idle();
}
