/* SPDX-License-Identifier: MIT */
/*
 * tlb.h: what CPUs remember of page tables: which pages, so that a page that is freed while a CPU
 * has it is an error of the policy; and how many, so that a flush costs their refill.
 */
#ifndef SIMULATOR_TLB_H
#define SIMULATOR_TLB_H

#include <stdbool.h>
#include <stdint.h>

struct frame;
struct space;

void tlb_reset(void);

/* tlb_access: the running CPU's user code uses the page; false: a fault. */
bool tlb_access(struct space *space, uintptr_t address, bool write);

/* tlb_refill: what the entries cost that flushes have taken from this CPU since the last time. */
uint64_t tlb_refill(void);

/* tlb_check_freed: no CPU may hold the frame: it is freed. */
void tlb_check_freed(const struct frame *frame);

/* tlb_flush_page: the page of that space, on the running CPU, whatever it has loaded. */
void tlb_flush_page(const struct space *space, uintptr_t address);

/* tlb_flush_remote: a broadcast instruction's work at another CPU: pages of a space, or all. */
void tlb_flush_remote(unsigned cpu, const struct space *space, uintptr_t start, uintptr_t end);

#endif
