/* SPDX-License-Identifier: MIT */
/*
 * fiber_switch(void **save, void *load): leave this stack for another; only registers that a call
 * must keep are kept, so that a state holds as little as can be. x86-64, System V.
 */
	.text
	.globl	fiber_switch
	.type	fiber_switch, @function
fiber_switch:
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret
	.size	fiber_switch, . - fiber_switch
	.section .note.GNU-stack, "", @progbits
