// SPDX-License-Identifier: MIT
/*
 * reclaim.c: pages of files come to the head of their node's list, a few at a time, and are looked
 * at when they have come to its tail. One that was used since is given another round, once, as
 * Linux does with pages that are mapped; others are unmapped, flushed and freed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <salvo/salvo.h>

#include "clock.h"
#include "cpu.h"
#include "frames.h"
#include "lines.h"
#include "machine.h"
#include "message.h"
#include "operations.h"
#include "policies/policy.h"
#include "reclaim.h"
#include "space.h"
#include "task.h"

enum {
	ADDED_AT_ONCE = 15,   /* to a list, of Linux's pagevec */
	ISOLATED_MOST = 8192, /* taken off lists by one pass */
	TRIES_MOST = 100000,
	TRY_AGAIN_NS = 20000,
};

/* What a CPU has yet to add to the lists. */
static struct added {
	unsigned count;
	struct frame *frames[ADDED_AT_ONCE];
} added[CLOCK_CPUS_MAX];

/* What a pass has taken off a list: a CPU's own, for passes of several are under way at once. */
struct pass {
	size_t count, kept;
	uintptr_t to_free[ISOLATED_MOST];
	struct frame *keep[ISOLATED_MOST];
};

static unsigned batch;

/* ---- Lists ---- */

/* touch_neighbour: its link is written when a page comes or goes beside it. 0: there is none. */
static void
touch_neighbour(uint32_t number)
{
	if (number != 0)
		lines_touch(frame_of(number), true);
}

/* add_all: of each node in turn, under its lock. */
static void
add_all(struct frame **frames, size_t count)
{
	for (size_t i = 0; i < count;) {
		struct node *node = &nodes[frames[i]->node];
		uintptr_t irqs;

		irqs = lock_take_irq(&node->lru, LOCK_LRU);
		for (; i < count && &nodes[frames[i]->node] == node; i++) {
			charge(machine.kernel.lru);
			lines_touch(frames[i], true);
			touch_neighbour(node->inactive.first);
			frame_list_add(&node->inactive, frames[i]);
			frames[i]->held = false;
		}
		lock_drop_irq(&node->lru, irqs);
	}
}

/* add_mine: what the running CPU has yet to add, whose pages reclaim must find. */
static void
add_mine(void)
{
	struct added *mine = &added[clock_cpu];
	struct frame *frames[ADDED_AT_ONCE];
	unsigned count = mine->count;

	memcpy(frames, mine->frames, sizeof(frames));
	mine->count = 0;
	add_all(frames, count);
}

void
reclaim_add(struct frame *frame)
{
	struct added *mine = &added[clock_cpu];

	mine->frames[mine->count++] = frame;
	if (mine->count == ADDED_AT_ONCE)
		add_mine();
}

/* isolate: up to so many pages off the tail of the list; they are held. */
static size_t
isolate(struct node *node, struct frame **frames, size_t most)
{
	size_t count = 0;
	uintptr_t irqs;

	irqs = lock_take_irq(&node->lru, LOCK_LRU);
	while (count < most && node->inactive.last != 0) {
		struct frame *frame = frame_of(node->inactive.last);

		charge(machine.kernel.lru);
		lines_touch(frame, true);
		touch_neighbour(frame->previous);
		frame_list_remove(&node->inactive, frame);
		frame->held = true;
		frames[count++] = frame;
	}
	lock_drop_irq(&node->lru, irqs);
	return count;
}

/* ---- A pass ---- */

/* stays: whether a page that is held stays for another round. */
static bool
stays(struct frame *frame)
{
	charge(machine.kernel.scan);
	lines_touch(frame, true);
	if (frame->mapped.value == 0 || salvo_age(frame_number(frame)) == 0 || frame->referenced)
		return false;
	frame->referenced = true;
	return true;
}

/* forget: nobody maps the page, and every CPU has forgotten it: it leaves its file. */
static void
forget(struct frame *frame)
{
	struct file *file = file_of(frame->file);

	if (frame->dirty)
		charge(machine.kernel.read); /* written out, at what reading it costs */
	lock_take(&file->tree, LOCK_TREE);
	charge(machine.kernel.cache);
	file->frames[frame->index] = 0;
	lock_drop(&file->tree);
	if (policy->hold == NULL || !policy->hold(frame))
		frame_give(frame);
}

