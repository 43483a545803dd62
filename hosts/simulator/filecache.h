/* SPDX-License-Identifier: MIT */
/* filecache.h: pages of files: read ahead, mapped around a fault. */
#ifndef SIMULATOR_FILECACHE_H
#define SIMULATOR_FILECACHE_H

#include <stdbool.h>
#include <stdint.h>

struct file;
struct space;

/* filecache_use: user code uses a page of a file that the space maps, for so long. */
void filecache_use(
	struct space *space, struct file *file, uint64_t index, bool write, uint64_t time);

#endif
