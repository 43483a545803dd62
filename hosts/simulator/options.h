/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_OPTIONS_H
#define SIMULATOR_OPTIONS_H

#include <stdbool.h>

#include "simulate.h"

enum { LIST_MAX = 64, SETS_MAX = 64 };

/* What the command line asks for: a run for each policy and each number of busy CPUs. */
struct options {
	struct run run;
	char machine_path[4096];
	unsigned policy_count, busy_count, set_count;
	const struct policy *policies[LIST_MAX];
	unsigned busy[LIST_MAX];
	const char *sets[SETS_MAX];
	unsigned jobs;
	bool json, list;
};

/* options_parse: false: what is wrong has been said, and `*status` is what to exit with. */
bool options_parse(int argc, char **argv, struct options *options, int *status);

int command_simulate(int argc, char **argv);

#endif
