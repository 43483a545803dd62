/* SPDX-License-Identifier: MIT */
/* host.h: what program.c uses of host.c. */
#ifndef EXPLORER_HOST_H
#define EXPLORER_HOST_H

#include "explorer.h"

uintptr_t host_take_frame(enum kind kind);
void host_free_frame(uintptr_t frame);
void host_offer_books(void);
void host_refuse_pins(bool refuse);

/* Of program.c. */
const char *program_word_name(const struct salvo_word *word);

#endif
