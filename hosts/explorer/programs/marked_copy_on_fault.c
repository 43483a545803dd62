// expect: safe
// SPDX-License-Identifier: MIT
// As copy_on_fault_asked, where the host keeps a mark for each table.
enum { MARKED = 1 };

#include "copy_on_fault.h"

static bool
must_flush(uintptr_t table)
{
	return salvo_pte_flush_pending(&spaces[0], table, PAGE(0));
}

PROGRAM(marked_copy_on_fault, 3, cpu0, cpu1, cpu2);
