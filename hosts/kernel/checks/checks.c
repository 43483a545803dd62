// SPDX-License-Identifier: MIT
/* checks.c: runs all checks, and tells of each whether it held. */
#include "check.h"

#define LIMIT_SECONDS 10u /* that a check may take: one that waits for ever has failed */

static const struct check *const subjects[] = {life_checks, unmap_checks, protect_checks,
	reclaim_checks, disk_checks, lazy_checks, cpu_checks, change_checks, track_checks,
	device_checks, walk_checks, batch_checks, beside_checks, late_checks};
#define SUBJECTS (sizeof(subjects) / sizeof(subjects[0]))

static _Atomic(const char *) running;
static atomic_uint number;
static atomic_uint_fast64_t begun; /* ticks */
static bool all_hold = true;       /* the runner's */

bool
expect(bool holds, const char *what)
{
	if (!holds)
		print_line("# %s: not so: %s", atomic_load(&running), what);
	return holds;
}

/* end_run: the check that runs has failed, and nothing can be run after it. */
static _Noreturn void
end_run(void)
{
	print_line("not ok %u - %s", atomic_load(&number), atomic_load(&running));
	emulator_exit(false);
}

void
check_broken(void)
{
	if (atomic_load(&running) != NULL)
		end_run();
}

static bool
wanted(const struct check *check)
{
	size_t at = 0;

	while (check->name[at] != '\0' && check->name[at] == options.check[at])
		at++;
	return options.check[0] == '\0' || check->name[at] == options.check[at];
}

static void
run(const struct check *check)
{
	bool holds;

	atomic_store(&begun, clock_ticks());
	atomic_store(&running, check->name);
	atomic_fetch_add(&number, 1);
	holds = check->run();
	print_line("%sok %u - %s", holds ? "" : "not ", atomic_load(&number), check->name);
	all_hold = all_hold && holds;
}

static void
run_all(void *argument)
{
	(void)argument;
	for (size_t subject = 0; subject < SUBJECTS; subject++)
		for (const struct check *check = subjects[subject]; check->name != NULL; check++)
			if (wanted(check))
				run(check);
}

bool
workload_checks(void)
{
	struct thread *runner;
	unsigned count = 0;

	if (cpu_count() < CHECK_CPUS)
		panic("the checks need %u CPUs", CHECK_CPUS);
	if (!disk_present() || file_pages() == 0 || file_pages() > disk_pages())
		panic("the checks need a file on the disk");
	for (size_t subject = 0; subject < SUBJECTS; subject++)
		for (const struct check *check = subjects[subject]; check->name != NULL; check++)
			count += wanted(check);
	if (count == 0)
		panic("there is no check %s", options.check);
	options.batch = true; /* a flush that comes late is one that can be missed */
	print_line("1..%u", count);
	atomic_store(&begun, clock_ticks());
	runner = kernel_thread("checks", run_all, NULL, 0);
	if (runner == NULL)
		panic("no thread for the checks");
	while (!thread_done(runner)) {
		sleep_ticks(KERNEL_TICKS_PER_SECOND / 10);
		if (clock_ticks() - atomic_load(&begun) > LIMIT_SECONDS * KERNEL_TICKS_PER_SECOND) {
			print_line("# no end within %u s", LIMIT_SECONDS);
			end_run();
		}
	}
	return all_hold;
}
