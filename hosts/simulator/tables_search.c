// SPDX-License-Identifier: MIT
/*
 * tables_search.c: six costs, four of which no source states, fitted to User, System and interrupts a
 * second of the four-node table, before and after, from the machine file's figures on. The six figures
 * do not tell all costs apart, so small differences from the machine file are preferred.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "machine.h"
#include "message.h"
#include "tables.h"

enum {
	WHEN = 2,
	FIGURES = 6,
	TRIES = 4,
	STARTS = 12,
	FINE_ROUNDS = 3,
	FINE_SEEDS = 2,
	LINE_BYTES = 256
};
enum { PAGE, LOCK_HELD, REMOTE, DELIVER, ENTRY_NODES, READ_NODES };

/* What a cost that is e times the machine file's weighs, beside a figure that is off by 3 %. */
static const double preference = 0.001;
static const double no_cost = 1000;  /* nanoseconds: where the search begins if the file says 0 */
static const double probe = 0.3;     /* to find slopes: large beside what chance does */
static const double step_most = 1.2; /* of a cost's logarithm */
static const double enough = 0.02;   /* an error smaller by less than this ends the search */

struct fitted fitted[FITTED] = {
	[PAGE] = {.key = "user.page_ns"},
	[LOCK_HELD] = {.key = "kernel.lru_ns"},
	[REMOTE] = {.key = "line.remote_ns"},
	[DELIVER] = {.key = "interrupt.remote_ns"},
	[ENTRY_NODES] = {.key = "interrupt.nodes_ns"},
	[READ_NODES] = {.key = "kernel.nodes_ns"},
};

/* take: a cost of the machine file, if it is fitted. */
static void
take(const char *section, const char *name, double value, void *context)
{
	size_t length = strlen(section);

	(void)context;
	for (unsigned i = 0; i < FITTED; i++)
		if (strncmp(fitted[i].key, section, length) == 0 && fitted[i].key[length] == '.' &&
			strcmp(fitted[i].key + length + 1, name) == 0)
			fitted[i].value = value;
}

double
fitted_interrupt(void)
{
	return fitted[ENTRY_NODES].value + (double)machine.interrupt.entry / CLOCK_NS;
}

bool
fitted_read(void)
{
	FILE *file = fopen(SIMULATOR_TABLES "/fitted.tsv", "r");
	char line[LINE_BYTES], key[LINE_BYTES];
	unsigned found = 0;
	double value;

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		if (line[0] == '#' || sscanf(line, "%255[^\t]\t%lf", key, &value) != 2)
			continue;
		for (unsigned i = 0; i < FITTED; i++)
			if (strcmp(fitted[i].key, key) == 0) {
				fitted[i].value = value;
				found++;
			}
	}
	if (file != NULL)
		fclose(file);
	if (found != FITTED)
		error(SIMULATOR_TABLES "/fitted.tsv: not the %d costs that are fitted", FITTED);
	return found == FITTED;
}

/* ---- How good a set of costs is ---- */

static bool rough; /* runs are small */

/* A set of costs, as logarithms of what they are to the machine file's, and its runs. */
struct trial {
	double logs[FITTED];
	struct readers readers[WHEN];
	double off[FIGURES]; /* logarithms of simulated to published */
	double error;
};

static void
plan_trial(struct trial *trial, const double *start)
{
	for (unsigned i = 0; i < FITTED; i++)
		fitted[i].value = start[i] * exp(trial->logs[i]);
	for (unsigned i = 0; i < WHEN; i++) {
		trial->readers[i] = (struct readers){.machine = "haswell-ex-4-nodes",
			.policy = i == 0 ? "linux-4.2" : "linux-4.3",
			.small = rough,
			.fill = i == 0 ? NULL : trial->readers[0].fill,
			.seeds = rough ? 1 : FINE_SEEDS};
		readers_plan(&trial->readers[i]);
	}
}

static double
off_by(double simulated_value, const char *figure)
{
	return log(fmax(simulated_value, 1) / published("four-nodes", figure));
}

/* judge: => the trial's runs were made */
static void
judge(struct trial *trial)
{
	struct readers_said before, after;
	struct waits waits;

	readers_wait(&trial->readers[0], &trial->readers[1], &waits);
	readers_say(&trial->readers[0], &waits, &before);
	readers_say(&trial->readers[1], &waits, &after);
	trial->off[0] = off_by(before.user, "user before");
	trial->off[1] = off_by(after.user, "user after");
	trial->off[2] = off_by(before.system, "system before");
	trial->off[3] = off_by(after.system, "system after");
	trial->off[4] = off_by(before.interrupts, "interrupts_per_s before");
	trial->off[5] = off_by(after.interrupts, "interrupts_per_s after");
	trial->error = 0;
	for (unsigned i = 0; i < FIGURES; i++)
		trial->error += trial->off[i] * trial->off[i];
	for (unsigned i = 0; i < FITTED; i++)
		trial->error += preference * trial->logs[i] * trial->logs[i];
}

/* run_trials: side by side. */
static bool
run_trials(struct trial *trials, unsigned count, const double *start)
{
	jobs_clear();
	for (unsigned i = 0; i < count; i++)
		plan_trial(&trials[i], start);
	if (!jobs_run("calibrating"))
		return false;
	for (unsigned i = 0; i < count; i++)
		judge(&trials[i]);
	return true;
}

