// SPDX-License-Identifier: MIT
/*
 * frames.c: each CPU keeps a few free frames to itself, and takes and gives them by the batch under their
 * node's lock, as Linux does. Those of other nodes that it frees it does not use: Linux keeps them
 * apart, too, and asks the nearest node first.
 */
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "cpu.h"
#include "frames.h"
#include "lines.h"
#include "machine.h"
#include "message.h"
#include "task.h"
#include "tlb.h"

enum { BATCH = 31, KEPT_MOST = 6 * BATCH };

struct node *nodes;
uint64_t frames_freed;

static struct frame *frames; /* from number 1 */
struct kept {
	uint32_t first;
	unsigned count;
};
static struct kept kept[CLOCK_CPUS_MAX];    /* to allocate from */
static struct kept foreign[CLOCK_CPUS_MAX]; /* of other nodes, to give back */

struct frame *
frame_of(uintptr_t number)
{
	return &frames[number];
}

uintptr_t
frame_number(const struct frame *frame)
{
	return (uintptr_t)(frame - frames);
}

/* ---- Lists ---- */

void
frame_list_add(struct frame_list *list, struct frame *frame)
{
	uint32_t number = (uint32_t)frame_number(frame);

	frame->previous = 0;
	frame->next = list->first;
	if (list->first != 0)
		frames[list->first].previous = number;
	else
		list->last = number;
	list->first = number;
	list->count++;
}

void
frame_list_remove(struct frame_list *list, struct frame *frame)
{
	if (frame->previous != 0)
		frames[frame->previous].next = frame->next;
	else
		list->first = frame->next;
	if (frame->next != 0)
		frames[frame->next].previous = frame->previous;
	else
		list->last = frame->previous;
	list->count--;
}

/* ---- Set-up ---- */

void
frames_reset(const uint64_t *per_node)
{
	uint64_t number = 1, all = 1;

	for (unsigned n = 0; n < machine.sockets; n++)
		all += per_node[n];
	frames = lines_allocate(sizeof(*frames) * all, LINES_FRAME);
	nodes = lines_allocate(sizeof(*nodes) * machine.sockets, LINES_NODE);
	for (unsigned c = 0; c < CLOCK_CPUS_MAX; c++)
		kept[c] = foreign[c] = (struct kept){0};
	frames_freed = 0;
	for (unsigned n = 0; n < machine.sockets; n++) {
		struct node *node = &nodes[n];

		node->frames = per_node[n];
		for (uint64_t i = 0; i < per_node[n]; i++, number++) {
			frames[number].node = (uint8_t)n;
			frame_list_add(&node->free, &frames[number]);
		}
		node->free_count.value = per_node[n];
		node->least = per_node[n] / 64 + BATCH;
		node->low = node->least + node->least / 4;
		node->high = node->least + node->least / 2;
	}
}

/* ---- Taking and giving ---- */

/* touch_link: the frame's link is written; 0: there is none. */
static void
touch_link(uint32_t number)
{
	if (number != 0)
		lines_touch(&frames[number], true);
}

static void
keep(struct kept *where, struct frame *frame)
{
	frame->next = where->first;
	where->first = (uint32_t)frame_number(frame);
	where->count++;
}

/* take_batch: from the node to this CPU, but not below what must be left. */
static bool
take_batch(struct node *node, uint64_t leave)
{
	struct kept *mine = &kept[clock_cpu];
	uintptr_t irqs;

	if (node->frames == 0 || lines_load(&node->free_count) < leave + BATCH)
		return false;
	irqs = lock_take_irq(&node->zone, LOCK_ZONE);
	for (unsigned i = 0; i < BATCH && node->free.first != 0; i++) {
		struct frame *frame = &frames[node->free.last];

		touch_link(node->free.last);
		touch_link(frame->previous);
		frame_list_remove(&node->free, frame);
		keep(mine, frame);
	}
	charge(BATCH * machine.kernel.zone);
	lines_store(&node->free_count, node->free.count);
	lock_drop_irq(&node->zone, irqs);
	return mine->count != 0;
}

/* refill: Linux's order: any node that has plenty, the nearest first; else one that has enough. */
static bool
refill(void)
{
	unsigned home = machine_node(clock_cpu);

	for (unsigned i = 0; i < machine.sockets; i++) {
		struct node *node = &nodes[(home + i) % machine.sockets];

		if (take_batch(node, node->low))
			return true;
	}
	for (unsigned i = 0; i < machine.sockets; i++)
		if (nodes[i].kswapd != NULL)
			task_wake(nodes[i].kswapd);
	for (unsigned i = 0; i < machine.sockets; i++) {
		struct node *node = &nodes[(home + i) % machine.sockets];

		if (take_batch(node, node->least))
			return true;
	}
	return false;
}

struct frame *
frame_take(void)
{
	struct kept *mine = &kept[clock_cpu];
	struct frame *frame;

	charge(machine.kernel.allocate);
	if (mine->count == 0 && !refill())
		return NULL;
	frame = &frames[mine->first];
	mine->first = frame->next;
	mine->count--;
	frame->in_use = true;
	frame->dirty = frame->referenced = frame->held = false;
	frame->user_count = 0;
	frame->file = NO_FILE;
	frame->mapped.value = 0;
	lines_touch(frame, true);
	return frame;
}

/* give_batch: what this CPU keeps too much of goes back to the nodes that it is of. */
static void
give_batch(struct kept *mine)
{
	unsigned left = BATCH;

	while (left != 0) {
		struct node *node = &nodes[frames[mine->first].node];

		uintptr_t irqs = lock_take_irq(&node->zone, LOCK_ZONE);

		for (; left != 0 && &nodes[frames[mine->first].node] == node; left--) {
			struct frame *frame = &frames[mine->first];

			lines_touch(frame, true);
			touch_link(node->free.first);
			mine->first = frame->next;
			mine->count--;
			frame_list_add(&node->free, frame);
			charge(machine.kernel.zone);
		}
		lines_store(&node->free_count, node->free.count);
		lock_drop_irq(&node->zone, irqs);
	}
}

void
frame_give(struct frame *frame)
{
	bool near = frame->node == machine_node(clock_cpu);
	struct kept *mine = near ? &kept[clock_cpu] : &foreign[clock_cpu];

	if (!frame->in_use || frame->mapped.value != 0) {
		error("frame %zu is freed that is %s", (size_t)frame_number(frame),
			frame->in_use ? "mapped" : "free");
		exit(STATUS_WRONG);
	}
	tlb_check_freed(frame);
	frame->in_use = false;
	frame->incarnation++;
	frames_freed++;
	charge(machine.kernel.release);
	keep(mine, frame);
	if (mine->count >= (near ? KEPT_MOST : BATCH))
		give_batch(mine);
}

bool
frames_are_all_there(void)
{
	uint64_t all = 0, found = 0;

	for (unsigned n = 0; n < machine.sockets; n++) {
		all += nodes[n].frames;
		found += nodes[n].free.count;
	}
	for (unsigned c = 0; c < CLOCK_CPUS_MAX; c++)
		found += kept[c].count + foreign[c].count;
	for (uint64_t i = 1; i <= all; i++)
		found += frames[i].in_use;
	return found == all;
}
