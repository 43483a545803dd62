// SPDX-License-Identifier: MIT
/*
 * storm.c: every CPU does random things to the same few spaces and the same file, while the MMU
 * checks each access. Ends after a number of rounds; a CPU that waits for ever is a stall.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include <host.h>

static unsigned rounds = 20000;
static pthread_barrier_t start_line;

/* What is random for one CPU. */
struct dice {
	uint64_t state;
};

static unsigned
roll(struct dice *dice, unsigned sides)
{
	dice->state = dice->state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(dice->state >> 33) % sides;
}

/*
 * lose_time: at moments when others should get between our steps, more often than by time slices.
 */
static void
lose_time(enum host_event event, uintptr_t a, uintptr_t b)
{
	static _Thread_local struct dice dice;

	(void)a;
	(void)b;
	if (event == HOST_RELAX || roll(&dice, 4) == 0)
		sched_yield();
}

/* ---- What the host is told ---- */

static _Noreturn void
fail(const char *what, uintptr_t a, uintptr_t b)
{
	printf("not ok 1 - storm: CPU %u: %s %#zx %#zx\n", mmu_self, what, (size_t)a, (size_t)b);
	fflush(stdout);
	abort();
}

void
mmu_violated(enum mmu_oracle oracle, unsigned cpu, uintptr_t address)
{
	(void)cpu;
	fail("invariant broken (number, address)", (uintptr_t)oracle, address);
}

void
salvo_port_broken(const char *what, const char *file, int line)
{
	printf("# %s:%d\n", file, line);
	fail(what, 0, 0);
}

void
salvo_port_stall(const struct salvo_stall *stall)
{
	fail("no answer (CPU, generation)", stall->cpu, stall->gen);
}

/* ---- One CPU ---- */

static struct host_area *
random_area(struct dice *dice, struct host_space *space)
{
	return &space->areas[roll(dice, HOST_AREAS)];
}

static uintptr_t
random_address(struct dice *dice, const struct host_area *area)
{
	return area->start + salvo_atomic_load(&area->offset) +
	       roll(dice, HOST_FILE_PAGES) * HOST_PAGE;
}

/* touch: an instruction that reads, writes or runs memory, again after each fault it can mend. */
static void
touch(struct dice *dice, struct host_space *space)
{
	uintptr_t address = random_address(dice, random_area(dice, space));
	salvo_pte need = (const salvo_pte[]){0, MMU_WRITE | MMU_DIRTY, MMU_EXEC}[roll(dice, 3)];
	uintptr_t value;
	bool done;

	do {
		host_poll();
		if ((need & MMU_WRITE) != 0)
			done = mmu_add(mmu_self, address, 1);
		else if ((need & MMU_EXEC) != 0)
			done = mmu_fetch(mmu_self, address);
		else
			done = mmu_read(mmu_self, address, &value);
	} while (!done && host_fault(space, address, need));
}

static void
speculate(struct dice *dice, struct host_space *space)
{
	uintptr_t address = random_address(dice, random_area(dice, space));

	if (roll(dice, 2) != 0)
		mmu_speculate(mmu_self, address);
	else
		mmu_cache_upper(mmu_self, address);
}

/* switch_space: to another space, or a new one; the old one may die with its last user. */
static void
switch_space(struct dice *dice)
{
	struct host_space *before = host_self()->space;
	struct host_space *next = &host_spaces[roll(dice, HOST_SPACES)];

	if (roll(dice, 3) == 0)
		next = host_space_new();
	else if (!host_space_get(next))
		next = NULL;
	if (next == NULL)
		return;
	host_load(next);
	host_space_put(before);
}

/* look_from_outside: take hold of a page of any space, for a moment. */
static void
look_from_outside(struct dice *dice)
{
	struct host_space *space = &host_spaces[roll(dice, HOST_SPACES)];
	uintptr_t frame;

	if (!host_space_get(space))
		return;
	frame = host_gup(space, random_address(dice, random_area(dice, space)));
	if (frame != 0)
		host_page_put(frame);
	host_space_put(space);
}

/*
 * be_lazy: a kernel thread for a while, that holds the space without using it; sometimes the space
 * is given up meanwhile, and may die under us.
 */
