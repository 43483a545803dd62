// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "machine.h"
#include "policies/policy.h"
#include "report.h"
#include "workloads/workload.h"

const char *const where_names[WHERES] = {
	[IDLE] = "idle",
	[USER] = "user",
	[FAULT] = "fault",
	[CALL] = "call",
	[RECLAIM] = "reclaim",
	[LOCK] = "lock",
	[FLUSH] = "flush",
	[WAIT] = "wait",
	[INTERRUPT] = "interrupt",
};

/* busy_time: of the CPUs that have work, in picoseconds. */
static double
busy_time(const struct result *result)
{
	double time = 0;

	for (unsigned i = 0; i < WHERES; i++)
		if (i != IDLE)
			time += (double)result->spent[i];
	return time == 0 ? 1 : time;
}

static double
share(const struct result *result, enum where where)
{
	return (double)result->spent[where] / busy_time(result);
}

/* cost_per_page_ns: => a page was done */
static double
cost_per_page_ns(const struct result *result)
{
	return (busy_time(result) - (double)result->spent[USER]) / (double)CLOCK_NS /
	       (double)result->pages;
}

/* cost_text: of a page; `none`, if no page was done. */
static const char *
cost_text(const struct result *result)
{
	static char text[32];

	if (result->pages == 0)
		return "none";
	snprintf(text, sizeof(text), "%.1f", cost_per_page_ns(result));
	return text;
}

/* bound_by: what most of the time goes to, and which lock if it is locks. */
static const char *
bound_by(const struct result *result)
{
	static char name[64];
	enum where most = USER;
	unsigned lock = 0;

	for (unsigned i = 0; i < WHERES; i++)
		if (i != IDLE && result->spent[i] > result->spent[most])
			most = (enum where)i;
	if (most != LOCK)
		return where_names[most];
	for (unsigned i = 0; i < LOCK_KINDS; i++)
		if (result->lock_waits[i] > result->lock_waits[lock])
			lock = i;
	snprintf(name, sizeof(name), "lock: %s", lock_names[lock]);
	return name;
}

void
report_head(const struct run *first, const struct run *last)
{
	printf("%s, %s: seed %" PRIu64 ", %g s simulated", machine.name, first->workload->name,
		first->seed, first->seconds);
	if (last->seconds != first->seconds)
		printf(" to %g s", last->seconds);
	printf("\n%-15s %5s %12s %13s %12s %12s %12s %7s  %s\n", "policy", "CPUs", "pages/s",
		"interrupts/s", "a page, ns", "wait 50 %", "99 %, ns", "lost %", "bound by");
}

/* report_row: `lost`: of the busy CPUs' time, to interrupts. */
void
report_row(const struct run *run, const struct result *result)
{
	printf("%-15s %5u %12.0f %13.0f %12s %12" PRIu64 " %12" PRIu64 " %7.1f  %s\n",
		run->policy->name, result->busy, (double)result->pages / result->seconds,
		(double)result->interrupts / result->seconds, cost_text(result),
		histogram_quantile(&result->waits, 0.5), histogram_quantile(&result->waits, 0.99),
		100 * (double)result->stolen / busy_time(result), bound_by(result));
}

void
report_text(const struct run *run, const struct result *result)
{
	printf("%s, %s, policy %s: %u of %u CPUs busy, %g s simulated, seed %" PRIu64 "\n",
		machine.name, run->workload->name, run->policy->name, result->busy, result->cpus,
		result->seconds, run->seed);
	printf("%-22s %14.0f\n", "pages/s", (double)result->pages / result->seconds);
	printf("%-22s %14.0f\n", "interrupts/s", (double)result->interrupts / result->seconds);
	printf("%-22s %14s%s\n", "cost of a page", cost_text(result),
		result->pages == 0 ? "" : " ns");
	printf("%-22s %14" PRIu64 " ns, 99 %%: %" PRIu64 " ns, most: %" PRIu64 " ns\n",
		"wait, 50 %", histogram_quantile(&result->waits, 0.5),
		histogram_quantile(&result->waits, 0.99), result->waits.most);
	for (unsigned i = 0; i < WHERES; i++)
		if (i != IDLE)
			printf("%-22s %14.1f %%\n", where_names[i],
				100 * share(result, (enum where)i));
	printf("%-22s %14s\n", "bound by", bound_by(result));
	printf("%" PRIu64 " events, %.2f million a second\n", result->events,
		(double)result->events / result->host_seconds / 1e6);
}

