// SPDX-License-Identifier: MIT
/*
 * without.c: a kernel built without one step of the library, and its self-checks.
 *   1. copy what the kernel is built from, and its build, to build/without/STEP/tree, times
 * included
 *   2. apply the step's patch there
 *   3. build there: paths in a build are relative, so only what the patch touched is compiled
 *   4. run the self-checks on it
 * The tree itself is never touched.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "child.h"
#include "message.h"
#include "run.h"
#include "steps.h"

enum { PATH_BYTES = 512 };

struct places {
	char folder[PATH_BYTES];
	char tree[PATH_BYTES];
	char build[PATH_BYTES];
	char kernel[PATH_BYTES];
	char log[PATH_BYTES];    /* of the last command */
	char serial[PATH_BYTES]; /* the kernel's output */
};

static void
find_places(struct places *places, const char *step)
{
	const char *folder = places->folder;

	snprintf(places->folder, PATH_BYTES / 2, "%s/build/without/%s", SALVO_SOURCE_ROOT, step);
	snprintf(places->tree, PATH_BYTES, "%.400s/tree", folder);
	snprintf(places->build, PATH_BYTES, "%.400s/tree/build/kernel", folder);
	snprintf(places->kernel, PATH_BYTES, "%.400s/tree/build/kernel/kernel.elf", folder);
	snprintf(places->log, PATH_BYTES, "%.400s/command.log", folder);
	snprintf(places->serial, PATH_BYTES, "%.400s/checks.log", folder);
}

/* command: runs one program; true when it ended well. */
static bool
command(const struct places *places, const char *const arguments[])
{
	return child_run((char *const *)arguments, places->log) == 0;
}

static bool
copy_tree(const struct places *places)
{
	const char *const clear[] = {"rm", "-rf", places->folder, NULL};
	const char *const make[] = {"mkdir", "-p", places->tree, NULL};
	const char *const copy[] = {"env", "-C", SALVO_SOURCE_ROOT, "cp", "-a", "--parents",
		"include", "src", "arch", "hosts/kernel", "build/kernel", places->tree, NULL};

	return child_run((char *const *)clear, "/dev/null") == 0 &&
	       child_run((char *const *)make, "/dev/null") == 0 && command(places, copy);
}

/* prepare: the kernel without the step; false, with a line on standard error, if it cannot be. */
static bool
prepare(const struct places *places, const struct step *step)
{
	const char *const apply[] = {
		"patch", "-d", places->tree, "-p1", "--fuzz=0", "--batch", "-i", step->patch, NULL};
	const char *const build[] = {"ninja", "-C", places->build, "kernel.elf", NULL};

	if (!copy_tree(places))
		error("cannot copy the tree to %s", places->tree);
	else if (!command(places, apply))
		error("the patch of step '%s' does not apply (%s)", step->name, places->log);
	else if (!command(places, build))
		error("the kernel without step '%s' does not build (%s)", step->name, places->log);
	else
		return true;
	return false;
}

/* is_newer: the one file is, and both are there. */
static bool
is_newer(const char *path, const char *than)
{
	struct stat newer, older;

	if (stat(path, &newer) != 0 || stat(than, &older) != 0)
		return false;
	if (newer.st_mtim.tv_sec != older.st_mtim.tv_sec)
		return newer.st_mtim.tv_sec > older.st_mtim.tv_sec;
	return newer.st_mtim.tv_nsec > older.st_mtim.tv_nsec;
}

/*
 * kernel_without: the path of a kernel without one step. It is built unless that was done since the
 * kernel with all steps was. False, with a line on standard error, if there is none.
 */
bool
kernel_without(const char *name, char *path, size_t size)
{
	struct places places;
	struct step step;

	if (!step_find(&step, name)) {
		error("there is no step '%s'", name);
		return false;
	}
	find_places(&places, step.name);
	snprintf(path, size, "%s", places.kernel);
	return (is_newer(path, SALVO_KERNEL_ROOT "/kernel.elf") && is_newer(path, step.patch)) ||
	       prepare(&places, &step);
}

/* run_checks_without: the exit status of `salvo run --checks --without STEP`. */
int
run_checks_without(const struct run_options *options)
{
	struct places places;
	struct step step;
	struct checks checks = {
		.kernel = places.kernel,
		.log = places.serial,
		.prefix = "",
		.wanted = step.check,
	};

	if (!step_find(&step, options->without))
		return error("unknown step '%s'; --list-steps names them", options->without);
	find_places(&places, step.name);
	if (!prepare(&places, &step))
		return STATUS_ERROR;
	return run_checks_on(options, &checks);
}

/* killed: whether the kernel without the step fails the check that the step's patch names. */
static bool
killed(const struct run_options *options, const struct step *step)
{
	struct places places;
	struct checks checks = {
		.kernel = places.kernel,
		.log = places.serial,
		.prefix = "# ",
		.wanted = step->check,
		.alone = true,
	};

	find_places(&places, step->name);
	if (prepare(&places, step))
		run_checks_on(options, &checks);
	return checks.wanted_failed;
}

/* run_mutants: a test, in TAP: each step that a self-check is said to miss is missed by it. */
int
run_mutants(const struct run_options *options)
{
	struct step *steps;
	int count = steps_find_all(&steps), survivors = 0;

	printf("1..%d\n", count < 0 ? 0 : count);
	for (int i = 0; i < count; i++) {
		bool dead = killed(options, &steps[i]);

		survivors += !dead;
		printf("%s %d - without %s the kernel fails: %s\n", dead ? "ok" : "not ok", i + 1,
			steps[i].name, steps[i].check);
		fflush(stdout);
	}
	free(steps);
	return count > 0 && survivors == 0 ? STATUS_OK : STATUS_WRONG;
}
