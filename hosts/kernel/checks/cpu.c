// SPDX-License-Identifier: MIT
/* cpu.c: a CPU that is offline is not waited for, and starts afresh. */
#include "check.h"

#define PATTERN 0x8888000000000000UL

static atomic_bool gone, returned;
static bool in_time; /* written by the thread below, read when it has ended */

/* stay_offline: its CPU answers nobody until the unmap has returned, or for a while. */
static void
stay_offline(void *argument)
{
	bool on = interrupts_disable();
	uint64_t start = clock_microseconds();

	(void)argument;
	salvo_cpu_offline();
	atomic_store(&gone, true);
	while (!atomic_load(&returned) && clock_microseconds() - start < 2000000)
		cpu_relax();
	in_time = atomic_load(&returned);
	salvo_cpu_online();
	interrupts_restore(on);
}

/* Does an unmap return though a CPU that had the space loaded has gone offline, and does that CPU
 * use nothing old when it is back? */
static bool
offline_cpu(void)
{
	struct prober prober;
	struct thread *thread;
	uintptr_t at;
	bool holds;

	prober_start(&prober, 1);
	at = mm_map_anonymous(prober.mm, PAGE_SIZE);
	holds = expect(probe_store(&prober, at, 1, PATTERN) == 0, "it may store");
	probe_call_begin(&prober, SYS_SLEEP, KERNEL_TICKS_PER_SECOND / 10, 0);
	atomic_store(&gone, false);
	atomic_store(&returned, false);
	thread = kernel_thread("offline", stay_offline, NULL, (int)prober.cpu);
	if (thread == NULL)
		panic("no thread to take a CPU offline");
	while (!atomic_load(&gone))
		cpu_relax();
	mm_unmap(prober.mm, at, at + PAGE_SIZE, PAGE_SIZE);
	atomic_store(&returned, true);
	thread_wait(thread, NULL);
	holds = expect(in_time, "nobody waits for the CPU") && holds;
	probe_call_end(&prober);
	holds = expect(probe_load(&prober, at, 1, NULL) == 1, "the load faults") && holds;
	prober_stop(&prober);
	return holds;
}

const struct check cpu_checks[] = {{"offline-cpu", offline_cpu}, {NULL, NULL}};
