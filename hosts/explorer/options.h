/* SPDX-License-Identifier: MIT */
/* options.h: what `salvo explore` was asked for. */
#ifndef EXPLORER_OPTIONS_H
#define EXPLORER_OPTIONS_H

#include "search.h"

struct explore_options {
	bool sc, tso; /* the memory models to explore under */
	struct bounds bounds;
	const char *save;   /* where to write the schedule of a failure */
	const char *replay; /* a schedule to repeat */
	const char *html;
	unsigned cpus; /* only programs of so many; 0: of any */
	unsigned jobs; /* searches side by side */
	bool list;
	bool json;
	bool all;     /* programs that take long too */
	bool narrow;  /* counters of three bits: another program does it */
	char **names; /* of programs; none: all */
	int name_count;
};

/* options_parse: true to go on; else `status` is how to exit, and what was wrong has been said. */
bool options_parse(struct explore_options *options, int count, char *arguments[], int *status);

#endif
