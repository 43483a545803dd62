/* SPDX-License-Identifier: MIT */
/* random.h: numbers that depend on the seed alone. */
#ifndef SIMULATOR_RANDOM_H
#define SIMULATOR_RANDOM_H

#include <stdint.h>

/* random_next: Vigna's splitmix64. */
static inline uint64_t
random_next(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* random_about: a time between half and one and a half of this. */
static inline uint64_t
random_about(uint64_t *state, uint64_t time)
{
	return time == 0 ? 0 : time / 2 + random_next(state) % time;
}

#endif
