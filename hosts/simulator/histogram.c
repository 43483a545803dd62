// SPDX-License-Identifier: MIT
/* histogram.c: values below 8 have a bucket each; above, each power of two has eight. */
#include "histogram.h"

static unsigned
bucket_of(uint64_t value)
{
	unsigned log;

	if (value < HISTOGRAM_STEPS)
		return (unsigned)value;
	log = 63 - (unsigned)__builtin_clzll(value);
	return (log - 2) * HISTOGRAM_STEPS + (unsigned)(value >> (log - 3) & (HISTOGRAM_STEPS - 1));
}

uint64_t
histogram_least(unsigned bucket)
{
	unsigned log = bucket / HISTOGRAM_STEPS + 2;

	if (bucket < HISTOGRAM_STEPS)
		return bucket;
	return (uint64_t)1 << log | (uint64_t)(bucket % HISTOGRAM_STEPS) << (log - 3);
}

void
histogram_add(struct histogram *histogram, uint64_t value)
{
	histogram->counts[bucket_of(value)]++;
	histogram->total++;
	histogram->sum += value;
	if (value > histogram->most)
		histogram->most = value;
}

uint64_t
histogram_quantile(const struct histogram *histogram, double share)
{
	uint64_t below = 0;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		below += histogram->counts[i];
		if (below != 0 && (double)below >= share * (double)histogram->total)
			return histogram_least(i);
	}
	return 0;
}
