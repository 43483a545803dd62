// SPDX-License-Identifier: MIT
/*
 * broadcast.c: instructions that flush other CPUs' TLBs (AMD's INVLPGB, Arm's TLBI): after the patches
 * "AMD broadcast TLB invalidation" (lkml 2024-12-22) in outline; no figure of such an instruction was
 * found, so its costs are Arm's, or the machine file's guess. No CPU is interrupted, but where tables are freed,
 * for software that walks them; waits are served one at a time, as Arm's mail of 2020-02-03 says.
 */
#include <salvo/salvo.h>
#include <salvo/arch.h>

#include "../clock.h"
#include "../cpu.h"
#include "../generations.h"
#include "../lines.h"
#include "../machine.h"
#include "../space.h"
#include "../tlb.h"

enum { SLOTS = 6, PAGES_AN_INSTRUCTION = 8 };

static const struct calls_way way = {.early = false};
static struct space *(*slots)[SLOTS]; /* whose entries a CPU has under each number */
static unsigned next_slot[CLOCK_CPUS_MAX];
static uint64_t free_at; /* when the machine is done with the last instruction */

static void
reset(void)
{
	calls_reset();
	slots = lines_allocate(sizeof(*slots) * machine.cpus, LINES_HOST);
	free_at = 0;
	for (unsigned c = 0; c < CLOCK_CPUS_MAX; c++)
		next_slot[c] = 0;
}

/* switched: entries that a CPU keeps of other spaces are flushed with all others. */
static void
switched(unsigned cpu, struct space *from, struct space *to)
{
	(void)from;
	if (!salvo_shared_cpuset_has(&to->cpus, cpu))
		generations_join(to, cpu);
	for (unsigned i = 0; i < SLOTS; i++)
		if (slots[cpu][i] == to) {
			tlb_load_root(to->salvo.root, i, true);
			return;
		}
	next_slot[cpu] = (next_slot[cpu] + 1) % SLOTS;
	slots[cpu][next_slot[cpu]] = to;
	tlb_load_root(to->salvo.root, next_slot[cpu], false);
}

static void
lazy(unsigned cpu, bool is)
{
	(void)cpu;
	(void)is;
}

/* issue: so many instructions, which nobody waits for. */
static void
issue(uint64_t count)
{
	charge(count * machine.flush.broadcast);
}

static void
flush_all(const struct space *space, uintptr_t start, uintptr_t end)
{
	for (unsigned i = 0; i * SALVO_CPUSET_BITS < machine.cpus; i++)
		for (uintptr_t word = space->cpus.bits[i].value; word != 0; word &= word - 1)
			tlb_flush_remote(
				i * SALVO_CPUSET_BITS + salvo_lowest_bit(word), space, start, end);
}

/* synchronize: wait until what was issued is done; those of other CPUs that wait go first. */
static void
synchronize(void)
{
	enum where before = cpu_enter(WAIT);

	cpu_look();
	free_at = (free_at > clock_now ? free_at : clock_now) + machine.flush.broadcast_wait;
	cpu_run(free_at - clock_now);
	cpu_enter(before);
}

static void
begin(struct flush_op *op)
{
	op->pages = 0;
	op->start = UINTPTR_MAX;
	op->end = 0;
}

/* cleared: of reclaim, the instruction at once, and one wait for all in the end. */
static void
cleared(struct flush_op *op, struct space *space, uintptr_t address, size_t pages)
{
	op->pages += (unsigned)pages;
	op->start = address < op->start ? address : op->start;
	op->end = address + pages * PAGE_SIZE > op->end ? address + pages * PAGE_SIZE : op->end;
	if (op->kind == FLUSH_RECLAIM) {
		issue((pages + PAGES_AN_INSTRUCTION - 1) / PAGES_AN_INSTRUCTION);
		flush_all(space, address, address + pages * PAGE_SIZE);
	}
}

static void
nothing(void *unused)
{
	(void)unused;
}

static void
finish(struct flush_op *op)
{
	uint64_t pages = op->pages != 0 ? (op->end - op->start) / PAGE_SIZE : 0;
	enum where before = cpu_enter(FLUSH);

	if (op->kind != FLUSH_RECLAIM && (pages > machine.flush.ceiling || op->tables || op->all)) {
		issue(1);
		flush_all(op->space, 0, UINTPTR_MAX);
	} else if (op->kind != FLUSH_RECLAIM && pages != 0) {
		issue((pages + PAGES_AN_INSTRUCTION - 1) / PAGES_AN_INSTRUCTION);
		flush_all(op->space, op->start, op->end);
	}
	if (op->pages != 0 || op->tables || op->all)
		synchronize();
	if (op->tables) {
		struct salvo_cpuset walkers;

		generations_cpus(&walkers, op->space);
		calls_make(&walkers, &way, nothing, NULL, NULL);
	}
	cpu_enter(before);
	begin(op);
}

const struct policy policy_broadcast = {
	.name = "broadcast",
	.source = "INVLPGB and TLBI (outline): no interrupts; who waits for the end waits in turn",
	.explorer = "broadcast_*: safe; but broadcast_unmap_beside_reclaim",
	.looks_for_others = true,
	.begin = begin,
	.cleared = cleared,
	.finish = finish,
	.switched = switched,
	.lazy = lazy,
	.interrupted = calls_interrupted,
	.reset = reset,
};
