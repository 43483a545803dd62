/* SPDX-License-Identifier: MIT */
/* tap.h: counting the cases of a stream in the Test Anything Protocol. */
#ifndef TOOL_TAP_H
#define TOOL_TAP_H

#include <stdbool.h>

enum tap_line {
	TAP_OTHER,
	TAP_PLAN,
	TAP_OK,
	TAP_NOT_OK,
	TAP_COMMENT,
};

struct tap {
	int planned; /* -1: no plan yet */
	int passed;
	int failed;
};

void tap_begin(struct tap *tap);
enum tap_line tap_take(struct tap *tap, const char *line);
bool tap_whole(const struct tap *tap);
const char *tap_name(const char *line);

#endif
