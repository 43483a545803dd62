// SPDX-License-Identifier: MIT
/* prober.c: user threads that access memory when a check says so. */
#include "check.h"

static _Atomic(int64_t (*)(uintptr_t)) system_call;

void
prober_join(struct prober *prober, const struct prober *other, unsigned cpu)
{
	uint64_t arguments[4] = {0};

	prober->process = other->process;
	prober->mm = process_mm(other->process);
	prober->cpu = cpu;
	arguments[0] = mm_map_anonymous(prober->mm, PAGE_SIZE);
	if (arguments[0] == 0 || !mm_populate(prober->mm, arguments[0], arguments[0] + 1, true))
		panic("no memory for a mailbox");
	prober->box = direct_map(mm_entry(prober->mm, arguments[0]) & ~ENTRY_NO_EXEC & -PAGE_SIZE);
	prober->thread = user_thread(prober->process, PROGRAM_PROBER, arguments, (int)cpu);
	if (prober->thread == NULL)
		panic("no memory for a prober");
}

void
prober_start(struct prober *prober, unsigned cpu)
{
	struct prober fresh = {.process = process_create()};

	if (fresh.process == NULL)
		panic("no memory for a process");
	prober_join(prober, &fresh, cpu);
}

/* begin, end: one command. The prober spins on `asked`, we spin on `answered`. */
static void
begin(struct prober *prober, unsigned command, uintptr_t address, uint64_t value)
{
	prober->box->command = command;
	prober->box->address = address;
	prober->box->value = value;
	__atomic_store_n(&prober->box->asked, prober->box->asked + 1, __ATOMIC_RELEASE);
}

static void
end(struct prober *prober)
{
	while (__atomic_load_n(&prober->box->answered, __ATOMIC_ACQUIRE) != prober->box->asked)
		cpu_relax();
}

uint64_t
probe_load(struct prober *prober, uintptr_t address, unsigned pages, uint64_t *sum)
{
	prober->box->number = pages;
	begin(prober, PROBE_LOAD, address, 0);
	end(prober);
	if (sum != NULL)
		*sum = prober->box->value;
	return prober->box->faulted;
}

uint64_t
probe_store(struct prober *prober, uintptr_t address, unsigned pages, uint64_t value)
{
	prober->box->number = pages;
	begin(prober, PROBE_STORE, address, value);
	end(prober);
	return prober->box->faulted;
}

void
probe_call_begin(struct prober *prober, unsigned number, uintptr_t address, uint64_t value)
{
	prober->box->number = number;
	begin(prober, PROBE_CALL, address, value);
}

int64_t
probe_call_end(struct prober *prober)
{
	end(prober);
	return (int64_t)prober->box->value;
}

int64_t
probe_call(struct prober *prober, unsigned number, uintptr_t address, uint64_t value)
{
	probe_call_begin(prober, number, address, value);
	return probe_call_end(prober);
}

void
prober_exit(struct prober *prober)
{
	begin(prober, PROBE_EXIT, 0, 0);
	thread_wait(prober->thread, NULL);
}

void
prober_stop(struct prober *prober)
{
	prober_exit(prober);
	process_destroy(prober->process);
}

static struct spinlock nap_lock = SPINLOCK("nap");
static bool awake;       /* nap_lock */
static atomic_uint naps; /* that have begun */

/* nap: in the prober's thread, until prober_wake(). */
static int64_t
nap(uintptr_t unused)
{
	(void)unused;
	spin_lock(&nap_lock);
	atomic_fetch_add(&naps, 1);
	while (!awake)
		sleep_on(&awake, &nap_lock);
	spin_unlock(&nap_lock);
	return 0;
}

void
prober_sleep(struct prober *prober)
{
	unsigned before = atomic_load(&naps);

	awake = false;
	on_system_call(nap);
	probe_call_begin(prober, SYS_CHECK, 0, 0);
	/* A CPU that has not run the prober yet may be lazy from before. */
	while (atomic_load(&naps) == before)
		cpu_relax();
	while (salvo_atomic_load(&port_cpus[prober->cpu].lazy) == 0)
		cpu_relax();
}

void
prober_wake(struct prober *prober)
{
	spin_lock(&nap_lock);
	awake = true;
	wake_all(&awake);
	spin_unlock(&nap_lock);
	probe_call_end(prober);
}

void
on_system_call(int64_t (*function)(uintptr_t argument))
{
	atomic_store(&system_call, function);
}

int64_t
check_system_call(uintptr_t argument)
{
	int64_t (*function)(uintptr_t) = atomic_load(&system_call);

	return function != NULL ? function(argument) : -1;
}

uint64_t
interrupts_received(unsigned cpu)
{
	return salvo_atomic_load(&port_cpus[cpu].stats.nr_tlb_remote_flush_received);
}

uint64_t
local_flushes(unsigned cpu)
{
	const struct salvo_stats *stats = &port_cpus[cpu].stats;

	return salvo_atomic_load(&stats->nr_tlb_local_flush_all) +
	       salvo_atomic_load(&stats->nr_tlb_local_flush_one);
}

bool
was_interrupted(unsigned cpu, uint64_t before)
{
	uint64_t start = clock_microseconds();

	while (interrupts_received(cpu) == before && clock_microseconds() - start < 500000)
		cpu_relax();
	return interrupts_received(cpu) != before;
}

struct page *
page_mapped(struct mm *mm, uintptr_t address)
{
	return page_of(salvo_arch_pte_frame(mm_entry(mm, address), 1));
}

uintptr_t
map_stored(struct prober *prober, unsigned pages, uint64_t value)
{
	uintptr_t address = mm_map_anonymous(prober->mm, pages * PAGE_SIZE);

	if (address == 0 || probe_store(prober, address, pages, value) != 0)
		panic("a prober cannot write its memory");
	return address;
}

uint64_t
sum_of_stores(unsigned pages, uint64_t value)
{
	return pages * value + (uint64_t)pages * (pages - 1) / 2;
}
