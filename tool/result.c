// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "result.h"

static const char skipped_prefix[] = "skipped_";

/* after: what follows `word` and a blank in a line, or NULL when the line begins otherwise. */
static char *
after(char *line, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(line, word, length) != 0 || line[length] != ' ')
		return NULL;
	return line + length + 1;
}

static void
hear_statistic(struct result *result, const char *text)
{
	struct statistic heard;

	if (sscanf(text, "%39s %39s", heard.key, heard.value) == 2 && result->count < STATISTICS)
		result->statistics[result->count++] = heard;
}

static void
hear_progress(struct progress *progress, const char *text)
{
	uint64_t done, total;
	int what = 0;

	if (sscanf(text, "%" SCNu64 " %" SCNu64 " %n", &done, &total, &what) == 2 && what > 0)
		progress_show(progress, done, total, text + what);
}

/*
 * result_listen: a machine_listener; keeps what one line of the kernel says. A panic is the last
 * line that matters. Lines of no known kind are the log's alone.
 */
bool
result_listen(void *context, char *line)
{
	struct hearing *hearing = context;
	char *rest;

	if ((rest = after(line, "stat"))) {
		hear_statistic(hearing->result, rest);
	} else if ((rest = after(line, "progress"))) {
		hear_progress(&hearing->progress, rest);
	} else if (after(line, "stall:")) {
		progress_clear(&hearing->progress);
		fprintf(stderr, "%s\n", line);
	} else if ((rest = after(line, "panic:"))) {
		snprintf(hearing->result->panic, PANIC_BYTES, "%s", rest);
		return false;
	}
	return true;
}

/* result_value: what the kernel said of `key`, or NULL if it did not. */
const char *
result_value(const struct result *result, const char *key)
{
	for (int i = 0; i < result->count; i++)
		if (strcmp(result->statistics[i].key, key) == 0)
			return result->statistics[i].value;
	return NULL;
}

/* number_of: a statistic that must be there and be a number; else one line on standard error. */
static bool
number_of(const struct result *result, const char *key, uint64_t *number)
{
	const char *value = result_value(result, key);
	char *end;

	if (value && value[0] >= '0' && value[0] <= '9') {
		*number = strtoull(value, &end, 10);
		if (*end == '\0')
			return true;
	}
	error("the kernel ended without its count of %s", key);
	return false;
}

/*
 * result_complete: works out the figures of a boot that ended well.
 * Returns false, with a line on standard error, when one is missing or no page was counted.
 */
bool
result_complete(struct result *result, const struct workload *workload)
{
	uint64_t cycles;

	if (!number_of(result, "pages", &result->pages) ||
		!number_of(result, "interrupts", &result->interrupts) ||
		!number_of(result, "cycles", &cycles))
		return false;
	if (result->pages == 0) {
		error("no page was %s under policy %s, so there is nothing to measure",
			workload->pages_are, policies[result->policy].name);
		return false;
	}
	result->checksum = result_value(result, "checksum");
	if (workload->reads_file && !result->checksum) {
		error("the kernel ended without its checksum of the file");
		return false;
	}
	result->interrupts_per_1000 = 1000.0 * (double)result->interrupts / (double)result->pages;
	result->cycles_per_page = (double)cycles / (double)result->pages;
	return true;
}

/* result_skipped: why CPUs were skipped, if the statistic counts that; else NULL. */
const char *
result_skipped(const struct statistic *statistic)
{
	size_t length = sizeof skipped_prefix - 1;

	return strncmp(statistic->key, skipped_prefix, length) == 0 ? statistic->key + length
								    : NULL;
}

/* result_named: whether the statistic is one of those that result_complete() works with. */
bool
result_named(const struct statistic *statistic)
{
	static const char *const named[] = {"pages", "interrupts", "cycles", "checksum"};

	for (size_t i = 0; i < sizeof named / sizeof named[0]; i++)
		if (strcmp(statistic->key, named[i]) == 0)
			return true;
	return false;
}
