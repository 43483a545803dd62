// SPDX-License-Identifier: MIT
/* caller.c: works in the kernel, as a process does that maps and unmaps all the time. */
#include "user.h"

void
caller(unsigned long argument)
{
	while (call(SYS_CHECK, argument, 0, 0) == 0)
		call(SYS_PROGRESS, 1, 0, 0);
}
