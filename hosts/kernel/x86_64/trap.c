// SPDX-License-Identifier: MIT
/* trap.c: what to do about each interrupt and exception. */
#include "../thread.h"
#include "machine.h"
#include "x86.h"

static bool
from_user(const struct trap_frame *frame)
{
	return (frame->cs & 3) != 0;
}

/* unresolved: the thread asked to go on elsewhere, or it ends. => interrupts on, from user mode */
static void
unresolved(struct trap_frame *frame, uintptr_t address)
{
	struct thread *thread = current_thread();

	if (thread->recover != 0) {
		frame->rip = thread->recover;
		return;
	}
	thread->result.killed = true;
	thread->result.fault_address = address;
	thread_exit();
}

/*
 * exception: with interrupts off as the gate left them; a user thread's page fault may sleep, so
 * they come on as soon as the address is read.
 */
static void
exception(struct trap_frame *frame)
{
	uintptr_t address = cr2_read();

	if (!from_user(frame))
		panic("exception %lu, error %lx, at %lx, address %lx, in %s, CPU %u", frame->vector,
			frame->error, frame->rip, address, current_thread()->name, cpu_number());
	interrupts_restore(true);
	if (frame->vector != VECTOR_PAGE_FAULT)
		unresolved(frame, frame->rip);
	else if (address >= USER_END ||
		 !mm_fault(process_mm(current_thread()->process), address, (unsigned)frame->error))
		unresolved(frame, address);
	interrupts_disable();
}

static void
system_call(struct trap_frame *frame)
{
	const uint64_t arguments[4] = {frame->rdi, frame->rsi, frame->rdx, frame->r10};

	interrupts_restore(true);
	frame->rax = (uint64_t)syscall((unsigned)frame->rax, arguments);
	interrupts_disable();
}

static void
interrupt(unsigned vector)
{
	switch (vector) {
	case VECTOR_TIMER:
		mm_tick();
		sched_tick();
		break;
	case VECTOR_SHOOTDOWN:
		shootdown_interrupt();
		break;
	case VECTOR_RESCHEDULE:
		break;
	default:
		if (vector < VECTOR_DEVICE || vector >= VECTOR_DEVICE + DEVICE_INTERRUPTS)
			panic("interrupt %u that nobody asked for", vector);
		disk_interrupt(vector - VECTOR_DEVICE);
	}
	apic_end_of_interrupt();
}

/* trap: called by trap.S, interrupts off; and so they are when it returns. */
void
trap(struct trap_frame *frame)
{
	if (frame->vector < 32)
		exception(frame);
	else if (frame->vector == VECTOR_SYSCALL)
		system_call(frame);
	else if (frame->vector != VECTOR_SPURIOUS)
		interrupt((unsigned)frame->vector);
	if (atomic_load(&this_cpu()->resched) && current_thread()->preempt_off == 0)
		yield();
}

/* user_start: a user thread's way into its program. => on its own stack, nothing else on it */
void
user_start(const struct thread *thread)
{
	struct trap_frame frame = {
		.rdi = thread->entry[0],
		.rsi = thread->entry[1],
		.rdx = thread->entry[2],
		.rcx = thread->entry[3],
		.r8 = thread->entry[4],
		.rip = USER_IMAGE,
		.cs = SELECTOR_USER_CODE,
		.rflags = FLAGS_IF,
		.rsp = thread->user_stack,
		.ss = SELECTOR_USER_DATA,
	};

	interrupts_disable();
	enter_user(&frame);
}
