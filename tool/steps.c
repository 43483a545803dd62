// SPDX-License-Identifier: MIT
/*
 * steps.c: reads the headers of the patches. The format is that of tests/mutants/README.md: lines
 * `Key: value` before the first line that begins with "---"; `Killed-by: kernel CHECK` names the
 * self-check that fails when the step is missing.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "run.h"
#include "steps.h"

static const char folder[] = SALVO_SOURCE_ROOT "/tests/mutants";
static const char suffix[] = ".patch";

/* value_after: the rest of a line that begins with `key`, without blanks around it, or NULL. */
static char *
value_after(char *line, const char *key)
{
	size_t length = strlen(key);

	if (strncmp(line, key, length) != 0)
		return NULL;
	line += length;
	line += strspn(line, " \t");
	line[strcspn(line, "\r\n")] = '\0';
	return line;
}

static void
read_header(FILE *patch, struct step *step)
{
	char line[512];

	step->check[0] = '\0';
	while (fgets(line, sizeof line, patch) && strncmp(line, "---", 3) != 0) {
		char *check = value_after(line, "Killed-by: kernel ");

		if (check)
			snprintf(step->check, sizeof step->check, "%.95s", check);
	}
}

/* step_find: false when there is no patch of that name; nothing is printed. */
bool
step_find(struct step *step, const char *name)
{
	FILE *patch;

	if (strlen(name) >= sizeof step->name || strchr(name, '/') || name[0] == '.')
		return false;
	snprintf(step->name, sizeof step->name, "%s", name);
	snprintf(step->patch, sizeof step->patch, "%s/%s%s", folder, name, suffix);
	patch = fopen(step->patch, "r");
	if (!patch)
		return false;
	read_header(patch, step);
	fclose(patch);
	return true;
}

static int
is_patch(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > sizeof suffix - 1 &&
	       strcmp(entry->d_name + length - (sizeof suffix - 1), suffix) == 0;
}

/*
 * steps_find_all: the steps that a self-check of the kernel can miss, in the order of their names.
 * Returns their number, *steps for free(); -1, with a line on standard error, when there is no
 * folder of patches.
 */
int
steps_find_all(struct step **steps)
{
	struct dirent **entries;
	int found = 0, count = scandir(folder, &entries, is_patch, alphasort);

	*steps = count < 0 ? NULL : calloc((size_t)count + 1, sizeof **steps);
	if (!*steps) {
		error("cannot read %s: %s", folder, strerror(errno));
		return -1;
	}
	for (int i = 0; i < count; i++) {
		struct step *step = &(*steps)[found];
		char *name = entries[i]->d_name;

		name[strlen(name) - (sizeof suffix - 1)] = '\0';
		if (step_find(step, name) && step->check[0])
			found++;
		free(entries[i]);
	}
	free(entries);
	return found;
}

int
steps_list(void)
{
	struct step *steps;
	int count = steps_find_all(&steps);

	for (int i = 0; i < count; i++)
		puts(steps[i].name);
	free(steps);
	return count < 0 ? STATUS_ERROR : STATUS_OK;
}
