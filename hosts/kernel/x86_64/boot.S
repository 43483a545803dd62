/* SPDX-License-Identifier: MIT */
/*
 * boot.S: from the loader, or from a start-up interrupt, to C in 64-bit mode.
 *
 * All of it is linked at KERNEL_IMAGE + physical; PHYS() gives the physical address, which is
 * what counts until paging is on.
 */
#include "x86.h"

#define KERNEL_IMAGE   0xffffffff80000000
#define PHYS(symbol)   ((symbol) - KERNEL_IMAGE)
#define BOOT_CODE_32   0x18
#define BOOT_STACK     8192 /* KERNEL_STACK_BYTES */
#define XEN_ELFNOTE_PHYS32_ENTRY 18

	.section .note.pvh, "a", @note
	.long 4, 8, XEN_ELFNOTE_PHYS32_ENTRY
	.asciz "Xen"
	.quad PHYS(start)

/* The loader comes here: 32 bits, no paging, ebx = physical address of the start info. */
	.text
	.code32
	.globl start
start:
	cli
	cld
	lgdt PHYS(boot_gdt_pointer)

/* Each CPU passes here; ebx = 0 on all but the first. */
long_mode:
	movl $CR4_PAE, %eax
	movl %eax, %cr4
	movl $PHYS(boot_root), %eax
	movl %eax, %cr3
	movl $MSR_EFER, %ecx
	movl $(EFER_LME | EFER_NXE), %eax
	xorl %edx, %edx
	wrmsr
	movl $(CR0_PG | CR0_WP | CR0_PE), %eax
	movl %eax, %cr0
	ljmpl $SELECTOR_KERNEL_CODE, $PHYS(low_64)

	.code64
low_64:
	movq $high_64, %rax
	jmp *%rax
high_64:
	movl $SELECTOR_KERNEL_DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	xorl %ebp, %ebp
	movl %ebx, %edi
	testl %edi, %edi
	jz 1f
	movq $(boot_stack + BOOT_STACK), %rsp
	call kernel_main
1:	movl $1, %edi
	lock xaddl %edi, smp_next_number(%rip)
	movl %edi, %eax
	movq smp_stacks(%rip), %rdx
	movq (%rdx, %rax, 8), %rsp
	call smp_cpu_main

/*
 * Other CPUs start here in real mode, in the copy at TRAMPOLINE, with nothing but cs set. It
 * names only absolute addresses, so that it may be copied.
 */
	.globl trampoline_begin, trampoline_end
	.code16
trampoline_begin:
	cli
	cld
	xorw %ax, %ax
	movw %ax, %ds
	lgdtl TRAMPOLINE + trampoline_gdt_pointer - trampoline_begin
	movl $CR0_PE, %eax
	movl %eax, %cr0
	ljmpl $BOOT_CODE_32, $PHYS(other_cpu)
	.balign 4
trampoline_gdt_pointer:
	.word boot_gdt_end - boot_gdt - 1
	.long PHYS(boot_gdt)
trampoline_end:

	.code32
other_cpu:
	movl $SELECTOR_KERNEL_DATA, %eax
	movl %eax, %ds
	xorl %ebx, %ebx
	jmp long_mode

	.section .rodata
	.balign 8
boot_gdt:
	.quad 0
	.quad 0x00af9a000000ffff	/* 64-bit code */
	.quad 0x00cf92000000ffff	/* data */
	.quad 0x00cf9a000000ffff	/* 32-bit code */
boot_gdt_end:
boot_gdt_pointer:
	.word boot_gdt_end - boot_gdt - 1
	.long PHYS(boot_gdt)

/*
 * Page tables. The first GiB is mapped by one table at two places: the direct map and the image.
 * boot_root also has the direct map at address 0, for the instructions that turn paging on.
 */
	.data
	.balign 4096
	.globl kernel_root_table, direct_map_table
boot_root:
	.quad PHYS(direct_map_table) + PTE_PRESENT + PTE_WRITE
	.fill 255, 8, 0
	.quad PHYS(direct_map_table) + PTE_PRESENT + PTE_WRITE
	.fill 254, 8, 0
	.quad PHYS(image_table) + PTE_PRESENT + PTE_WRITE
kernel_root_table:
	.fill 256, 8, 0
	.quad PHYS(direct_map_table) + PTE_PRESENT + PTE_WRITE
	.fill 254, 8, 0
	.quad PHYS(image_table) + PTE_PRESENT + PTE_WRITE
direct_map_table:
	.quad PHYS(first_gib) + PTE_PRESENT + PTE_WRITE
	.fill 511, 8, 0
image_table:
	.fill 510, 8, 0
	.quad PHYS(first_gib) + PTE_PRESENT + PTE_WRITE
	.quad 0
first_gib:
	.set page, 0
	.rept 512
	.quad (page << 21) + PTE_PRESENT + PTE_WRITE + PTE_LARGE + PTE_GLOBAL
	.set page, page + 1
	.endr

	.bss
	.balign 16
	.globl boot_stack
boot_stack:
	.skip BOOT_STACK

	.section .note.GNU-stack, "", @progbits
