/* SPDX-License-Identifier: MIT */
/* start.S: the first bytes of the image, the system call, and accesses that may fault. */
#include "abi.h"

	.section .start, "ax"
	.globl start
start:
	xorl %ebp, %ebp
	call user_main
	movl $SYS_EXIT, %eax
	int $0x80

	.text
	.globl call, probe_load, probe_store, probe_recover

call:	movq %rdi, %rax
	movq %rsi, %rdi
	movq %rdx, %rsi
	movq %rcx, %rdx
	int $0x80
	ret

probe_load:
	movq (%rdi), %rax
	movq %rax, (%rsi)
	xorl %eax, %eax
	ret

probe_store:
	movq %rsi, (%rdi)
	xorl %eax, %eax
	ret

/* The two above fault with nothing on the stack but their return address. */
probe_recover:
	movl $1, %eax
	ret

	.section .note.GNU-stack, "", @progbits
