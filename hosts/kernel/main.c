// SPDX-License-Identifier: MIT
/* main.c: brings the parts up in order, and runs the workload that was asked for. */
#include "thread.h"
#include "x86_64/machine.h"

static bool (*const workloads[])(void) = {
	[WORKLOAD_BOOT] = workload_boot,
	[WORKLOAD_CHECKS] = workload_checks,
	[WORKLOAD_RECLAIM] = workload_reclaim,
	[WORKLOAD_MUNMAP] = workload_munmap,
	[WORKLOAD_PROTECT_SHRINK] = workload_protect_shrink,
	[WORKLOAD_PROTECT_GROW] = workload_protect_grow,
	[WORKLOAD_CLEAN] = workload_clean,
	[WORKLOAD_MOVE] = workload_move,
	[WORKLOAD_MERGE] = workload_merge,
	[WORKLOAD_TABLE_FREE] = workload_table_free,
	[WORKLOAD_UNSHARE] = workload_unshare,
	[WORKLOAD_WALK] = workload_walk,
	[WORKLOAD_BESIDE] = workload_beside,
	[WORKLOAD_NO_PRESSURE] = workload_no_pressure,
	[WORKLOAD_NOT_RESIDENT] = workload_not_resident,
};

static void
main_thread(void *argument)
{
	(void)argument;
	disk_init();
	if (options.defer || options.later)
		grace_start();
	emulator_exit(workloads[options.workload]());
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
