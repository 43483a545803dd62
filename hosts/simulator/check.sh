#!/bin/sh
# SPDX-License-Identifier: MIT
#
# check.sh SIMULATOR: tests of the command `simulate`, in TAP.
set -u
simulator=$1
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 2
. "$root/tests/build/tap.sh"
machine=$root/hosts/simulator/machines/haswell-ex-4-nodes.ini

# simulate OPTION...: a short run; what depends on this host is left out.
simulate()
{
	"$simulator" simulate --seconds 0.002 --warm-up 0.001 --memory 1024 "$@" |
		grep -v '"events_per_s"\|million a second'
}

same_bytes()
{
	simulate --cpus 4,8 --policy page,salvo --json --jobs 1 >"$work/one" &&
		simulate --cpus 4,8 --policy page,salvo --json --jobs 3 >"$work/three" &&
		[ -s "$work/one" ] && cmp "$work/one" "$work/three"
}

other_bytes()
{
	simulate --cpus 8 --seed 1 --json >"$work/one"
	simulate --cpus 8 --seed 2 --json >"$work/two"
	! cmp -s "$work/one" "$work/two"
}

# refused LINE WHAT SED: the machine file, changed, is refused in one line that says so.
refused()
{
	sed "$3" "$machine" >"$work/bad.ini"
	"$simulator" simulate --machine "$work/bad.ini" >"$work/out" 2>"$work/err"
	[ $? -eq 2 ] && [ ! -s "$work/out" ] && [ "$(wc -l <"$work/err")" -eq 1 ] &&
		grep "bad.ini:$1: .*$2.*; allowed: ." "$work/err"
}

# line KEY: where the machine file has it.
line()
{
	grep -n "^$1 = " "$machine" | cut -d : -f 1
}

# bad OPTION...: refused in one line, exit status 2.
bad()
{
	"$simulator" simulate "$@" >"$work/out" 2>"$work/err"
	[ $? -eq 2 ] && [ ! -s "$work/out" ] && [ "$(wc -l <"$work/err")" -eq 1 ]
}

# says LINE OPTION...: refused, and the line says that.
says()
{
	said=$1
	shift
	bad "$@" && grep -e "^salvo: $said" "$work/err"
}

# a_folder: is no machine file, and what is wrong is said of it.
a_folder()
{
	bad --machine "$work" && grep "salvo: --machine $work: that is a folder" "$work/err"
}

# no_file: nor is what can be read for ever, or has nothing yet.
no_file()
{
	mkfifo "$work/fifo" && says "--machine $work/fifo: that is no regular file" \
		--machine "$work/fifo" && says '--machine /dev/zero: that is' --machine /dev/zero
}

# one_table: a heading, the columns, and a row for each run, whatever is named twice.
one_table()
{
	simulate --policy linux,salvo,linux --cpus 2,4 >"$work/out" &&
		[ "$(wc -l <"$work/out")" -eq 6 ] &&
		[ "$(grep -c '^linux  *[24]  *[0-9]' "$work/out")" -eq 2 ]
}

# fewer_seconds: are the default of many CPUs.
fewer_seconds()
{
	"$simulator" simulate --machine 4096-cpus --cpus 256 --warm-up 0 --memory 512 --json |
		grep '"seconds_simulated": 0.0125,'
}

timeline()
{
	simulate --cpus 4 --workload munmap --trace "$work/trace.json" >/dev/null &&
		python3 - "$work/trace.json" <<-END
			import json, sys
			events = json.load(open(sys.argv[1]))["traceEvents"]
			spans = [e for e in events if e["ph"] == "X"]
			assert {e["tid"] for e in spans} == {0, 1, 2, 3}
			assert {"user", "fault", "interrupt"} <= {e["name"] for e in spans}
			assert all(e["dur"] >= 0 for e in spans)
			begun = [e["id"] for e in events if e["ph"] == "s"]
			assert begun and begun == [e["id"] for e in events if e["ph"] == "f"]
		END
}

