// SPDX-License-Identifier: MIT
/*
 * fixed.c: what a program's set_up writes is the same in every state, so no part of one. Nobody may
 * write it later.
 */
#include <string.h>

#include "explorer.h"

static unsigned char kept[4096]; /* as set_up left it */

static size_t
length(void)
{
	return (size_t)(__stop_fixed - __start_fixed);
}

void
fixed_keep(void)
{
	if (length() > sizeof kept)
		fail(0, "the programs have too much FIXED memory");
	else
		memcpy(kept, __start_fixed, length());
}

/* fixed_is_written: since it was kept; and as it was again. */
bool
fixed_is_written(void)
{
	if (length() > sizeof kept || memcmp(kept, __start_fixed, length()) == 0)
		return false;
	memcpy(__start_fixed, kept, length());
	return true;
}