static json_t *
waits_json(const struct histogram *waits)
{
	json_t *buckets = json_array();

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		if (waits->counts[i] != 0)
			json_array_append_new(
				buckets, json_pack("[I, I]", (json_int_t)histogram_least(i),
						 (json_int_t)waits->counts[i]));
	return json_pack("{s:I, s:I, s:I, s:I, s:f, s:I, s:o}", "p50",
		(json_int_t)histogram_quantile(waits, 0.5), "p90",
		(json_int_t)histogram_quantile(waits, 0.9), "p99",
		(json_int_t)histogram_quantile(waits, 0.99), "max", (json_int_t)waits->most, "mean",
		waits->total == 0 ? 0.0 : (double)waits->sum / (double)waits->total, "count",
		(json_int_t)waits->total, "histogram", buckets);
}

static json_t *
where_json(const struct result *result)
{
	json_t *where = json_object();

	for (unsigned i = 0; i < WHERES; i++)
		json_object_set_new(where, where_names[i],
			json_real((double)result->spent[i] / (double)CLOCK_SECOND));
	return where;
}

static json_t *
locks_json(const struct result *result)
{
	json_t *locks = json_object();

	for (unsigned i = 0; i < LOCK_KINDS; i++)
		json_object_set_new(locks, lock_names[i],
			json_real((double)result->lock_waits[i] / (double)CLOCK_SECOND));
	return locks;
}

static json_t *
lines_json(const struct result *result)
{
	json_t *lines = json_object();

	for (unsigned i = 0; i < LINES_KINDS; i++)
		json_object_set_new(lines, lines_names[i],
			json_pack("{s:I, s:f}", "transfers", (json_int_t)result->lines_moved[i],
				"seconds", (double)result->lines_waits[i] / (double)CLOCK_SECOND));
	return lines;
}

json_t *
report_json(const struct run *run, const struct result *result)
{
	json_t *root = json_object();

	json_object_set_new(root, "machine", json_string(machine.name));
	json_object_set_new(root, "machine_file", json_string(basename(run->machine_path)));
	json_object_set_new(root, "policy", json_string(run->policy->name));
	json_object_set_new(root, "policy_source", json_string(run->policy->source));
	json_object_set_new(
		root, "protocol", json_string(run->policy->library ? "salvo" : "of the policy"));
	json_object_set_new(root, "explorer",
		run->policy->explorer != NULL ? json_string(run->policy->explorer) : json_null());
	json_object_set_new(root, "workload", json_string(run->workload->name));
	json_object_set_new(root, "seed", json_integer((json_int_t)run->seed));
	json_object_set_new(root, "cpus", json_integer(result->cpus));
	json_object_set_new(root, "busy_cpus", json_integer(result->busy));
	json_object_set_new(root, "pages_an_operation", json_integer(run->pages));
	json_object_set_new(root, "seconds_simulated", json_real(result->seconds));
	json_object_set_new(root, "events", json_integer((json_int_t)result->events));
	json_object_set_new(
		root, "events_per_s", json_real((double)result->events / result->host_seconds));
	json_object_set_new(root, "interrupts", json_integer((json_int_t)result->interrupts));
	json_object_set_new(
		root, "interrupts_per_s", json_real((double)result->interrupts / result->seconds));
	json_object_set_new(root, "pages", json_integer((json_int_t)result->pages));
	json_object_set_new(
		root, "pages_per_s", json_real((double)result->pages / result->seconds));
	json_object_set_new(root, "pages_freed", json_integer((json_int_t)result->frames_freed));
	json_object_set_new(root, "operations", json_integer((json_int_t)result->operations));
	json_object_set_new(root, "tlb_refills", json_integer((json_int_t)result->refills));
	json_object_set_new(root, "cost_per_page_ns",
		result->pages == 0 ? json_null() : json_real(cost_per_page_ns(result)));
	json_object_set_new(root, "wait", waits_json(&result->waits));
	json_object_set_new(root, "stolen_ns_per_cpu",
		json_real((double)result->stolen / (double)CLOCK_NS / result->busy));
	json_object_set_new(root, "where", where_json(result));
	json_object_set_new(root, "lock_waits", locks_json(result));
	json_object_set_new(root, "cache_lines", lines_json(result));
	json_object_set_new(root, "bound_by", json_string(bound_by(result)));
	return root;
}
