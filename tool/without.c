// SPDX-License-Identifier: MIT
/*
 * without.c: a kernel built without one step of the library, and its self-checks.
 *   1. copy what the kernel is built from into build/without/STEP/tree, times included
 *   2. apply the step's patch there
 *   3. build the kernel in build/without/STEP/build; objects of an earlier build of the same
 *      patch are used again, those of another patch are not
 *   4. run the self-checks on it
 * The tree itself is never touched.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "message.h"
#include "run.h"
#include "steps.h"

enum { PATH_BYTES = 512 };

struct places {
	char folder[PATH_BYTES];
	char tree[PATH_BYTES];
	char project[PATH_BYTES]; /* the kernel's, in the tree */
	char build[PATH_BYTES];
	char ninja[PATH_BYTES]; /* there once the build has been set up */
	char patch[PATH_BYTES]; /* the patch that the objects in `build` were built with */
	char kernel[PATH_BYTES];
	char log[PATH_BYTES];    /* of the last command */
	char serial[PATH_BYTES]; /* the kernel's output */
};

static void
find_places(struct places *places, const char *step)
{
	char *folder = places->folder;

	snprintf(folder, PATH_BYTES / 2, "%s/build/without/%s", SALVO_SOURCE_ROOT, step);
	snprintf(places->tree, PATH_BYTES, "%.400s/tree", folder);
	snprintf(places->project, PATH_BYTES, "%.400s/tree/hosts/kernel", folder);
	snprintf(places->build, PATH_BYTES, "%.400s/build", folder);
	snprintf(places->ninja, PATH_BYTES, "%.400s/build/build.ninja", folder);
	snprintf(places->patch, PATH_BYTES, "%.400s/patch", folder);
	snprintf(places->kernel, PATH_BYTES, "%.400s/build/kernel.elf", folder);
	snprintf(places->log, PATH_BYTES, "%.400s/command.log", folder);
	snprintf(places->serial, PATH_BYTES, "%.400s/checks.log", folder);
}

/* command: runs one program; true when it ended well. */
static bool
command(const struct places *places, const char *const arguments[])
{
	return child_run((char *const *)arguments, places->log) == 0;
}

/* copy_tree: a fresh copy of what the kernel is built from. */
static bool
copy_tree(const struct places *places)
{
	const char *const make[] = {"mkdir", "-p", places->folder, NULL};
	const char *const clear[] = {"rm", "-rf", places->tree, NULL};
	const char *const folder[] = {"mkdir", places->tree, NULL};
	const char *const copy[] = {"env", "-C", SALVO_SOURCE_ROOT, "cp", "-a", "--parents",
		"include", "src", "arch", "hosts/kernel", places->tree, NULL};

	return child_run((char *const *)make, "/dev/null") == 0 && command(places, clear) &&
	       command(places, folder) && command(places, copy);
}

/* drop_other_objects: what was built with another patch may be newer than the files it is from. */
static bool
drop_other_objects(const struct places *places, const struct step *step)
{
	const char *const same[] = {"cmp", "-s", step->patch, places->patch, NULL};
	const char *const drop[] = {"rm", "-rf", places->build, NULL};
	const char *const keep[] = {"cp", step->patch, places->patch, NULL};

	return command(places, same) || (command(places, drop) && command(places, keep));
}

static bool
build_kernel(const struct places *places)
{
	const char *const setup[] = {"meson", "setup", places->build, places->project, NULL};
	const char *const build[] = {"ninja", "-C", places->build, "kernel.elf", NULL};

	return (access(places->ninja, F_OK) == 0 || command(places, setup)) &&
	       command(places, build);
}

/* prepare: the kernel without the step; false, with a line on standard error, if it cannot be. */
static bool
prepare(const struct places *places, const struct step *step)
{
	const char *const apply[] = {
		"patch", "-d", places->tree, "-p1", "--fuzz=0", "--batch", "-i", step->patch, NULL};

	if (!copy_tree(places))
		error("cannot copy the tree to %s", places->tree);
	else if (!drop_other_objects(places, step))
		error("cannot clear %s", places->build);
	else if (!command(places, apply))
		error("the patch of step '%s' does not apply (%s)", step->name, places->log);
	else if (!build_kernel(places))
		error("the kernel without step '%s' does not build (%s)", step->name, places->log);
	else
		return true;
	return false;
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
