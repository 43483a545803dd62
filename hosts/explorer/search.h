/* SPDX-License-Identifier: MIT */
/* search.h: explore one program. */
#ifndef EXPLORER_SEARCH_H
#define EXPLORER_SEARCH_H

#include "explorer.h"

enum { UNBOUNDED = -1 };

/* How far a search may go. */
struct bounds {
	size_t states;
	size_t bytes;
	int preemptions; /* UNBOUNDED: as many as there are */
};

struct result {
	bool complete; /* all states were visited, within the bound of preemptions */
	bool failed;
	bool crashed; /* that is how */
	int oracle;
	char failure[200];
	uint8_t *schedule; /* of a failure; malloc()ed */
	size_t steps;
	size_t states;
	size_t transitions;
	size_t ends; /* states in which everything is over: as many whatever orders are left out */
	size_t depth;
	size_t bytes;   /* of memory for states, edges apart */
	double seconds; /* of CPU */
};

/* Called now and then while a search runs. */
struct search_progress {
	size_t states, depth, frontier, bytes;
	double seconds;
};
extern void (*search_report)(const struct search_progress *progress);

void search(const struct program *program, const struct bounds *bounds, struct result *result);

/* search_begin: the first state of a program; search_step: one transition of a schedule; false: it
 * is not possible here. For a replay. */
void search_begin(const struct program *program);
void search_end(void);
bool search_step(uint8_t via);
const char *search_failure(int *oracle); /* NULL: none yet */

#endif
