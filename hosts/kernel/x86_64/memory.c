// SPDX-License-Identifier: MIT
/*
 * memory.c: what the loader says of physical memory, and the kernel's half of address spaces.
 *
 * The kernel's tables are built once and never change: the direct map and the image, in 2 MiB
 * pages, global. Every process's root has the same entries 256 to 511.
 */
#include "machine.h"
#include "x86.h"

#define START_INFO_MAGIC 0x336ec578
#define MEMORY_RAM       1
#define LOW_MEMORY_END   0xa0000
#define GIB              0x40000000UL
#define LARGE_PAGE       0x200000UL
#define DEVICES_GIB      3 /* the APICs and virtio-mmio lie in the fourth GiB */

/* The loader's structures, as PVH defines them (struct hvm_start_info, version 1). */
struct start_info {
	uint32_t magic, version, flags, modules;
	uint64_t module_list, command_line, rsdp, memory_map;
	uint32_t memory_map_entries, reserved;
};

struct memory_map_entry {
	uint64_t start, size;
	uint32_t type, reserved;
};

extern uint64_t kernel_root_table[512], direct_map_table[512]; /* boot.S */
extern const unsigned char image_start[], image_end[];         /* kernel.ld */

static struct memory_range ranges[KERNEL_MAX_MEMORY_RANGES + 1];
static unsigned range_count;
static struct memory_range *boot_range; /* where the image lies; starts behind what is taken */
static bool handed_over;
static char command_line[1024];

uint64_t
physical_of(const void *address)
{
	uint64_t virtual = (uint64_t)address;

	return virtual >= KERNEL_IMAGE ? virtual - KERNEL_IMAGE : virtual - DIRECT_MAP;
}

uint64_t
kernel_root(void)
{
	return physical_of(kernel_root_table);
}

void
kernel_half_copy(uint64_t *root_table)
{
	memcpy(root_table + 256, kernel_root_table + 256, 256 * sizeof(uint64_t));
}

const char *
memory_command_line(void)
{
	return command_line;
}

/* add_range: whole pages of RAM, without those that start-up or the image take. */
static void
add_range(uint64_t start, uint64_t end)
{
	uint64_t image = physical_of(image_start), behind_image = physical_of(image_end);

	start = (start + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
	end &= ~(PAGE_SIZE - 1);
	if (end <= LOW_MEMORY_END && start <= TRAMPOLINE)
		start = TRAMPOLINE + PAGE_SIZE;
	if (start <= image && image < end)
		start = behind_image;
	if (start >= end)
		return;
	if (range_count == KERNEL_MAX_MEMORY_RANGES)
		panic("the memory map has more than %u ranges", KERNEL_MAX_MEMORY_RANGES);
	ranges[range_count] = (struct memory_range){start, end};
	if (start == behind_image)
		boot_range = &ranges[range_count];
	range_count++;
}

/* map_gib: one GiB of the direct map. */
static void
map_gib(uint64_t number, uint64_t flags)
{
	uint64_t *table = boot_alloc(PAGE_SIZE);

	for (uint64_t i = 0; i < 512; i++)
		table[i] = (number * GIB + i * LARGE_PAGE) | flags | PTE_PRESENT | PTE_WRITE |
			   PTE_LARGE | PTE_GLOBAL;
	direct_map_table[number] = physical_of(table) | PTE_PRESENT | PTE_WRITE;
}

void
memory_init(const void *information)
{
	const struct start_info *info = information;
	const struct memory_map_entry *map;

	if (info->magic != START_INFO_MAGIC || info->version < 1)
		panic("the loader's start information is not PVH's");
	map = direct_map(info->memory_map);
	for (uint32_t i = 0; i < info->memory_map_entries; i++)
		if (map[i].type == MEMORY_RAM)
			add_range(map[i].start, map[i].start + map[i].size);
	if (boot_range == NULL)
		panic("the memory map does not cover the kernel");
	for (size_t i = 0; i + 1 < sizeof(command_line); i++) {
		command_line[i] = ((const char *)direct_map(info->command_line))[i];
		if (command_line[i] == '\0')
			break;
	}
	map_gib(DEVICES_GIB, PTE_UNCACHED);
	for (unsigned i = 0; i < range_count; i++)
		for (uint64_t gib = ranges[i].start / GIB; gib * GIB < ranges[i].end; gib++)
			if (gib < 512 && direct_map_table[gib] == 0)
				map_gib(gib, 0);
}

void *
boot_alloc(size_t size)
{
	void *memory = direct_map(boot_range->start);

	size = (size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
	if (handed_over)
		panic("memory asked from the boot allocator too late");
	if (size > boot_range->end - boot_range->start)
		panic("no memory to start with");
	boot_range->start += size;
	memset(memory, 0, size);
	return memory;
}

void
memory_hand_over(void)
{
	handed_over = true;
	frames_init(ranges, range_count);
}
