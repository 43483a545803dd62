// SPDX-License-Identifier: MIT
/* calls.c: the simulator's, whose memory is a part of states here. */
struct call;
struct queue;
FIXED static struct call *calls[CLOCK_CPUS_MAX];
FIXED static struct queue *queues;

#include "../../simulator/calls.c" // NOLINT(bugprone-suspicious-include)

/* calls_name_words: the CPU's queue, and its call of another. */
void
calls_name_words(unsigned cpu, unsigned other)
{
	static const char *const queue_names[SALVO_MAX_CPUS] = {
		"queue of CPU 0", "queue of CPU 1", "queue of CPU 2", "queue of CPU 3"};
	static const char *const call_names[SALVO_MAX_CPUS][SALVO_MAX_CPUS] = {
		{"", "call 0 to 1", "call 0 to 2", "call 0 to 3"},
		{"call 1 to 0", "", "call 1 to 2", "call 1 to 3"},
		{"call 2 to 0", "call 2 to 1", "", "call 2 to 3"},
		{"call 3 to 0", "call 3 to 1", "call 3 to 2", ""}};

	if (cpu == other)
		name_word(&queues[cpu].head, queue_names[cpu]);
	else
		name_word(&calls[cpu][other].locked, call_names[cpu][other]);
}
