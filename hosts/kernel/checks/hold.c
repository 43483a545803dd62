// SPDX-License-Identifier: MIT
/* hold.c: a prober's CPU answers nobody for a while, and looks what becomes of a page meanwhile. */
#include "check.h"

static struct page *page; /* constant while the CPU is held, as is `limit` */
static uint64_t limit;
static atomic_bool held, over;

/* hold: in the prober's thread. It has read the address, so its CPU may use it until it flushes. */
static int64_t
hold(uintptr_t address)
{
	bool on = interrupts_disable();
	uint64_t start = clock_microseconds();
	int64_t seen = 0;

	(void)*(volatile uint64_t *)address;
	atomic_store(&held, true);
	while (!atomic_load(&over) && clock_microseconds() - start < limit)
		cpu_relax();
	if (page_refs(page) == 0)
		seen |= HOLD_FREED;
	if (atomic_load(&page->mapcount) == 0)
		seen |= HOLD_UNMAPPED;
	if (atomic_load(&over))
		seen |= HOLD_OVER;
	interrupts_restore(on);
	return seen;
}

void
hold_begin(struct prober *prober, uintptr_t address, uint64_t microseconds)
{
	limit = microseconds;
	page = page_of(salvo_arch_pte_frame(mm_entry(prober->mm, address), 1));
	atomic_store(&held, false);
	atomic_store(&over, false);
	on_system_call(hold);
	probe_call_begin(prober, SYS_CHECK, address, 0);
	while (!atomic_load(&held))
		cpu_relax();
}

int64_t
hold_end(struct prober *prober)
{
	atomic_store(&over, true);
	return probe_call_end(prober);
}
