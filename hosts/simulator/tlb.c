// SPDX-License-Identifier: MIT
/*
 * tlb.c: the TLBs of simulated CPUs, direct-mapped and tagged by slot. Only what user code has used
 * is in there, and it stays until a flush or until its place is needed: so what is found for a page
 * that is freed was not flushed.
 *
 * Besides, each slot has `hot` entries, of pages that a space uses all the time (its code, its
 * stack). They are not simulated one by one: the slot has them or, after a flush of it all, has to
 * refill them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <salvo/salvo.h>
#include <salvo/arch.h>

#include "clock.h"
#include "cpu.h"
#include "frames.h"
#include "lines.h"
#include "machine.h"
#include "message.h"
#include "policies/policy.h"
#include "space.h"
#include "tlb.h"

struct entry {
	uint64_t page;  /* and one more; 0: none */
	uint32_t space; /* its number */
	uint32_t frame;
	uint32_t epoch;       /* of the slot, when the entry came */
	uint32_t incarnation; /* of the frame */
	uint8_t slot;
	bool write;
};

struct tlb {
	unsigned slot;
	bool hot[SALVO_MAX_SLOTS]; /* the slot has them */
	uint32_t epochs[SALVO_MAX_SLOTS];
	struct entry entries[];
};

bool clean_write_traps;

static unsigned char *tlbs;
static size_t tlb_bytes;
static uint64_t entry_mask;
static uint16_t user_cpus[CLOCK_CPUS_MAX]; /* that have had entries at all */
static unsigned user_cpu_count;
static bool is_user_cpu[CLOCK_CPUS_MAX];

void
tlb_reset(void)
{
	uint64_t count = 1;

	while (count * 2 <= machine.tlb.entries && count < 4096)
		count *= 2;
	entry_mask = count - 1;
	tlb_bytes = sizeof(struct tlb) + count * sizeof(struct entry);
	tlbs = lines_allocate(tlb_bytes * machine.cpus, LINES_HOST);
	user_cpu_count = 0;
	memset(is_user_cpu, 0, sizeof(is_user_cpu));
}

static struct tlb *
tlb_of(unsigned cpu)
{
	return (struct tlb *)(void *)(tlbs + cpu * tlb_bytes);
}

static struct entry *
place_of(struct tlb *tlb, uint32_t space, uint64_t page)
{
	return &tlb->entries[(page ^ space * 40503u) & entry_mask];
}

/* find: the entry that the CPU has, in whatever slot; NULL: none. */
static struct entry *
find(struct tlb *tlb, uint32_t space, uint64_t page)
{
	struct entry *entry = place_of(tlb, space, page);

	if (entry->page != page + 1 || entry->space != space ||
		entry->epoch != tlb->epochs[entry->slot])
		return NULL;
	return entry;
}

/* ---- Flushes ---- */

/* spend: time for a flush; in an interrupt it is the interrupt's. */
static void
spend(uint64_t time)
{
	enum where before = cpu_self()->where;

	if (!clock_running)
		return;
	if (before != INTERRUPT)
		cpu_enter(FLUSH);
	charge(time);
	cpu_enter(before);
}

static void
flush_slot(struct tlb *tlb, unsigned slot)
{
	tlb->epochs[slot]++;
	tlb->hot[slot] = false;
}

void
tlb_load_root(salvo_root root, unsigned slot, bool keep)
{
	struct tlb *tlb = tlb_of(clock_cpu);

	(void)root;
	spend(machine.flush.load);
	tlb->slot = slot;
	if (!keep)
		flush_slot(tlb, slot);
}

void
tlb_flush_space(void)
{
	struct tlb *tlb = tlb_of(clock_cpu);

	spend(machine.flush.space);
	flush_slot(tlb, tlb->slot);
}

void
tlb_flush_everything(void)
{
	struct tlb *tlb = tlb_of(clock_cpu);

	spend(machine.flush.everything);
	for (unsigned slot = 0; slot < SALVO_MAX_SLOTS; slot++)
		flush_slot(tlb, slot);
}

static void
drop_range(unsigned cpu, const struct space *space, uintptr_t start, uintptr_t end)
{
	for (uintptr_t address = start; address < end; address += PAGE_SIZE) {
		struct entry *entry =
			find(tlb_of(cpu), space->number, address >> SALVO_ARCH_PAGE_SHIFT);

		if (entry != NULL)
			entry->page = 0;
	}
}

void
tlb_flush_range(uintptr_t start, uintptr_t end, unsigned stride_shift)
{
	spend(machine.flush.page * (((end - start - 1) >> stride_shift) + 1));
	if (cpu_self()->loaded != NULL)
		drop_range(clock_cpu, cpu_self()->loaded, start, end);
}

/* The kernel's pages are not simulated. */
void
tlb_flush_kernel_range(uintptr_t start, uintptr_t end, unsigned stride_shift)
{
	spend(machine.flush.page * (((end - start - 1) >> stride_shift) + 1));
}

void
tlb_flush_page(const struct space *space, uintptr_t address)
{
	spend(machine.flush.page);
	drop_range(clock_cpu, space, address, address + PAGE_SIZE);
}

