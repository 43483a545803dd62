/* SPDX-License-Identifier: MIT */
/* trap.S: every interrupt and exception comes in here, and threads are switched here. */
#include "x86.h"

	.text

/* One stub for each vector, 16 bytes apart; the processor pushes an error code for some. */
	.globl trap_vectors
	.balign 16
trap_vectors:
	.set vector, 0
	.rept 256
	.balign 16
	.if vector != 8 && vector != 10 && vector != 11 && vector != 12 && vector != 13 && \
		vector != 14 && vector != 17 && vector != 21
	pushq $0
	.endif
	pushq $vector
	jmp trap_enter
	.set vector, vector + 1
	.endr

/* gs is the CPU's in the kernel; the saved cs tells where we come from. */
trap_enter:
	testb $3, 24(%rsp)
	jz 1f
	swapgs
1:	pushq %rax
	pushq %rbx
	pushq %rcx
	pushq %rdx
	pushq %rsi
	pushq %rdi
	pushq %rbp
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	cld
	movq %rsp, %rdi
	call trap

/* => interrupts off, rsp at a whole struct trap_frame */
	.globl trap_return
trap_return:
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rbp
	popq %rdi
	popq %rsi
	popq %rdx
	popq %rcx
	popq %rbx
	popq %rax
	testb $3, 24(%rsp)
	jz 1f
	swapgs
1:	addq $16, %rsp
	iretq

/* An NMI means that another CPU panics. Touches nothing: gs may be either of the two. */
	.globl trap_nmi
trap_nmi:
	cli
	hlt
	jmp trap_nmi

/*
 * void switch_stacks(uint64_t *save, uint64_t load): leave the stack that we are on, with where
 * to go on pushed on it, and go on with another that was left like that.
 */
	.globl switch_stacks
switch_stacks:
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, (%rdi)
	movq %rsi, %rsp
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	ret

/* void enter_user(struct trap_frame *): start to run a thread's user program. Interrupts off. */
	.globl enter_user
enter_user:
	movq %rdi, %rsp
	jmp trap_return

	.section .note.GNU-stack, "", @progbits
