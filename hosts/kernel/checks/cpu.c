// SPDX-License-Identifier: MIT
/* cpu.c: CPUs that wait for each other, and one that goes offline and comes back. */
#include "check.h"

#define TURNS   20
#define PATTERN 0x8888000000000000UL

/* ---- Two CPUs wait for each other ---- */

static atomic_uint arrived; /* CPUs that have begun a turn, all turns together */

/*
 * flush_other: in a kernel thread on the CPU of a sleeping prober, so with its space loaded, lazily.
 * Both begin each turn with interrupts off, and then ask each other's CPU. A CPU that is lazy flushes
 * nothing for a request of its own that is of another space: so the other one waits until it serves.
 */
static void
flush_other(void *argument)
{
	const struct prober *other = argument;

	for (unsigned turn = 1; turn <= TURNS; turn++) {
		bool on = interrupts_disable();

		atomic_fetch_add(&arrived, 1);
		while (atomic_load(&arrived) < 2 * turn)
			cpu_relax();
		salvo_flush_space(&other->mm->space, true);
		interrupts_restore(on);
	}
}

/* Do two CPUs that ask each other, both with interrupts off, get their answers? */
static bool
serve_while_waiting(void)
{
	struct prober probers[2];
	struct thread *threads[2];

	for (unsigned i = 0; i < 2; i++) {
		prober_start(&probers[i], i + 1);
		probe_call_begin(&probers[i], SYS_SLEEP, KERNEL_TICKS_PER_SECOND / 2, 0);
	}
	atomic_store(&arrived, 0);
	for (unsigned i = 0; i < 2; i++) {
		threads[i] =
			kernel_thread("waiting", flush_other, &probers[1 - i], (int)probers[i].cpu);
		if (threads[i] == NULL)
			panic("no thread to flush");
	}
	for (unsigned i = 0; i < 2; i++) {
		thread_wait(threads[i], NULL);
		probe_call_end(&probers[i]);
		prober_stop(&probers[i]);
	}
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
