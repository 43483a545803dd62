// SPDX-License-Identifier: MIT
/*
 * unit.c: what the tests share: a machine in a known state, a log of what happened to it.
 */
#include <unit.h>

#define WAITS_FOR_EVER 20000

struct unit_log unit_log;
uint64_t unit_clock;
uint64_t unit_clock_step;
void (*unit_at_relax)(void);
void (*unit_at_step)(const struct salvo_word *word);

/* ---- What the host is told ---- */

void
mmu_violated(enum mmu_oracle oracle, unsigned cpu, uintptr_t address)
{
	(void)cpu;
	(void)address;
	unit_log.violations[oracle]++;
}

void
salvo_port_broken(const char *what, const char *file, int line)
{
	print_message("# %s:%d: expected %s\n", file, line, what);
	unit_log.broken++;
}

void
salvo_port_stall(const struct salvo_stall *stall)
{
	unit_log.stalls++;
	unit_log.stall = *stall;
}

static uint64_t
tick(void)
{
	return unit_clock += unit_clock_step;
}

static void
note(enum host_event event, uintptr_t a, uintptr_t b)
{
	if (event == HOST_RELAX) {
		if (unit_log.relaxes++ == WAITS_FOR_EVER)
			fail_msg("CPU %u waits for ever", mmu_self);
		unit_at_relax();
	} else if (event == HOST_WALK) {
		if (unit_at_step != NULL)
			unit_at_step(NULL);
	} else if (event != HOST_TRACE && unit_log.count < UNIT_EVENTS) {
		unit_log.events[unit_log.count++] =
			(struct unit_event){.event = event, .cpu = mmu_self, .a = a, .b = b};
	}
}

unsigned
unit_events(enum host_event event)
{
	unsigned count = 0;

	for (unsigned i = 0; i < unit_log.count; i++)
		count += unit_log.events[i].event == event;
	return count;
}

unsigned
unit_when(enum host_event event)
{
	for (unsigned i = 0; i < unit_log.count; i++)
		if (unit_log.events[i].event == event)
			return i;
	return UNIT_EVENTS;
}

void
unit_assert_clean(void)
{
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(unit_log.violations[i], 0);
	assert_int_equal(unit_log.broken, 0);
}

/* ---- CPUs ---- */

void
unit_step(const struct salvo_word *word)
{
	if (unit_at_step != NULL)
		unit_at_step(word);
}

unsigned
unit_on(unsigned cpu)
{
	unsigned before = mmu_self;

	mmu_self = cpu;
	return before;
}

void
unit_others_poll(void)
{
	unsigned me = mmu_self;

	for (unsigned c = 0; c < host_count; c++) {
		mmu_self = c;
		if (c != me)
			host_poll();
	}
	mmu_self = me;
}

void
unit_start(unsigned cpus, unsigned slots, unsigned rules)
{
	host_hook = note;
	host_clock = tick;
	host_marks = HOST_NO_MARKS;
	unit_at_step = NULL;
	unit_at_relax = unit_others_poll;
	unit_clock = 0;
	unit_clock_step = 0;
	host_start(cpus, slots, 8, rules);
	for (unsigned c = cpus; c-- > 0;) {
		unit_on(c);
		salvo_cpu_online();
		host_self()->irqs_off = false;
	}
	unit_log = (struct unit_log){.count = 0};
}

/* ---- Spaces ---- */

struct host_space *
unit_space(unsigned cpus)
{
	struct host_space *space = host_space_new();

	assert_non_null(space);
	for (unsigned c = 0; cpus != 0; c++, cpus >>= 1)
		if ((cpus & 1) != 0)
			unit_load(c, space);
	return space;
}

void
unit_load(unsigned cpu, struct host_space *space)
{
	unsigned before = unit_on(cpu);

	if (space != NULL)
		host_load(space);
	else
		host_load_kernel();
	unit_on(before);
}

void
unit_lazy(unsigned cpu, bool lazy)
{
	unsigned before = unit_on(cpu);
	uintptr_t irqs = salvo_port_irq_save();

	if (lazy)
		salvo_lazy_enter();
	else
		salvo_lazy_leave();
	salvo_port_irq_restore(irqs);
	unit_on(before);
}

void
unit_flush(unsigned cpu, struct host_space *space, uintptr_t address)
{
	unsigned before = unit_on(cpu);

	salvo_flush_page(&space->salvo, address);
	unit_on(before);
}

void
unit_hold_irqs(unsigned cpu, bool off)
{
	unsigned before = unit_on(cpu);

	salvo_port_irq_restore(off);
	unit_on(before);
}

uintptr_t
unit_map(struct host_space *space, uintptr_t address, salvo_pte bits)
{
	uintptr_t frame = host_page_new();

	host_map(space, address, frame, bits);
	host_page_put(frame);
	return frame;
}

uintptr_t
unit_map_file(struct host_space *space, uintptr_t index, salvo_pte bits)
{
	struct host_area *area = &space->areas[0];
	struct host_file_page *page = host_file_page_lock(index);
	uintptr_t frame = salvo_atomic_load(&page->frame);

	host_mmap(area, true, salvo_arch_pte_rights(bits));
	host_map(space, area->start + index * HOST_PAGE, frame, bits);
	host_unlock(&page->lock);
	return frame;
}

uintptr_t
unit_clear(struct host_space *space, uintptr_t address)
{
	struct salvo_word *entry = host_entry(space->salvo.root, address, false, NULL);

	mmu_change_begin(space->salvo.root, address, address + HOST_PAGE);
	return salvo_atomic_exchange(entry, 0) >> SALVO_ARCH_PAGE_SHIFT;
}

void
unit_cleared(struct host_space *space, uintptr_t address)
{
	mmu_change_end(space->salvo.root, address, address + HOST_PAGE);
}

void
unit_unmap(struct host_space *space, uintptr_t address)
{
	uintptr_t frame = unit_clear(space, address);

	salvo_flush_page(&space->salvo, address);
	unit_cleared(space, address);
	host_page_put(frame);
}

bool
unit_can_read(unsigned cpu, uintptr_t address)
{
	uintptr_t value;

	return mmu_read(cpu, address, &value);
}

bool
unit_can_write(unsigned cpu, uintptr_t address)
{
	return mmu_write(cpu, address, 1);
}

bool
unit_pending(struct host_space *space, uintptr_t address)
{
	uintptr_t table;

	(void)host_entry(space->salvo.root, address, false, &table);
	return salvo_pte_flush_pending(&space->salvo, table, address);
}
