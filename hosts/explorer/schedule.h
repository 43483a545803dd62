/* SPDX-License-Identifier: MIT */
/* schedule.h: failing schedules, kept in files and repeated. */
#ifndef EXPLORER_SCHEDULE_H
#define EXPLORER_SCHEDULE_H

#include "report.h"

/* schedule_save: false, with a line on standard error, if the file cannot be written. */
bool schedule_save(const char *path, const struct outcome *outcome);

/* schedule_load: a saved schedule; false, with a line on standard error, if it is damaged, or not
 * of this build. */
bool schedule_load(const char *path, struct outcome *outcome);

#endif
