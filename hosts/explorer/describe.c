// SPDX-License-Identifier: MIT
/* describe.c: what TLBs may hold, in words. */
#include <stdio.h>
#include <string.h>

#include "tlb.h"

/* describe_leaves: the entries of a page that came, or went. */
static size_t
describe_leaves(char *text, size_t size, unsigned page, uint64_t before, uint64_t after)
{
	size_t used = 0;

	if (before != 0 && after == 0)
		return (size_t)snprintf(text, size, " -page %u", page);
	for (unsigned f = 0; f < FRAMES_MAX && used < size; f++) {
		uint64_t now = LEAVES_OF(after, f), new = now & ~LEAVES_OF(before, f);

		if (new != 0)
			used += (size_t)snprintf(text + used, size - used, " +page %u=frame %u%s%s",
				page, f, (new & 10) != 0 ? " W" : "", (new & 12) != 0 ? " D" : "");
	}
	return used;
}

void
tlb_describe_changes(char *text, size_t size)
{
	static struct tlb before[CPUS_MAX];
	size_t used = 0;

	text[0] = '\0';
	for (unsigned c = 0; c < CPUS_MAX && used < size; c++) {
		size_t start = used;

		used += (size_t)snprintf(text + used, size - used, "TLB %u:", c);
		for (unsigned i = 0; i < SETS * PAGES && used < size; i++)
			used += describe_leaves(text + used, size - used, i % PAGES,
				before[c].sets[i / PAGES].leaf[i % PAGES],
				tlbs[c].sets[i / PAGES].leaf[i % PAGES]);
		if (used < size && text[used - 1] == ':')
			text[used = start] = '\0';
		else if (used < size)
			used += (size_t)snprintf(text + used, size - used, " ");
	}
	memcpy(before, tlbs, sizeof before);
}

/* tlb_describe: what a CPU may use now, a line; returns its length. */
size_t
tlb_describe(char *text, size_t size, unsigned cpu)
{
	const struct tlb *tlb = &tlbs[cpu];
	const struct entries *set = &tlb->sets[tlb->slot];
	size_t used = (size_t)snprintf(text, size, "CPU %u, %s, may use:", cpu,
		tlb->root == machine.kernel.root         ? "on the kernel's root"
		: salvo_cpus[cpu].user_access.value != 0 ? "in user mode"
							 : "lazy or between spaces");

	for (unsigned p = 0; p < PAGES && used < size; p++)
		used += describe_leaves(text + used, size - used, p, 0, set->leaf[p]);
	for (unsigned p = 0; p < PAGES && used < size; p++)
		if ((set->stale_leaf >> p & 1) != 0)
			used += (size_t)snprintf(text + used, size - used, " (page %u: STALE)", p);
	for (unsigned p = 0; p < PAGES && used < size; p++)
		if ((set->stuck >> p & 1) != 0)
			used += (size_t)snprintf(text + used, size - used, " (page %u: faults)", p);
	if (set->stale_upper != 0 && used < size)
		used += (size_t)snprintf(text + used, size - used, " (a table: STALE)");
	if (used < size)
		used += (size_t)snprintf(text + used, size - used, "\n");
	return used < size ? used : size;
}
