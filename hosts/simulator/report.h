/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_REPORT_H
#define SIMULATOR_REPORT_H

#include <jansson.h>

#include "simulate.h"

extern const char *const where_names[WHERES];

/* report_head, report_row: a table, of many runs. */
void report_head(const struct run *first, const struct run *last);
void report_row(const struct run *run, const struct result *result);

/* report_text: one run, for reading. report_json: the same and more; the caller's. */
void report_text(const struct run *run, const struct result *result);
json_t *report_json(const struct run *run, const struct result *result);

#endif
