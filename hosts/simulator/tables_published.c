// SPDX-License-Identifier: MIT
/* tables_published.c: published.tsv, and what is printed beside it. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "tables.h"

enum { FIGURES_MAX = 160, LINE_BYTES = 1024, COLUMNS = 6 };

/* Off by more than this, a figure says why. */
static const double well = 0.15;

struct figure {
	char line[LINE_BYTES]; /* the columns, each ended */
	const char *table, *name, *unit, *kind, *reason;
	double published, simulated;
	bool is_simulated;
};

static struct figure figures[FIGURES_MAX];
static unsigned count;

static bool
split(struct figure *figure)
{
	char *rest = figure->line, *columns[COLUMNS];

	rest[strcspn(rest, "\n")] = '\0';
	for (unsigned i = 0; i < COLUMNS; i++)
		if ((columns[i] = strsep(&rest, "\t")) == NULL)
			return false;
	figure->table = columns[0];
	figure->name = columns[1];
	figure->published = strtod(columns[2], NULL);
	figure->unit = columns[3];
	figure->kind = columns[4];
	figure->reason = columns[5];
	return rest == NULL;
}

bool
published_read(void)
{
	FILE *file = fopen(SIMULATOR_TABLES "/published.tsv", "r");
	bool good = file != NULL;

	while (good && count < FIGURES_MAX && fgets(figures[count].line, LINE_BYTES, file) != NULL)
		if (figures[count].line[0] != '#')
			good = split(&figures[count++]);
	if (file != NULL)
		fclose(file);
	if (!good || count == 0)
		error(SIMULATOR_TABLES "/published.tsv: cannot be read");
	return good && count != 0;
}

static struct figure *
find(const char *table, const char *name)
{
	for (unsigned i = 0; i < count; i++)
		if (strcmp(figures[i].table, table) == 0 && strcmp(figures[i].name, name) == 0)
			return &figures[i];
	error("published.tsv has no figure '%s' of %s", name, table);
	exit(STATUS_ERROR);
}

double
published(const char *table, const char *name)
{
	return find(table, name)->published;
}

void
simulated(const char *table, const char *name, double value)
{
	struct figure *figure = find(table, name);

	figure->simulated = value;
	figure->is_simulated = isfinite(value);
}

/* ---- Printing ---- */

static bool
is_kind(const struct figure *figure, const char *kind)
{
	return strcmp(figure->kind, kind) == 0;
}

/* error_of: relative to the published figure. */
static double
error_of(const struct figure *figure)
{
	return (figure->simulated - figure->published) / fabs(figure->published);
}

static bool
has_reason(const struct figure *figure)
{
	return !figure->is_simulated || fabs(error_of(figure)) > well || is_kind(figure, "assumed");
}

/* What a figure may be, as published.tsv has it and in words. The first JUDGED are judged. */
static const struct kind {
	const char *kind, *words, *off;
} kinds[] = {
	{"held_out", "held out", "held out, OFF"},
	{"predicted", "predicted", "predicted, OFF"},
	{"derived", "derived", "derived, OFF"},
	{"fitted", "fitted", "fitted"},
	{"assumed", "assumed", "assumed"},
	{"shown", "shown", "shown"},
	{"none", "not predictable", "not predictable"},
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]), JUDGED = 3 };

static bool
is_off(const struct figure *figure)
{
	return figure->is_simulated && fabs(error_of(figure)) > well;
}

static const struct kind *
kind_of(const struct figure *figure)
{
	for (unsigned i = 0; i < KINDS; i++)
		if (is_kind(figure, kinds[i].kind))
			return &kinds[i];
	error("published.tsv has a figure of kind '%s'", figure->kind);
	exit(STATUS_ERROR);
}

static const char *
mark(const struct figure *figure)
{
	const struct kind *kind = kind_of(figure);

	return is_off(figure) ? kind->off : kind->words;
}

void
print_judgement(void)
{
	printf("\nHow well it predicts (OFF, and of the other sign than published):\n");
	for (const struct kind *kind = kinds; kind < kinds + JUDGED; kind++) {
		unsigned all = 0, off = 0, signs = 0;

		for (unsigned i = 0; i < count; i++) {
			const struct figure *figure = &figures[i];

			if (!figure->is_simulated || !is_kind(figure, kind->kind))
				continue;
			all++;
			off += is_off(figure);
			signs += figure->simulated * figure->published < 0;
		}
		printf("  %-12s %2u of %2u OFF, %u of the other sign\n", kind->words, off, all,
			signs);
	}
	printf("So compare policies; trust neither an absolute figure nor a small difference.\n");
}

