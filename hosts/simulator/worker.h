/* SPDX-License-Identifier: MIT */
/* worker.h: processes that do a part of the work. None of them outlives the one that started it. */
#ifndef SIMULATOR_WORKER_H
#define SIMULATOR_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* worker_fork: as fork; the child is killed when its parent ends, however that is. */
pid_t worker_fork(void);

/* worker_send, worker_receive: a whole result through a pipe; false if the other end is gone. */
bool worker_send(int to, const void *bytes, size_t length);
bool worker_receive(int from, void *bytes, size_t length);

#endif
