/* SPDX-License-Identifier: MIT */
/* worker.h: processes that do a part of the work. None of them outlives the one that started it. */
#ifndef SIMULATOR_WORKER_H
#define SIMULATOR_WORKER_H

#include <sys/types.h>

/* worker_fork: as fork; the child is killed when its parent ends, however that is. */
pid_t worker_fork(void);

#endif