void
tlb_flush_remote(unsigned cpu, const struct space *space, uintptr_t start, uintptr_t end)
{
	struct tlb *tlb = tlb_of(cpu);

	if (end != UINTPTR_MAX)
		drop_range(cpu, space, start, end);
	else
		for (unsigned slot = 0; slot < SALVO_MAX_SLOTS; slot++)
			flush_slot(tlb, slot);
}

/* ---- Use ---- */

static void
violated(const char *what, unsigned cpu, const struct space *space, uintptr_t address)
{
	error("policy %s: a page that is %s CPU %u was not flushed: 0x%zx of space %u",
		policy->name, what, cpu, (size_t)address, space->number);
	exit(STATUS_WRONG);
}

/* note_user: this CPU may hold the frame from now on. */
static void
note_user(struct frame *frame)
{
	if (!is_user_cpu[clock_cpu]) {
		is_user_cpu[clock_cpu] = true;
		user_cpus[user_cpu_count++] = (uint16_t)clock_cpu;
	}
	for (unsigned i = 0; i < frame->user_count && i < FRAME_USERS; i++)
		if (frame->users[i] == clock_cpu)
			return;
	if (frame->user_count < FRAME_USERS)
		frame->users[frame->user_count] = (uint16_t)clock_cpu;
	if (frame->user_count <= FRAME_USERS)
		frame->user_count++;
}

/* leaf: the entry for an address, by a walk of hardware, whose upper levels are cached. */
static struct salvo_word *
leaf(const struct space *space, uintptr_t address)
{
	uintptr_t frame = space->salvo.root >> SALVO_ARCH_PAGE_SHIFT;

	for (unsigned level = SALVO_ARCH_LEVELS;; level--) {
		struct salvo_word *entry =
			&table_entries(frame)[address >> SALVO_LEVEL_SHIFT(level) &
					      ((1u << SALVO_ARCH_INDEX_BITS) - 1)];

		if (level == 1)
			return entry;
		if (entry->value == 0)
			return NULL;
		frame = salvo_arch_pte_frame(entry->value, level);
	}
}

bool
tlb_access(struct space *space, uintptr_t address, bool write)
{
	struct tlb *tlb = tlb_of(clock_cpu);
	uint64_t page = address >> SALVO_ARCH_PAGE_SHIFT;
	struct entry *entry = find(tlb, space->number, page);
	salvo_pte wanted = PTE_ACCESSED | (write ? PTE_DIRTY : 0);
	struct salvo_word *word;
	struct frame *frame;

	if (entry != NULL && entry->slot == tlb->slot && (entry->write || !write)) {
		if (frame_of(entry->frame)->incarnation != entry->incarnation)
			violated("freed, and then used by", clock_cpu, space, address);
		return true;
	}
	word = leaf(space, address);
	if (word == NULL)
		return false;
	lines_touch(word, (word->value & wanted) != wanted);
	if (!salvo_arch_pte_present(word->value) ||
		(write && !salvo_arch_pte_writable(word->value)))
		return false;
	word->value |= wanted;
	charge(machine.tlb.refill);
	frame = frame_of(salvo_arch_pte_frame(word->value, 1));
	note_user(frame);
	*place_of(tlb, space->number, page) = (struct entry){.page = page + 1,
		.space = space->number,
		.frame = (uint32_t)frame_number(frame),
		.incarnation = frame->incarnation,
		.epoch = tlb->epochs[tlb->slot],
		.slot = (uint8_t)tlb->slot,
		.write = write};
	return true;
}

uint64_t
tlb_refill(void)
{
	struct tlb *tlb = tlb_of(clock_cpu);

	if (tlb->hot[tlb->slot])
		return 0;
	tlb->hot[tlb->slot] = true;
	cpu_self()->counts.refills++;
	return machine.tlb.hot * machine.tlb.refill;
}

/* ---- The oracle ---- */

/*
 * check: the CPU must not be able to use the page any more. One that is lazy, owes a flush, or has
 * another space loaded, may still have the entry: if it uses it later, tlb_access finds out.
 */
static void
check(unsigned cpu, const struct space *space, uintptr_t address, const struct frame *frame)
{
	struct tlb *tlb = tlb_of(cpu);
	const struct entry *entry = find(tlb, space->number, address >> SALVO_ARCH_PAGE_SHIFT);

	if (entry != NULL && entry->frame == frame_number(frame) && entry->slot == tlb->slot &&
		cpus[cpu].loaded == space && !cpus[cpu].lazy && !cpus[cpu].owes_flush)
		violated("freed while it is in the TLB of", cpu, space, address);
}

/* check_cpu: of each space that may map the frame. */
static void
check_cpu(unsigned cpu, const struct frame *frame)
{
	const struct file *file;

	if (frame->file == NO_FILE) {
		check(cpu, frame->space, frame->address, frame);
		return;
	}
	file = file_of(frame->file);
	for (unsigned i = 0; i < file->area_count; i++)
		check(cpu, file->areas[i], file->address + frame->index * PAGE_SIZE, frame);
}

void
tlb_check_freed(const struct frame *frame)
{
	if (frame->user_count <= FRAME_USERS)
		for (unsigned i = 0; i < frame->user_count; i++)
			check_cpu(frame->users[i], frame);
	else
		for (unsigned i = 0; i < user_cpu_count; i++)
			check_cpu(user_cpus[i], frame);
}
