/* SPDX-License-Identifier: MIT */
/* shared.h: shared memory as a number, for state.c. See shared.c. */
#ifndef EXPLORER_SHARED_H
#define EXPLORER_SHARED_H

#include "state.h"

/* shared_open: memory is clear. shared_begin: set_up has run, and said what memory there is. */
void shared_open(void);
void shared_begin(void);
void shared_close(void);
size_t shared_bytes(void);

/* shared_capture: the number of what memory holds; shared_restore: the other way. */
piece shared_capture(void);
void shared_restore(piece shared);

/* shared_blocked: the CPU polls, and no word has changed that it read. */
bool shared_blocked(piece shared, unsigned cpu);

/* shared_word_number: NO_WORD: it is no shared word. */
uint16_t shared_word_number(const void *word);

#endif
