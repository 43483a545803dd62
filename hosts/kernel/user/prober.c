// SPDX-License-Identifier: MIT
/* prober.c: one access at a time, when the kernel asks, without ever leaving user mode between. */
#include "user.h"

void
prober(struct probe_box *box)
{
	unsigned long done = 0;

	call(SYS_RECOVER, (unsigned long)probe_recover, 0, 0);
	for (;;) {
		unsigned long value = box->value;

		while (__atomic_load_n(&box->asked, __ATOMIC_ACQUIRE) == done)
			__builtin_ia32_pause();
		done++;
		switch (box->command) {
		case PROBE_LOAD:
			box->faulted = (unsigned long)probe_load(box->address, &value);
			box->value = value;
			break;
		case PROBE_STORE:
			box->faulted = (unsigned long)probe_store(box->address, box->value);
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
