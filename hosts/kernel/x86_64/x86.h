/* SPDX-License-Identifier: MIT */
/* x86.h: instructions that C has no words for, and the numbers that assembly and C share. */
#ifndef X86_H
#define X86_H

/* Segment selectors of every CPU's GDT. */
#define SELECTOR_KERNEL_CODE 0x08
#define SELECTOR_KERNEL_DATA 0x10
#define SELECTOR_USER_DATA   0x1b
#define SELECTOR_USER_CODE   0x23
#define SELECTOR_TASK        0x28

/* Interrupt vectors. */
#define VECTOR_DEBUG        1
#define VECTOR_NMI          2
#define VECTOR_BREAKPOINT   3
#define VECTOR_DOUBLE_FAULT 8
#define VECTOR_PAGE_FAULT   14
#define VECTOR_TIMER        0x20
#define VECTOR_SHOOTDOWN    0x30
#define VECTOR_RESCHEDULE   0x31
#define VECTOR_DEVICE       0x40 /* device interrupt n comes as VECTOR_DEVICE + n */
#define DEVICE_INTERRUPTS   24
#define VECTOR_SYSCALL      0x80
#define VECTOR_SPURIOUS     0xff

#define CR0_PE              0x00000001
#define CR0_WP              0x00010000
#define CR0_PG              0x80000000
#define CR4_PAE             0x00000020
#define CR4_PGE             0x00000080
#define MSR_EFER            0xc0000080
#define EFER_LME            0x00000100
#define EFER_NXE            0x00000800
#define MSR_GS_BASE         0xc0000101
#define FLAGS_IF            0x200

#define PTE_PRESENT         0x001
#define PTE_WRITE           0x002
#define PTE_USER            0x004
#define PTE_UNCACHED        0x018 /* PWT and PCD */
#define PTE_LARGE           0x080
#define PTE_GLOBAL          0x100

/* The page under 1 MiB where other CPUs start. */
#define TRAMPOLINE 0x8000

#ifndef __ASSEMBLER__
#include <stdint.h>

/* What trap.S pushes, lowest address first. */
struct trap_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
	uint64_t rbp, rdi, rsi, rdx, rcx, rbx, rax;
	uint64_t vector, error;
	uint64_t rip, cs, rflags, rsp, ss;
};

static inline void
port_out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port));
}

static inline void
port_out16(uint16_t port, uint16_t value)
{
	__asm__ volatile("outw %0, %1" ::"a"(value), "Nd"(port));
}

static inline uint8_t
port_in8(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void
msr_write(uint32_t number, uint64_t value)
{
	__asm__ volatile("wrmsr" ::"c"(number), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			 : "memory");
}

static inline uint64_t
cr2_read(void)
{
	uint64_t value;

	__asm__ volatile("movq %%cr2, %0" : "=r"(value));
	return value;
}

static inline void
cr3_write(uint64_t value)
{
	__asm__ volatile("movq %0, %%cr3" ::"r"(value) : "memory");
}

static inline uint64_t
cr4_read(void)
{
	uint64_t value;

	__asm__ volatile("movq %%cr4, %0" : "=r"(value));
	return value;
}

static inline void
cr4_write(uint64_t value)
{
	__asm__ volatile("movq %0, %%cr4" ::"r"(value) : "memory");
}
#endif

#endif
