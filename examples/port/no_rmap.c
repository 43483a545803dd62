// SPDX-License-Identifier: MIT
/*
 * no_rmap.c: the last callback of step 3, of a host that does not find entries by page.
 */
#include "machine.h"

bool
salvo_port_rmap_remove(struct salvo_space *space, uintptr_t frame, size_t count)
{
	(void)space;
	(void)frame;
	(void)count;
	return true;
}