static void
be_lazy(struct dice *dice)
{
	struct host_space *space = host_self()->space;
	bool leave = roll(dice, 2) != 0;
	struct host_space *next = NULL;
	uintptr_t value, irqs;

	irqs = salvo_port_irq_save();
	salvo_lazy_enter();
	salvo_port_irq_restore(irqs);
	if (leave)
		host_space_put(space);
	for (unsigned i = roll(dice, 40); i > 0; i--) {
		host_poll();
		mmu_read(mmu_self, MMU_KERNEL_BASE + roll(dice, HOST_KERNEL_PAGES) * HOST_PAGE,
			&value);
		mmu_walk_check(mmu_self);
		if (roll(dice, 20) == 0)
			host_kernel_remap(roll(dice, HOST_KERNEL_PAGES));
	}
	while (leave && next == NULL) {
		next = &host_spaces[roll(dice, HOST_SPACES)];
		if (roll(dice, 4) == 0)
			next = host_space_new();
		else if (!host_space_get(next))
			next = NULL;
		host_poll();
	}
	if (leave) {
		host_load(next);
		return;
	}
	irqs = salvo_port_irq_save();
	salvo_lazy_leave();
	salvo_port_irq_restore(irqs);
}

static void
sleep_offline(struct dice *dice)
{
	struct host_space *space = host_self()->space;
	uintptr_t irqs = salvo_port_irq_save();

	salvo_cpu_offline();
	for (unsigned i = roll(dice, 20); i > 0; i--)
		sched_yield();
	salvo_cpu_online();
	salvo_port_irq_restore(irqs);
	host_load(space);
}

static void
write_back(struct dice *dice)
{
	uintptr_t indexes[HOST_FILE_PAGES];
	size_t count = 1 + roll(dice, 12);
	unsigned first = roll(dice, HOST_FILE_PAGES);

	for (size_t i = 0; i < count; i++)
		indexes[i] = (first + i) % HOST_FILE_PAGES;
	switch (roll(dice, 5)) {
	case 0:
		host_age(first);
		break;
	case 1:
	case 2:
		host_clean(indexes, count);
		break;
	default:
		host_reclaim(indexes, count);
	}
}

static void
change_area(struct dice *dice, struct host_space *space)
{
	struct host_area *area = random_area(dice, space);
	uintptr_t start = area->start + roll(dice, HOST_FILE_PAGES) * HOST_PAGE;

	switch (roll(dice, 12)) {
	case 0:
		host_munmap(area);
		break;
	case 8:
		host_track(area);
		break;
	case 9:
	case 10:
		host_move(area);
		break;
	case 11:
		host_migrate(area, start, area->end);
		break;
	case 1:
	case 2:
		host_zap(area, start,
			start + HOST_PAGE + roll(dice, 2) * (area->end - start - HOST_PAGE));
		break;
	case 3:
	case 4:
		host_protect(area, roll(dice, 4));
		break;
	default:
		host_mmap(area, roll(dice, 3) != 0, roll(dice, 4) | SALVO_WRITE);
	}
}

/* change_in_haste: without waiting for flushes, where that is possible, and with interrupts off. */
static void
change_in_haste(struct dice *dice, struct host_space *space)
{
	uintptr_t irqs = salvo_port_irq_save();

	host_self()->hasty = true;
	change_area(dice, space);
	host_self()->hasty = false;
	salvo_port_irq_restore(irqs);
}

static void
one_round(struct dice *dice)
{
	struct host_space *space = host_self()->space;
	unsigned what = roll(dice, 100);

	if (what < 60)
		touch(dice, space);
	else if (what < 70)
		speculate(dice, space);
	else if (what < 76)
		change_area(dice, space);
	else if (what < 82)
		change_in_haste(dice, space);
	else if (what < 86)
		look_from_outside(dice);
	else if (what < 92)
		write_back(dice);
	else if (what < 95)
		switch_space(dice);
	else if (what < 98)
		be_lazy(dice);
	else if (what < 99)
		host_kernel_remap(roll(dice, HOST_KERNEL_PAGES));
	else
		sleep_offline(dice);
}

