// SPDX-License-Identifier: MIT
/*
 * tally.c: counts the cases of all suites. Its input is Meson's testlog.json: a JSON object a line,
 * one for each suite, with what the suite printed. A suite that broke, or that printed no case,
 * counts as one failure, told with what the suite said of it last, or a sanitizer did.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "tally.h"
#include "tap.h"

struct totals {
	int passed;
	int failed;
};

static const char *
text_of(const json_t *suite, const char *key)
{
	const char *text = json_string_value(json_object_get(suite, key));

	return text ? text : "";
}

/* count_cases: adds up what one suite printed, and prints the cases that failed. */
static void
count_cases(struct tap *tap, const char *log, const char *suite, const char *output)
{
	char *lines = strdup(output), *rest = lines, *line;

	if (!lines)
		abort();
	tap_begin(tap);
	while ((line = strsep(&rest, "\n")))
		if (tap_take(tap, line) == TAP_NOT_OK)
			printf("failed: %s: %s: %s\n", log, suite, tap_name(line));
	free(lines);
}

/* last_words: a sanitizer's summary, or the last line that a suite wrote to standard error; its
 * length is in *length. */
static const char *
last_words(const char *text, int *length)
{
	const char *summary = strstr(text, "SUMMARY: ");
	size_t end = strlen(text), start;

	if (summary != NULL) {
		*length = (int)strcspn(summary, "\n");
		return summary;
	}
	while (end > 0 && text[end - 1] == '\n')
		end--;
	start = end;
	while (start > 0 && text[start - 1] != '\n')
		start--;
	*length = (int)(end - start);
	return text + start;
}

static void
count_suite(struct totals *totals, const char *log, const json_t *suite)
{
	const char *name = text_of(suite, "name"), *result = text_of(suite, "result");
	const char *why;
	struct tap tap;
	int length;

	count_cases(&tap, log, name, text_of(suite, "stdout"));
	totals->passed += tap.passed;
	totals->failed += tap.failed;
	if (tap.failed > 0 || (strcmp(result, "OK") == 0 && tap.passed > 0))
		return;
	totals->failed++;
	why = last_words(text_of(suite, "stderr"), &length);
	printf("failed: %s: %s: %s, after %d cases%s%.*s\n", log, name, result, tap.passed,
		length > 0 ? ": " : "", length, why);
}

static bool
count_log(struct totals *totals, const char *path)
{
	FILE *log = fopen(path, "r");
	char *line = NULL;
	size_t size = 0;
	int suites = 0;

	if (!log)
		return false;
	while (getline(&line, &size, log) > 0) {
		json_t *suite = json_loads(line, 0, NULL);

		if (suite) {
			count_suite(totals, path, suite);
			suites++;
		}
		json_decref(suite);
	}
	free(line);
	fclose(log);
	return suites > 0;
}

/* tally: prints what failed, and as its last line the sum over all logs. */
int
tally(int count, char *const logs[])
{
	struct totals totals = {0};

	for (int i = 0; i < count; i++) {
		if (!count_log(&totals, logs[i])) {
			printf("failed: %s: no suite was run\n", logs[i]);
			totals.failed++;
		}
	}
	printf("%d passed, %d failed\n", totals.passed, totals.failed);
	return totals.failed == 0 && totals.passed > 0 ? STATUS_OK : STATUS_WRONG;
}
