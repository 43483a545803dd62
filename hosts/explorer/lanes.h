/* SPDX-License-Identifier: MIT */
/* lanes.h: a schedule for people: as text, and as a page with a picture. */
#ifndef EXPLORER_LANES_H
#define EXPLORER_LANES_H

#include "report.h"
#include "trace.h"

/* lanes_print: a column for each CPU and one for the hardware. `saved`: the file that repeats it.
 */
void lanes_print(const struct outcome *outcome, const char *saved);

/* html_write: false, with a line on standard error, if the file cannot be written. */
bool html_write(const char *path, const struct outcome *outcome);

#endif