/* ---- The search: damped least squares (Levenberg) ---- */

/* solve: a linear system, by elimination; it is positive definite, so no row is exchanged. */
static void
solve(double matrix[FITTED][FITTED], double *right)
{
	for (unsigned i = 0; i < FITTED; i++)
		for (unsigned row = i + 1; row < FITTED; row++) {
			double factor = matrix[row][i] / matrix[i][i];

			for (unsigned column = i; column < FITTED; column++)
				matrix[row][column] -= factor * matrix[i][column];
			right[row] -= factor * right[i];
		}
	for (unsigned i = FITTED; i-- > 0;) {
		for (unsigned column = i + 1; column < FITTED; column++)
			right[i] -= matrix[i][column] * right[column];
		right[i] /= matrix[i][i];
	}
}

/* direction: from `at`, by what each figure does when a cost grows: trials 1 to FITTED of `tried`. */
static void
direction(const struct trial *at, const struct trial *tried, double damping, double *step)
{
	double matrix[FITTED][FITTED], slopes[FIGURES][FITTED];

	for (unsigned f = 0; f < FIGURES; f++)
		for (unsigned i = 0; i < FITTED; i++)
			slopes[f][i] = (tried[i].off[f] - at->off[f]) / probe;
	for (unsigned i = 0; i < FITTED; i++) {
		step[i] = -preference * at->logs[i];
		for (unsigned f = 0; f < FIGURES; f++)
			step[i] -= slopes[f][i] * at->off[f];
		for (unsigned j = 0; j < FITTED; j++) {
			matrix[i][j] = i == j ? preference + damping : 0;
			for (unsigned f = 0; f < FIGURES; f++)
				matrix[i][j] += slopes[f][i] * slopes[f][j];
		}
	}
	solve(matrix, step);
}

/* advance: the best of a few steps, of more and more damping; false: none is better. */
static bool
advance(struct trial *at, const double *start)
{
	static const double dampings[TRIES] = {0.003, 0.03, 0.3, 3};
	struct trial probes[FITTED], tries[TRIES];
	bool better = false;

	for (unsigned i = 0; i < FITTED; i++) {
		probes[i] = *at;
		probes[i].logs[i] += probe;
	}
	if (!run_trials(probes, FITTED, start))
		return false;
	for (unsigned t = 0; t < TRIES; t++) {
		double step[FITTED];

		direction(at, probes, dampings[t], step);
		tries[t] = *at;
		for (unsigned i = 0; i < FITTED; i++)
			tries[t].logs[i] += fmax(-step_most, fmin(step_most, step[i]));
	}
	if (!run_trials(tries, TRIES, start))
		return false;
	for (unsigned t = 0; t < TRIES; t++)
		if (tries[t].error < at->error) {
			*at = tries[t];
			better = true;
		}
	return better;
}

/*
 * begin: the best of a few far apart: a line from another socket costs what the machine file says or
 * several times as much, and pages and interrupts on several nodes little or much. A lock that saturates
 * hides the others.
 */
static bool
begin(struct trial *at, const double *start)
{
	static const double distances[] = {1, 3}, reads[] = {1, 10}, interrupts[] = {0.5, 2, 6};
	struct trial trials[STARTS] = {{.error = 0}};

	for (unsigned i = 0; i < STARTS; i++) {
		trials[i].logs[REMOTE] = log(distances[i % 2]);
		trials[i].logs[READ_NODES] = log(reads[i / 2 % 2]);
		trials[i].logs[ENTRY_NODES] = log(interrupts[i / 4]);
	}
	if (!run_trials(trials, STARTS, start))
		return false;
	*at = trials[0];
	for (unsigned i = 1; i < STARTS; i++)
		if (trials[i].error < at->error)
			*at = trials[i];
	return true;
}

int
calibrate(void)
{
	double start[FITTED], before;
	struct trial at;

	if (!machine_read(SIMULATOR_MACHINES "/haswell-ex-4-nodes.ini"))
		return STATUS_ERROR;
	machine_each(take, NULL);
	for (unsigned i = 0; i < FITTED; i++)
		start[i] = fitted[i].value > 0 ? fitted[i].value : no_cost;
	rough = true;
	if (!begin(&at, start))
		return STATUS_ERROR;
	do {
		before = at.error;
		fprintf(stderr, "error %.6f\n", at.error);
	} while (advance(&at, start) && at.error < before * (1 - enough));
	rough = false;
	if (!run_trials(&at, 1, start))
		return STATUS_ERROR;
	for (unsigned i = 0; i < FINE_ROUNDS; i++) {
		fprintf(stderr, "error of long runs %.6f\n", at.error);
		if (!advance(&at, start))
			break;
	}
	printf("# SPDX-License-Identifier: MIT\n"
	       "# Costs fitted to the four-node table alone, by `./dev tables --calibrate`, which "
	       "prints "
	       "this file.\n");
	for (unsigned i = 0; i < FITTED; i++)
		printf("%s\t%.6g\n", fitted[i].key, start[i] * exp(at.logs[i]));
	return STATUS_OK;
}
