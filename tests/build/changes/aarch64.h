/* SPDX-License-Identifier: MIT */
/*
 * DDI 0487, VMSAv8-64 descriptors and "Using break-before-make when updating translation table
 * entries": level 3 of Arm's. The entry is a kernel's, or with bit 6 a user's; either PXN or UXN is
 * then one of the rights, the other an attribute, alike in what they need.
 */
#define ENTRY_HUGE  ((salvo_pte)0x400001)
#define ENTRY_TABLE ((salvo_pte)0x400003)

static const struct group groups[] = {
	{"memory type", ".BB.", 1, {2}},
	{"user", ".FF.", 1, {6}},
	{"shareability", ".BB.", 1, {8}},
	{"accessed", "....", 1, {10}},
	{"not global", ".FB.", 1, {11}},
	{"guarded", ".FF.", 1, {50}},
	/* AP[2], DBM, bit 55: 1 and 5 are read-only, clean and dirty; 3 and 7 writable, AP[2] still
	   set; the even ones writable and dirty. */
	{"read-only, DBM, was dirty",
		".F.F.F.."
		"........"
		".F.F.F.."
		".F...F.."
		".F.F.F.."
		".F.F...."
		".F.F.F.."
		".F.F.F..",
		3, {7, 51, 55}},
	{"PXN", ".F..", 1, {53}},
	{"UXN", ".F..", 1, {54}},
	{"left to software", "....", 1, {56}},
};
