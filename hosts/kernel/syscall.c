// SPDX-License-Identifier: MIT
/* syscall.c: the calls of user/abi.h that are not the memory management's. */
#include "thread.h"
#include "user/abi.h"

int64_t
syscall(unsigned number, const uint64_t arguments[4])
{
	struct thread *thread = current_thread();

	if (number >= SYS_MM_FIRST)
		return mm_syscall(process_mm(thread->process), number, arguments);
	switch (number) {
	case SYS_EXIT:
		thread_exit();
	case SYS_REPORT:
		if (arguments[0] >= 4)
			return -1;
		thread->result.report[arguments[0]] = arguments[1];
		return 0;
	case SYS_RECOVER:
		if (arguments[0] >= USER_END)
			return -1;
		thread->recover = arguments[0];
		return 0;
	case SYS_YIELD:
		yield();
		return 0;
	case SYS_SLEEP:
		sleep_ticks(arguments[0]);
		return 0;
	case SYS_PROGRESS:
		return process_add_progress(thread->process, arguments[0]) ? 1 : 0;
	default:
		return -1;
	}
}
