/* SPDX-License-Identifier: MIT */
/*
 * machine.h: the host that the examples run on. The MMU is hosts/mmu; one thread plays all CPUs in
 * turn, so an interrupt is a call, and every run is the same.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include <salvo/salvo.h>

#include <mmu.h>

#define PAGE (1u << SALVO_ARCH_PAGE_SHIFT)

/* machine_start: all CPUs online, on the kernel's root; this is CPU 0. */
void machine_start(void);

/* machine_run: the CPU runs on this space from now on. */
void machine_run(unsigned cpu, struct salvo_space *space);

/* machine_interrupts: how many were sent since this was asked last. */
unsigned long machine_interrupts(void);

/* machine_ok: no CPU has used a translation that it must not. What it did was printed. */
bool machine_ok(void);

/* machine_look: print what the CPU finds when it reads there. */
void machine_look(unsigned cpu, uintptr_t address, const char *when);

/* tables_new: an empty top table. */
salvo_root tables_new(void);

/* tables_entry: the entry of a level for an address; tables on the way are made. */
struct salvo_word *tables_entry(const struct salvo_space *space, uintptr_t address, unsigned at);

/* tables_map: map the frame there, to be read and written; a frame of its own if 0. Its number. */
uintptr_t tables_map(const struct salvo_space *space, uintptr_t address, uintptr_t frame);

/* rmap_add: tell the rmap of port/operations.c of a mapping. */
void rmap_add(struct salvo_space *space, uintptr_t address, uintptr_t frame);

#endif
