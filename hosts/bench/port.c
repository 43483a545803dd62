// SPDX-License-Identifier: MIT
/*
 * port.c: the rest of the port. Pages are counted instead of freed, and memory for bookkeeping
 * comes off an array of warm pages.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

enum { CHUNKS = 2 * SALVO_GATHER_CHUNKS };

struct salvo_machine bench_machine;
struct salvo_cpu bench_cpus[SALVO_MAX_CPUS];
struct salvo_space bench_spaces[BENCH_SPACES];
struct salvo_word bench_marks[BENCH_MARKS];
unsigned bench_this_cpu;
bool bench_irqs_off;
unsigned long bench_hardware, bench_pins, bench_pages_freed, bench_chunks_lent, bench_writes;

static _Alignas(4096) unsigned char chunk_memory[CHUNKS][1 << SALVO_ARCH_PAGE_SHIFT];
static void *chunks[CHUNKS];

static void
run_on(unsigned cpu)
{
	bench_this_cpu = cpu;
	bench_irqs_off = true;
	salvo_cpu_online();
	salvo_space_load(&bench_spaces[0]);
}

void
bench_set_up(unsigned slots)
{
	bench_chunks_lent = 0;
	for (unsigned i = 0; i < CHUNKS; i++)
		chunks[i] = chunk_memory[i];
	for (unsigned i = 0; i < BENCH_MARKS; i++)
		salvo_atomic_store(&bench_marks[i], 0);
	salvo_machine_init(&bench_machine, 0, 33, 0);
	for (unsigned i = 0; i < SALVO_MAX_CPUS; i++)
		salvo_cpu_init(&bench_cpus[i], slots);
	for (unsigned i = 0; i < BENCH_SPACES; i++)
		salvo_space_init(&bench_spaces[i], 0);
	run_on(BENCH_CPUS - 1);
	run_on(0);
}

/* salvo_port_interrupt: the others take it here; what they do is theirs, and not counted. */
void
salvo_port_interrupt(const struct salvo_cpuset *cpus)
{
	unsigned self = bench_this_cpu;

	for (unsigned c = salvo_cpuset_next(cpus, 0); c < SALVO_MAX_CPUS;
		c = salvo_cpuset_next(cpus, c + 1)) {
		bench_this_cpu = c;
		salvo_interrupt();
	}
	bench_this_cpu = self;
}

uint64_t
salvo_port_clock_ns(void)
{
	return 0;
}

void
salvo_port_stall(const struct salvo_stall *stall)
{
	(void)stall;
}

void
salvo_port_broken(const char *what, const char *file, int line)
{
	fprintf(stderr, "bookkeeping: %s:%d: not so: %s\n", file, line, what);
	abort();
}

void *
salvo_port_chunk_alloc(void)
{
	return bench_chunks_lent < CHUNKS ? chunks[bench_chunks_lent++] : NULL;
}

void
salvo_port_chunk_free(void *chunk)
{
	chunks[--bench_chunks_lent] = chunk;
}

void
salvo_port_free_pages(struct salvo_space *space, const struct salvo_run *runs, size_t count)
{
	(void)space;
	for (size_t i = 0; i < count; i++)
		bench_pages_freed += runs[i].count;
}

void
salvo_port_free_tables(struct salvo_space *space, const struct salvo_run *runs, size_t count)
{
	(void)space;
	(void)runs;
	(void)count;
}
