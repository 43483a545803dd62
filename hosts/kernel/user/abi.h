/* SPDX-License-Identifier: MIT */
/*
 * abi.h: what user programs and the kernel agree on.
 *
 * A call is `int $0x80`: number in rax, arguments in rdi, rsi, rdx, r10; the result comes back in
 * rax (negative: it failed); all other registers are kept. A thread starts at the first byte of
 * the image with the program's number in rdi and its arguments in rsi, rdx, rcx, r8.
 */
#ifndef USER_ABI_H
#define USER_ABI_H

/* Programs, by number. */
#define PROGRAM_READER  0u /* checksum of pages; see reader.c */
#define PROGRAM_WRITER  1u /* one byte into each page; see writer.c */
#define PROGRAM_PROBER  2u /* loads and stores on command; see prober.c */
#define PROGRAM_TOUCHER 3u /* loads from or stores to each page, again and again; see toucher.c */

/* Calls of the machine layer. */
#define SYS_EXIT     0u /* does not return */
#define SYS_REPORT   1u /* (index 0 to 3, value): the thread's result */
#define SYS_RECOVER  2u /* (address): on an unresolvable fault go on there; 0 = be killed */
#define SYS_YIELD    3u /* () */
#define SYS_SLEEP    4u /* (ticks) */
#define SYS_PROGRESS 5u /* (n): adds to the process's count */

/* Calls of the memory management: mm_syscall(). */
#define SYS_MM_FIRST      16u
#define SYS_MAP_FILE      16u /* (first page, pages, writable): address */
#define SYS_MAP_ANONYMOUS 17u /* (pages): address */
#define SYS_UNMAP         18u /* (address, pages): 0 */
#define SYS_PROTECT       19u /* (address, pages, writable): 0 */

/*
 * A prober's mailbox, one page that the kernel reads and writes through its direct map. The
 * kernel fills the fields and raises `asked`; the prober, which spins on it in user mode and so
 * never leaves its space, does the access and sets `answered` to it.
 */
#define PROBE_LOAD  1u /* value = *address */
#define PROBE_STORE 2u /* *address = value */
#define PROBE_EXIT  3u
#define PROBE_CALL  4u /* value = system call `number` with address as its first argument */

#ifndef __ASSEMBLER__
struct probe_box {
	unsigned long asked;    /* written by the kernel */
	unsigned long answered; /* written by the prober */
	unsigned int command;   /* PROBE_*; from here on: whoever's turn it is */
	unsigned int number;
	unsigned long address; /* aligned to 8 */
	unsigned long value;
	unsigned long faulted; /* 1: the access faulted, and value means nothing */
};
#endif

#endif
