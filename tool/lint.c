// SPDX-License-Identifier: MIT
/*
 * lint.c: the rules of form, as test cases in TAP. `salvo lint` checks what can be read off the
 * files; `salvo lint tidy` runs clang-tidy on what the build compiles for this host, which is slow.
 */
#include <errno.h>
#include <fts.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "message.h"
#include "tally.h"

enum { FUNCTION_LINES = 60, FILE_LINES = 500, FILES = 1024, MESSAGE_BYTES = 512, LOG_LINES = 12 };

/* The C files of the tree, and how many cases have been reported. */
struct sources {
	char *paths[FILES + 1]; /* for free(); relative to the root of the tree */
	int count;
	int cases;
	bool all_good;
};

/* What one walk through a file found against one rule. */
struct finding {
	int line;
	const char *what;
};

static void
report(struct sources *sources, bool good, const char *name)
{
	sources->cases++;
	sources->all_good = sources->all_good && good;
	printf("%s %d - %s\n", good ? "ok" : "not ok", sources->cases, name);
}

static bool
ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length >= tail && strcmp(text + length - tail, end) == 0;
}

static bool
find_sources(struct sources *sources)
{
	char *const folders[] = {
		"include", "src", "arch", "port", "hosts", "tool", "tests", "examples", NULL};
	FTS *walk = fts_open(folders, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *entry;

	if (!walk) {
		error("cannot walk through the tree: %s", strerror(errno));
		return false;
	}
	while ((entry = fts_read(walk))) {
		bool is_source =
			ends_with(entry->fts_name, ".c") || ends_with(entry->fts_name, ".h");

		if (entry->fts_info == FTS_F && is_source && sources->count < FILES)
			sources->paths[sources->count++] = strdup(entry->fts_path);
	}
	fts_close(walk);
	return sources->count > 0;
}

/*
 * check_lengths: functions of at most FUNCTION_LINES from '{' to '}', both at column 0, and files
 * of at most FILE_LINES.
 */
static struct finding
check_lengths(FILE *file)
{
	struct finding finding = {0};
	char line[1024];
	int number = 0, opened = 0;

	while (fgets(line, sizeof line, file)) {
		number++;
		if (line[0] == '{')
			opened = number;
		else if (line[0] == '}' && opened && number - opened - 1 > FUNCTION_LINES)
			finding = (struct finding){opened, "a function of more than 60 lines"};
		if (line[0] == '}')
			opened = 0;
	}
	if (number > FILE_LINES)
		finding = (struct finding){number, "a file of more than 500 lines"};
	return finding;
}

/*
 * check_licence: the first line names the licence, in the form that suits the file. A program of
 * the explorer begins with its verdict instead.
 */
static struct finding
check_licence(FILE *file)
{
	static const char *const first[] = {"// SPDX-License-Identifier: MIT\n",
		"/* SPDX-License-Identifier: MIT */\n", "// expect: "};
	struct finding finding = {1, "the first line does not name the licence"};
	char line[1024] = "";

	if (!fgets(line, sizeof line, file))
		return finding;
	for (size_t i = 0; i < sizeof first / sizeof first[0]; i++)
		if (strncmp(line, first[i], strlen(first[i])) == 0)
			finding.line = 0;
	return finding;
}

static void
check_all(struct sources *sources, struct finding (*check)(FILE *file), const char *name)
{
	bool good = true;

	for (int i = 0; i < sources->count; i++) {
		FILE *file = fopen(sources->paths[i], "r");
		struct finding finding = {1, "cannot be read"};

		if (file) {
			finding = check(file);
			fclose(file);
		}
		if (finding.line) {
			printf("# %s:%d: %s\n", sources->paths[i], finding.line, finding.what);
			good = false;
		}
	}
	report(sources, good, name);
}

/* print_log: the first findings of a tool, as comments of TAP. */
static void
print_log(const char *path)
{
	FILE *log = fopen(path, "r");
	char line[MESSAGE_BYTES];

	for (int i = 0; log && i < LOG_LINES && fgets(line, sizeof line, log); i++)
		printf("# %s", line);
	if (log)
		fclose(log);
}

static void
check_format(struct sources *sources)
{
	static const char log[] = SALVO_BUILD_ROOT "/clang-format.log";
	char *arguments[FILES + 4] = {"clang-format", "--dry-run", "-Werror"};
	bool good;

	memcpy(arguments + 3, sources->paths, (size_t)sources->count * sizeof arguments[0]);
	good = child_run(arguments, log) == 0;
	if (!good)
		print_log(log);
	report(sources, good, "clang-format has nothing to change");
}

/* check_tidy: one file, with the flags that the build in `folder` compiles it with. */
static void
check_tidy(struct sources *sources, const char *folder, const char *path)
{
	static const char log[] = SALVO_BUILD_ROOT "/clang-tidy.log";
	char *const arguments[] = {
		"clang-tidy", "-p", (char *)folder, "--quiet", (char *)path, NULL};
	const char *name = strstr(path, "../../");
	bool good = child_run(arguments, log) == 0;

	if (!good)
		print_log(log);
	report(sources, good, name ? name + 6 : path);
}

/*
 * tidy_build: a case for each C file in the compilation database of one build that is not in `seen`
 * yet.
 */
static void
tidy_build(struct sources *sources, const char *folder, json_t *seen)
{
	char path[PATH_MAX];
	json_t *commands, *command;
	size_t i;

	snprintf(path, sizeof path, "%s/compile_commands.json", folder);
	commands = json_load_file(path, 0, NULL);
	if (!commands)
		report(sources, false, path);
	json_array_foreach(commands, i, command)
	{
		const char *name = json_string_value(json_object_get(command, "file"));

		if (!name || !ends_with(name, ".c") || json_object_get(seen, name))
			continue;
		json_object_set_new(seen, name, json_true());
		/* The database's paths are relative to the build. */
		snprintf(path, sizeof path, "%s/%s", folder, name);
		check_tidy(sources, folder, path);
	}
	json_decref(commands);
}

static int
lint_tidy(void)
{
	struct sources sources = {.all_good = true};
	json_t *seen = json_object();

	tidy_build(&sources, SALVO_BUILD_ROOT, seen);
	tidy_build(&sources, SALVO_KERNEL_ROOT, seen);
	json_decref(seen);
	printf("1..%d\n", sources.cases);
	return sources.all_good ? STATUS_OK : STATUS_WRONG;
}

/* lint: the exit status of `salvo lint [tidy]`. */
int
lint(int count, char *const arguments[])
{
	struct sources sources = {.all_good = true};

	if (chdir(SALVO_SOURCE_ROOT) != 0)
		return error("cannot enter %s: %s", SALVO_SOURCE_ROOT, strerror(errno));
	if (count == 1 && strcmp(arguments[0], "tidy") == 0)
		return lint_tidy();
	if (count != 0)
		return error("lint takes nothing, or tidy");
	if (!find_sources(&sources))
		return STATUS_ERROR;
	check_format(&sources);
	check_all(&sources, check_lengths, "functions have at most 60 lines, files 500");
	check_all(&sources, check_licence, "each file's first line names the licence");
	printf("1..%d\n", sources.cases);
	for (int i = 0; i < sources.count; i++)
		free(sources.paths[i]);
	return sources.all_good ? STATUS_OK : STATUS_WRONG;
}
