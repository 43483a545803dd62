// SPDX-License-Identifier: MIT
/*
 * changes.c: what does each change of an entry need before nobody goes by the old one? Asks
 * src/change.h, compiled once for each header of arch/, of all pairs of entries that differ in the
 * bits of the CPU's table in changes/, which was written from its manual. Prints TAP.
 */
#include <stdio.h>
#include <string.h>

#include <change.h>

#define MOST_BITS 3

/*
 * Bits that mean something together. needs: a letter for each pair of values, row by row by the old
 * one: '.' nothing, 'F' flush, 'B' break. The first bit is the lowest of a value.
 */
struct group {
	const char *what;
	const char *needs;
	unsigned count;
	unsigned char bits[MOST_BITS];
};

#include CHANGES_TABLE

#define GROUPS (sizeof(groups) / sizeof(groups[0]))

static unsigned number;

static enum salvo_need
need_of(char letter)
{
	return letter == '.'   ? SALVO_NEEDS_NOTHING
	       : letter == 'F' ? SALVO_NEEDS_FLUSH
			       : SALVO_NEEDS_BREAK;
}

/* value: `seed` has the values of all groups, lowest first; that of one, and its bits. */
static unsigned
value(const struct group *group, unsigned *seed, salvo_pte *pte)
{
	unsigned mine = *seed & ((1u << group->count) - 1);

	for (unsigned i = 0; i < group->count; i++)
		if ((mine >> i & 1) != 0)
			*pte |= (salvo_pte)1 << group->bits[i];
	*seed >>= group->count;
	return mine;
}

/* entry: a present leaf; the values of its groups. */
static salvo_pte
entry(unsigned seed, unsigned values[GROUPS])
{
	salvo_pte pte = (salvo_pte)ENTRY_LEAF | (salvo_pte)0x12346 << ENTRY_FRAME_SHIFT;

	for (size_t i = 0; i < GROUPS; i++)
		values[i] = value(&groups[i], &seed, &pte);
	return pte;
}

/* wanted: the most that any group asks for. */
static enum salvo_need
wanted(const unsigned from[GROUPS], const unsigned to[GROUPS])
{
	enum salvo_need most = SALVO_NEEDS_NOTHING;

	for (size_t i = 0; i < GROUPS; i++) {
		enum salvo_need need =
			need_of(groups[i].needs[(from[i] << groups[i].count) + to[i]]);

		if (need > most)
			most = need;
	}
	return most;
}

static unsigned
all_bits(void)
{
	unsigned count = 0;

	for (size_t i = 0; i < GROUPS; i++)
		count += groups[i].count;
	return count;
}

static void
report(bool good, const char *what, salvo_pte old, salvo_pte now)
{
	printf("%s %u - %s\n", good ? "ok" : "not ok", ++number, what);
	if (!good)
		printf("# from %#llx to %#llx\n", (unsigned long long)old, (unsigned long long)now);
}

/* ask_one: the table of one group alone, its entries one by one. */
static void
ask_one(const struct group *group)
{
	const unsigned values = 1u << group->count;
	salvo_pte old = 0, now = 0;
	bool good = strlen(group->needs) == (size_t)values * values;

	for (unsigned i = 0; i < values * values && good; i++) {
		unsigned from = i / values, to = i % values;

		old = now = (salvo_pte)ENTRY_LEAF | (salvo_pte)0x12346 << ENTRY_FRAME_SHIFT;
		value(group, &from, &old);
		value(group, &to, &now);
		good = salvo_change_needs(old, now, 1) == need_of(group->needs[i]);
	}
	report(good, group->what, old, now);
}

/* ask_all: every pair of entries. */
static void
ask_all(void)
{
	const unsigned seeds = 1u << all_bits();
	salvo_pte old = 0, now = 0;
	bool good = true;

	for (unsigned i = 0; i < seeds && good; i++) {
		unsigned from[GROUPS], to[GROUPS];

		old = entry(i, from);
		for (unsigned j = 0; j < seeds && good; j++) {
			now = entry(j, to);
			good = salvo_change_needs(old, now, 1) == wanted(from, to);
		}
	}
	report(good, "all of them at once", old, now);
}

/* ask_presence: whatever else an entry says. */
static void
ask_presence(void)
{
	const salvo_pte frame = (salvo_pte)1 << ENTRY_FRAME_SHIFT;
	bool appears = true, goes = true, moves = true;
	salvo_pte old = 0;

	for (unsigned i = 0; i < 1u << all_bits(); i++) {
		unsigned values[GROUPS];

		old = entry(i, values);
		appears &= salvo_change_needs(0, old, 1) == SALVO_NEEDS_NOTHING;
		goes &= salvo_change_needs(old, 0, 1) == SALVO_NEEDS_FLUSH;
		moves &= salvo_change_needs(old, old ^ frame, 1) == SALVO_NEEDS_BREAK;
	}
	report(appears, "an entry that becomes present needs nothing", 0, old);
	report(goes, "one that becomes absent needs a flush", old, 0);
	report(moves, "another frame needs a break", old, old ^ frame);
}

int
main(void)
{
	for (size_t i = 0; i < GROUPS; i++)
		ask_one(&groups[i]);
	ask_all();
	ask_presence();
	report(salvo_change_needs(ENTRY_HUGE, ENTRY_TABLE, 2) == SALVO_NEEDS_BREAK &&
			salvo_change_needs(ENTRY_TABLE, ENTRY_HUGE, 2) == SALVO_NEEDS_BREAK,
		"a table for a leaf, and a leaf for a table, need a break", ENTRY_HUGE,
		ENTRY_TABLE);
	printf("1..%u\n", number);
	return 0;
}
