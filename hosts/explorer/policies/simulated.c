// SPDX-License-Identifier: MIT
/* simulated.c: what a policy of hosts/simulator calls: lines, locks, CPUs, flushes, frames; and its
 * set-up. */
#include "inside.h"

enum { ARENA = 6144 };

FIXED const struct policy *policy;
FIXED struct machine machine;
FIXED struct cpu *cpus;
FIXED struct node *nodes; /* one, which is never short of memory */
FIXED struct machine_place machine_places[CPUS_MAX];
FIXED struct flush_op *ops;
SIMULATED static size_t allocated;
SIMULATED static _Alignas(16) unsigned char arena[ARENA];
SIMULATED struct space its_spaces[SPACES];
SIMULATED static struct frame its_frames[FRAMES_MAX];
SIMULATED struct lock its_lock;

/* Users of each frame, a bit a CPU, that hold an entry and are not to be seen at the page yet. */
SIMULATED static uint8_t yet_to_note[FRAMES_MAX];

/* Broadcast flushes that a CPU has issued, and that are on their way; a bit a CPU. */
SIMULATED static struct {
	uintptr_t start, end;
	uintptr_t cpus;
} issued[CPUS_MAX][SPACES];

void
simulated_begin(void)
{
	policy = NULL;
}

bool
simulated_is_used(void)
{
	return policy != NULL;
}

/* ---- Lines ---- */

void *
simulated_allocate(size_t bytes)
{
	void *memory = arena + allocated;

	allocated += (bytes + 15) & ~(size_t)15;
	if (allocated > ARENA) {
		fail(0, "the policy has no room for %zu bytes more", bytes);
		cpu_leave();
	}
	return memory;
}

/* simulated_touch: who has used a page is noted there. */
void
simulated_touch(const void *object, const char *file, int line)
{
	const struct frame *touched = object;
	struct frame *frame;
	uintptr_t users;

	explored_fence(file, line);
	cpu_step(OP_HOST, "touch", 1, file, line);
	if (touched < its_frames || touched >= its_frames + FRAMES_MAX)
		return;
	frame = &its_frames[touched - its_frames];
	users = frames[frame_number(frame)].users & ~yet_to_note[frame_number(frame)];
	frame->user_count = 0;
	for (; users != 0; users &= users - 1)
		frame->users[frame->user_count++] = (uint16_t)salvo_lowest_bit(users);
}

/* use_and_note: hardware has noted the CPU where it keeps an entry; who asks sees that later. */
void
use_and_note(unsigned page)
{
	const uint8_t bit = (uint8_t)(1u << running);

	for (unsigned f = 0; f < FRAMES_MAX; f++)
		if ((frames[f].users & bit) == 0)
			yet_to_note[f] |= bit;
	user_load(page);
	cpu_step(OP_HOST, "note the use", 1, __FILE__, __LINE__);
	for (unsigned f = 0; f < FRAMES_MAX; f++)
		yet_to_note[f] &= (uint8_t)~bit;
}

void
lock_take(struct lock *lock, enum lock_kind kind)
{
	(void)kind;
	while (salvo_atomic_exchange(&lock->held, 1) != 0)
		salvo_port_relax();
}

void
lock_drop(struct lock *lock)
{
	salvo_atomic_store_release(&lock->held, 0);
}

/* ---- CPUs ---- */

enum where
cpu_enter(enum where where)
{
	return where;
}

void
cpu_look(void)
{
}

/* cpu_run: time passes: what the CPU has issued is done. */
void
cpu_run(uint64_t time)
{
	(void)time;
	cpu_step(OP_FLUSH, "what was issued", 1, __FILE__, __LINE__);
	for (unsigned i = 0; i < CPUS_MAX * SPACES; i++) {
		unsigned space = i % SPACES;

		if ((issued[running][space].cpus >> i / SPACES & 1) != 0)
			tlb_forget_at(i / SPACES, spaces[space].root, issued[running][space].start,
				issued[running][space].end);
	}
	for (unsigned s = 0; s < SPACES; s++)
		issued[running][s].cpus = issued[running][s].start = issued[running][s].end = 0;
}

uintptr_t
cpu_irq_save(void)
{
	return salvo_port_irq_save();
}

void
cpu_irq_restore(uintptr_t state)
{
	salvo_port_irq_restore(state);
}

void
cpu_send(const struct salvo_cpuset *set)
{
	if (!salvo_cpuset_empty(set))
		salvo_port_interrupt(set);
}

/* ---- Flushes ---- */

/* here: an address of the simulator's, in the explorer's tables. */
static uintptr_t
here(uintptr_t address)
{
	return address == UINTPTR_MAX ? address : PAGE(address / PAGE_SIZE);
}

