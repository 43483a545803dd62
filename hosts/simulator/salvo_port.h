/* SPDX-License-Identifier: MIT */
/*
 * salvo_port.h: the simulator's port: the largest machine that the library can be built for. What
 * is not here is in port.c.
 */
#ifndef SALVO_PORT_H
#define SALVO_PORT_H

#define SALVO_MAX_CPUS 4096
#define SALVO_NOTES    256

#include <salvo/types.h>

#include "clock.h"

static inline unsigned
salvo_port_this_cpu(void)
{
	return clock_cpu;
}

#endif
