// SPDX-License-Identifier: MIT
/* spinner.c: one loop, which asks nothing of the kernel until it is told to end. */
#include "user.h"

void
spinner(struct spin_box *box)
{
	unsigned long turns = 0;

	while (__atomic_load_n(&box->stop, __ATOMIC_ACQUIRE) == 0)
		__atomic_store_n(&box->turns, ++turns, __ATOMIC_RELAXED);
}
