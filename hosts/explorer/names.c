// SPDX-License-Identifier: MIT
/* names.c: shared words by the names that the sources and docs/PROTOCOL.md use. */
#include <stddef.h>
#include <stdio.h>

#include "trace.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define WITHIN(address, object)                                                                    \
	((const char *)(address) >= (const char *)&(object) &&                                     \
		(const char *)(address) < (const char *)(&(object) + 1))

struct member {
	size_t offset;
	const char *name;
};

/* Oracles, by number: docs/DESIGN.md says them whole. */
static const char *const oracle_names[] = {
	"preconditions and assertions hold",
	"no stale translation is used",
	"no write is lost",
	"no table is freed under a walker",
	"nobody acts on a wrong rmap",
	"no larger right is used",
	"nobody waits for ever",
	"no interrupt too many",
	"out of memory loses nothing",
};

static const struct member cpu_members[] = {
	{offsetof(struct salvo_cpu, asked), "asked"},
	{offsetof(struct salvo_cpu, later), "later"},
	{offsetof(struct salvo_cpu, answered), "answered"},
	{offsetof(struct salvo_cpu, lazy), "lazy"},
	{offsetof(struct salvo_cpu, version), "version"},
	{offsetof(struct salvo_cpu, loaded_id), "loaded_id"},
	{offsetof(struct salvo_cpu, loaded_seen), "loaded_seen"},
	{offsetof(struct salvo_cpu, kernel_seen), "kernel_seen"},
	{offsetof(struct salvo_cpu, walking), "walking"},
	{offsetof(struct salvo_cpu, user_access), "user_access"},
};

static const struct member space_members[] = {
	{offsetof(struct salvo_space, id), "id"},
	{offsetof(struct salvo_space, gen), "gen"},
	{offsetof(struct salvo_space, done), "done"},
	{offsetof(struct salvo_space, pending), "pending"},
	{offsetof(struct salvo_space, begun), "begun"},
	{offsetof(struct salvo_space, quiet), "quiet"},
	{offsetof(struct salvo_space, loose), "loose"},
	{offsetof(struct salvo_space, flushed[0]), "flushed[0]"},
	{offsetof(struct salvo_space, flushed[1]), "flushed[1]"},
	{offsetof(struct salvo_space, dying), "dying"},
	{offsetof(struct salvo_space, cpus.bits[0]), "cpus"},
#if SALVO_CPUSET_BITS == 1
	{offsetof(struct salvo_space, cpus.words), "cpus.words"},
	{offsetof(struct salvo_space, cpus.bits[1]), "cpus.bits[1]"},
	{offsetof(struct salvo_space, cpus.bits[2]), "cpus.bits[2]"},
	{offsetof(struct salvo_space, cpus.bits[3]), "cpus.bits[3]"},
#endif
};

static const struct member request_members[] = {
	{offsetof(struct salvo_request, tag), "tag"},
	{offsetof(struct salvo_request, start), "start"},
	{offsetof(struct salvo_request, end), "end"},
	{offsetof(struct salvo_request, kind), "kind"},
};

static const char *const space_names[SPACES_MAX] = {"space0", "space1", "space2", "kernel"};

static const char *
member_name(const struct member *members, size_t count, const void *object, const void *word)
{
	size_t offset = (size_t)((const char *)word - (const char *)object);

	for (size_t i = 0; i < count; i++)
		if (members[i].offset == offset)
			return members[i].name;
	return "?";
}

static void
name_in_space(char *text, size_t size, const char *space_name, const struct salvo_space *space,
	const void *word)
{
	for (unsigned i = 0; i < SALVO_RING; i++)
		if (WITHIN(word, space->ring[i])) {
			snprintf(text, size, "%s.ring[%u].%s", space_name, i,
				member_name(request_members, COUNT(request_members),
					&space->ring[i], word));
			return;
		}
	snprintf(text, size, "%s.%s", space_name,
		member_name(space_members, COUNT(space_members), space, word));
}

/* name_in_frame: an entry by what it maps, if its table is still linked. */
static void
name_in_frame(char *text, size_t size, unsigned f, unsigned i)
{
	for (unsigned s = 0; s <= KERNEL; s++) {
		unsigned root = (unsigned)(space_of(s)->root >> SALVO_ARCH_PAGE_SHIFT);

		if (root == 0)
			continue;
		if (root == f) {
			snprintf(text, size, "%s.table[%u]", space_names[s], i);
			return;
		}
		for (unsigned t = 0; t < 2; t++) {
			uintptr_t pte = frames[root].words[t].value;

			if (!salvo_arch_pte_present(pte) || salvo_arch_pte_leaf(pte, 2) ||
				salvo_arch_pte_frame(pte, 2) != f)
				continue;
			snprintf(text, size, "%s.page[%u]", space_names[s], t * 2 + i);
			return;
		}
	}
	snprintf(text, size, "frame%u[%u]", f, i);
}

void
trace_name(char *text, size_t size, const void *word)
{
	for (unsigned i = 0; i < CPUS_MAX; i++)
		if (WITHIN(word, salvo_cpus[i])) {
			snprintf(text, size, "cpu%u.%s", i,
				member_name(cpu_members, COUNT(cpu_members), &salvo_cpus[i], word));
			return;
		}
	for (unsigned i = 0; i < KERNEL; i++)
		if (WITHIN(word, spaces[i])) {
			name_in_space(text, size, space_names[i], &spaces[i], word);
			return;
		}
	if (WITHIN(word, machine.kernel))
		name_in_space(text, size, "kernel", &machine.kernel, word);
	else if (WITHIN(word, machine.next_id))
		snprintf(text, size, "machine.next_id");
	else if (WITHIN(word, frames))
		name_in_frame(text, size,
			(unsigned)(((const char *)word - (const char *)frames) /
				   (ptrdiff_t)sizeof(frames[0])),
			(unsigned)((const struct salvo_word *)word -
				   frames[((const char *)word - (const char *)frames) /
					   (ptrdiff_t)sizeof(frames[0])]
					   .words));
	else
		snprintf(text, size, "%s", host_word_name(word));
}

void
trace_entry_value(char *text, size_t size, uintptr_t pte)
{
	if (!salvo_arch_pte_present(pte))
		snprintf(text, size, "none");
	else
		snprintf(text, size, "frame %u%s%s%s%s", (unsigned)salvo_arch_pte_frame(pte, 1),
			salvo_arch_pte_writable(pte) ? " W" : "",
			salvo_arch_pte_dirty(pte) ? " D" : "",
			salvo_arch_pte_accessed(pte) ? " A" : "",
			salvo_arch_pte_leaf(pte, 2) ? " huge" : "");
}

const char *
trace_oracle(int oracle)
{
	return oracle_names[oracle];
}
