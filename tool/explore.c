// SPDX-License-Identifier: MIT
/* explore.c: `salvo explore`: hands over to the explorer, a program of its own: its stacks and its
 * memory lie at fixed addresses, so that a schedule is repeated exactly. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "explore.h"
#include "message.h"

int
explore(char *arguments[])
{
	static char explorer[] = SALVO_BUILD_ROOT "/hosts/explorer/explore";

	arguments[0] = explorer;
	execv(explorer, arguments);
	return error("cannot run %s: %s", explorer, strerror(errno));
}
