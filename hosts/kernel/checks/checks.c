// SPDX-License-Identifier: MIT
#include "../kernel.h"
bool
workload_checks(void)
{
	return false;
}