# half_a_timeline: is none; a whole one leaves nothing beside it.
half_a_timeline()
{
	"$simulator" simulate --cpus 4 --seconds 10 --trace "$work/half.json" &
	sleep 0.5
	kill $!
	wait $!
	[ $? -eq 143 ] && [ ! -e "$work/half.json" ] && rm "$work"/half.json.* &&
		simulate --cpus 4 --trace "$work/half.json" >/dev/null &&
		set -- "$work"/half* && [ $# -eq 1 ]
}

# nothing_done: a run that is too short for a page has no cost of one.
nothing_done()
{
	"$simulator" simulate --cpus 2 --warm-up 0 --seconds 0.000001 >"$work/out" &&
		grep '^cost of a page  *none$' "$work/out" &&
		"$simulator" simulate --cpus 2 --warm-up 0 --seconds 0.000001 --json |
		grep '"cost_per_page_ns": null,'
}

# keys: what the JSON must have.
keys()
{
	simulate --cpus 4 --json >"$work/json" || return 1
	for key in machine policy workload events interrupts interrupts_per_s pages \
		seconds_simulated cost_per_page_ns wait p50 p90 p99 max stolen_ns_per_cpu where user \
		fault reclaim lock flush interrupt bound_by; do
		grep -q "\"$key\":" "$work/json" || return 1
	done
	"$simulator" simulate --seconds 0.001 --json | grep -q '"events_per_s":'
}

# whole_waits: what operations have waited, one by one, is what CPUs have waited in all.
whole_waits()
{
	for workload in munmap protect tables; do
		"$simulator" simulate --workload $workload --cpus 16 --seconds 0.004 --json \
			--policy page,batch,batch-pages,linux,concurrent,salvo >"$work/json" &&
			python3 - "$work/json" <<-END || return 1
				import json, sys
				for run in json.load(open(sys.argv[1]))["runs"]:
				    waits = run["wait"]["mean"] * run["wait"]["count"] / 1e9
				    assert run["wait"]["p50"] > 0 or run["workload"] != "munmap", run["policy"]
				    assert abs(waits / run["where"]["wait"] - 1) < 0.05, run["policy"]
			END
	done
}

every_machine()
{
	for file in "$root"/hosts/simulator/machines/*.ini; do
		simulate --machine "$file" --cpus 4 >/dev/null || return 1
	done
}

# every_figure_has_a_source: a mark in its line, or in its section's.
every_figure_has_a_source()
{
	awk '/^\[/ { marked = /\([MSDA]\)/ || /\[machine\]/ }
		/^[a-z_]+ = / && !marked && !/\([MSDA]\)/ && !/there are no clusters|bare metal/ &&
			!/^mode / { print FILENAME ": " $0; bad = 1 }
		END { exit bad }' "$root"/hosts/simulator/machines/*.ini
}

# workers_end COMMAND OPTION...: when the command is killed. They hold the pipe that it had as output.
workers_end()
{
	rm -f "$work/killed"
	{
		"$simulator" "$@" &
		sleep 0.5
		kill $!
		wait $!
		[ $? -eq 143 ] && : >"$work/killed"
	} | timeout 5 cat && [ -e "$work/killed" ]
}

check 'the same seed gives the same bytes, whatever runs beside' same_bytes
check 'another seed gives others' other_bytes
check 'the JSON has what it must have' keys
check 'a timeline is one of trace viewers' timeline
check 'half of one is none' half_a_timeline
check 'no page has no cost' nothing_done
check 'an operation waits as long as its CPU does, wherever that is' whole_waits
check 'many runs are one table' one_table
check 'many CPUs are simulated for less time' fewer_seconds
check 'every machine that is shipped can be simulated' every_machine
check 'every figure of theirs says where it is from' every_figure_has_a_source
check 'workers end with the command' workers_end simulate --cpus 4,8 --jobs 2 --seconds 10
check 'those of tables do' workers_end tables --jobs 2 --seconds 10
check 'no CPU is refused' refused "$(line sockets)" sockets 's/^sockets = .*/sockets = 0/'
check 'more CPUs than 4096 are' refused '[0-9]*' CPUs 's/^cores = .*/cores = 4000/'
check 'a negative cost is' refused "$(line fence_ns)" fence_ns 's/^fence_ns = .*/fence_ns = -1/'
check 'a cost that is no number is' refused "$(line page_ns)" page_ns 's/^page_ns = .*/page_ns = low/'
check 'an unknown key is' refused "$(line fence_ns)" fense_ns 's/^fence_ns/fense_ns/'
check 'an unknown section is' refused "$(line entries)" tbl 's/^\[tlb\]/[tbl]/'
check 'a node without memory is' refused "$(line memory_mib)" memory_mib \
	's/^memory_mib = .*/memory_mib = 1 0 1 1/'
check 'memory of too few nodes is' refused '[0-9]*' memory 's/^memory_mib = .*/memory_mib = 1 1/'
check 'a line that is none is' refused "$(line fence_ns)" 'no line' 's/^fence_ns.*/fence/'
check 'a name of nothing is' refused "$(line name)" name 's/^name = .*/name =/'
check 'memory that is no number is' refused "$(line memory_mib)" "memory_mib has '1,1,1,1'" \
	's/^memory_mib = .*/memory_mib = 1,1,1,1/'
check 'other sockets nearer than this one' refused '[0-9]*' 'less than its socket_ns' \
	'0,/^remote_ns/s/^remote_ns = .*/remote_ns = 0/'
check 'a key that is missing is' refused '[0-9]*' fence_ns '/^fence_ns/d'
check 'a key that is given twice is' refused '[0-9]*' hit_ns 's/^fence_ns/hit_ns/'
check 'a machine file that is not there is refused' bad --machine /nowhere.ini
check 'a machine that is not shipped' says '--machine epic: .*: .*epyc-milan' --machine epic
check 'a folder is' a_folder
check 'a pipe and a device are' no_file
check 'more busy CPUs than there are' bad --cpus 49
check 'an unknown policy' bad --policy none
check 'an unknown workload' bad --workload none
check 'a figure that is none' bad --seconds soon
check 'an argument that is no option' says "'4' is no option" --json 4
check 'an option that is none' says "unknown option '--jsn'" --jsn
check 'an option without its value' says '--seconds needs a value' --json --seconds
check 'a value of an option without' says '--json takes no value' --json=4
check 'what several options begin with' says "unknown option '--se'" --se
check 'an option of another workload' says '--lru means nothing to workload readers; .*: munmap$' --lru 1
check 'another one' says '--pages means nothing to workload readers' --pages 4
check 'too many pages for a page table' says '--pages of workload tables' --workload tables --pages 513
check 'a timeline of many runs' bad --policy all --trace "$work/trace.json"
check 'a timeline where none can be' bad --trace /nowhere/trace.json
finish
