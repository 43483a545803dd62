/* SPDX-License-Identifier: MIT */
/* image.h: the file that the kernel's processes read, and the disk that holds a copy of it. */
#ifndef TOOL_IMAGE_H
#define TOOL_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

enum { IMAGE_PAGE = 4096 };

struct image {
	int file;       /* the host's file, open for reading */
	int disk;       /* its copy, padded to a page, without a name */
	uint64_t bytes; /* of the file */
	uint64_t pages;
	uint64_t checksum; /* of the file: tool/README.md */
};

char *image_default_path(void);
bool image_open(struct image *image, const char *path);
bool image_copy(struct image *image);
bool image_holds_writes(struct image *image);
void image_close(struct image *image);

#endif
