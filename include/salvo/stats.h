/* SPDX-License-Identifier: MIT */
/*
 * stats.h: what each CPU did. A CPU writes its own counters alone, with interrupts off; anybody may
 * read them, and sees each word whole. The first four carry the names and meanings of Linux's
 * vmstat.
 */
#ifndef SALVO_STATS_H
#define SALVO_STATS_H

#include <salvo/atomic.h>

struct salvo_stats {
	struct salvo_word nr_tlb_remote_flush;          /* rounds of interrupts sent from here */
	struct salvo_word nr_tlb_remote_flush_received; /* shootdown interrupts taken here */
	struct salvo_word nr_tlb_local_flush_all; /* a whole space, or everything, flushed here */
	struct salvo_word nr_tlb_local_flush_one; /* single translations flushed here */

	struct salvo_word nr_interrupts_sent;   /* CPUs interrupted from here */
	struct salvo_word nr_interrupts_joined; /* CPUs asked that had an interrupt on its way */
	struct salvo_word nr_skipped_lazy;      /* CPUs left alone because they were lazy */
	struct salvo_word nr_skipped_current;   /* ... because they had flushed already */
	struct salvo_word nr_requests_done;     /* requests that a later one had completed */
	struct salvo_word nr_answered_early;    /* answers given here before the flush */
};

#endif
