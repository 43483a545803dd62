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

/*
 * Programs, by number, with their arguments and their reports.
 *
 * READER(address, first, pages, passes or'ed with READER_DIRTY): reads a mapped part of a file that
 * begins with the file's page `first`. The checksum of a pass is the sum modulo 2^64 of
 * crc32(page) times the page's number plus one. A dirty reader inverts each page's last byte in
 * the first pass, after it has read the page, and undoes that in the checksums of later passes;
 * so all are equal if no write was lost. Report 0: the first pass's checksum; 1: that of the first
 * pass that differs from it, or the same; 2: pages read; 3: passes that differ from the first.
 * Progress: pages.
 *
 * TOUCHER(address, pages, step, store): loads a word of each step-th page, or stores its own
 * address there, round after round, until SYS_PROGRESS says stop. Report 0: rounds; 1: accesses
 * that faulted and could not be resolved. Progress: rounds.
 *
 * PROBER(box): does what its mailbox says; see struct probe_box.
 *
 * SPINNER(box): counts turns in its box, and makes no call, until the box says stop.
 *
 * CALLER(argument): calls SYS_CHECK, until that returns another number than 0. Progress: calls.
 */
#define PROGRAM_READER  0
#define PROGRAM_TOUCHER 1
#define PROGRAM_PROBER  2
#define PROGRAM_SPINNER 3
#define PROGRAM_CALLER  4
#define READER_DIRTY    0x80000000

/* Calls of the machine layer. */
#define SYS_EXIT     0 /* does not return */
#define SYS_REPORT   1 /* (index 0 to 3, value): the thread's result */
#define SYS_RECOVER  2 /* (address): on an unresolvable fault go on there; 0 = be killed */
#define SYS_YIELD    3 /* () */
#define SYS_SLEEP    4 /* (ticks) */
#define SYS_PROGRESS 5 /* (n): adds to the process's count; 1 = please stop */

/* Calls of the memory management: mm_syscall(). */
#define SYS_MM_FIRST      16
#define SYS_MAP_FILE      16 /* (first page, pages, writable): address */
#define SYS_MAP_ANONYMOUS 17 /* (pages): address */
#define SYS_UNMAP         18 /* (address, pages): 0 */
#define SYS_PROTECT       19 /* (address, pages, writable): 0 */
#define SYS_CHECK         20 /* (argument): what the check or workload in progress wants here */

/*
 * A prober's mailbox, one page that the kernel reads and writes through its direct map. The
 * kernel fills the fields and raises `asked`; the prober, which spins on it in user mode and so
 * never leaves its space, does the access and sets `answered` to it.
 */
#define PROBE_LOAD  1 /* value = sum of the first words of `number` pages from address on */
#define PROBE_STORE 2 /* first word of page i of `number` pages = value + i */
#define PROBE_CALL  3 /* value = system call `number` (address, value) */
#define PROBE_EXIT  4

#ifndef __ASSEMBLER__
struct probe_box {
	unsigned long asked;    /* written by the kernel, last: release */
	unsigned long answered; /* written by the prober, last: release */
	unsigned int command;   /* PROBE_*; from here on: whoever's turn it is */
	unsigned int number;    /* of pages, 1 or more; of the system call */
	unsigned long address;  /* aligned to 8 */
	unsigned long value;
	unsigned long faulted; /* accesses that faulted and count for nothing else */
};

struct spin_box {
	unsigned long stop;  /* written by the kernel */
	unsigned long turns; /* written by the spinner */
};
#endif

#endif
