// SPDX-License-Identifier: MIT
/* hold.c: a prober's CPU answers nobody for a while, and looks what becomes of a page meanwhile. */
#include "check.h"

#define LIMIT_MICROSECONDS 5000000 /* for the unmap to begin; then it is `limit` */

/* Constant while the CPU is held. */
static struct page *page;
static const struct salvo_word *entry;
static uint64_t limit;

static atomic_bool held, over;

/* wait: until the check is over, or `limit` after the entry was cleared. The table is not looked
 * at after that: it may be gone. */
static void
wait(void)
{
	uint64_t start = clock_microseconds(), most = LIMIT_MICROSECONDS;
	bool cleared = false;

	while (!atomic_load(&over) && clock_microseconds() - start < most) {
		if (!cleared && salvo_atomic_load(entry) == 0) {
			cleared = true;
			start = clock_microseconds();
			most = limit;
		}
		cpu_relax();
	}
}

/* hold: in the prober's thread. It has read the address, so its CPU may use it until it flushes. */
static int64_t
hold(uintptr_t address)
{
	bool on = interrupts_disable();
	int64_t seen = 0;

	(void)*(volatile uint64_t *)address;
	atomic_store(&held, true);
	wait();
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
	uintptr_t table;

	limit = microseconds;
	page = page_mapped(prober->mm, address);
	mutex_lock(&prober->mm->lock);
	entry = table_entry(prober->mm, address, 1, false, &table);
	mutex_unlock(&prober->mm->lock);
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
