/* SPDX-License-Identifier: MIT */
/*
 * inline.h: what salvo.h declares and a host calls for each page. The other functions here are not
 * a host's to call.
 */
#ifndef SALVO_INLINE_H
#define SALVO_INLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <salvo/types.h>

#ifdef __cplusplus
extern "C" {
#endif

bool salvo_gather_slowly(struct salvo_gather *gather, uintptr_t frame, size_t count);
bool salvo_gather_full(struct salvo_gather *gather);
bool salvo_batch_cover_other(struct salvo_batch *batch, struct salvo_space *space);

static inline bool
salvo_gather_page(struct salvo_gather *gather, uintptr_t frame, size_t count)
{
	struct salvo_run *next = gather->pages.next;

	if (frame == gather->follows && count <= UINT32_MAX - next[-1].count) {
		next[-1].count += (uint32_t)count;
		gather->follows += count;
		return true;
	}
	if (next == gather->pages.end || count > UINT32_MAX)
		return salvo_gather_slowly(gather, frame, count);
	next->frame = frame;
	next->count = (uint32_t)count;
	next->dirty = 0;
	gather->follows = frame + count;
	gather->pages.next = ++next;
	return next != gather->pages.end || salvo_gather_full(gather);
}

static inline bool
salvo_batch_cover(struct salvo_batch *batch, struct salvo_space *space)
{
	return batch->targets[batch->last].space == space || salvo_batch_cover_other(batch, space);
}

#ifdef __cplusplus
}
#endif

#endif
