/* SPDX-License-Identifier: MIT */
/*
 * salvo_port.h: the port of the threads host, where a thread of the machine below plays a CPU. What
 * is not here is in port.c and vm.c; the unit tests are this host with one thread.
 */
#ifndef SALVO_PORT_H
#define SALVO_PORT_H

#ifndef SALVO_MAX_CPUS
#define SALVO_MAX_CPUS 8
#endif

#include <salvo/types.h>

#include <mmu.h>

/* Each thread is one CPU for good, so it cannot migrate. */
static inline unsigned
salvo_port_this_cpu(void)
{
	return mmu_self;
}

#endif
