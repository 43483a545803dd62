// SPDX-License-Identifier: MIT
/* workloads.c: those there are. */
#include <string.h>

#include "workload.h"

extern const struct workload workload_readers, workload_writers, workload_munmap, workload_protect,
	workload_tables;

const struct workload *const workloads[] = {&workload_readers, &workload_writers, &workload_munmap,
	&workload_protect, &workload_tables, NULL};

const struct workload *
workload_find(const char *name)
{
	for (unsigned i = 0; workloads[i] != NULL; i++)
		if (strcmp(workloads[i]->name, name) == 0)
			return workloads[i];
	return NULL;
}
