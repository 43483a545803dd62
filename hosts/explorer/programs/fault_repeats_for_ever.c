// expect: fails 6
// SPDX-License-Identifier: MIT
// As fault_repeats_until_told, by a handler that finds nothing wrong and says nothing.
#include "fault_repeats.h"

static void
fault(void)
{
}

PROGRAM(fault_repeats_for_ever, 2, cpu0, cpu1);
