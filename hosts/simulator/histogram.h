/* SPDX-License-Identifier: MIT */
/*
 * histogram.h: how often values of each size occurred: powers of two in eight steps, so that a
 * quantile is told within an eighth.
 */
#ifndef SIMULATOR_HISTOGRAM_H
#define SIMULATOR_HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_STEPS = 8, HISTOGRAM_BUCKETS = 64 * HISTOGRAM_STEPS };

struct histogram {
	uint64_t counts[HISTOGRAM_BUCKETS];
	uint64_t total, most, sum;
};

void histogram_add(struct histogram *histogram, uint64_t value);

/* histogram_quantile: the least value of the bucket where the share of values below is reached. */
uint64_t histogram_quantile(const struct histogram *histogram, double share);

/* histogram_least: the least value that a bucket counts. */
uint64_t histogram_least(unsigned bucket);

#endif
