// SPDX-License-Identifier: MIT
/*
 * race.c: run two CPUs' programs in every order with few switches. Each is a thread, and one of
 * them alone has the turn, so a schedule is exact and is repeated by its three numbers: who goes
 * first, after how many steps it loses its turn, and after how many the other does.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

#include <unit.h>

#define ACTORS  2
#define NO_TURN ACTORS
/* Steps from one switch to the next that is tried: more where each takes long (meson.build). */
#ifndef RACE_STRIDE
#define RACE_STRIDE 1
#endif
#define PATIENCE 200 /* turns that change hands by waiting; more is a deadlock */

struct thread {
	pthread_t thread;
	sem_t turn;
	bool running; /* has not come to its end */
	jmp_buf end;
};

static struct thread threads[ACTORS];
static sem_t main_turn;
static const struct race *race;
static unsigned turn = NO_TURN;
static uint32_t limits[ACTORS]; /* steps that an actor still makes until it loses its turn, once */
static bool switched[ACTORS];
static unsigned waits;
static const char *failure;
static bool speculating;
static bool threads_started;

/* ---- Whose turn it is ---- */

static void
hand_over(unsigned to)
{
	unsigned me = turn;
	bool comes_back = threads[me].running;

	turn = to;
	sem_post(to == NO_TURN ? &main_turn : &threads[to].turn);
	if (comes_back)
		sem_wait(&threads[me].turn);
}

/* yield_turn: let the other go on, if there is one that has not ended. */
static void
yield_turn(void)
{
	if (threads[1 - turn].running)
		hand_over(1 - turn);
}

/* hardware: fill all TLBs, and use what they have of upper levels. */
static void
hardware(void)
{
	speculating = true;
	for (unsigned i = 0; i < ACTORS; i++) {
		unsigned cpu = race->actors[i].cpu;

		for (const uintptr_t *a = race->speculate; a != NULL && *a != UINTPTR_MAX; a++) {
			mmu_speculate(cpu, *a);
			mmu_cache_upper(cpu, *a);
		}
		mmu_walk_check(cpu);
	}
	speculating = false;
}

static void
step(const struct salvo_word *word)
{
	(void)word;
	if (turn == NO_TURN || speculating)
		return;
	hardware();
	if (!switched[turn] && limits[turn]-- == 0) {
		switched[turn] = true;
		yield_turn();
	}
}

void
race_step(void)
{
	host_poll();
	step(NULL);
}

/* others_poll: CPUs that run no program now take their interrupts. */
static void
others_poll(void)
{
	unsigned me = mmu_self;

	for (unsigned c = 0; c < host_count; c++) {
		bool busy = c == me;

		for (unsigned i = 0; i < ACTORS; i++)
			busy |= c == race->actors[i].cpu && threads[i].running;
		mmu_self = c;
		if (!busy)
			host_poll();
	}
	mmu_self = me;
}

static void
waiting(void)
{
	if (turn == NO_TURN)
		return;
	if (waits++ > PATIENCE) {
		race_expect_at(false, "every wait ends");
		longjmp(threads[turn].end, 1);
	}
	hardware();
	others_poll();
	yield_turn();
}

void
race_expect_at(bool condition, const char *what)
{
	if (!condition && failure == NULL)
		failure = what;
}

/* ---- One schedule ---- */

static void *
run_actor(void *argument)
{
	unsigned i = (unsigned)(uintptr_t)argument;

	for (;;) {
		sem_wait(&threads[i].turn);
		mmu_self = race->actors[i].cpu;
		if (setjmp(threads[i].end) == 0)
			race->actors[i].run();
		threads[i].running = false;
		hand_over(threads[1 - i].running ? 1 - i : NO_TURN);
	}
	return NULL;
}

static void
start_threads(void)
{
	sem_init(&main_turn, 0, 0);
	for (uintptr_t i = 0; i < ACTORS; i++) {
		sem_init(&threads[i].turn, 0, 0);
		if (pthread_create(&threads[i].thread, NULL, run_actor, (void *)i) != 0)
			abort();
	}
	threads_started = true;
}

/* run_schedule: from the setup to the check. CPUs whose program has ended take interrupts. */
static void
run_schedule(unsigned first, uint32_t before, uint32_t between)
{
	race->setup();
	failure = NULL;
	waits = 0;
	limits[first] = before;
	limits[1 - first] = between;
	unit_at_relax = waiting;
	unit_at_step = step;
	for (unsigned i = 0; i < ACTORS; i++) {
		threads[i].running = true;
		switched[i] = false;
	}
	turn = first;
	sem_post(&threads[first].turn);
	sem_wait(&main_turn);
	unit_at_relax = unit_others_poll;
	unit_at_step = NULL;
	for (unsigned i = 0; i < 8; i++)
		race_expect_at(unit_log.violations[i] == 0, "no invariant is broken");
	race_expect(unit_log.broken == 0);
	if (failure == NULL)
		race->check();
}

/* run_all: all schedules that begin with this actor; how many. */
static unsigned
run_all(unsigned first)
{
	unsigned runs = 0;
	uint32_t before = 0;

	do {
		uint32_t between = 0;

		do {
			run_schedule(first, before, between);
			runs++;
			if (failure != NULL)
				fail_msg("%s (schedule %u %u %u)", failure, first, before, between);
			between += RACE_STRIDE;
		} while (switched[1 - first]);
		before += RACE_STRIDE;
	} while (switched[first]);
	return runs;
}

/* race_run: an actor that came to its end before it lost its turn has no more steps to switch at.
 */
void
race_run(const struct race *what)
{
	unsigned runs;

	race = what;
	if (!threads_started)
		start_threads();
	runs = run_all(0);
	runs += run_all(1);
	print_message("# %u schedules\n", runs);
}
