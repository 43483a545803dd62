/* SPDX-License-Identifier: MIT */
/* Privileged architecture 1.12, Sv48, Svpbmt and Svnapot. The leaf of the test can be read. */
#define ENTRY_HUGE  ((salvo_pte)0x100003)
#define ENTRY_TABLE ((salvo_pte)0x100001)

static const struct group groups[] = {
	{"write", "..F.", 1, {2}},
	{"execution", "..F.", 1, {3}},
	{"user", ".FF.", 1, {4}},
	{"global", ".FF.", 1, {5}},
	{"accessed", "....", 1, {6}},
	{"dirty", "..F.", 1, {7}},
	{"left to software", "....", 1, {8}},
	{"memory type", ".BB.", 1, {61}},
	{"larger page", ".BB.", 1, {63}},
};
