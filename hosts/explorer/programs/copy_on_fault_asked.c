// expect: safe
// SPDX-License-Identifier: MIT
// A fault handler copies a page because its entry is read-only, beside the protect that made it so:
// it asks whether that is flushed, and flushes first if it is not.
enum { MARKED = 0 };

#include "copy_on_fault.h"

static bool
must_flush(uintptr_t table)
{
	return salvo_pte_flush_pending(&spaces[0], table, PAGE(0));
}

PROGRAM(copy_on_fault_asked, 3, cpu0, cpu1, cpu2);
