// SPDX-License-Identifier: MIT
/* prober.c: one access at a time, when the kernel asks, without ever leaving user mode between. */
#include "user.h"

static void
load_pages(struct probe_box *box)
{
	unsigned long sum = 0, faulted = 0;

	for (unsigned page = 0; page < box->number; page++) {
		unsigned long value;

		if (probe_load(box->address + page * PAGE_SIZE, &value))
			faulted++;
		else
			sum += value;
	}
	box->value = sum;
	box->faulted = faulted;
}

static void
store_pages(struct probe_box *box)
{
	unsigned long faulted = 0;

	for (unsigned page = 0; page < box->number; page++)
		if (probe_store(box->address + page * PAGE_SIZE, box->value + page))
			faulted++;
	box->faulted = faulted;
}

void
prober(struct probe_box *box)
{
	unsigned long done = 0;

	call(SYS_RECOVER, (unsigned long)probe_recover, 0, 0);
	for (;;) {
		while (__atomic_load_n(&box->asked, __ATOMIC_ACQUIRE) == done)
			__builtin_ia32_pause();
		done++;
		switch (box->command) {
		case PROBE_LOAD:
			load_pages(box);
			break;
		case PROBE_STORE:
			store_pages(box);
			break;
		case PROBE_CALL:
			box->value = (unsigned long)call(box->number, box->address, box->value, 0);
			break;
		case PROBE_EXIT:
			return;
		}
		__atomic_store_n(&box->answered, done, __ATOMIC_RELEASE);
	}
}
