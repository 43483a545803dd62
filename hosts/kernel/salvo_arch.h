/* SPDX-License-Identifier: MIT */
/*
 * salvo_arch.h: x86-64, as arch/x86_64 has it, but for one fact that can be denied, so that what it
 * saves can be measured: with phases=2 nothing relies on it that a store through a clean entry
 * walks the tables again.
 */
#ifndef KERNEL_SALVO_ARCH_H
#define KERNEL_SALVO_ARCH_H

#define salvo_arch_clean_write_traps x86_clean_write_traps
#include "../../arch/x86_64/salvo_arch.h"
#undef salvo_arch_clean_write_traps

#include "kernel.h"

static inline bool
salvo_arch_clean_write_traps(void)
{
	return x86_clean_write_traps() && !options.two_phase;
}

#endif
