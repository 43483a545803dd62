/* SPDX-License-Identifier: MIT */
/*
 * simulator.h: what the simulator's policies are compiled behind here, in place of its clock.h,
 * lines.h and port: words are the explorer's, each access to one a step; no time passes; flushes
 * act on the hostile TLB. An object that is no word is read and written in the step that touches
 * its line, whole, as on the simulated machine: with the CPU's own stores before it in memory.
 */
#ifndef EXPLORER_SIMULATOR_H
#define EXPLORER_SIMULATOR_H

#include <stddef.h>

#include <salvo/salvo.h>
#include <salvo/arch.h>

#include "sections.h"

/* ---- clock.h ---- */

#define SIMULATOR_CLOCK_H
#define CLOCK_CPUS_MAX SALVO_MAX_CPUS
#define clock_cpu      running
#define clock_now      ((uint64_t)0)

extern unsigned running;

static inline void
charge(uint64_t time)
{
	(void)time;
}

/* ---- lines.h ---- */

#define SIMULATOR_LINES_H

enum lines_kind { LINES_CPU, LINES_NODE, LINES_CALL, LINES_HOST };

#define lines_load(word)            salvo_atomic_load(word)
#define lines_store(word, value)    salvo_atomic_store(word, value)
#define lines_add(word, amount)     salvo_atomic_add(word, amount)
#define lines_exchange(word, value) salvo_atomic_exchange(word, value)
#define lines_fence()               salvo_atomic_fence()
#define lines_turn()                salvo_port_relax()
#define lines_touch(object, write)  simulated_touch(object, __FILE__, __LINE__)
#define lines_allocate(bytes, kind) simulated_allocate(bytes)

void *simulated_allocate(size_t bytes);
void simulated_touch(const void *object, const char *file, int line);

/* ---- salvo_arch.h ---- */

#define tlb_load_root(root, slot, keep)     simulated_load_root(root, slot, keep)
#define tlb_flush_range(start, end, stride) simulated_flush_range(start, end)
#define tlb_flush_space()                   simulated_flush_space()

void simulated_load_root(salvo_root root, unsigned slot, bool keep);
void simulated_flush_range(uintptr_t start, uintptr_t end);
void simulated_flush_space(void);

/* ---- machine.h ---- */

#define machine simulated_machine

/* ---- Names of words, in schedules ---- */

void name_word(const struct salvo_word *word, const char *name);
void generations_name_words(unsigned cpu);
void calls_name_words(unsigned cpu, unsigned other);

#endif
