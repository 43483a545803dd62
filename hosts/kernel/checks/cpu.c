// SPDX-License-Identifier: MIT
/* cpu.c: CPUs that wait for each other, and one that goes offline and comes back. */
#include "check.h"

#define TURNS   20
#define PATTERN 0x8888000000000000UL

/* ---- Two CPUs wait for each other ---- */

static atomic_uint arrived; /* CPUs that have begun a turn, all turns together */

/*
 * flush_together: in the threads of two probers. Both begin each turn with interrupts off, and then
 * ask each other.
 */
static int64_t
flush_together(uintptr_t address)
{
	struct salvo_space *space = &process_mm(thread_process(current_thread()))->space;

	for (unsigned turn = 1; turn <= TURNS; turn++) {
		bool on = interrupts_disable();

		atomic_fetch_add(&arrived, 1);
		while (atomic_load(&arrived) < 2 * turn)
			cpu_relax();
		salvo_flush_page(space, address);
		interrupts_restore(on);
	}
	return 0;
}

/* Do two CPUs that ask each other, both with interrupts off, get their answers? */
static bool
serve_while_waiting(void)
{
	struct prober probers[2];

	prober_start(&probers[0], 1);
	prober_join(&probers[1], &probers[0], 2);
	atomic_store(&arrived, 0);
	on_system_call(flush_together);
	probe_call_begin(&probers[0], SYS_CHECK, PAGE_SIZE, 0);
	probe_call_begin(&probers[1], SYS_CHECK, PAGE_SIZE, 0);
	probe_call_end(&probers[0]);
	probe_call_end(&probers[1]);
	prober_exit(&probers[1]);
	prober_stop(&probers[0]);
	return true; /* else they are still waiting */
}

/* ---- Offline ---- */

static atomic_bool gone, returned;
static bool in_time, unloaded; /* written by the thread below, read when it has ended */

/* stay_offline: its CPU answers nobody until the flushes have returned, or for a while. */
static void
stay_offline(void *argument)
{
	bool on = interrupts_disable();
	uint64_t start = clock_microseconds();

	(void)argument;
	salvo_cpu_offline();
	unloaded = loaded_root() == kernel_root();
	atomic_store(&gone, true);
	while (!atomic_load(&returned) && clock_microseconds() - start < 2000000)
		cpu_relax();
	in_time = atomic_load(&returned);
	salvo_cpu_online();
	interrupts_restore(on);
}

/* Does an unmap return though a CPU that had the space loaded has gone offline, a flush of kernel
 * memory too, and does that CPU use nothing old when it is back? */
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
	salvo_flush_page(&port_machine.kernel, DIRECT_MAP);
	atomic_store(&returned, true);
	thread_wait(thread, NULL);
	holds = expect(unloaded, "it runs on the kernel's tables") && holds;
	holds = expect(in_time, "nobody waits for the CPU") && holds;
	probe_call_end(&prober);
	holds = expect(probe_load(&prober, at, 1, NULL) == 1, "the load faults") && holds;
	prober_stop(&prober);
	return holds;
}

const struct check cpu_checks[] = {
	{"serve-while-waiting", serve_while_waiting}, {"offline-cpu", offline_cpu}, {NULL, NULL}};
