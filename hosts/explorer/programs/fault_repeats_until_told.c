// expect: safe
// SPDX-License-Identifier: MIT
// A page becomes writable where a fault leaves the TLB as it is: who faults for the old entry says
// so, and gets on.
#include "fault_repeats.h"

/* fault: what a fault handler does that finds nothing wrong with the entry. */
static void
fault(void)
{
	salvo_spurious_fault(PAGE(0));
}

PROGRAM(fault_repeats_until_told, 2, cpu0, cpu1);
