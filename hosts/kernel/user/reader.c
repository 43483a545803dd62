// SPDX-License-Identifier: MIT
/* reader.c: the checksum of a mapped part of a file; abi.h says which. */
#include "user.h"

#define POLYNOMIAL   0xedb88320u /* IEEE 802.3, bits reversed */
#define SLICES       4
#define REPORT_PAGES 32

/* make_tables: tables[s][b] = the crc of byte b followed by s zero bytes. */
static void
make_tables(unsigned tables[SLICES][256])
{
	for (unsigned byte = 0; byte < 256; byte++) {
		unsigned crc = byte;

		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ ((crc & 1) != 0 ? POLYNOMIAL : 0);
		tables[0][byte] = crc;
	}
	for (unsigned slice = 1; slice < SLICES; slice++)
		for (unsigned byte = 0; byte < 256; byte++) {
			unsigned before = tables[slice - 1][byte];

			tables[slice][byte] = before >> 8 ^ tables[0][before & 0xff];
		}
}

static unsigned
page_crc(unsigned tables[SLICES][256], const unsigned *words)
{
	unsigned crc = ~0u;

	for (unsigned long i = 0; i < PAGE_SIZE / sizeof(*words); i++) {
		crc ^= words[i];
		crc = tables[3][crc & 0xff] ^ tables[2][crc >> 8 & 0xff] ^
		      tables[1][crc >> 16 & 0xff] ^ tables[0][crc >> 24];
	}
	return ~crc;
}

void
reader(unsigned long address, unsigned long first, unsigned long pages, unsigned long passes)
{
	unsigned tables[SLICES][256];
	unsigned long dirty = passes & READER_DIRTY, last = 0;

	passes &= ~(unsigned long)READER_DIRTY;
	make_tables(tables);
	for (unsigned long pass = 0; pass < passes; pass++) {
		unsigned long sum = 0, reported = 0;

		for (unsigned long page = 0; page < pages; page++) {
			unsigned long at = address + page * PAGE_SIZE;

			sum += (first + page + 1) * page_crc(tables, (const unsigned *)at);
			if (dirty != 0)
				*(volatile unsigned char *)at ^= 0xff;
			if (page + 1 - reported == REPORT_PAGES || page + 1 == pages) {
				call(SYS_PROGRESS, page + 1 - reported, 0, 0);
				reported = page + 1;
			}
		}
		if (pass == 0)
			call(SYS_REPORT, 0, sum, 0);
		last = sum;
	}
	call(SYS_REPORT, 1, last, 0);
	call(SYS_REPORT, 2, passes * pages, 0);
}
