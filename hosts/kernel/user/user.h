/* SPDX-License-Identifier: MIT */
/* user.h: what the user programs share. They have no writable data: all state is on the stack. */
#ifndef USER_H
#define USER_H

#include "abi.h"

#define PAGE_SIZE 4096UL

/* start.S */
long call(unsigned long number, unsigned long first, unsigned long second, unsigned long third);
/* These return 1 if the access faulted and could not be resolved; recover_here is set then. */
int probe_load(unsigned long address, unsigned long *value);
int probe_store(unsigned long address, unsigned long value);
void probe_recover(void);

void reader(unsigned long address, unsigned long first, unsigned long pages, unsigned long passes);
void toucher(unsigned long address, unsigned long pages, unsigned long step, unsigned long store);
void prober(struct probe_box *box);
void spinner(struct spin_box *box);
void caller(unsigned long argument);

#endif
