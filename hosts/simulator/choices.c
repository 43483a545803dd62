// SPDX-License-Identifier: MIT
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "choices.h"
#include "machine.h"
#include "message.h"
#include "policies/policy.h"
#include "tables.h"

/* Keys of these options, beside those of the commands, which begin at 256. */
enum { KEY_MACHINE = 512, KEY_SET, KEY_FITTED, KEY_POLICY, KEY_HELP };

static const struct argp_option known_options[] = {
	{"machine", KEY_MACHINE, "FILE", 0, "a machine file, or the name of one that is shipped",
		0},
	{"set", KEY_SET, "SECTION.KEY=VALUE", 0, "another value than the machine file's", 0},
	{"fitted", KEY_FITTED, NULL, 0,
		"the six costs that ./dev tables fits to a published table of four nodes", 0},
	{"policy", KEY_POLICY, "NAME[,NAME...]", 0, "how flushes are made; all of them: all", 0},
	{"help", KEY_HELP, NULL, 0, "print this", 0},
	{0},
};

static void
shipped(struct choices *choices, const char *name)
{
	snprintf(choices->machine_path, CHOICES_PATH_BYTES, SIMULATOR_MACHINES "/%s.ini", name);
}

void
choices_init(struct choices *choices, const char *machine)
{
	*choices = (struct choices){.set_count = 0};
	shipped(choices, machine);
}

/* ---- Policies ---- */

static void
choose(struct choices *choices, const struct policy *policy)
{
	for (unsigned i = 0; i < choices->policy_count; i++)
		if (choices->policies[i] == policy)
			return;
	if (choices->policy_count < CHOICES_POLICIES_MAX)
		choices->policies[choices->policy_count++] = policy;
}

void
choices_all_policies(struct choices *choices)
{
	for (unsigned i = 0; policies[i] != NULL; i++)
		choose(choices, policies[i]);
}

static error_t
add_policy(void *context, const char *name)
{
	const struct policy *found = policy_find(name);

	if (strcmp(name, "all") == 0) {
		choices_all_policies(context);
		return 0;
	}
	if (found == NULL) {
		error("unknown policy '%s'; './dev simulate --list' names them", name);
		return EXPLAINED;
	}
	choose(context, found);
	return 0;
}

error_t
choices_parse_list(void *context, const char *text, error_t (*add)(void *, const char *))
{
	char *copy = strdup(text), *rest = copy, *name;
	error_t result = copy == NULL ? ENOMEM : 0;

	while (result == 0 && (name = strsep(&rest, ",")) != NULL)
		result = add(context, name);
	free(copy);
	return result;
}

/* ---- Parsing ---- */

/* list_shipped: the machines that are, in one line. */
static void
list_shipped(char *line, size_t bytes)
{
	glob_t found;

	line[0] = '\0';
	if (glob(SIMULATOR_MACHINES "/*.ini", 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *name = strrchr(found.gl_pathv[i], '/') + 1;
		size_t length = strlen(line);

		snprintf(line + length, bytes - length, " %.*s", (int)strcspn(name, "."), name);
	}
	globfree(&found);
}

/* parse_machine: a file that is there goes before one that is shipped. */
static error_t
parse_machine(struct choices *choices, const char *text)
{
	struct stat status;
	char names[512];

	snprintf(choices->machine_path, CHOICES_PATH_BYTES, "%s", text);
	if (strpbrk(text, "/.") == NULL && access(text, F_OK) != 0) {
		shipped(choices, text);
		if (access(choices->machine_path, F_OK) == 0)
			return 0;
		list_shipped(names, sizeof(names));
		error("--machine %s: no such file, and none is shipped; these are:%s", text, names);
		return EXPLAINED;
	}
	if (stat(text, &status) == 0 && !S_ISREG(status.st_mode)) {
		error("--machine %s: that is %s, not a machine file", text,
			S_ISDIR(status.st_mode) ? "a folder" : "no regular file");
		return EXPLAINED;
	}
	return 0;
}

static error_t
add_set(struct choices *choices, const char *text)
{
	if (choices->set_count == CHOICES_SETS_MAX) {
		error("--set can be given %d times", CHOICES_SETS_MAX);
		return EXPLAINED;
	}
	choices->sets[choices->set_count++] = text;
	return 0;
}

/* find_option: how many options begin so, one if that is the whole name; `*found` is the last. */
static unsigned
find_option(
	const struct argp *argp, const char *name, size_t length, const struct argp_option **found)
{
	unsigned count = 0;

	for (const struct argp_option *option = argp->options; option->name != NULL; option++)
		if (strncmp(option->name, name, length) == 0) {
			*found = option;
			count++;
			if (option->name[length] == '\0')
				return 1;
		}
	for (const struct argp_child *child = argp->children; child != NULL && child->argp != NULL;
		child++)
		count += find_option(child->argp, name, length, found);
	return count;
}

/* stop: at an argument that argp could not make sense of. */
static void
stop(struct choices *choices, const struct argp *root, const char *word)
{
	choices->stopped_at = word;
	if (strncmp(word, "--", 2) != 0 ||
		find_option(root, word + 2, strcspn(word + 2, "="), &choices->known) != 1)
		choices->known = NULL;
}

static error_t
parse_option(int key, char *argument, struct argp_state *state)
{
	struct choices *choices = state->input;

	switch (key) {
	case KEY_MACHINE:
		return parse_machine(choices, argument);
	case KEY_SET:
		return add_set(choices, argument);
	case KEY_FITTED:
		choices->fitted = true;
		return 0;
	case KEY_POLICY:
		return choices_parse_list(choices, argument, add_policy);
	case KEY_HELP:
		argp_help(state->root_argp, stdout, ARGP_HELP_LONG | ARGP_HELP_PRE_DOC, "");
		choices->helped = true;
		return EXPLAINED;
	case ARGP_KEY_ERROR:
		stop(choices, state->root_argp, state->argv[state->next - 1]);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp choices_argp = {known_options, parse_option, NULL, NULL, NULL, NULL, NULL};

bool
choices_end(const struct choices *choices, error_t parsed, int *status)
{
	*status = choices->helped ? STATUS_OK : STATUS_ERROR;
	if (parsed == 0 || parsed == EXPLAINED)
		return parsed == 0;
	if (choices->known == NULL)
		error("unknown option '%s'; --help names them", choices->stopped_at);
	else if (choices->known->arg != NULL)
		error("--%s needs a value: %s", choices->known->name, choices->known->arg);
	else
		error("--%s takes no value", choices->known->name);
	return false;
}

/* set_fitted: as `tables` does for each of its runs. => the machine was read */
static bool
set_fitted(void)
{
	char assignment[OVERRIDE_BYTES];

	if (!fitted_read())
		return false;
	for (unsigned i = 0; i < FITTED; i++) {
		snprintf(assignment, sizeof(assignment), "%s=%.6g", fitted[i].key, fitted[i].value);
		if (!machine_set(assignment))
			return false;
	}
	return true;
}

bool
choices_read_machine(const struct choices *choices)
{
	if (!machine_read(choices->machine_path))
		return false;
	if (choices->fitted && !set_fitted())
		return false;
	for (unsigned i = 0; i < choices->set_count; i++)
		if (!machine_set(choices->sets[i]))
			return false;
	return true;
}
