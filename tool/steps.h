/* SPDX-License-Identifier: MIT */
/* steps.h: the protective steps that a patch under tests/mutants/ can take out of the library. */
#ifndef TOOL_STEPS_H
#define TOOL_STEPS_H

#include <stdbool.h>

enum { STEP_BYTES = 96 };

struct step {
	char name[STEP_BYTES];
	char patch[512];        /* path */
	char check[STEP_BYTES]; /* the self-check that fails without it; empty: none can */
};

bool step_find(struct step *step, const char *name);
int steps_find_all(struct step **steps);
int steps_list(void);

#endif
