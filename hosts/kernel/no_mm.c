// SPDX-License-Identifier: MIT
/*
 * no_mm.c: in place of the memory management until it is there: maps at once, frees nothing, and
 * knows no file. The machine layer boots and runs user threads with it.
 */
#include "kernel.h"
#include "x86_64/x86.h"

#define AREAS 0x10000000UL

struct mm {
	uint64_t *root;
	uintptr_t next;
};

static struct mm spaces[KERNEL_MAX_PROCESSES];
static unsigned space_count;
static struct memory_range memory;
static struct spinlock lock = SPINLOCK("memory");

void
frames_init(const struct memory_range *ranges, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (ranges[i].end - ranges[i].start > memory.end - memory.start)
			memory = ranges[i];
	print_line("# %lu KiB for frames", (memory.end - memory.start) / 1024);
}

void
mm_cpu_start(void)
{
}

static void *
frame(void)
{
	void *page;

	spin_lock(&lock);
	if (memory.start == memory.end)
		panic("no frames");
	page = direct_map(memory.start);
	memory.start += PAGE_SIZE;
	spin_unlock(&lock);
	return memset(page, 0, PAGE_SIZE);
}

static void
map(struct mm *mm, uintptr_t address, uint64_t entry)
{
	uint64_t *table = mm->root;

	for (unsigned shift = 39; shift > 12; shift -= 9) {
		uint64_t *slot = &table[address >> shift & 511];

		if (*slot == 0)
			*slot = physical_of(frame()) | PTE_PRESENT | PTE_WRITE | PTE_USER;
		table = direct_map(*slot & ~(PAGE_SIZE - 1));
	}
	table[address >> 12 & 511] = entry | PTE_PRESENT | PTE_USER;
}

struct mm *
mm_create(void)
{
	struct mm *mm = &spaces[space_count++];

	mm->root = frame();
	mm->next = AREAS;
	kernel_half_copy(mm->root);
	return mm;
}

void
mm_destroy(struct mm *mm)
{
	(void)mm;
}

bool
mm_map_image(struct mm *mm, uintptr_t address, const void *image, size_t size)
{
	for (size_t at = 0; at < size; at += PAGE_SIZE)
		map(mm, address + at, physical_of((const char *)image + at));
	return true;
}

uintptr_t
mm_map_anonymous(struct mm *mm, size_t size)
{
	uintptr_t address = mm->next;

	for (; size > 0; size -= PAGE_SIZE, mm->next += PAGE_SIZE)
		map(mm, mm->next, physical_of(frame()) | PTE_WRITE);
	mm->next += PAGE_SIZE;
	return address;
}

int64_t
mm_syscall(struct mm *mm, unsigned number, const uint64_t arguments[4])
{
	(void)mm, (void)number, (void)arguments;
	return -1;
}

bool
mm_fault(struct mm *mm, uintptr_t address, unsigned error_code)
{
	(void)mm, (void)address, (void)error_code;
	return false;
}

void
space_switch(struct process *next)
{
	if (next != NULL)
		cr3_write(physical_of(process_mm(next)->root));
}

void
shootdown_interrupt(void)
{
}

void
shootdown_serve(void)
{
}

#define WORKLOAD(name)                                                                             \
	bool name(void)                                                                            \
	{                                                                                          \
		panic("this workload needs the memory management");                                \
	}
WORKLOAD(workload_checks)
WORKLOAD(workload_reclaim)
WORKLOAD(workload_munmap)
WORKLOAD(workload_protect_shrink)
WORKLOAD(workload_table_free)
