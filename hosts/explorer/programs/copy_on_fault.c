// expect: fails 0
// SPDX-License-Identifier: MIT
// As copy_on_fault_asked, by a handler that does not ask: another CPU stores to the page that was
// copied already.
enum { MARKED = 0 };

#include "copy_on_fault.h"

static bool
must_flush(uintptr_t table)
{
	(void)table;
	return false;
}

PROGRAM(copy_on_fault, 3, cpu0, cpu1, cpu2);
