/* SPDX-License-Identifier: MIT */
/*
 * salvo_port.h: what the library must know of this host while it is compiled. Copy this folder.
 *
 * Here belong the limits that differ from include/salvo/config.h, and any callback of
 * include/salvo/port.h that is worth no call, as a `static inline` function after the include.
 * Worth it are this_cpu, cpu, machine, irq_save, irq_restore and relax; trace too where it does
 * nothing. All others, and those too at first, are in salvo_port.c.
 */
#ifndef SALVO_PORT_H
#define SALVO_PORT_H

#ifndef SALVO_MAX_CPUS
#define SALVO_MAX_CPUS 64
#endif

#include <salvo/types.h>

#endif
