// SPDX-License-Identifier: MIT
/* boot.c: are the CPUs there, do user threads run on all of them, does the disk answer? */
#include "../kernel.h"
#include "../user/abi.h"

#define TOUCHED_PAGES 4
#define READ_PAGES    8

static unsigned result_number;

static bool
result(bool passed, const char *what)
{
	print_line("%sok %u - %s", passed ? "" : "not ", ++result_number, what);
	return passed;
}

/* touch_everywhere: one user thread a CPU, in one process; each must get round at least once. */
static bool
touch_everywhere(void)
{
	struct thread *threads[KERNEL_MAX_CPUS];
	struct process *process = process_create();
	bool passed = process != NULL;
	uint64_t arguments[4] = {0, TOUCHED_PAGES, 1, 1};

	if (!passed)
		return false;
	arguments[0] = mm_map_anonymous(process_mm(process), TOUCHED_PAGES * PAGE_SIZE);
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		threads[cpu] = user_thread(process, PROGRAM_TOUCHER, arguments, (int)cpu);
		if (threads[cpu] == NULL)
			panic("no user thread for CPU %u", cpu);
	}
	sleep_ticks(KERNEL_TICKS_PER_SECOND / 5);
	process_stop(process);
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		struct thread_result done;

		thread_wait(threads[cpu], &done);
		print_line("# CPU %u: %lu rounds, %lu faults%s", cpu, done.report[0],
			done.report[1], done.killed ? ", killed" : "");
		passed = passed && !done.killed && done.report[0] > 0 && done.report[1] == 0;
	}
	process_destroy(process);
	return passed;
}

/* read_disk: several requests in flight; the same pages must come twice. */
static bool
read_disk(void)
{
	static unsigned char memory[2][READ_PAGES][PAGE_SIZE] __attribute__((aligned(4096)));
	struct disk_request requests[2];
	uint64_t physical[2][READ_PAGES];
	bool passed = true;

	for (unsigned i = 0; i < 2; i++) {
		unsigned pages = disk_pages() < READ_PAGES ? (unsigned)disk_pages() : READ_PAGES;

		memset(memory[i], (int)i, sizeof(memory[i]));
		for (unsigned page = 0; page < READ_PAGES; page++)
			physical[i][page] = physical_of(memory[i][page]);
		requests[i] = (struct disk_request){.pages = pages, .physical = physical[i]};
		disk_submit(&requests[i]);
	}
	for (unsigned i = 0; i < 2; i++)
		passed = disk_wait(&requests[i]) && passed;
	return passed && memcmp(memory[0], memory[1], requests[0].pages * PAGE_SIZE) == 0;
}

bool
workload_boot(void)
{
	bool passed;

	print_line("1..%u", disk_present() ? 3 : 2);
	print_line("ok %u - %u CPUs are up", ++result_number, cpu_count());
	passed = result(touch_everywhere(), "user threads run on every CPU");
	if (disk_present())
		passed = result(read_disk(), "the disk is read") && passed;
	return passed;
}
