// SPDX-License-Identifier: MIT
/*
 * protocol.c: the calls of protocol.h: the machine as a program sees it, whatever protocol it is
 * of. Those of salvo's are in program.c.
 */
#include "host.h"
#include "program.h"
#include "tlb.h"

EXPLORED struct salvo_word words[WORDS_SHARED];

/* Names of the program's words. */
enum { NAMES_MAX = 32 };
static struct {
	const struct salvo_word *word;
	const char *name;
} names[NAMES_MAX];
static unsigned name_count;

void
name_word(const struct salvo_word *word, const char *name)
{
	if (name_count < NAMES_MAX) {
		names[name_count].word = word;
		names[name_count++].name = name;
	}
}

const char *
program_word_name(const struct salvo_word *word)
{
	for (unsigned i = 0; i < name_count; i++)
		if (names[i].word == word)
			return names[i].name;
	return "a word of the program's";
}

/* begin_call: see host.h. */
void
begin_call(const char *name)
{
	if (!cpu_exploring())
		return;
	cpu_of(running)->phase++;
	cpu_of(running)->request = 0;
	trace_call(running, cpu_of(running)->phase, name);
}

/* ---- Set up ---- */

/* new_machine: kernel tables, and the CPUs online on them. */
void
new_machine(unsigned count)
{
	uintptr_t root = host_take_frame(TABLE);

	name_count = 0;
	name_word(&host_lock, "the lock");
	host_begin();
	for (unsigned t = 0; t < 2; t++)
		frames[root].words[t].value =
			host_take_frame(TABLE) << SALVO_ARCH_PAGE_SHIFT | PTE_PRESENT;
	salvo_machine_init(&machine, root << SALVO_ARCH_PAGE_SHIFT, 2, 0);
	for (running = 0; running < count; running++) {
		salvo_cpu_init(&salvo_cpus[running], 1);
		come_online();
	}
	running = 0;
}

void
clean_writes_pass(void)
{
	clean_write_traps = false;
}

void
need_break_before_make(void)
{
	break_before_make = true;
}

void
faults_repeat(void)
{
	fault_forgets = false;
}

void
limit_interrupts(unsigned most)
{
	port_limit_interrupts(most);
}

void
run_on(unsigned cpu, unsigned space)
{
	need_cpu("run_on", cpu);
	running = cpu;
	load(space);
}

void
new_space(unsigned space)
{
	uintptr_t root;

	begin_call("new_space");
	cpu_step(OP_HOST, "new space", 1, __FILE__, __LINE__);
	step_is_visible();
	need_new_space(space);
	if (host_is_pinned(space)) /* not in this memory, not yet */
		step_is_impossible();
	host_take_structure(space);
	root = host_take_frame(TABLE);
	for (unsigned t = 0; t < 2; t++)
		frames[root].words[t].value =
			host_take_frame(TABLE) << SALVO_ARCH_PAGE_SHIFT | PTE_PRESENT;
	for (unsigned p = 0; p < 4; p++)
		tlb_promise(space, p, false, false);
	salvo_space_init(&spaces[space], root << SALVO_ARCH_PAGE_SHIFT);
}

/* table_entry: the entry of a page, and the frame of its table. */
static struct salvo_word *
table_entry(unsigned space, unsigned page, uintptr_t *table)
{
	unsigned level = 1;

	return salvo_walk(space_of(space), PAGE(page), &level, table);
}

struct salvo_word *
entry(unsigned space, unsigned page)
{
	uintptr_t table;

	need_page("entry", space, page);
	return table_entry(space, page, &table);
}

struct salvo_word *
table_of(unsigned space, unsigned page)
{
	need_page("table_of", space, page);
	return &frames[space_of(space)->root >> SALVO_ARCH_PAGE_SHIFT].words[page / 2];
}

static void
map_page(unsigned space, unsigned page, unsigned pte_bits, bool file)
{
	uintptr_t frame, table;
	struct salvo_word *pte;

	begin_call("map");
	cpu_step(OP_HOST, "map", 1, __FILE__, __LINE__);
	need_page("map", space, page);
	frame = host_take_frame(PAGE);
	trace_note(" frame %u", (unsigned)frame);
	frames[frame].mapped = 1;
	frames[frame].where = host_where(space, page);
	frames[frame].file = file;
	tlb_promise(space, page, false, false);
	pte = table_entry(space, page, &table);
	salvo_port_table_lock(space_of(space), table);
	salvo_atomic_store(pte, frame << SALVO_ARCH_PAGE_SHIFT | PTE_PRESENT | pte_bits);
	salvo_port_table_unlock(space_of(space), table);
}

void
map(unsigned space, unsigned page, unsigned pte_bits)
{
	map_page(space, page, pte_bits, false);
}

