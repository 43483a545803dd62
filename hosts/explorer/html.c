// SPDX-License-Identifier: MIT
/* html.c: a schedule as a page of its own: lanes drawn as SVG, an arrow from each interrupt that is
 * raised to where it is taken. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lanes.h"
#include "message.h"

enum { LANE_WIDTH = 330, ROW = 22, LEFT = 50, TOP = 40 };

static void
escape(FILE *file, const char *text)
{
	for (; *text != '\0'; text++)
		switch (*text) {
		case '<':
			fputs("&lt;", file);
			break;
		case '>':
			fputs("&gt;", file);
			break;
		case '&':
			fputs("&amp;", file);
			break;
		default:
			fputc(*text, file);
		}
}

static void
put_text(FILE *file, unsigned x, unsigned y, const char *class, const char *text)
{
	fprintf(file, "<text x=\"%u\" y=\"%u\" class=\"%s\">", x, y, class);
	escape(file, text);
	fputs("</text>\n", file);
}

static unsigned
lane_x(unsigned lane)
{
	return LEFT + lane * LANE_WIDTH;
}

static unsigned
row_y(size_t row)
{
	return TOP + (unsigned)row * ROW;
}

/* put_arrow: from the step that raises an interrupt to the one that takes it, if it is taken. */
static void
put_arrows(FILE *file, const struct trace *trace, size_t row)
{
	const struct trace_step *from = &trace->steps[row];

	for (unsigned c = 0; c < CPUS_MAX; c++)
		for (size_t i = row + 1; (from->sent >> c & 1) != 0 && i < trace->count; i++)
			if (trace->steps[i].cpu == c && trace->steps[i].command == TAKE_INTERRUPT) {
				fprintf(file,
					"<line x1=\"%u\" y1=\"%u\" x2=\"%u\" y2=\"%u\" "
					"marker-end=\"url(#head)\"/>\n",
					lane_x(from->cpu) + 60, row_y(row) + 4, lane_x(c) + 60,
					row_y(i) - 12);
				break;
			}
}

static void
put_step(FILE *file, const struct trace *trace, size_t row, unsigned cpu_count)
{
	const struct trace_step *step = &trace->steps[row];
	unsigned lane = step->command == DRAIN ? cpu_count : step->cpu;
	char text[32 + TRACE_TEXT];

	snprintf(text, sizeof text, "%zu", row + 1);
	put_text(file, 8, row_y(row), "number", text);
	fprintf(file, "<rect x=\"%u\" y=\"%u\" width=\"%d\" height=\"%d\" class=\"%s\"/>\n",
		lane_x(lane) - 4, row_y(row) - 15, LANE_WIDTH - 8, ROW - 3,
		row + 1 == trace->count           ? "last"
		: step->command == TAKE_INTERRUPT ? "taken"
						  : "step");
	put_text(file, lane_x(lane), row_y(row), "what", step->text);
	if (step->command != DRAIN)
		put_text(file, lane_x(cpu_count), row_y(row), "hardware", step->hardware);
	if (step->line != 0) {
		snprintf(text, sizeof text, "%s:%d", step->file, step->line);
		put_text(file, lane_x(cpu_count + 1), row_y(row), "where", text);
	}
	put_arrows(file, trace, row);
}

static void
put_picture(FILE *file, const struct trace *trace, unsigned cpu_count)
{
	unsigned width = lane_x(cpu_count + 1) + 200, height = row_y(trace->count) + 10;
	char name[16];

	fprintf(file,
		"<svg width=\"%u\" height=\"%u\"><defs><marker id=\"head\" markerWidth=\"8\" "
		"markerHeight=\"8\" refX=\"7\" refY=\"4\" orient=\"auto\">"
		"<path d=\"M0,0 L8,4 L0,8 z\"/></marker></defs>\n",
		width, height);
	for (unsigned c = 0; c < cpu_count; c++) {
		snprintf(name, sizeof name, "CPU %u", c);
		put_text(file, lane_x(c), 16, "head", name);
	}
	put_text(file, lane_x(cpu_count), 16, "head", "hardware");
	put_text(file, lane_x(cpu_count + 1), 16, "head", "where");
	for (size_t i = 0; i < trace->count; i++)
		put_step(file, trace, i, cpu_count);
	fputs("</svg>\n", file);
}

/* put_end: lines with a stale entry are marked. */
static void
put_end(FILE *file, char *text)
{
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		fprintf(file, "<p class=\"%s\">", strstr(line, "STALE") != NULL ? "stale" : "end");
		escape(file, line);
		fputs("</p>\n", file);
	}
}

static void
put_page(FILE *file, const struct outcome *outcome, struct trace *trace)
{
	const char *name = outcome->listing->program->name;

	fprintf(file,
		"<!DOCTYPE html>\n<html lang=\"en\"><head><meta "
		"charset=\"utf-8\"><title>%s</title>\n"
		"<style>body{font-family:sans-serif}svg{font:12px monospace}"
		".head{font-weight:bold}.number,.where{fill:#777}.hardware{fill:#06c}"
		"rect{fill:#eee}.taken{fill:#fe9}.last{fill:#fbb}line{stroke:#c60;stroke-width:1.5}"
		"p{font-family:monospace;margin:2px}.stale{color:#c00;font-weight:bold}</style>"
		"</head><body>\n<h1>%s, memory %s</h1>\n<p class=\"stale\">breaks oracle %d (%s): ",
		name, name, outcome->tso ? "tso" : "sc", outcome->result.oracle,
		trace_oracle(outcome->result.oracle));
	escape(file, outcome->result.failure);
	fputs("</p>\n", file);
	put_picture(file, trace, outcome->listing->program->cpus);
	put_end(file, trace->end);
	fputs("</body></html>\n", file);
}

bool
html_write(const char *path, const struct outcome *outcome)
{
	FILE *file = fopen(path, "w");
	struct trace trace;
	bool good;

	if (file == NULL)
		return error("cannot write %s: %s", path, strerror(errno)), false;
	trace_make(
		outcome->listing->program, outcome->result.schedule, outcome->result.steps, &trace);
	put_page(file, outcome, &trace);
	free(trace.steps);
	good = ferror(file) == 0;
	if (fclose(file) != 0 || !good)
		return error("cannot write %s: %s", path, strerror(errno)), false;
	return true;
}
