// SPDX-License-Identifier: MIT
/* common.c: the statistics of a workload, and a crowd of threads beside it. */
#include "workload.h"

#define CROWD_PAGES 16 /* that each thread touches */

struct counts
counts_now(void)
{
	return (struct counts){
		.received = port_stat(nr_tlb_remote_flush_received),
		.sent = port_stat(nr_interrupts_sent),
		.joined = port_stat(nr_interrupts_joined),
		.skipped_lazy = port_stat(nr_skipped_lazy),
		.skipped_current = port_stat(nr_skipped_current),
		.flush_all = port_stat(nr_tlb_local_flush_all),
		.flush_one = port_stat(nr_tlb_local_flush_one),
		.remote = port_stat(nr_tlb_remote_flush),
	};
}

void
print_stats(const struct counts *before, uint64_t pages, uint64_t cycles)
{
	struct counts now = counts_now();

	print_line("stat pages %lu", pages);
	print_line("stat interrupts %lu", now.received - before->received);
	print_line("stat cycles %lu", cycles);
	print_line("stat skipped_lazy %lu", now.skipped_lazy - before->skipped_lazy);
	print_line("stat skipped_current %lu", now.skipped_current - before->skipped_current);
	print_line("stat interrupts_sent %lu", now.sent - before->sent);
	print_line("stat interrupts_joined %lu", now.joined - before->joined);
	print_line("stat local_flush_all %lu", now.flush_all - before->flush_all);
	print_line("stat local_flush_one %lu", now.flush_one - before->flush_one);
	print_line("stat remote_flush %lu", now.remote - before->remote);
}

void
crowd_start(struct crowd *crowd, size_t pages)
{
	crowd->process = process_create();
	crowd->count = cpu_count();
	if (crowd->process == NULL)
		panic("no memory for a process");
	for (unsigned cpu = 0; cpu < crowd->count; cpu++) {
		uint64_t arguments[4] = {0, pages, 1, 0};

		arguments[0] = mm_map_anonymous(process_mm(crowd->process), pages * PAGE_SIZE);
		crowd->threads[cpu] =
			user_thread(crowd->process, PROGRAM_TOUCHER, arguments, (int)cpu);
		if (arguments[0] == 0 || crowd->threads[cpu] == NULL)
			panic("no memory for a thread on CPU %u", cpu);
	}
	while (process_progress(crowd->process) < 2 * crowd->count)
		sleep_ticks(1);
}

bool
crowd_stop(struct crowd *crowd)
{
	bool passed = true;

	process_stop(crowd->process);
	for (unsigned i = 0; i < crowd->count; i++) {
		struct thread_result result;

		thread_wait(crowd->threads[i], &result);
		if (result.killed || result.report[1] != 0) {
			print_line("# the thread on CPU %u lost its pages", i);
			passed = false;
		}
	}
	process_destroy(crowd->process);
	return passed;
}

bool
run_rounds(const char *what, unsigned rounds, size_t (*round)(struct mm *mm))
{
	struct counts before;
	struct crowd crowd;
	struct mm *mm;
	uint64_t pages = 0, shown = 0;
	unsigned done;

	crowd_start(&crowd, CROWD_PAGES);
	mm = process_mm(crowd.process);
	mm->cycles = 0;
	before = counts_now();
	for (done = 0; done < rounds; done++) {
		size_t changed = round(mm);

		if (changed == 0)
			break;
		pages += changed;
		if (clock_ticks() - shown >= KERNEL_TICKS_PER_SECOND / 2) {
			shown = clock_ticks();
			print_line("progress %u %u %s", done, rounds, what);
		}
	}
	print_stats(&before, pages, mm->cycles);
	return crowd_stop(&crowd) && done == rounds;
}
