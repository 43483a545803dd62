// SPDX-License-Identifier: MIT
/*
 * virtio_blk.c: the disk, by the Virtual I/O Device specification 1.1: virtio-mmio version 2
 * (4.2.2), one split queue (2.6), block requests (5.2.6).
 *
 * A request takes a slot; slot n owns descriptors n * CHAIN up to (n + 1) * CHAIN, linked once
 * for ever as far as their order goes: header, pages, status. So nothing is allocated, and the
 * id that the device gives back names the slot.
 */
#include "kernel.h"
#include "x86_64/machine.h"

#define MMIO_MAGIC          0x000
#define MMIO_VERSION        0x004
#define MMIO_DEVICE         0x008
#define MMIO_FEATURES       0x010
#define MMIO_FEATURES_PART  0x014
#define MMIO_ACCEPTED       0x020
#define MMIO_ACCEPTED_PART  0x024
#define MMIO_QUEUE          0x030
#define MMIO_QUEUE_MAX      0x034
#define MMIO_QUEUE_SIZE     0x038
#define MMIO_QUEUE_READY    0x044
#define MMIO_NOTIFY         0x050
#define MMIO_INTERRUPT      0x060
#define MMIO_ACKNOWLEDGE    0x064
#define MMIO_STATUS         0x070
#define MMIO_DESCRIPTORS    0x080
#define MMIO_DRIVER_RING    0x090
#define MMIO_DEVICE_RING    0x0a0
#define MMIO_CAPACITY       0x100 /* in sectors */

#define MAGIC               0x74726976
#define DEVICE_BLOCK        2
#define STATUS_ACKNOWLEDGE  1
#define STATUS_DRIVER       2
#define STATUS_DRIVER_OK    4
#define STATUS_FEATURES_OK  8
#define FEATURE_FLUSH       (1u << 9)
#define FEATURE_VERSION_1   1u /* bit 32 */
#define DESCRIPTOR_NEXT     1
#define DESCRIPTOR_INCOMING 2 /* the device writes to it */
#define REQUEST_READ        0
#define REQUEST_WRITE       1
#define REQUEST_FLUSH       4
#define REQUEST_OK          0

#define SECTOR              512UL
#define MAX_VIRTIO          32
#define SLOTS               7
#define CHAIN               (DISK_MAX_PAGES + 2)
#define QUEUE_SIZE          256 /* a power of two, at least SLOTS * CHAIN */

_Static_assert(SLOTS *CHAIN <= QUEUE_SIZE, "each slot has its own descriptors");

struct descriptor {
	uint64_t address;
	uint32_t length;
	uint16_t flags, next;
};

struct used_element {
	uint32_t id, length;
};

/* The queue; the device reads and writes it. */
static struct {
	struct descriptor descriptors[QUEUE_SIZE];
	struct {
		uint16_t flags;
		_Atomic uint16_t index;
		uint16_t ring[QUEUE_SIZE];
	} driver __attribute__((aligned(4)));
	struct {
		uint16_t flags;
		_Atomic uint16_t index;
		struct used_element ring[QUEUE_SIZE];
	} device __attribute__((aligned(4)));
} queue __attribute__((aligned(4096)));

/* A request in flight. All under disk_lock. */
struct slot {
	struct {
		uint32_t type, reserved;
		uint64_t sector;
	} header;                     /* the device reads it */
	volatile uint8_t status;      /* the device writes it */
	struct disk_request *request; /* NULL: the slot is free */
};

static struct {
	uint64_t base;
	unsigned line;
} announced[MAX_VIRTIO];
static unsigned announced_count;

static struct spinlock disk_lock = SPINLOCK_IRQ("disk");
static volatile unsigned char *device; /* NULL: no disk; constant after disk_init() */
static unsigned disk_line;             /* constant after disk_init() */
static uint64_t sectors;               /* constant after disk_init() */
static bool can_flush;                 /* constant after disk_init() */
static struct slot slots[SLOTS];
static uint16_t seen; /* device.index up to which requests are finished; disk_lock */

