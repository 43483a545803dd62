/* SPDX-License-Identifier: MIT */
/* choices.h: options that commands share: the machine, other values than its file's, and policies. */
#ifndef SIMULATOR_CHOICES_H
#define SIMULATOR_CHOICES_H

#include <argp.h>
#include <errno.h>
#include <stdbool.h>

struct policy;

enum { CHOICES_SETS_MAX = 64, CHOICES_POLICIES_MAX = 32, CHOICES_PATH_BYTES = 4096 };

/* What a parser returns once it has said what is wrong, or has helped. */
enum { EXPLAINED = ERANGE };

struct choices {
	char machine_path[CHOICES_PATH_BYTES];
	const char *sets[CHOICES_SETS_MAX];
	unsigned set_count;
	bool fitted; /* costs of fitted.tsv go before the file's, and behind `sets` */
	const struct policy *policies[CHOICES_POLICIES_MAX]; /* each once, in the order given */
	unsigned policy_count;
	const char *stopped_at;          /* the argument that argp could not make sense of */
	const struct argp_option *known; /* the option that this names; NULL: none, or several */
	bool helped;
};

/* choices_argp: a child of a command's own parser, which hands it its choices. */
extern const struct argp choices_argp;

/* choices_init: nothing is chosen but a machine that is shipped. */
void choices_init(struct choices *choices, const char *machine);

/* choices_end: what came of argp_parse; false, and what to exit with, if that is all: help, or a line
 * that has said what is wrong. */
bool choices_end(const struct choices *choices, error_t parsed, int *status);

/* choices_parse_list: `add` each of the names between commas. */
error_t choices_parse_list(void *context, const char *text, error_t (*add)(void *, const char *));

/* choices_all_policies: those not yet chosen come last. */
void choices_all_policies(struct choices *choices);

/* choices_read_machine: false: what is wrong has been said. */
bool choices_read_machine(const struct choices *choices);

#endif
