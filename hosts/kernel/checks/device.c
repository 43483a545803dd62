// SPDX-License-Identifier: MIT
/* device.c: a device that reads by the tables of a process, and is told by the port alone. */
#include "check.h"

#define ROUNDS  4
#define PATTERN 0xcccc000000000000UL
#define SECRET  0xdddd000000000000UL

/* What the device reads, again and again, in a kernel thread. */
static struct {
	uintptr_t at;
	atomic_uint_fast64_t read;  /* so often the page was there */
	atomic_bool stop, stranger; /* stranger: it was not the process's */
} job;

static void
work(void *unused)
{
	uint64_t value;

	(void)unused;
	while (!atomic_load(&job.stop)) {
		if (device_read(job.at, &value)) {
			atomic_fetch_add(&job.read, 1);
			if (value != PATTERN && value != 0)
				atomic_store(&job.stranger, true);
		}
		cpu_relax();
	}
}

/* reads_within: whether the device gets at the page. */
static bool
reads_within(uint64_t microseconds)
{
	uint64_t before = atomic_load(&job.read), begun = clock_microseconds();

	while (atomic_load(&job.read) < before + 2 && clock_microseconds() - begun < microseconds)
		cpu_relax();
	return atomic_load(&job.read) >= before + 2;
}

/* take_page: one round: take the page from under the device, by unmap or by reclaim's way, and look
 * whether it still reads; then let another process have the frame. */
static bool
take_page(struct prober *owner, struct prober *stranger, bool by_rmap)
{
	uintptr_t other;
	bool holds = expect(reads_within(5000000), "the device reads");

	if (by_rmap)
		reclaim_pages(cache_pages());
	else
		mm_unmap(owner->mm, job.at, job.at + PAGE_SIZE, PAGE_SIZE);
	holds = expect(!reads_within(50000), "it reads no more when the page is taken") && holds;
	other = map_stored(stranger, 1, SECRET);
	holds = expect(!atomic_load(&job.stranger), "nor what is somebody else's") && holds;
	mm_unmap(stranger->mm, other, other + PAGE_SIZE, PAGE_SIZE);
	return holds;
}

/* Does a device with a TLB of its own lose a page when it is unmapped, or reclaimed, and get at the
 * next one? */
static bool
device_reads(void)
{
	struct prober owner, stranger;
	struct thread *thread;
	bool holds = true;

	prober_start(&owner, 1);
	prober_start(&stranger, 2);
	for (unsigned round = 0; round < ROUNDS; round++) {
		bool by_rmap = round % 2 == 1;

		job.at = by_rmap ? mm_map_file(owner.mm, 0, 1, true)
				 : mm_map_anonymous(owner.mm, PAGE_SIZE);
		atomic_store(&job.stop, false);
		holds = expect(probe_store(&owner, job.at, 1, PATTERN) == 0, "it may store") &&
			holds;
		device_attach(owner.mm);
		thread = kernel_thread("device", work, NULL, 3);
		if (thread == NULL)
			panic("no thread for the device");
		holds = take_page(&owner, &stranger, by_rmap) && holds;
		atomic_store(&job.stop, true);
		thread_wait(thread, NULL);
		device_detach();
	}
	prober_stop(&owner);
	prober_stop(&stranger);
	return holds;
}

const struct check device_checks[] = {{"device-reads", device_reads}, {NULL, NULL}};
