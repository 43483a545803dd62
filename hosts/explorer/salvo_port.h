/* SPDX-License-Identifier: MIT */
/*
 * salvo_port.h: the explorer's limits: small, so that every path of the library is a few steps
 * long. Its callbacks are in cpu.c and host.c: each one that another CPU can notice is a step.
 */
#ifndef SALVO_PORT_H
#define SALVO_PORT_H

#define SALVO_MAX_CPUS      4
#define SALVO_MAX_SLOTS     2
#define SALVO_RING          2
#define SALVO_NOTES         2
#define SALVO_BATCH_SPACES  1
#define SALVO_GATHER_INLINE 2
#define SALVO_GATHER_CHUNKS 1
#define SALVO_SERVE_ROUNDS  2
#define SALVO_CACHE_LINE    8

#include <salvo/types.h>

#endif
