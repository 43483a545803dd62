// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "tap.h"

void
tap_begin(struct tap *tap)
{
	*tap = (struct tap){.planned = -1};
}

/* tap_take: counts one line, without its '\n', and says what it is. A skipped case is no case. */
enum tap_line
tap_take(struct tap *tap, const char *line)
{
	if (strncmp(line, "1..", 3) == 0) {
		tap->planned = atoi(line + 3);
		return TAP_PLAN;
	}
	if (strncmp(line, "ok ", 3) == 0) {
		tap->passed++;
		return TAP_OK;
	}
	if (strncmp(line, "not ok ", 7) == 0) {
		tap->failed++;
		return TAP_NOT_OK;
	}
	return line[0] == '#' ? TAP_COMMENT : TAP_OTHER;
}

/* tap_whole: there was a plan, with at least one case, and each case of it was reported. */
bool
tap_whole(const struct tap *tap)
{
	return tap->planned > 0 && tap->passed + tap->failed == tap->planned;
}

/* tap_name: the case's name in a line of kind TAP_OK or TAP_NOT_OK: what follows the number. */
const char *
tap_name(const char *line)
{
	line += strncmp(line, "not ", 4) == 0 ? 7 : 3;
	line += strspn(line, "0123456789 ");
	return line + strspn(line, "- ");
}
