// SPDX-License-Identifier: MIT
/*
 * crash.c: a CPU, or set_up, that crashes is a failure, with a schedule as others have. What the
 * explorer itself does wrong is not caught.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <ucontext.h>

#include "explorer.h"

bool crashed;

static _Alignas(16) unsigned char stack[1 << 16]; /* the fiber's own may be what it ran over */

/* tell: where it was last, and where the instruction is that crashed, for addr2line. */
static void
tell(int number, const ucontext_t *context)
{
	const struct pending *last = &cpu_of(running)->pending;
	const uintmax_t at = (uintmax_t)context->uc_mcontext.gregs[REG_RIP];

	if (cpu_exploring())
		fail(0, "CPU %u crashes after %s:%d, at 0x%jx: %s", running, trace_file(last->file),
			last->line, at, strsignal(number));
	else
		fail(0, "set_up crashes, at 0x%jx: %s", at, strsignal(number));
}

static void
caught(int number, siginfo_t *info, void *context)
{
	(void)info;
	if (!cpu_is_inside()) {
		signal(number, SIG_DFL);
		return;
	}
	crashed = !failed;
	tell(number, context);
	cpu_leave();
}

void
crash_catch(void)
{
	static const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
	const stack_t its_stack = {.ss_sp = stack, .ss_size = sizeof stack};
	struct sigaction action = {
		.sa_sigaction = caught, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};

	sigaltstack(&its_stack, NULL);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		sigaction(numbers[i], &action, NULL);
}