/* simulated_load_root: no root is the kernel's. Slots are numbered from 1 there, and here there is
 * the kernel's beside one of user memory, or there are two of that. */
void
simulated_load_root(salvo_root root, unsigned slot, bool keep)
{
	if (root == 0)
		tlb_load_root(salvo_kernel_space()->root, 1, false);
	else if (slot == 0 || slot > SALVO_MAX_SLOTS)
		fail(0, "CPU %u loads a root in slot %u", running, slot);
	else
		tlb_load_root(root, slot - 1, keep);
}

void
simulated_flush_range(uintptr_t start, uintptr_t end)
{
	tlb_flush(here(start), here(end), SALVO_ARCH_PAGE_SHIFT, true, "range");
}

void
simulated_flush_space(void)
{
	tlb_flush(0, UINTPTR_MAX, SALVO_ARCH_PAGE_SHIFT, true, "space");
}

/* tlb_flush_page: what the CPU keeps of a space that is not loaded stays: it may as well. */
void
tlb_flush_page(const struct space *space, uintptr_t address)
{
	if (tlbs[running].root == space->salvo.root)
		simulated_flush_range(address, address + PAGE_SIZE);
}

/* tlb_flush_remote: at once, or when the CPU waits for it. */
void
tlb_flush_remote(unsigned cpu, const struct space *space, uintptr_t start, uintptr_t end)
{
	const unsigned number = number_of(space);

	if (cpu_step(OP_CHOICE, "a broadcast flush: is done, is on its way", 2, __FILE__,
		    __LINE__) == 0) {
		tlb_forget_at(cpu, space->salvo.root, here(start), here(end));
		return;
	}
	if (issued[running][number].cpus == 0 || here(start) < issued[running][number].start)
		issued[running][number].start = here(start);
	if (here(end) > issued[running][number].end)
		issued[running][number].end = here(end);
	issued[running][number].cpus |= (uintptr_t)1 << cpu;
}

/* ---- Frames ---- */

struct frame *
frame_of(uintptr_t number)
{
	return &its_frames[number];
}

uintptr_t
frame_number(const struct frame *frame)
{
	return (uintptr_t)(frame - its_frames);
}

void
frame_list_add(struct frame_list *list, struct frame *frame)
{
	frame->next = list->first;
	list->first = (uint32_t)frame_number(frame);
	list->count++;
}

/* frame_list_remove: the newest, as all policies do. */
void
frame_list_remove(struct frame_list *list, struct frame *frame)
{
	require(list->first == frame_number(frame), "the newest leaves a list first");
	list->first = frame->next;
	frame->next = 0;
	list->count--;
}

void
frame_give(struct frame *frame)
{
	free_page(frame_number(frame));
}

/* ---- Set-up ---- */

static void
name_words(void)
{
	static const char *const names[SPACES][3] = {
		{"space0.gen", "space0.cpus", "space0.changing"},
		{"space1.gen", "space1.cpus", "space1.changing"}};

	for (unsigned s = 0; s < SPACES; s++) {
		name_word(&its_spaces[s].gen, names[s][0]);
		for (unsigned i = 0; i < SALVO_CPUSET_WORDS; i++)
			name_word(&its_spaces[s].cpus.bits[i], names[s][1]);
		name_word(&its_spaces[s].changing, names[s][2]);
	}
	name_word(&its_lock.held, "the lock");
	for (unsigned c = 0; c < machine.cpus; c++) {
		generations_name_words(c);
		for (unsigned other = 0; other < machine.cpus; other++)
			calls_name_words(c, other);
	}
}

void
follow(const struct policy *followed)
{
	static const struct calls_way way = {.early = false};
	static const struct salvo_cpuset nobody;

	policy = followed;
	machine.cpus = cpus_there();
	machine.flush.ceiling = 33; /* pages: more than there are */
	cpus = simulated_allocate(sizeof(*cpus) * machine.cpus);
	nodes = simulated_allocate(sizeof(*nodes));
	ops = simulated_allocate(sizeof(*ops) * machine.cpus);
	for (unsigned s = 0; s < SPACES; s++) {
		its_spaces[s].salvo.root = spaces[s].root;
		its_spaces[s].number = s + 1;
	}
	policy->reset();
	for (running = 0; running < machine.cpus; running++)
		calls_make(&nobody, &way, NULL, NULL, NULL); /* it allocates */
	running = 0;
	name_words();
}

void
begin_task(unsigned cpu, unsigned space)
{
	need_cpu("begin_task", cpu);
	running = cpu;
	run_task(space);
}

void
note_users(void)
{
	track_users = true;
}