static uint32_t
mmio_read(unsigned offset)
{
	return *(volatile uint32_t *)(device + offset);
}

static void
mmio_write(unsigned offset, uint32_t value)
{
	*(volatile uint32_t *)(device + offset) = value;
}

static void
mmio_write_address(unsigned offset, const void *address)
{
	mmio_write(offset, (uint32_t)physical_of(address));
	mmio_write(offset + 4, (uint32_t)(physical_of(address) >> 32));
}

void
disk_add_slot(uint64_t base, unsigned line)
{
	if (announced_count == MAX_VIRTIO)
		panic("more than %d virtio-mmio devices", MAX_VIRTIO);
	announced[announced_count].base = base;
	announced[announced_count++].line = line;
}

static void
negotiate(void)
{
	mmio_write(MMIO_STATUS, 0);
	mmio_write(MMIO_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
	mmio_write(MMIO_FEATURES_PART, 0);
	can_flush = (mmio_read(MMIO_FEATURES) & FEATURE_FLUSH) != 0;
	mmio_write(MMIO_ACCEPTED_PART, 0);
	mmio_write(MMIO_ACCEPTED, can_flush ? FEATURE_FLUSH : 0);
	mmio_write(MMIO_ACCEPTED_PART, 1);
	mmio_write(MMIO_ACCEPTED, FEATURE_VERSION_1);
	mmio_write(MMIO_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK);
	if ((mmio_read(MMIO_STATUS) & STATUS_FEATURES_OK) == 0)
		panic("the disk does not accept the features");
	mmio_write(MMIO_QUEUE, 0);
	if (mmio_read(MMIO_QUEUE_MAX) < QUEUE_SIZE)
		panic("the disk's queue is too short");
	mmio_write(MMIO_QUEUE_SIZE, QUEUE_SIZE);
	mmio_write_address(MMIO_DESCRIPTORS, queue.descriptors);
	mmio_write_address(MMIO_DRIVER_RING, &queue.driver);
	mmio_write_address(MMIO_DEVICE_RING, &queue.device);
	mmio_write(MMIO_QUEUE_READY, 1);
	mmio_write(MMIO_STATUS,
		STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK);
	sectors = mmio_read(MMIO_CAPACITY) | (uint64_t)mmio_read(MMIO_CAPACITY + 4) << 32;
}

void
disk_init(void)
{
	for (unsigned i = 0; i < announced_count; i++) {
		device = direct_map(announced[i].base);
		if (mmio_read(MMIO_MAGIC) != MAGIC || mmio_read(MMIO_DEVICE) != DEVICE_BLOCK)
			continue;
		if (mmio_read(MMIO_VERSION) != 2)
			panic("the disk speaks an old virtio; set force-legacy=false");
		disk_line = announced[i].line;
		negotiate();
		device_interrupt_enable(disk_line);
		return;
	}
	device = NULL;
}

bool
disk_present(void)
{
	return device != NULL;
}

uint64_t
disk_pages(void)
{
	return (sectors * SECTOR + PAGE_SIZE - 1) / PAGE_SIZE;
}

/* free_slot: a slot that nobody uses, after a sleep if need be. => disk_lock held */
static unsigned
free_slot(void)
{
	for (;;) {
		for (unsigned i = 0; i < SLOTS; i++)
			if (slots[i].request == NULL)
				return i;
		sleep_on(slots, &disk_lock);
	}
}

static void
describe(unsigned index, uint64_t address, uint64_t length, uint16_t flags)
{
	queue.descriptors[index] = (struct descriptor){
		.address = address,
		.length = (uint32_t)length,
		.flags = flags,
		.next = (uint16_t)(index + 1),
	};
}

/* page_length: bytes of a page that are on the disk. */
static uint64_t
page_length(uint64_t page)
{
	uint64_t left = sectors * SECTOR - page * PAGE_SIZE;

	return left < PAGE_SIZE ? left : PAGE_SIZE;
}

/* start: hand a request to the device. The index is stored after what it covers. */
static void
start(struct disk_request *request, uint32_t type)
{
	uint16_t incoming = type == REQUEST_READ ? DESCRIPTOR_INCOMING : 0;
	unsigned number, descriptor;
	struct slot *slot;
	uint16_t index;

	request->done = request->failed = false;
	spin_lock(&disk_lock);
	number = free_slot();
	slot = &slots[number];
	slot->request = request;
	slot->status = 0xff;
	slot->header.type = type;
	slot->header.sector = request->page * (PAGE_SIZE / SECTOR);
	descriptor = number * CHAIN;
	describe(descriptor++, physical_of(&slot->header), sizeof(slot->header), DESCRIPTOR_NEXT);
	for (unsigned i = 0; i < request->pages; i++)
		describe(descriptor++, request->physical[i], page_length(request->page + i),
			DESCRIPTOR_NEXT | incoming);
	describe(descriptor, physical_of((const void *)&slot->status), 1, DESCRIPTOR_INCOMING);
	index = atomic_load_explicit(&queue.driver.index, memory_order_relaxed);
	queue.driver.ring[index % QUEUE_SIZE] = (uint16_t)(number * CHAIN);
	atomic_store(&queue.driver.index, (uint16_t)(index + 1));
	mmio_write(MMIO_NOTIFY, 0);
	spin_unlock(&disk_lock);
}

void
disk_submit(struct disk_request *request)
{
	if (request->pages == 0 || request->pages > DISK_MAX_PAGES ||
		request->page + request->pages > disk_pages())
		panic("disk request for page %lu, %u pages", request->page, request->pages);
	start(request, request->write ? REQUEST_WRITE : REQUEST_READ);
}

bool
disk_wait(struct disk_request *request)
{
	uint64_t last = request->page + request->pages - 1;

	spin_lock(&disk_lock);
	while (!request->done)
		sleep_on(request, &disk_lock);
	spin_unlock(&disk_lock);
	if (request->pages != 0 && !request->write && page_length(last) < PAGE_SIZE)
		memset((char *)direct_map(request->physical[request->pages - 1]) +
				page_length(last),
			0, PAGE_SIZE - page_length(last));
	return !request->failed;
}

bool
disk_read(uint64_t page, unsigned pages, const uint64_t *physical)
{
	struct disk_request request = {.page = page, .pages = pages, .physical = physical};

	disk_submit(&request);
	return disk_wait(&request);
}

bool
disk_write(uint64_t page, unsigned pages, const uint64_t *physical)
{
	struct disk_request request = {
		.write = true, .page = page, .pages = pages, .physical = physical};

	disk_submit(&request);
	return disk_wait(&request);
}

bool
disk_flush(void)
{
	struct disk_request request = {.write = true};

	if (!can_flush)
		return true;
	start(&request, REQUEST_FLUSH);
	return disk_wait(&request);
}

/* disk_interrupt: the device's index is read before what it covers. */
void
disk_interrupt(unsigned line)
{
	if (device == NULL || line != disk_line)
		panic("interrupt line %u has no driver", line);
	spin_lock(&disk_lock);
	mmio_write(MMIO_ACKNOWLEDGE, mmio_read(MMIO_INTERRUPT));
	while (seen != atomic_load(&queue.device.index)) {
		struct slot *slot = &slots[queue.device.ring[seen % QUEUE_SIZE].id / CHAIN];
		struct disk_request *request = slot->request;

		seen++;
		slot->request = NULL;
		request->failed = slot->status != REQUEST_OK;
		request->done = true;
		wake_all(request);
		wake_all(slots);
	}
	spin_unlock(&disk_lock);
}