static void *
run_cpu(void *argument)
{
	struct dice *dice = argument;
	struct host_space *space = &host_spaces[0];

	mmu_self = (unsigned)(dice->state & 0xffff);
	pthread_barrier_wait(&start_line);
	salvo_cpu_online();
	host_self()->irqs_off = false;
	host_load(space);
	for (unsigned i = 0; i < rounds; i++) {
		host_poll();
		one_round(dice);
		lose_time(HOST_INTERRUPT, 0, 0);
	}
	space = host_self()->space;
	host_load_kernel();
	host_space_put(space);
	salvo_port_irq_save();
	salvo_cpu_offline();
	return NULL;
}

/* ---- All of them ---- */

#define TOTAL(name) print_total(#name, offsetof(struct salvo_stats, name))

static void
print_total(const char *name, size_t offset)
{
	uintptr_t sum = 0;

	for (unsigned c = 0; c < host_count; c++) {
		char *stats = (char *)&host_cpus[c].salvo.stats;

		sum += salvo_atomic_load((struct salvo_word *)(void *)(stats + offset));
	}
	printf("# %s %zu\n", name, (size_t)sum);
}

static void
print_totals(void)
{
	TOTAL(nr_tlb_remote_flush);
	TOTAL(nr_tlb_remote_flush_received);
	TOTAL(nr_tlb_local_flush_all);
	TOTAL(nr_tlb_local_flush_one);
	TOTAL(nr_interrupts_sent);
	TOTAL(nr_interrupts_joined);
	TOTAL(nr_skipped_lazy);
	TOTAL(nr_skipped_current);
	TOTAL(nr_requests_done);
	TOTAL(nr_answered_early);
}

/* run_all: start one space with a user for each CPU, run them, and wait for them. */
static void
run_all(unsigned seed, unsigned cpus)
{
	pthread_t threads[SALVO_MAX_CPUS];
	struct dice dice[SALVO_MAX_CPUS];
	struct host_space *space = host_space_new();

	pthread_barrier_init(&start_line, NULL, cpus);
	for (unsigned c = 0; c < cpus; c++) {
		dice[c].state = ((uint64_t)seed << 32) + c;
		if ((c > 0 && !host_space_get(space)) ||
			pthread_create(&threads[c], NULL, run_cpu, &dice[c]) != 0)
			fail("CPU does not start", c, 0);
	}
	for (unsigned c = 0; c < cpus; c++)
		pthread_join(threads[c], NULL);
}

static size_t
frames_of_file(void)
{
	size_t count = 0;

	for (unsigned i = 0; i < HOST_FILE_PAGES; i++)
		count += salvo_atomic_load(&host_file.pages[i].frame) != 0;
	return count;
}

static unsigned
argument(int argc, char **argv, int i, unsigned otherwise)
{
	return i < argc ? (unsigned)strtoul(argv[i], NULL, 0) : otherwise;
}

int
main(int argc, char **argv)
{
	unsigned seed = argument(argc, argv, 1, 1);
	unsigned cpus = argument(argc, argv, 3, 4);
	unsigned rules = argument(argc, argv, 4, MMU_CACHES_UPPER | MMU_KEEPS_UPPER);
	unsigned slots = argument(argc, argv, 5, 3);
	unsigned marks = argument(argc, argv, 6, HOST_NO_MARKS);
	size_t frames;

	setvbuf(stdout, NULL, _IOLBF, 0);
	rounds = argument(argc, argv, 2, rounds);
	printf("# storm: seed %u, rounds %u, cpus %u, rules %u, slots %u, marks %u\n", seed, rounds,
		cpus, rules, slots, marks);
	printf("1..1\n");
	if (cpus < 1 || cpus > SALVO_MAX_CPUS || slots < 1 || slots > SALVO_MAX_SLOTS)
		fail("CPUs or slots out of range", cpus, slots);
	host_marks = (enum host_marks)marks;
	host_start(cpus, slots, 8, rules);
	host_hook = lose_time;
	salvo_atomic_store(&host_chunks_left, 1);
	frames = mmu_frames_in_use();
	run_all(seed, cpus);
	print_totals();
	if (mmu_frames_in_use() != frames + frames_of_file())
		fail("frames lost", mmu_frames_in_use(), frames + frames_of_file());
	printf("ok 1 - storm: no invariant broken\n");
	return 0;
}
