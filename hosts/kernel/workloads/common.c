// SPDX-License-Identifier: MIT
/* common.c: the statistics of a workload, a crowd of threads beside it, and rounds of work. */
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
		.done = port_stat(nr_requests_done),
		.early = port_stat(nr_answered_early),
	};
}

/* add_since: what was counted since `before`. */
static void
add_since(struct counts *sum, const struct counts *before)
{
	struct counts now = counts_now();

	sum->received += now.received - before->received;
	sum->sent += now.sent - before->sent;
	sum->joined += now.joined - before->joined;
	sum->skipped_lazy += now.skipped_lazy - before->skipped_lazy;
	sum->skipped_current += now.skipped_current - before->skipped_current;
	sum->flush_all += now.flush_all - before->flush_all;
	sum->flush_one += now.flush_one - before->flush_one;
	sum->remote += now.remote - before->remote;
	sum->done += now.done - before->done;
	sum->early += now.early - before->early;
}

static void
print_sum(const struct counts *sum, uint64_t pages, uint64_t cycles)
{
	print_line("stat pages %lu", pages);
	print_line("stat interrupts %lu", sum->received);
	print_line("stat cycles %lu", cycles);
	print_line("stat skipped_lazy %lu", sum->skipped_lazy);
	print_line("stat skipped_current %lu", sum->skipped_current);
	print_line("stat interrupts_sent %lu", sum->sent);
	print_line("stat interrupts_joined %lu", sum->joined);
	print_line("stat local_flush_all %lu", sum->flush_all);
	print_line("stat local_flush_one %lu", sum->flush_one);
	print_line("stat remote_flush %lu", sum->remote);
	print_line("stat requests_done %lu", sum->done);
	print_line("stat answered_early %lu", sum->early);
}

void
print_stats(const struct counts *before, uint64_t pages, uint64_t cycles)
{
	struct counts sum = {0};

	add_since(&sum, before);
	print_sum(&sum, pages, cycles);
}

void
print_stats_of(const struct counts *before, const struct cost *cost)
{
	struct counts sum = {0};

	add_since(&sum, before);
	sum.received = cost->interrupts;
	sum.remote = cost->flushes;
	print_sum(&sum, cost->pages, cost->cycles);
}

/* ---- A crowd of threads ---- */

void
crowd_create(struct crowd *crowd)
{
	crowd->process = process_create();
	crowd->count = 0;
	if (crowd->process == NULL)
		panic("no memory for a process");
}

void
crowd_add(struct crowd *crowd, unsigned cpu, uintptr_t address, size_t pages, bool store)
{
	uint64_t arguments[4] = {address, pages, 1, store};
	struct thread *thread = user_thread(crowd->process, PROGRAM_TOUCHER, arguments, (int)cpu);

	if (address == 0 || thread == NULL)
		panic("no memory for a thread on CPU %u", cpu);
	crowd->threads[crowd->count++] = thread;
}

void
crowd_wait(const struct crowd *crowd, unsigned rounds)
{
	uint64_t until = process_progress(crowd->process) + (uint64_t)rounds * crowd->count;

	while (process_progress(crowd->process) < until)
		sleep_ticks(1);
}

void
crowd_own_memory(struct crowd *crowd, unsigned first, size_t pages)
{
	struct mm *mm = process_mm(crowd->process);

	for (unsigned cpu = first; cpu < cpu_count(); cpu++) {
		uintptr_t address = mm_map_anonymous(mm, pages * PAGE_SIZE);

		if (!mm_populate(mm, address, address + pages * PAGE_SIZE, true))
			panic("no memory for the pages of a thread");
		crowd_add(crowd, cpu, address, pages, false);
	}
	for (unsigned cpu = first; cpu < cpu_count(); cpu++)
		while (salvo_atomic_load(&port_cpus[cpu].loaded_id) !=
			salvo_atomic_load(&mm->space.id))
			sleep_ticks(1);
	crowd_wait(crowd, 2);
}

bool
crowd_leave(struct crowd *crowd)
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
	return passed;
}

bool
crowd_end(struct crowd *crowd)
{
	bool passed = crowd_leave(crowd);

	process_destroy(crowd->process);
	return passed;
}

/* ---- Rounds ---- */

static struct counts measured, begun; /* the workload's thread alone */

void
measure_begin(void)
{
	begun = counts_now();
}

void
measure_end(void)
{
	add_since(&measured, &begun);
}

bool
run_rounds_in(struct crowd *crowd, const struct rounds *rounds)
{
	struct mm *mm = process_mm(crowd->process);
	uint64_t pages = 0, cycles = 0, shown = 0;
	unsigned count = options.batch ? rounds->count : rounds->count_page, done;

	mm->cycles = 0;
	for (done = 0; done < count; done++) {
		size_t changed = rounds->run(mm, &cycles);

		if (changed == 0)
			break;
		pages += changed;
		if (clock_ticks() - shown >= KERNEL_TICKS_PER_SECOND / 2) {
			shown = clock_ticks();
			print_line("progress %u %u %s", done, count, rounds->what);
		}
	}
	print_sum(&measured, pages, mm->cycles + cycles);
	return done == count;
}

bool
run_rounds(const struct rounds *rounds)
{
	struct crowd crowd;
	bool passed;

	crowd_create(&crowd);
	crowd_own_memory(&crowd, 0, CROWD_PAGES);
	passed = run_rounds_in(&crowd, rounds);
	return crowd_end(&crowd) && passed;
}
