/* SPDX-License-Identifier: MIT */
/* port.h: what the simulator sets of its port. */
#ifndef SIMULATOR_PORT_H
#define SIMULATOR_PORT_H

/* port_reset: every CPU online. => spaces_reset */
void port_reset(void);

#endif
