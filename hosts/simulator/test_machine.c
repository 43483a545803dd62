// SPDX-License-Identifier: MIT
/*
 * test_machine.c: the simulated machine itself: what it must find, what must not matter to it, and results
 * that others have published, negative ones too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "frames.h"
#include "generations.h"
#include "histogram.h"
#include "machine.h"
#include "memory.h"
#include "message.h"
#include "operations.h"
#include "policies/policy.h"
#include "random.h"
#include "simulate.h"
#include "space.h"
#include "task.h"
#include "workloads/storm.h"
#include "workloads/workload.h"

static struct result result;

/* a_run: from an empty memory: TLBs have all of it when it is first taken back. */
static struct run
a_run(const char *workload, const char *policy_name, unsigned busy)
{
	struct run run = {.workload = workload_find(workload),
		.policy = policy_find(policy_name),
		.busy = busy,
		.batch = 32,
		.per_cpu = 512,
		.empty = true,
		.seconds = 0.004,
		.warm_up = 0.002,
		.seed = 1};

	assert_non_null(run.workload);
	run.pages = run.workload->pages;
	return run;
}

static void
use(const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), SIMULATOR_MACHINES "/%s.ini", name);
	assert_true(machine_read(path));
}

/* status_of: what a run in a process of its own exits with. */
static int
status_of(const struct run *run)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		simulate(run, &result);
		_exit(frames_are_all_there() ? STATUS_OK : STATUS_ERROR);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* What if the same is simulated twice? */
static void
the_same_seed_gives_the_same(void **state)
{
	struct run run = a_run("readers", "salvo", 12);
	struct result first;

	(void)state;
	use("haswell-ex-4-nodes");
	simulate(&run, &first);
	simulate(&run, &result);
	first.host_seconds = result.host_seconds;
	assert_memory_equal(&first, &result, sizeof(first));
	run.seed = 2;
	simulate(&run, &result);
	first.host_seconds = result.host_seconds;
	assert_memory_not_equal(&first, &result, sizeof(first));
}

enum { SHARERS = 20, SHARED_PAGES = 4 };

/* share: threads use pages of each other's areas; one in four gives its own back now and then. */
static void
share(struct task *task)
{
	uint64_t random = task->argument;
	uintptr_t mine = storm_start(task->cpu, SHARED_PAGES);

	for (;;) {
		unsigned owner = (unsigned)(random_next(&random) % SHARERS);
		uintptr_t page = random_next(&random) % SHARED_PAGES;

		memory_use(task->space, storm_start(owner, SHARED_PAGES) + page * PAGE_SIZE, true,
			random_about(&random, machine.user.think));
		if (task->cpu % 4 == 0 && random_next(&random) % 8 == 0)
			operations_unmap(task->space, mine, mine + SHARED_PAGES * PAGE_SIZE, false);
		task_pause();
	}
}

static void
share_set_up(const struct run *run)
{
	storm_set_up(run, share);
}

/* What if every policy does every kind of work? No page is freed too early, and none is lost. */
static void
no_policy_frees_too_early(void **state)
{
	(void)state;
	use("haswell-ex-4-nodes");
	for (unsigned w = 0; workloads[w] != NULL; w++)
		for (unsigned p = 0; policies[p] != NULL; p++) {
			struct run run = a_run(workloads[w]->name, policies[p]->name, 20);

			if (status_of(&run) != STATUS_OK)
				fail_msg("%s under %s", policies[p]->name, workloads[w]->name);
		}
}

/* What if threads use each other's pages until they are gone, and ticks come quickly? */
static void
no_policy_leaves_others_a_page(void **state)
{
	static const struct workload sharers = {.name = "sharers", .set_up = share_set_up};

	(void)state;
	use("haswell-ex-4-nodes");
	assert_true(machine_set("schedule.tick_us=100"));
	for (unsigned p = 0; policies[p] != NULL; p++) {
		struct run run = a_run("munmap", policies[p]->name, SHARERS);

		run.workload = &sharers;
		run.spaces = 3;
		if (status_of(&run) != STATUS_OK)
			fail_msg("%s", policies[p]->name);
	}
}

