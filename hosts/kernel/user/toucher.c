// SPDX-License-Identifier: MIT
/* toucher.c: keeps translations of a range in this CPU's TLB. */
#include "user.h"

void
toucher(unsigned long address, unsigned long pages, unsigned long step, unsigned long store)
{
	unsigned long rounds = 0, faults = 0;

	call(SYS_RECOVER, (unsigned long)probe_recover, 0, 0);
	do {
		for (unsigned long page = 0; page < pages; page += step) {
			unsigned long at = address + page * PAGE_SIZE, value;

			if (store != 0 ? probe_store(at, at) : probe_load(at, &value))
				faults++;
		}
		rounds++;
	} while (call(SYS_PROGRESS, 1, 0, 0) == 0);
	call(SYS_REPORT, 0, rounds, 0);
	call(SYS_REPORT, 1, faults, 0);
}
