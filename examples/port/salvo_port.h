/* SPDX-License-Identifier: MIT */
/*
 * salvo_port.h: the examples' machine has four CPUs. No callback is inline: one file for each step
 * of adoption defines them, see shootdown.c, gather.c, operations.c.
 */
#ifndef SALVO_PORT_H
#define SALVO_PORT_H

#define SALVO_MAX_CPUS 4

#include <salvo/types.h>

#endif
