/* SPDX-License-Identifier: MIT */
/*
 * queue.h: for the programs queue_*: each CPU has a queue with room for a page, under a lock. Who
 * wants a page flushed puts it there and interrupts the CPU, which empties its queue, flushes and
 * says up to which request. Several pages are asked for before any is waited for.
 */
#include "protocol.h"

/* flush_queued: of the program: what so many entries in the queue, the first of them `page`, need.
 */
static void flush_queued(uintptr_t count, unsigned page);

enum { LOCK, COUNT, PAGE_NUMBER, ASKED, ANSWERED, EACH }; /* of words[], for each CPU */
enum { ROOM = 1 };

static const char *const names[2][EACH] = {
	{"queue0.lock", "queue0.count", "queue0.page", "queue0.asked", "queue0.answered"},
	{"queue1.lock", "queue1.count", "queue1.page", "queue1.asked", "queue1.answered"}};

static void
set_up(void)
{
	new_space(0);
	for (unsigned p = 0; p < 3; p++)
		map(0, p, PTE_WRITE);
	for (unsigned i = 0; i < 2 * EACH; i++)
		name_word(&words[i], names[i / EACH][i % EACH]);
	run_on(0, 0);
	run_on(1, 0);
}

static void
lock_queue(struct salvo_word *queue)
{
	while (salvo_atomic_exchange(&queue[LOCK], 1) != 0)
		salvo_port_relax();
}

static void
handler(void)
{
	struct salvo_word *queue = &words[this_cpu() * EACH];
	uintptr_t count, page, ticket;

	lock_queue(queue);
	count = salvo_atomic_load(&queue[COUNT]);
	page = salvo_atomic_load(&queue[PAGE_NUMBER]);
	ticket = salvo_atomic_load(&queue[ASKED]);
	salvo_atomic_store(&queue[COUNT], 0);
	salvo_atomic_store_release(&queue[LOCK], 0);
	flush_queued(count, (unsigned)page);
	salvo_atomic_store_release(&queue[ANSWERED], ticket);
}

/* ask: one page more for a CPU; what does not fit is counted all the same. */
static uintptr_t
ask(unsigned cpu, unsigned page)
{
	struct salvo_word *queue = &words[cpu * EACH];
	uintptr_t count, ticket;

	irqs_off();
	lock_queue(queue);
	count = salvo_atomic_load(&queue[COUNT]);
	ticket = salvo_atomic_load(&queue[ASKED]) + 1;
	if (count < ROOM)
		salvo_atomic_store(&queue[PAGE_NUMBER], page);
	salvo_atomic_store(&queue[COUNT], count + 1);
	salvo_atomic_store(&queue[ASKED], ticket);
	salvo_atomic_store_release(&queue[LOCK], 0);
	raise_interrupt(cpu);
	irqs_on();
	flush_own_page(page);
	return ticket;
}

static void
shoot_down(unsigned cpu, unsigned from, unsigned to)
{
	uintptr_t ptes[2], ticket = 0;

	for (unsigned p = from; p < to; p++) {
		ptes[p - from] = salvo_atomic_exchange(entry(0, p), 0);
		ticket = ask(cpu, p);
	}
	while (salvo_atomic_load_acquire(&words[cpu * EACH + ANSWERED]) < ticket)
		salvo_port_relax();
	for (unsigned p = from; p < to; p++)
		free_page(salvo_arch_pte_frame(ptes[p - from], 1));
}

static void
cpu0(void)
{
	shoot_down(1, 0, 2);
}

static void
cpu1(void)
{
	shoot_down(0, 2, 3);
}
