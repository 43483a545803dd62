/* SPDX-License-Identifier: MIT */
/* As x86_64.h, without keys and without a bit against execution. */
#define ENTRY_HUGE  ((salvo_pte)0x400081)
#define ENTRY_TABLE ((salvo_pte)0x400001)

static const struct group groups[] = {
	{"write", "..F.", 1, {1}},
	{"user", "..F.", 1, {2}},
	{"memory type, PWT", ".FF.", 1, {3}},
	{"memory type, PCD", ".FF.", 1, {4}},
	{"accessed", "....", 1, {5}},
	{"dirty", "..F.", 1, {6}},
	{"memory type, PAT", ".FF.", 1, {7}},
	{"global", ".FF.", 1, {8}},
	{"left to software", "....", 1, {11}},
};
