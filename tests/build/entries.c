// SPDX-License-Identifier: MIT
/*
 * entries.c: do a CPU's page-table entries keep the arch contract? Compiled once for each header of
 * arch/, for the machine that runs the tests: entries are values, and no flush is called. Goes
 * through all entries of a few bits each. Prints TAP.
 */
#include <stdio.h>

#include <salvo/arch.h>

#define EVERY_RIGHT (SALVO_WRITE | SALVO_EXEC)

static unsigned number;

/* Rights that this CPU cannot take away. */
static unsigned
fixed_rights(void)
{
	return salvo_arch_pte_rights(salvo_arch_pte_protect(0, 0));
}

/* A present leaf of level 1 is what `seed` makes of all bits that a header gives a meaning. */
static salvo_pte
leaf(unsigned seed)
{
	static const unsigned char bits[] = {ENTRY_BITS};
	salvo_pte pte = (salvo_pte)ENTRY_LEAF;

	for (unsigned i = 0; i < sizeof(bits); i++)
		if ((seed >> i & 1) != 0)
			pte |= (salvo_pte)1 << bits[i];
	return pte | (salvo_pte)0x12345 << ENTRY_FRAME_SHIFT;
}

static bool
same_but_rights(salvo_pte a, salvo_pte b)
{
	return salvo_arch_pte_present(a) == salvo_arch_pte_present(b) &&
	       salvo_arch_pte_leaf(a, 1) == salvo_arch_pte_leaf(b, 1) &&
	       salvo_arch_pte_frame(a, 1) == salvo_arch_pte_frame(b, 1);
}

static bool
protect_gives_just_the_rights(salvo_pte pte)
{
	for (unsigned rights = 0; rights <= EVERY_RIGHT; rights++) {
		salvo_pte now = salvo_arch_pte_protect(pte, rights);

		if (salvo_arch_pte_rights(now) != (rights | fixed_rights()) ||
			salvo_arch_pte_writable(now) != ((rights & SALVO_WRITE) != 0))
			return false;
	}
	return true;
}

static bool
protect_keeps_dirty_and_accessed(salvo_pte pte)
{
	for (unsigned rights = 0; rights <= EVERY_RIGHT; rights++) {
		salvo_pte now = salvo_arch_pte_protect(pte, rights);
		salvo_pte back = salvo_arch_pte_protect(now, salvo_arch_pte_rights(pte));

		if (!same_but_rights(pte, now) ||
			salvo_arch_pte_dirty(now) != salvo_arch_pte_dirty(pte) ||
			salvo_arch_pte_accessed(now) != salvo_arch_pte_accessed(pte) ||
			salvo_arch_pte_dirty(back) != salvo_arch_pte_dirty(pte))
			return false;
	}
	return true;
}

static bool
clean_is_read_only_and_clean(salvo_pte pte)
{
	salvo_pte now = salvo_arch_pte_clean(pte);

	return same_but_rights(pte, now) && !salvo_arch_pte_dirty(now) &&
	       !salvo_arch_pte_writable(now) &&
	       salvo_arch_pte_accessed(now) == salvo_arch_pte_accessed(pte) &&
	       !salvo_arch_pte_dirty(salvo_arch_pte_protect(now, EVERY_RIGHT));
}

static bool
old_clears_accessed_alone(salvo_pte pte)
{
	salvo_pte now = salvo_arch_pte_old(pte);

	return same_but_rights(pte, now) && !salvo_arch_pte_accessed(now) &&
	       salvo_arch_pte_rights(now) == salvo_arch_pte_rights(pte) &&
	       salvo_arch_pte_dirty(now) == salvo_arch_pte_dirty(pte);
}

static bool
written_sets_dirty_alone(salvo_pte pte)
{
	salvo_pte now = salvo_arch_pte_written(pte);

	return same_but_rights(pte, now) && salvo_arch_pte_dirty(now) &&
	       salvo_arch_pte_rights(now) == salvo_arch_pte_rights(pte) &&
	       salvo_arch_pte_accessed(now) == salvo_arch_pte_accessed(pte);
}

static bool
is_a_leaf_with_its_frame(salvo_pte pte)
{
	return salvo_arch_pte_present(pte) && salvo_arch_pte_leaf(pte, 1) &&
	       salvo_arch_pte_frame(pte, 1) == 0x12345;
}

static void
check(const char *name, bool (*holds)(salvo_pte))
{
	for (unsigned seed = 0; seed < 1u << sizeof((unsigned char[]){ENTRY_BITS}); seed++) {
		salvo_pte pte = leaf(seed);

		if (holds(pte))
			continue;
		printf("not ok %u - %s\n# entry %#llx\n", ++number, name, (unsigned long long)pte);
		return;
	}
	printf("ok %u - %s\n", ++number, name);
}

int
main(void)
{
	check("a present entry is a leaf and shows its frame", is_a_leaf_with_its_frame);
	check("protect gives just the rights", protect_gives_just_the_rights);
	check("protect keeps Dirty and Accessed", protect_keeps_dirty_and_accessed);
	check("clean is read-only and clean, also when writable again",
		clean_is_read_only_and_clean);
	check("old clears Accessed alone", old_clears_accessed_alone);
	check("written sets Dirty alone", written_sets_dirty_alone);
	printf("%s %u - nothing is present in 0\n", salvo_arch_pte_present(0) ? "not ok" : "ok",
		++number);
	printf("1..%u\n", number);
	return 0;
}
