// expect: safe
// SPDX-License-Identifier: MIT
// A file's page goes by a replacement that sets nothing, where stores pass clean entries unnoticed.
#include "program.h"

static void
set_up(void)
{
	clean_writes_pass();
	new_space(0);
	map_file(0, 0, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
}

static salvo_pte
next(uintptr_t address, salvo_pte old, unsigned level, void *context)
{
	(void)address;
	(void)old;
	(void)level;
	(void)context;
	return 0;
}

static void
cpu0(void)
{
	replace(0, 0, 1, next);
}

static void
cpu1(void)
{
	user_store(0, 7);
}

PROGRAM(replace_by_nothing, 2, cpu0, cpu1);
