/* SPDX-License-Identifier: MIT */
/*
 * config.h: the limits of a build. A host sets one by defining it at the top of its salvo_port.h,
 * before it includes <salvo/types.h>; library and host must be compiled with the same file.
 */
#ifndef SALVO_CONFIG_H
#define SALVO_CONFIG_H

#include <stdint.h>

#ifdef __cplusplus
#define SALVO_STATIC_ASSERT(condition, message) static_assert(condition, message)
#else
#define SALVO_STATIC_ASSERT(condition, message) _Static_assert(condition, message)
#endif

/* Bits of a machine word: counters, identities and CPU set words are one word each. */
#if UINTPTR_MAX == 0xffffffffffffffff
#define SALVO_WORD_BITS 64
#elif UINTPTR_MAX == 0xffffffff
#define SALVO_WORD_BITS 32
#else
#error "salvo needs a machine word of 32 or 64 bits"
#endif

/*
 * CPUs are numbered from 0 to this less one. Sizes every CPU set; a CPU that is not there takes a
 * bit of memory and no time, if the CPUs that are there have the lowest numbers.
 */
#ifndef SALVO_MAX_CPUS
#define SALVO_MAX_CPUS 64
#endif
SALVO_STATIC_ASSERT(
	SALVO_MAX_CPUS >= 1 && SALVO_MAX_CPUS <= 4096, "SALVO_MAX_CPUS must be 1 to 4096");

/*
 * Spaces that a CPU remembers at most, each under a hardware address-space number of its own (x86
 * PCID, Arm and RISC-V ASID). A switch looks at all of them, so a handful; Linux takes 6 as well.
 */
#ifndef SALVO_MAX_SLOTS
#define SALVO_MAX_SLOTS 6
#endif
SALVO_STATIC_ASSERT(
	SALVO_MAX_SLOTS >= 1 && SALVO_MAX_SLOTS <= 64, "SALVO_MAX_SLOTS must be 1 to 64");

/*
 * Requests whose range a space remembers. A CPU further behind than this flushes everything. Each
 * costs four words a space; past a few, the sum of the ranges exceeds the ceiling anyway.
 */
#ifndef SALVO_RING
#define SALVO_RING 4
#endif
SALVO_STATIC_ASSERT(SALVO_RING >= 2 && SALVO_RING <= 64 && (SALVO_RING & (SALVO_RING - 1)) == 0,
	"SALVO_RING must be a power of two from 2 to 64");

/*
 * Operations of a space whose marks in page tables are known to be flushed, while others are under
 * way: where more CPUs than this change one space at once, they flush where they need not. Each
 * costs a word a space; a host whose salvo_port_mark returns NULL takes 2.
 */
#ifndef SALVO_NOTES
#define SALVO_NOTES 64
#endif
SALVO_STATIC_ASSERT(
	SALVO_NOTES >= 2 && SALVO_NOTES <= 4096 && (SALVO_NOTES & (SALVO_NOTES - 1)) == 0,
	"SALVO_NOTES must be a power of two from 2 to 4096");

/*
 * Spaces that a batch pins and flushes by generation. Those beyond are flushed too, by CPU set
 * alone, with more interrupts than needed: 32 is Linux's batch of pages, so its worst case fits.
 */
#ifndef SALVO_BATCH_SPACES
#define SALVO_BATCH_SPACES 32
#endif
SALVO_STATIC_ASSERT(SALVO_BATCH_SPACES >= 1 && SALVO_BATCH_SPACES <= 1024,
	"SALVO_BATCH_SPACES must be 1 to 1024");

/* Runs of pages that a gather holds without asking the host for memory: small unmaps need none. */
#ifndef SALVO_GATHER_INLINE
#define SALVO_GATHER_INLINE 8
#endif
SALVO_STATIC_ASSERT(SALVO_GATHER_INLINE >= 1 && SALVO_GATHER_INLINE <= 256,
	"SALVO_GATHER_INLINE must be 1 to 256");

/* Pages of bookkeeping that a gather fills before it flushes: bounds how long frees are held up. */
#ifndef SALVO_GATHER_CHUNKS
#define SALVO_GATHER_CHUNKS 32
#endif
SALVO_STATIC_ASSERT(SALVO_GATHER_CHUNKS >= 1, "SALVO_GATHER_CHUNKS must be 1 or more");

/*
 * Bits of a counter that count; a test makes it small to see counters wrap. A ring tag is a counter
 * and one bit more, so it is one less than the word at most.
 */
#ifndef SALVO_COUNTER_BITS
#define SALVO_COUNTER_BITS (SALVO_WORD_BITS - 1)
#endif
SALVO_STATIC_ASSERT(SALVO_COUNTER_BITS >= 3 && SALVO_COUNTER_BITS < SALVO_WORD_BITS,
	"SALVO_COUNTER_BITS must be 3 to the machine word's bits less one");
SALVO_STATIC_ASSERT(SALVO_COUNTER_BITS > 16 || SALVO_RING < 1 << (SALVO_COUNTER_BITS - 1),
	"SALVO_RING must be less than half of what a counter counts");

/* CPUs in a word of a set; a test makes it small to see sets of many words. */
#ifndef SALVO_CPUSET_BITS
#define SALVO_CPUSET_BITS SALVO_WORD_BITS
#endif
SALVO_STATIC_ASSERT(SALVO_CPUSET_BITS >= 1 && SALVO_CPUSET_BITS <= SALVO_WORD_BITS,
	"SALVO_CPUSET_BITS must be 1 to the machine word's bits");
SALVO_STATIC_ASSERT(SALVO_CPUSET_BITS == SALVO_WORD_BITS || SALVO_MAX_CPUS <= 64,
	"SALVO_CPUSET_BITS is for tests of at most 64 CPUs");

/* Bytes that CPUs pass between them as one: what different CPUs write is kept this far apart. */
#ifndef SALVO_CACHE_LINE
#define SALVO_CACHE_LINE 64
#endif
SALVO_STATIC_ASSERT(SALVO_CACHE_LINE >= 8 && (SALVO_CACHE_LINE & (SALVO_CACHE_LINE - 1)) == 0,
	"SALVO_CACHE_LINE must be a power of two, 8 or more");

/* Times that a CPU looks again for new requests before it lets its interrupt handler end. */
#ifndef SALVO_SERVE_ROUNDS
#define SALVO_SERVE_ROUNDS 4
#endif
SALVO_STATIC_ASSERT(SALVO_SERVE_ROUNDS >= 1, "SALVO_SERVE_ROUNDS must be 1 or more");

#endif
