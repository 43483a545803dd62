/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_OPTIONS_H
#define SIMULATOR_OPTIONS_H

#include <stdbool.h>

#include "choices.h"
#include "simulate.h"

enum { BUSY_MAX = 32 };

/* What the command line asks for: a run for each policy and each number of busy CPUs. */
struct options {
	struct choices choices;
	struct run run; /* `seconds` is 0 if they were not given */
	unsigned busy[BUSY_MAX];
	unsigned busy_count;
	unsigned jobs;
	bool json, list;
	unsigned given; /* options that only some workloads take: TAKES_ */
};

/* options_parse: false: what is wrong has been said, and `*status` is what to exit with. */
bool options_parse(int argc, char **argv, struct options *options, int *status);

int command_simulate(int argc, char **argv);

#endif