/* print_words: wrapped; lines after the first are indented. */
static void
print_words(const char *text, int indent)
{
	enum { WIDTH = 110 };
	int column = indent;

	for (int length; *text != '\0'; text += length) {
		text += strspn(text, " ");
		length = (int)strcspn(text, " ");
		if (column + 1 + length > WIDTH) {
			printf("\n%*s", indent, "");
			column = indent;
		}
		printf(" %.*s", length, text);
		column += 1 + length;
	}
	putchar('\n');
}

/* note_of: which of its table's different reasons the figure has, from 1; all those before it have
 * smaller numbers. */
static unsigned
note_of(unsigned first, unsigned i)
{
	unsigned notes = 1;

	for (unsigned at = first; at < i; at++) {
		bool is_new = has_reason(&figures[at]);

		if (is_new && strcmp(figures[at].reason, figures[i].reason) == 0)
			return note_of(first, at);
		for (unsigned before = first; before < at; before++)
			if (has_reason(&figures[before]) &&
				strcmp(figures[before].reason, figures[at].reason) == 0)
				is_new = false;
		notes += is_new;
	}
	return notes;
}

static void
print_figure(unsigned first, unsigned i)
{
	const struct figure *figure = &figures[i];

	printf("  %-38s %12.6g ", figure->name, figure->published);
	if (figure->is_simulated)
		printf("%12.6g %+8.1f%%", figure->simulated, 100 * error_of(figure));
	else
		printf("%12s %9s", "-", "-");
	printf("  %-4s %s", figure->unit, mark(figure));
	if (has_reason(figure))
		printf(" [%u]", note_of(first, i));
	putchar('\n');
}

/* print_table: its figures, then the reasons, each once. */
static void
print_table(unsigned first, unsigned end)
{
	unsigned notes = 0;

	printf("\n%-40s %12s %12s %9s\n", figures[first].table, "published", "simulated", "error");
	for (unsigned i = first; i < end; i++)
		print_figure(first, i);
	for (unsigned i = first; i < end; i++)
		if (has_reason(&figures[i]) && note_of(first, i) == notes + 1) {
			printf("  [%u]", ++notes);
			print_words(figures[i].reason, 5);
		}
}

void
print_text(void)
{
	for (unsigned first = 0, end; first < count; first = end) {
		for (end = first + 1; end < count; end++)
			if (strcmp(figures[end].table, figures[first].table) != 0)
				break;
		print_table(first, end);
	}
}

static json_t *
figure_json(const struct figure *figure)
{
	json_t *json = json_object();

	json_object_set_new(json, "table", json_string(figure->table));
	json_object_set_new(json, "figure", json_string(figure->name));
	json_object_set_new(json, "unit", json_string(figure->unit));
	json_object_set_new(json, "published", json_real(figure->published));
	json_object_set_new(json, "simulated",
		figure->is_simulated ? json_real(figure->simulated) : json_null());
	json_object_set_new(
		json, "error", figure->is_simulated ? json_real(error_of(figure)) : json_null());
	json_object_set_new(json, "kind", json_string(kind_of(figure)->words));
	json_object_set_new(json, "fitted", json_boolean(is_kind(figure, "fitted")));
	json_object_set_new(json, "held_out", json_boolean(is_kind(figure, "held_out")));
	json_object_set_new(json, "reason", json_string(has_reason(figure) ? figure->reason : ""));
	return json;
}

void
print_json(const struct waits *waits)
{
	json_t *array = json_array(), *costs = json_object(), *root;

	for (unsigned i = 0; i < count; i++)
		json_array_append_new(array, figure_json(&figures[i]));
	for (unsigned i = 0; i < FITTED; i++)
		json_object_set_new(costs, fitted[i].key, json_real(fitted[i].value));
	root = json_pack("{s:i, s:i, s:f, s:o, s:f, s:f, s:o}", "cpus_assumed_of_single_socket", 8,
		"seeds", (int)tables_options.seeds, "seconds_simulated", tables_options.seconds,
		"fitted_costs", costs, "fitted_share_asleep", waits->asleep, "fitted_set_up_s",
		waits->set_up, "figures", array);
	json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(root);
}
