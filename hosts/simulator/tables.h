/* SPDX-License-Identifier: MIT */
/*
 * tables.h: `simulator tables`: every published figure beside the simulated one. Runs are planned
 * first, then made, in as many processes as there are jobs, then read.
 */
#ifndef SIMULATOR_TABLES_H
#define SIMULATOR_TABLES_H

#include <stdbool.h>
#include <sys/types.h>

#include "simulate.h"

enum {
	READERS_MAX = 64, /* whose pages are counted one by one */
	OVERRIDES_MAX = 16,
	OVERRIDE_BYTES = 48,
	FITTED = 6, /* costs */
	SEEDS_MAX = 16,
};

/* What a process that made a run tells. */
struct outcome {
	struct result result;
	uint64_t pages[READERS_MAX]; /* of each busy CPU */
	uint64_t tick;
	double memory_mib;
};

struct job {
	const char *machine; /* name of a machine file */
	char overrides[OVERRIDES_MAX][OVERRIDE_BYTES];
	unsigned override_count;
	struct run run;
	struct outcome outcome;
	pid_t pid;
	int pipe;
};

struct tables_options {
	double seconds; /* simulated of each run */
	unsigned seeds, jobs;
	bool json, calibrate;
};
extern struct tables_options tables_options;

/* ---- tables_runs.c ---- */

/* jobs_clear: none is planned. */
void jobs_clear(void);

/* jobs_add: another run; the pointer holds until jobs_clear. Of one CPU or more: busy 0 is all. */
struct job *jobs_add(const char *machine_name, const char *workload, const char *policy);

void job_override(struct job *job, const char *key, double value);

/* jobs_run: all that were added. False: what is wrong has been said. */
bool jobs_run(const char *what);

/* ---- tables_readers.c: the table of Gorman 2015 ---- */

/* A machine and what reads on it, under one policy. */
struct readers {
	const char *machine;
	unsigned cores, threads; /* of a socket; 0: the machine file's */
	const char *policy;
	unsigned batch;
	bool unfitted;        /* costs are the machine file's, but for user.page_ns */
	bool same_interrupts; /* each costs what it does on four nodes */
	bool small;           /* a rougher and faster run: for a search */
	struct job *fill;     /* another's with the same costs, or NULL: planned */
	struct job *steady[SEEDS_MAX];
	unsigned seeds;
};

/* What vmstat and the readers would say at the end of 10 times its memory. */
struct readers_said {
	double elapsed, range, stddev, user, system, total, interrupts, pages;
};

void readers_plan(struct readers *readers);

/* What readers do but run, from the published four-node table: the share of time that no CPU runs, but
 * for kswapd's, which the table leaves out and the simulation tells; and seconds of set-up. */
struct waits {
	double asleep, set_up;
};

/* readers_wait: => the runs of both were made, on four nodes */
void readers_wait(const struct readers *before, const struct readers *after, struct waits *waits);

/* readers_say: => its runs were made */
void readers_say(
	const struct readers *readers, const struct waits *waits, struct readers_said *said);

/* ---- tables_search.c ---- */

struct fitted {
	const char *key;
	double value;
};
extern struct fitted fitted[FITTED];

/* fitted_read: from fitted.tsv. */
bool fitted_read(void);

/* fitted_interrupt: what one costs who takes it on four nodes, in nanoseconds. => their machine file was
 * read */
double fitted_interrupt(void);

/* calibrate: search for them, and print the file. */
int calibrate(void);

/* ---- tables_others.c: figures of other work ---- */

void others_plan(void);
void others_say(void);

/* ---- tables_published.c ---- */

bool published_read(void);

/* published: a figure; ends the program if there is none. */
double published(const char *table, const char *figure);

/* simulated: the figure has this value; ends the program if nobody has published it. */
void simulated(const char *table, const char *figure, double value);

/* print_judgement: how many figures to which nothing was fitted are off. */
void print_judgement(void);

void print_text(void);
void print_json(const struct waits *waits);

int command_tables(int argc, char **argv);

#endif
