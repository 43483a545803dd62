// SPDX-License-Identifier: MIT
/*
 * image.c: the disk of a run. It is a copy of the file, so that a run may write to it, and it has
 * no name, so that nothing is left behind however the run ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "image.h"
#include "message.h"

/* The first line that a program prints, without its end; NULL if there is none. For free(). */
static char *
first_line(const char *command)
{
	FILE *output = popen(command, "r");
	char *line = NULL;
	size_t size = 0;

	if (!output)
		return NULL;
	if (getline(&line, &size, output) <= 0) {
		free(line);
		line = NULL;
	}
	pclose(output);
	if (line)
		line[strcspn(line, "\n")] = '\0';
	return line;
}

/*
 * image_default_path: a file of tens of megabytes that is there once a compiler is.
 * Returns NULL, with a line on standard error, if there is none; else for free().
 */
char *
image_default_path(void)
{
	char *path = first_line("gcc -print-prog-name=cc1 2>/dev/null");

	if (path && path[0] == '/')
		return path;
	free(path);
	error("gcc names no cc1 to read; choose a file with --file PATH");
	return NULL;
}

/*
 * image_open: opens the file and makes an empty disk.
 * Returns false, with a line on standard error and nothing open, when the file will not do.
 */
bool
image_open(struct image *image, const char *path)
{
	char disk_path[] = SALVO_BUILD_ROOT "/disk.XXXXXX";
	struct stat about;

	image->file = open(path, O_RDONLY | O_CLOEXEC);
	if (image->file < 0 || fstat(image->file, &about) != 0) {
		error("cannot read %s: %s", path, strerror(errno));
	} else if (!S_ISREG(about.st_mode)) {
		error("%s is not a regular file", path);
	} else if (about.st_size == 0) {
		error("%s is empty", path);
	} else if ((image->disk = mkostemp(disk_path, O_CLOEXEC)) < 0) {
		error("cannot make a disk image in %s: %s", SALVO_BUILD_ROOT, strerror(errno));
	} else {
		unlink(disk_path);
		image->bytes = (uint64_t)about.st_size;
		image->pages = (image->bytes + IMAGE_PAGE - 1) / IMAGE_PAGE;
		return true;
	}
	if (image->file >= 0)
		close(image->file);
	return false;
}

/* read_page: page `index` of an open file, its missing end as zeros; false if nothing is there. */
static bool
read_page(int file, uint64_t index, unsigned char page[IMAGE_PAGE])
{
	size_t have = 0;

	while (have < IMAGE_PAGE) {
		ssize_t got = pread(
			file, page + have, IMAGE_PAGE - have, (off_t)(index * IMAGE_PAGE + have));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		have += (size_t)got;
	}
	memset(page + have, 0, IMAGE_PAGE - have);
	return have > 0;
}

/*
 * image_copy: makes the disk hold the file again, and sums the file up.
 * Returns false, with a line on standard error, when that fails or the file has shrunk.
 */
bool
image_copy(struct image *image)
{
	unsigned char page[IMAGE_PAGE];

	image->checksum = 0;
	for (uint64_t i = 0; i < image->pages; i++) {
		if (!read_page(image->file, i, page)) {
			error("cannot read page %" PRIu64 " of the file", i);
			return false;
		}
		if (pwrite(image->disk, page, IMAGE_PAGE, (off_t)(i * IMAGE_PAGE)) != IMAGE_PAGE) {
			error("cannot write the disk image in %s: %s", SALVO_BUILD_ROOT,
				strerror(errno));
			return false;
		}
		image->checksum += (i + 1) * crc32(0, page, IMAGE_PAGE);
	}
	return true;
}

/*
 * image_holds_writes: after a `dirty` run each page must be the file's with its last byte
 * complemented, as the writers leave it. Returns false, with a line on standard error, if one is
 * not.
 */
bool
image_holds_writes(struct image *image)
{
	unsigned char expected[IMAGE_PAGE], found[IMAGE_PAGE];
	uint64_t lost = 0, first = 0;

	for (uint64_t i = 0; i < image->pages; i++) {
		bool read = read_page(image->file, i, expected);

		expected[IMAGE_PAGE - 1] = (unsigned char)~expected[IMAGE_PAGE - 1];
		if (read && read_page(image->disk, i, found) &&
			memcmp(expected, found, IMAGE_PAGE) == 0)
			continue;
		if (lost++ == 0)
			first = i;
	}
	if (lost)
		error("the disk does not hold what was written: %" PRIu64 " of %" PRIu64
		      " pages differ, page %" PRIu64 " first",
			lost, image->pages, first);
	return lost == 0;
}

void
image_close(struct image *image)
{
	close(image->disk);
	close(image->file);
}
