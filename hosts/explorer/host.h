/* SPDX-License-Identifier: MIT */
/* host.h: what program.c, protocol.c and host.c use of each other. */
#ifndef EXPLORER_HOST_H
#define EXPLORER_HOST_H

#include "explorer.h"

/* Of host.c. host_begin: a machine as it is without a program's wishes. */
void host_begin(void);
uintptr_t host_take_frame(enum kind kind);
uintptr_t host_take_huge(void);
void host_free_frame(uintptr_t frame);
void host_offer_books(void);
void host_refuse_pins(void);
void host_count_pins(void);
bool host_is_pinned(unsigned space);
void host_give_back(unsigned space);
void host_take_structure(unsigned space);

/* host_drop: one reference to a frame less. host_number_of: of a space. */
void host_drop(uintptr_t frame);
unsigned host_number_of(const struct salvo_space *space);

/* Of tables.c. */
void tables_begin(void);
void tables_lock_each(void);
void tables_mark_each(void);
void tables_new(uintptr_t frame);
bool tables_is_mark(const void *word);
const char *tables_word_name(const void *word);

/* Of late.c. */
void late_begin(void);
bool late_queue(const struct salvo_run *tables, size_t count);

/* Of policies/simulated.c. */
void simulated_begin(void);

/* Of walks.c. walks_check_free: that no software walks what is freed (oracle 3). */
void walks_begin(void);
bool walks_are_marked(void);
void walks_check_free(uintptr_t frame);

/*
 * Of needs.c: what a program's call asks for; if it is not there it fails, and does not come back.
 * Who reads what others change does so after its step.
 */
void need_cpu(const char *call, unsigned cpu);
void need_space(const char *call, unsigned space);
void need_new_space(unsigned space);
void need_pages(const char *call, unsigned space, unsigned from, unsigned to);
void need_page(const char *call, unsigned space, unsigned page);
void need_frame(const char *call, uintptr_t frame);
void need_ways(unsigned ways);
void need_slots(unsigned slots);
void need_late(void);

/* Of protocol.c. begin_call: a call of a body begins: a phase of its CPU, see reduce.c. */
void begin_call(const char *name);
const char *program_word_name(const struct salvo_word *word);

/* Of program.c. */
extern struct salvo_word host_lock;

#endif
