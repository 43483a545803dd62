// SPDX-License-Identifier: MIT
/* options.c: the words of the kernel command line. A word that it does not know is a panic. */
#include "mm/mm.h"
#include "x86_64/machine.h"

/* The ceiling is Linux's, measured on real machines. */
struct options options = {.passes = 3, .flush_ceiling = 33};

static const char *const workload_names[] = {
	[WORKLOAD_BOOT] = "boot",
	[WORKLOAD_CHECKS] = "checks",
	[WORKLOAD_RECLAIM] = "reclaim",
	[WORKLOAD_MUNMAP] = "munmap",
	[WORKLOAD_PROTECT_SHRINK] = "protect-shrink",
	[WORKLOAD_PROTECT_GROW] = "protect-grow",
	[WORKLOAD_CLEAN] = "clean",
	[WORKLOAD_MOVE] = "move",
	[WORKLOAD_MERGE] = "merge",
	[WORKLOAD_TABLE_FREE] = "table-free",
	[WORKLOAD_UNSHARE] = "unshare",
	[WORKLOAD_WALK] = "walk",
	[WORKLOAD_BESIDE] = "beside",
	[WORKLOAD_NO_PRESSURE] = "no-pressure",
	[WORKLOAD_NOT_RESIDENT] = "not-resident",
};

static bool
equal(const char *left, const char *right)
{
	while (*left == *right && *left != '\0')
		left++, right++;
	return *left == *right;
}

/* number: reads one, decimal or 0x, and moves on behind it. */
static uint64_t
number(const char **word)
{
	const char *at = *word;
	uint64_t value = 0;
	bool hex = at[0] == '0' && at[1] == 'x';

	for (at += hex ? 2 : 0;; at++) {
		if (*at >= '0' && *at <= '9')
			value = value * (hex ? 16 : 10) + (uint64_t)(*at - '0');
		else if (hex && *at >= 'a' && *at <= 'f')
			value = value * 16 + (uint64_t)(*at - 'a') + 10;
		else
			break;
	}
	if (at == *word)
		panic("command line: %s is no number", *word);
	*word = at;
	return value;
}

static uint64_t
whole_number(const char *word)
{
	const char *end = word;
	uint64_t value = number(&end);

	if (*end != '\0')
		panic("command line: %s is no number", word);
	return value;
}

/* choice: true = the value is `yes`, false = `no`. */
static bool
choice(const char *key, const char *value, const char *no, const char *yes)
{
	if (!equal(value, no) && !equal(value, yes))
		panic("command line: %s=%s, expected %s or %s", key, value, no, yes);
	return equal(value, yes);
}

/* device: SIZE@ADDRESS:LINE, a virtio-mmio slot that the emulator announces. */
static void
device(const char *value)
{
	uint64_t base;

	number(&value);
	if (*value++ != '@')
		panic("command line: virtio_mmio.device lacks an address");
	base = number(&value);
	if (*value++ != ':')
		panic("command line: virtio_mmio.device lacks an interrupt");
	disk_add_slot(base, (unsigned)whole_number(value));
}

static enum workload
workload_by_name(const char *name)
{
	for (unsigned i = 0; i < sizeof(workload_names) / sizeof(workload_names[0]); i++)
		if (equal(name, workload_names[i]))
			return (enum workload)i;
	panic("command line: unknown workload %s", name);
}

static void
name_check(const char *name)
{
	size_t length = 0;

	while (name[length] != '\0')
		length++;
	if (length >= sizeof(options.check))
		panic("command line: %s is too long for a check", name);
	memcpy(options.check, name, length + 1);
}

static void
word(const char *key, const char *value)
{
	if (equal(key, "workload"))
		options.workload = workload_by_name(value);
	else if (equal(key, "policy"))
		options.batch = choice(key, value, "page", "batch");
	else if (equal(key, "readers"))
		options.processes = choice(key, value, "threads", "processes");
	else if (equal(key, "dirty"))
		options.dirty = choice(key, value, "0", "1");
	else if (equal(key, "writable"))
		options.writable = choice(key, value, "0", "1");
	else if (equal(key, "bytes"))
		options.bytes = whole_number(value);
	else if (equal(key, "passes"))
		options.passes = (unsigned)whole_number(value);
	else if (equal(key, "marks"))
		atomic_store(&port_refuse_marks, choice(key, value, "1", "0"));
	else if (equal(key, "tables"))
		options.defer = choice(key, value, "sync", "defer");
	else if (equal(key, "spared"))
		options.unspared = choice(key, value, "1", "0");
	else if (equal(key, "finish"))
		options.later = choice(key, value, "now", "later");
	else if (equal(key, "flush"))
		options.flush_groups = choice(key, value, "zone", "group");
	else if (equal(key, "phases"))
		options.two_phase = choice(key, value, "1", "2");
	else if (equal(key, "ceiling"))
		options.flush_ceiling = (unsigned)whole_number(value);
	else if (equal(key, "check"))
		name_check(value);
	else if (equal(key, "virtio_mmio.device"))
		device(value);
	else
		panic("command line: unknown word %s", key);
}

void
options_parse(const char *command_line)
{
	char text[128];
	const char *from = command_line;

	while (*from != '\0') {
		size_t length = 0;
		char *value = NULL;

		if (*from == ' ') {
			from++;
			continue;
		}
		for (; *from != ' ' && *from != '\0'; from++) {
			if (length + 1 == sizeof(text))
				panic("command line: a word is too long");
			text[length++] = *from == '=' && value == NULL ? '\0' : *from;
			if (*from == '=' && value == NULL)
				value = text + length;
		}
		text[length] = '\0';
		if (value == NULL)
			panic("command line: %s has no value", text);
		word(text, value);
	}
}
