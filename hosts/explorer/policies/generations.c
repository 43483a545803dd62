// SPDX-License-Identifier: MIT
/* generations.c: the simulator's, whose memory is a part of states here. */
struct holder;
FIXED static struct holder *holders;

#include "../../simulator/generations.c" // NOLINT(bugprone-suspicious-include)

void
generations_name_words(unsigned cpu)
{
	static const char *const names[SALVO_MAX_CPUS] = {
		"cpu0.lazy", "cpu1.lazy", "cpu2.lazy", "cpu3.lazy"};

	if (holders != NULL) /* of an earlier program, where the policy has none */
		name_word(&holders[cpu].lazy, names[cpu]);
}