void
map_file(unsigned space, unsigned page, unsigned pte_bits)
{
	map_page(space, page, pte_bits, true);
}

/* ---- The CPU ---- */

void
irqs_off(void)
{
	cpu_of(running)->irqs_off = true;
}

/* irqs_on: an interrupt may be taken before they are off again. */
void
irqs_on(void)
{
	cpu_of(running)->irqs_off = false;
	cpu_step(OP_HOST, "interrupts are on", 1, __FILE__, __LINE__);
}

void
wait_until(const struct salvo_word *word, uintptr_t value)
{
	begin_call("wait_until");
	while (salvo_atomic_load_acquire(word) != value)
		salvo_port_relax();
}

void
raise_interrupt(unsigned cpu)
{
	struct salvo_cpuset set;

	need_cpu("raise_interrupt", cpu);
	salvo_cpuset_clear(&set);
	salvo_cpuset_add(&set, cpu);
	salvo_port_interrupt(&set);
}

unsigned
this_cpu(void)
{
	return running;
}

void
flush_own_tlb(void)
{
	tlb_flush(0, UINTPTR_MAX, SALVO_ARCH_PAGE_SHIFT, true, "own TLB");
}

void
flush_own_page(unsigned page)
{
	need_page("flush_own_page", KERNEL, page);
	tlb_flush(PAGE(page), PAGE(page + 1), SALVO_ARCH_PAGE_SHIFT, false, "own page");
}

void
broadcast_flush(unsigned space)
{
	need_space("broadcast_flush", space);
	tlb_flush_broadcast(space_of(space)->root);
}

void
user_access(bool allowed)
{
	salvo_atomic_store(&salvo_cpus[running].user_access, allowed);
}

unsigned
choose(unsigned ways)
{
	need_ways(ways);
	return cpu_step(OP_CHOICE, "choose", ways, __FILE__, __LINE__);
}

void
require(bool condition, const char *what)
{
	if (!condition)
		fail(0, "%s", what);
}

/* ---- User mode ---- */

/* user_frame: the frame that an access reaches; -1: it faults. */
static int
user_frame(unsigned page, bool store)
{
	static const char *const names[2][4] = {
		{"load page 0", "load page 1", "load page 2", "load page 3"},
		{"store to page 0", "store to page 1", "store to page 2", "store to page 3"}};
	unsigned choice;
	int frame;

	begin_call(store ? "user_store" : "user_load");
	need_page(store ? "user_store" : "user_load", KERNEL, page);
	choice = cpu_step(OP_USER, names[store][page], tlb_user_choices(), __FILE__, __LINE__);
	step_is_visible();
	if (salvo_cpus[running].user_access.value == 0)
		fail(0, "CPU %u touches user memory and is not in user mode", running);
	frame = tlb_user_access(page, store, choice);
	if (frame < 0)
		trace_note(": faults");
	else
		trace_note(": frame %d", frame);
	return frame;
}

bool
user_store(unsigned page, uintptr_t value)
{
	int frame = user_frame(page, true);

	if (frame >= 0)
		memory_user_store(&frames[frame].words[0], value);
	return frame >= 0;
}

intptr_t
user_load(unsigned page)
{
	int frame = user_frame(page, false);

	return frame < 0 ? -1 : (intptr_t)memory_user_load(&frames[frame].words[0]);
}

/* ---- What is told to the oracles ---- */

void
promise(unsigned space, unsigned from, unsigned to, bool absent)
{
	cpu_step(OP_HOST, absent ? "pages are gone" : "pages are read-only", 1, __FILE__, __LINE__);
	need_pages("promise", space, from, to);
	for (unsigned p = from; p < to; p++)
		tlb_promise(space, p, absent, !absent);
}

void
free_page(uintptr_t frame)
{
	cpu_step(OP_HOST, "free", 1, __FILE__, __LINE__);
	need_frame("free_page", frame);
	frames[frame].mapped = 0;
	frames[frame].refs = 0;
	host_free_frame(frame);
}

void
free_table(uintptr_t frame)
{
	cpu_step(OP_HOST, "free the table in", 1, __FILE__, __LINE__);
	need_frame("free_table", frame);
	host_free_frame(frame);
}

/* write_out: what the page holds now is on the disk. The mark goes first: a write from then on is a
 * new one. */
void
write_out(uintptr_t frame)
{
	cpu_step(OP_HOST, "clear the dirty mark", 1, __FILE__, __LINE__);
	need_frame("write_out", frame);
	step_is_visible();
	if (!frames[frame].dirty)
		return;
	frames[frame].dirty = false;
	cpu_step(OP_HOST, "write out", 1, __FILE__, __LINE__);
	step_is_visible();
	trace_note(" frame %u", (unsigned)frame);
	frames[frame].unsaved = false;
}
