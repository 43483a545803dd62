/* SPDX-License-Identifier: MIT */
/* reclaim.h: memory is got back from pages of files, by kswapd and by whoever finds none free. */
#ifndef SIMULATOR_RECLAIM_H
#define SIMULATOR_RECLAIM_H

#include <stdint.h>

#include "simulate.h"

struct frame;

/* reclaim_set_up: a kswapd for each node. => set-up, before other tasks */
void reclaim_set_up(const struct run *run);

/* reclaim_for_me: the running CPU needs a frame and found none, so many times before: one round, after
 * which there may be some. */
void reclaim_for_me(unsigned tries);

/* reclaim_add: this page of a file is in use from now on; on its node's list soon. */
void reclaim_add(struct frame *frame);

#endif
