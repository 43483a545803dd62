/* SPDX-License-Identifier: MIT */
/* inside.h: what simulated.c and operations.c share: the simulator's structures beside the
 * explorer's. */
#ifndef EXPLORER_POLICIES_INSIDE_H
#define EXPLORER_POLICIES_INSIDE_H

#include "../host.h"
#include "../program.h"
#include "../tlb.h"
#include "simulated.h"

/* The simulator has structures of these names too. */
#define cpu   simulated_cpu
#define frame simulated_frame
#include "simulator.h"
#undef tlb_load_root

#include "../../simulator/calls.h"
#include "../../simulator/cpu.h"
#include "../../simulator/frames.h"
#include "../../simulator/machine.h"
#include "../../simulator/policies/policy.h"
#include "../../simulator/space.h"
#include "../../simulator/tlb.h"

enum { SPACES = 2 };

extern struct space its_spaces[SPACES];
extern struct lock its_lock; /* of all tables */
extern struct flush_op *ops; /* of each CPU: policies hand them to other CPUs */

/* number_of: a space of its_spaces. */
static inline unsigned
number_of(const struct space *space)
{
	return (unsigned)(space - its_spaces);
}

#endif
