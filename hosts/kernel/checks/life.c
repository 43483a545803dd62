// SPDX-License-Identifier: MIT
/* life.c: an address space ends, and leaves nothing behind. */
#include "check.h"

#define PAGES 32

static void
read_root(void *root)
{
	*(uint64_t *)root = loaded_root();
}

/* root_of_cpu: what a CPU's root register says, as a thread there reads it. */
static uint64_t
root_of_cpu(unsigned cpu)
{
	uint64_t root;
	struct thread *thread = kernel_thread("root", read_root, &root, (int)cpu);

	if (thread == NULL)
		panic("no thread to read the root register");
	thread_wait(thread, NULL);
	return root;
}

/* Does every CPU let go of the tables of a process that has ended, before they are freed? */
static bool
dying_space(void)
{
	struct prober prober;
	salvo_root root;
	bool holds;

	prober_start(&prober, 1);
	root = prober.mm->space.root;
	prober_exit(&prober);
	holds = expect(root_of_cpu(prober.cpu) == root, "the idle CPU keeps the tables so far");
	process_destroy(prober.process);
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
		holds = expect(root_of_cpu(cpu) != root, "no CPU has the tables loaded") && holds;
	return holds;
}

/* Does the end of a process free all that it had? */
static bool
exit_frees_all(void)
{
	size_t before = 0, after = 0;

	for (unsigned round = 0; round < 3; round++) {
		struct prober prober;
		uintptr_t file, memory;

		if (round == 1)
			before = frames_free() + cache_pages();
		prober_start(&prober, 1);
		file = mm_map_file(prober.mm, 0, PAGES, true);
		memory = mm_map_anonymous(prober.mm, PAGES * HUGE_SIZE);
		if (probe_load(&prober, file, PAGES, NULL) != 0)
			return expect(false, "it reads the file");
		for (unsigned i = 0; i < PAGES; i++)
			if (probe_store(&prober, memory + i * HUGE_SIZE, 1, i) != 0)
				return expect(false, "it writes its memory");
		prober_stop(&prober);
		after = frames_free() + cache_pages();
	}
	return expect(after == before, "as many frames are free as before");
}

const struct check life_checks[] = {
	{"dying-space", dying_space}, {"exit-frees-all", exit_frees_all}, {NULL, NULL}};
