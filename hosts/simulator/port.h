/* SPDX-License-Identifier: MIT */
/* port.h: what the simulator sets of its port. */
#ifndef SIMULATOR_PORT_H
#define SIMULATOR_PORT_H

#include <stdbool.h>

/* Software walks tables of spaces that its CPU has not loaded: freeing one waits for it. */
extern bool port_walkers;

/* port_reset: every CPU online. => spaces_reset */
void port_reset(void);

#endif