/* shrink: one pass over a node's list: `groups` times a batch. Returns how many were freed. */
static size_t
shrink(struct node *node, unsigned groups)
{
	struct frame *looked_at[1024];
	struct pass *pass = malloc(sizeof(*pass));
	size_t freed;

	if (pass == NULL) {
		error("no memory");
		exit(STATUS_ERROR);
	}
	pass->count = pass->kept = 0;
	add_mine();
	for (unsigned i = 0; i < groups; i++) {
		size_t count = isolate(node, looked_at, batch);

		for (size_t n = 0; n < count; n++) {
			if (stays(looked_at[n]))
				pass->keep[pass->kept++] = looked_at[n];
			else
				pass->to_free[pass->count++] = frame_number(looked_at[n]);
		}
	}
	if (pass->count != 0)
		operations_reclaim(pass->to_free, pass->count);
	for (size_t i = 0; i < pass->count; i++)
		forget(frame_of(pass->to_free[i]));
	add_all(pass->keep, pass->kept);
	freed = pass->count;
	free(pass);
	return freed;
}

/* has_pages: a look without the lock. */
static bool
has_pages(const struct node *node)
{
	return node->frames != 0 && node->inactive.count != 0;
}

/*
 * reclaim_for_me: direct reclaim. As Linux's, it goes through the lists of all nodes that the page may
 * come from, the nearest first, and does not stop when it has found enough. Linux looks at a 4096th of
 * each list, and at a batch at least: that is what it comes to here.
 */
void
reclaim_for_me(unsigned tries)
{
	enum where before = cpu_enter(RECLAIM);
	unsigned home = machine_node(clock_cpu);
	size_t freed = 0;

	for (unsigned i = 0; i < machine.sockets; i++) {
		struct node *node = &nodes[(home + i) % machine.sockets];

		if (has_pages(node))
			freed += shrink(node, 1);
	}
	if (tries == TRIES_MOST) {
		error("the simulated machine is out of memory");
		exit(STATUS_ERROR);
	}
	if (freed == 0)
		cpu_run(TRY_AGAIN_NS * CLOCK_NS);
	cpu_enter(before);
}

/* ---- kswapd ---- */

/*
 * A node's kswapd. Tasks do not move, so it has one on each CPU of the node if all of them are busy, and
 * passes its work on when its time slice is over: a scheduler that moves tasks lets no reader lose more
 * to it than others. Else it stays on the node's last CPU, which has nothing else to do.
 */
static struct task *kswapds[CLOCK_CPUS_MAX];

static unsigned
cpus_a_node(void)
{
	return machine.cores * machine.threads;
}

/* next_kswapd: on the node's next CPU, or the same one again. */
static struct task *
next_kswapd(const struct task *task)
{
	unsigned count = cpus_a_node(), first = task->cpu / count * count;
	struct task *next = kswapds[first + (task->cpu + 1) % count];

	return next != NULL ? next : kswapds[task->cpu];
}

static void
pass_on(struct node *node, struct task *task)
{
	struct task *next = next_kswapd(task);

	if (next == task || clock_now < task->slice_end)
		return;
	node->kswapd = next;
	task_wake(next);
}

static void
kswapd(struct task *task)
{
	struct node *node = &nodes[task->argument];
	unsigned groups = policy->reclaim_groups == 0 ? 1 : policy->reclaim_groups;

	for (;;) {
		if (node->kswapd != task || lines_load(&node->free_count) >= node->high) {
			task_sleep();
			continue;
		}
		if (shrink(node, groups) == 0)
			cpu_run(TRY_AGAIN_NS * CLOCK_NS);
		pass_on(node, task);
		task_pause();
	}
}

static void
kswapd_new(unsigned cpu, unsigned node)
{
	kswapds[cpu] = task_new(cpu, NULL, kswapd, node);
	kswapds[cpu]->sleeping = true;
	nodes[node].kswapd = kswapds[cpu];
}

void
reclaim_set_up(const struct run *run)
{
	static bool busy[CLOCK_CPUS_MAX];

	batch = run->batch;
	for (unsigned c = 0; c < machine.cpus; c++) {
		added[c].count = 0;
		kswapds[c] = NULL;
		busy[c] = false;
	}
	for (unsigned i = 0; i < run->busy; i++)
		busy[simulate_cpu(run, i)] = true;
	for (unsigned n = 0; n < machine.sockets; n++) {
		unsigned first = n * cpus_a_node(), last = first + cpus_a_node() - 1;
		bool all = true;

		if (nodes[n].frames == 0)
			continue;
		for (unsigned c = first; c <= last; c++)
			all &= busy[c];
		for (unsigned c = all ? first : last; c <= last; c++)
			kswapd_new(c, n);
	}
}