static void
flush_nothing(struct flush_op *op)
{
	generations_begin(op);
}

static void
forget_a_cpu(struct flush_op *op)
{
	static const struct calls_way way;

	if (op->kind == FLUSH_RECLAIM) {
		salvo_cpuset_remove(&op->cpus, 3);
		generations_flush(NULL, 0, UINTPTR_MAX, 0, &op->cpus, false, &way);
		generations_begin(op);
	} else {
		generations_finish(op, &way);
	}
}

/* What if a policy flushes nothing, or forgets one CPU? */
static void
a_wrong_policy_is_found_out(void **state)
{
	static const char *const that_free[] = {"readers", "munmap", "tables"};
	struct policy wrong;
	struct run run;

	(void)state;
	use("haswell-ex-4-nodes");
	wrong = *policy_find("linux");
	wrong.name = "wrong, as it should be here";
	wrong.finish = flush_nothing;
	for (unsigned i = 0; i < sizeof(that_free) / sizeof(that_free[0]); i++) {
		run = a_run(that_free[i], "linux", 8);
		run.policy = &wrong;
		assert_int_equal(status_of(&run), STATUS_WRONG);
	}
	wrong.finish = forget_a_cpu;
	run = a_run("readers", "linux", 8);
	run.seconds = 0.016; /* that CPU's pages must come round */
	run.policy = &wrong;
	assert_int_equal(status_of(&run), STATUS_WRONG);
}

/* What if the machine has 4032 CPUs more, which have no work? */
static void
idle_cpus_cost_nothing(void **state)
{
	struct run run = a_run("readers", "batch", 64);
	uint64_t events;

	(void)state;
	use("4096-cpus");
	simulate(&run, &result);
	events = result.events;
	assert_true(machine_set("machine.sockets=1") && machine_set("machine.cores=32"));
	simulate(&run, &result);
	assert_in_range(
		events, result.events - result.events / 50, result.events + result.events / 50);
}

/* What if a CPU works by itself? */
static void
one_cpu_interrupts_nobody(void **state)
{
	(void)state;
	use("haswell-ex-4-nodes");
	for (unsigned p = 0; policies[p] != NULL; p++) {
		struct run run = a_run("munmap", policies[p]->name, 1);

		simulate(&run, &result);
		assert_int_equal(result.interrupts, 0);
		assert_true(result.pages > 0);
	}
}

/* Gorman 2015: fewer interrupts by the length of a batch, and more pages. */
static void
a_batch_saves_interrupts(void **state)
{
	struct run run = a_run("readers", "page", 48);
	double a_page, pages;

	(void)state;
	use("haswell-ex-4-nodes");
	run.seconds = run.warm_up = 0.02;
	simulate(&run, &result);
	pages = (double)result.pages;
	a_page = (double)result.interrupts / pages;
	run.policy = policy_find("batch");
	simulate(&run, &result);
	assert_true((double)result.interrupts / (double)result.pages < a_page / 4);
	assert_true((double)result.pages > pages);
}

static void
quantiles_are_within_an_eighth(void **state)
{
	static struct histogram histogram;

	(void)state;
	for (uint64_t i = 1; i <= 100000; i++)
		histogram_add(&histogram, i);
	assert_in_range(histogram_quantile(&histogram, 0.5), 43750, 50000);
	assert_in_range(histogram_quantile(&histogram, 0.99), 86625, 99000);
	assert_int_equal(histogram.most, 100000);
	for (unsigned i = 0; i + 1 < HISTOGRAM_BUCKETS - HISTOGRAM_STEPS * 3; i++)
		assert_true(histogram_least(i) < histogram_least(i + 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_seed_gives_the_same),
		cmocka_unit_test(no_policy_frees_too_early),
		cmocka_unit_test(no_policy_leaves_others_a_page),
		cmocka_unit_test(a_wrong_policy_is_found_out),
		cmocka_unit_test(idle_cpus_cost_nothing),
		cmocka_unit_test(one_cpu_interrupts_nobody),
		cmocka_unit_test(a_batch_saves_interrupts),
		cmocka_unit_test(quantiles_are_within_an_eighth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
