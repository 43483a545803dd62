// SPDX-License-Identifier: MIT
/* program.c: the calls of program.h. Each one that a body makes is a phase of its CPU, see
 * reduce.c. */
#include "host.h"
#include "program.h"

EXPLORED static struct salvo_word host_lock;

/* Names of the program's words. */
enum { NAMES_MAX = 16 };
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
	return word == &host_lock ? "the lock" : "a word of the program's";
}

/* begin: a call of a body begins. */
static void
begin(void)
{
	if (!cpu_exploring())
		return;
	cpu_of(running)->phase++;
	cpu_of(running)->request = 0;
}

/* ---- Set up ---- */

/* new_machine: kernel tables, and the CPUs online on them. */
void
new_machine(unsigned count)
{
	uintptr_t root = host_take_frame(TABLE);

	name_count = 0;
	clean_write_traps = true;
	host_refuse_pins(false);
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
use_slots(unsigned slots)
{
	for (unsigned i = 0; i < CPUS_MAX; i++)
		salvo_cpus[i].slots = slots;
}

void
clean_writes_pass(void)
{
	clean_write_traps = false;
}

void
offer_books(void)
{
	host_offer_books();
}

void
refuse_pins(void)
{
	host_refuse_pins(true);
}

void
run_on(unsigned cpu, unsigned space)
{
	running = cpu;
	load(space);
}

void
start_lazy(unsigned cpu)
{
	running = cpu;
	go_lazy();
}

void
start_offline(unsigned cpu)
{
	running = cpu;
	go_offline();
}

void
new_space(unsigned space)
{
	uintptr_t root;

	begin();
	cpu_step(OP_HOST, "new space", 1, __FILE__, __LINE__);
	root = host_take_frame(TABLE);
	for (unsigned t = 0; t < 2; t++)
		frames[root].words[t].value =
			host_take_frame(TABLE) << SALVO_ARCH_PAGE_SHIFT | PTE_PRESENT;
	for (unsigned p = 0; p < 4; p++)
		tlb_promise(space, p, false, false);
	salvo_space_init(&spaces[space], root << SALVO_ARCH_PAGE_SHIFT);
}

struct salvo_word *
entry(unsigned space, unsigned page)
{
	unsigned level = 1;
	uintptr_t table;

	return salvo_walk(space_of(space), PAGE(page), &level, &table);
}

static void
map_page(unsigned space, unsigned page, unsigned pte_bits, bool file)
{
	uintptr_t frame;
	struct salvo_word *pte;

	begin();
	cpu_step(OP_HOST, "map", 1, __FILE__, __LINE__);
	frame = host_take_frame(PAGE);
	trace_note(" frame %u", (unsigned)frame);
	frames[frame].mapped = 1;
	frames[frame].file = file;
	tlb_promise(space, page, false, false);
	salvo_port_table_lock(space_of(space), 0);
	pte = entry(space, page);
	salvo_atomic_store(pte, frame << SALVO_ARCH_PAGE_SHIFT | PTE_PRESENT | pte_bits);
	salvo_port_table_unlock(space_of(space), 0);
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

/* ---- Memory management ---- */

void
promise(unsigned space, unsigned from, unsigned to, bool absent)
{
	cpu_step(OP_HOST, absent ? "pages are gone" : "pages are read-only", 1, __FILE__, __LINE__);
	for (unsigned p = from; p < to; p++)
		tlb_promise(space, p, absent, !absent);
}

void
free_page(uintptr_t frame)
{
	cpu_step(OP_HOST, "free", 1, __FILE__, __LINE__);
	frames[frame].mapped = 0;
	frames[frame].refs = 0;
	host_free_frame(frame);
}

void
unmap(unsigned space, unsigned from, unsigned to, bool tables)
{
	struct salvo_gather gather;

	begin();
	salvo_gather_begin(&gather, space_of(space), PAGE(from), PAGE(to));
	salvo_unmap(&gather, PAGE(from), PAGE(to));
	if (tables)
		salvo_free_tables(&gather, PAGE(from), PAGE(to));
	salvo_gather_finish(&gather);
	promise(space, from, to, true);
}

void
protect(unsigned space, unsigned from, unsigned to)
{
	struct salvo_gather gather;

	begin();
	salvo_gather_begin(&gather, space_of(space), PAGE(from), PAGE(to));
	salvo_protect(&gather, PAGE(from), PAGE(to), 0);
	salvo_gather_finish(&gather);
	promise(space, from, to, false);
}

void
hold(unsigned space, unsigned page)
{
	frames[salvo_arch_pte_frame(entry(space, page)->value, 1)].held = true;
}

static size_t
held_frames(uintptr_t group[FRAMES_MAX])
{
	size_t count = 0;

	cpu_step(OP_HOST, "pick pages", 1, __FILE__, __LINE__);
	step_is_visible();
	for (uintptr_t f = 0; f < FRAMES_MAX; f++)
		if (frames[f].held)
			group[count++] = f;
	return count;
}

/* write_out: what the page holds now is on the disk. The mark goes first: a write from then on is a
 * new one. */
static void
write_out(uintptr_t frame)
{
	cpu_step(OP_HOST, "clear the dirty mark", 1, __FILE__, __LINE__);
	step_is_visible();
	if (!frames[frame].dirty)
		return;
	frames[frame].dirty = false;
	cpu_step(OP_HOST, "write out", 1, __FILE__, __LINE__);
	step_is_visible();
	trace_note(" frame %u", (unsigned)frame);
	frames[frame].unsaved = false;
}

void
reclaim(void)
{
	struct salvo_batch batch;
	uintptr_t group[FRAMES_MAX];
	size_t count;

	begin();
	count = held_frames(group);
	salvo_batch_begin(&batch);
	salvo_reclaim(&batch, group, count);
	salvo_batch_flush(&batch);
	for (size_t i = 0; i < count; i++) {
		if (frames[group[i]].file)
			write_out(group[i]);
		cpu_step(OP_HOST, "free", 1, __FILE__, __LINE__);
		step_is_visible();
		frames[group[i]].held = false;
		if (frames[group[i]].refs == 0)
			host_free_frame(group[i]);
	}
}

void
clean(void)
{
	struct salvo_batch batch;
	uintptr_t group[FRAMES_MAX];
	size_t count;

	begin();
	count = held_frames(group);
	salvo_batch_begin(&batch);
	salvo_clean(&batch, group, count);
	salvo_batch_flush(&batch);
	for (size_t i = 0; i < count; i++)
		write_out(group[i]);
}

void
destroy(unsigned space)
{
	struct salvo_gather gather;

	begin();
	salvo_space_destroy(&spaces[space]);
	salvo_gather_begin_dying(&gather, &spaces[space]);
	salvo_unmap(&gather, 0, PAGE(4));
	salvo_free_tables(&gather, 0, PAGE(4));
	salvo_gather_finish(&gather);
	cpu_step(OP_HOST, "free the root", 1, __FILE__, __LINE__);
	host_free_frame(spaces[space].root >> SALVO_ARCH_PAGE_SHIFT);
	spaces[space].root = 0;
}

static salvo_pte
to_written(salvo_pte pte, unsigned unused)
{
	(void)unused;
	return salvo_arch_pte_present(pte) ? pte | PTE_WRITE | PTE_DIRTY : pte;
}

void
write_fault(unsigned space, unsigned page)
{
	begin();
	salvo_port_table_lock(space_of(space), 0);
	salvo_change_entry(entry(space, page), to_written, 0);
	salvo_port_table_unlock(space_of(space), 0);
}

/* ---- The CPU ---- */

/* user_access: the frame that an access reaches; -1: it faults. */
static int
user_access(unsigned page, bool store)
{
	static const char *const names[2][4] = {
		{"load page 0", "load page 1", "load page 2", "load page 3"},
		{"store to page 0", "store to page 1", "store to page 2", "store to page 3"}};
	unsigned choice;
	int frame;

	begin();
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
	int frame = user_access(page, true);

	if (frame >= 0)
		memory_user_store(&frames[frame].words[0], value);
	return frame >= 0;
}

intptr_t
user_load(unsigned page)
{
	int frame = user_access(page, false);

	return frame < 0 ? -1 : (intptr_t)memory_user_load(&frames[frame].words[0]);
}

void
go_lazy(void)
{
	begin();
	irqs_off();
	salvo_lazy_enter();
	irqs_on();
}

void
leave_lazy(void)
{
	begin();
	irqs_off();
	salvo_lazy_leave();
	irqs_on();
}

void
load(unsigned space)
{
	begin();
	irqs_off();
	salvo_space_load(space_of(space));
	irqs_on();
}

void
load_kernel(void)
{
	load(KERNEL);
}

void
go_offline(void)
{
	begin();
	irqs_off();
	tlb_online(false);
	salvo_cpu_offline();
}

void
come_online(void)
{
	begin();
	irqs_off();
	if (cpu_step(OP_CHOICE, "interrupts raised meanwhile: kept, lost", 2, __FILE__, __LINE__) !=
		0)
		wires.interrupted &= (uint8_t) ~(1u << running);
	step_is_visible();
	step_touches_interrupt(running);
	salvo_cpu_online();
	tlb_online(true);
	irqs_on();
}

void
irqs_off(void)
{
	cpu_of(running)->irqs_off = true;
}

void
irqs_on(void)
{
	cpu_of(running)->irqs_off = false;
}

void
lock(bool serves)
{
	begin();
	irqs_off();
	while (salvo_atomic_exchange(&host_lock, 1) != 0) {
		if (serves)
			salvo_serve();
		salvo_port_relax();
	}
}

void
unlock(void)
{
	salvo_atomic_store_release(&host_lock, 0);
	irqs_on();
}

void
wait_until(const struct salvo_word *word, uintptr_t value)
{
	begin();
	while (salvo_atomic_load_acquire(word) != value)
		salvo_port_relax();
}

void
raise_interrupt(unsigned cpu)
{
	struct salvo_cpuset set;

	salvo_cpuset_clear(&set);
	salvo_cpuset_add(&set, cpu);
	salvo_port_interrupt(&set);
}

void
flush_own_tlb(void)
{
	tlb_flush(0, UINTPTR_MAX, true, "own TLB");
}

unsigned
choose(unsigned ways)
{
	return cpu_step(OP_CHOICE, "choose", ways, __FILE__, __LINE__);
}

void
require(bool condition, const char *what)
{
	if (!condition)
		fail(0, "%s", what);
}
