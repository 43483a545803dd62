// SPDX-License-Identifier: MIT
/* reader.c: the checksum of a mapped part of a file; abi.h says which. */
#include "user.h"

#define POLYNOMIAL   0xedb88320u /* IEEE 802.3, bits reversed */
#define SLICES       4
#define REPORT_PAGES 32
#define PAGE_WORDS   (PAGE_SIZE / sizeof(unsigned))
#define LAST_BYTE    0xff000000u /* of a word */

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
word_crc(unsigned tables[SLICES][256], unsigned crc, unsigned word)
{
	crc ^= word;
	return tables[3][crc & 0xff] ^ tables[2][crc >> 8 & 0xff] ^ tables[1][crc >> 16 & 0xff] ^
	       tables[0][crc >> 24];
}

/* page_crc: of a page, with the bits of `inverted` inverted in its last word. */
static unsigned
page_crc(unsigned tables[SLICES][256], const unsigned *words, unsigned inverted)
{
	unsigned crc = ~0u;

	for (unsigned long i = 0; i < PAGE_WORDS - 1; i++)
		crc = word_crc(tables, crc, words[i]);
	return ~word_crc(tables, crc, words[PAGE_WORDS - 1] ^ inverted);
}

void
reader(unsigned long address, unsigned long first, unsigned long pages, unsigned long passes)
{
	unsigned tables[SLICES][256];
	unsigned long dirty = passes & READER_DIRTY, first_sum = 0, other_sum = 0;
	unsigned long differ = 0;

	passes &= ~(unsigned long)READER_DIRTY;
	make_tables(tables);
	for (unsigned long pass = 0; pass < passes; pass++) {
		unsigned long sum = 0, reported = 0;

		for (unsigned long page = 0; page < pages; page++) {
			unsigned long at = address + page * PAGE_SIZE;
			unsigned inverted = dirty != 0 && pass > 0 ? LAST_BYTE : 0;

			sum += (first + page + 1) *
			       page_crc(tables, (const unsigned *)at, inverted);
			if (dirty != 0 && pass == 0)
				*(volatile unsigned char *)(at + PAGE_SIZE - 1) ^= 0xff;
			if (page + 1 - reported == REPORT_PAGES || page + 1 == pages) {
				call(SYS_PROGRESS, page + 1 - reported, 0, 0);
				reported = page + 1;
			}
		}
		if (pass == 0)
			first_sum = other_sum = sum;
		else if (sum != first_sum && differ++ == 0)
			other_sum = sum;
	}
	call(SYS_REPORT, 0, first_sum, 0);
	call(SYS_REPORT, 1, other_sum, 0);
	call(SYS_REPORT, 2, passes * pages, 0);
	call(SYS_REPORT, 3, differ, 0);
}
