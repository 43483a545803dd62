#!/bin/sh
# SPDX-License-Identifier: MIT
#
# check_tables.sh SIMULATOR: tests of the command `tables`, in TAP. Runs are too short for figures
# to mean anything: what is asked is that each is there, marked, and the same every time.
set -u
simulator=$1
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 2
. "$root/tests/build/tap.sh"

# What if published.tsv is compared with the JSON: is each figure there, once, as published?
complete()
{
	python3 - "$root/hosts/simulator/published.tsv" "$work/json" <<-END
		import json, sys
		lines = [l.rstrip("\n").split("\t") for l in open(sys.argv[1]) if not l.startswith("#")]
		figures = json.load(open(sys.argv[2]))["figures"]
		named = [(f["table"], f["figure"]) for f in figures]
		assert named == [(l[0], l[1]) for l in lines], set(named) ^ {(l[0], l[1]) for l in lines}
		assert len(set(named)) == len(named)
		for line, figure in zip(lines, figures):
		    assert figure["published"] == float(line[2]), line
		    assert figure.keys() == {"table", "figure", "unit", "published", "simulated", "error",
		        "kind", "fitted", "held_out", "reason"}
	END
}

# What if a figure has no simulated one, or is off: does it say why? (In a run as short as this some
# come to nothing by 0.)
reasons()
{
	python3 - "$work/json" <<-END
		import json, sys
		for f in json.load(open(sys.argv[1]))["figures"]:
		    none = f["simulated"] is None
		    assert none or not f["reason"].startswith("not predictable: "), f
		    assert not none or f["reason"], f
		    assert none == (f["error"] is None), f
		    assert none or abs(f["error"]) <= 0.15 or len(f["reason"]) > 20, f
	END
}

# What if all lines of the source's two tables are looked for?
whole_tables()
{
	for table in four-nodes single-socket; do
		for figure in elapsed time_range time_stddev user system total interrupts_per_s; do
			grep -q "^$table	$figure before	" "$root/hosts/simulator/published.tsv" &&
				grep -q "^$table	$figure after	" "$root/hosts/simulator/published.tsv" ||
				return 1
		done
	done
}

# What if fitted and held-out figures are listed: is none of the single socket fitted, none both?
marks()
{
	python3 - "$work/json" <<-END
		import json, sys
		root = json.load(open(sys.argv[1]))
		fitted = {f["table"] for f in root["figures"] if f["fitted"]}
		held = [(f["table"], f["figure"]) for f in root["figures"] if f["held_out"]]
		assert fitted == {"four-nodes"}, fitted
		assert held == [("single-socket", "gain elapsed"), ("single-socket", "gain system"),
		    ("single-socket", "interrupts ratio")], held
		assert len(root["fitted_costs"]) == 6 and root["cpus_assumed_of_single_socket"] == 8
		assert 0 < root["fitted_share_asleep"] < 1
		for f in root["figures"]:
		    assert f["fitted"] == (f["kind"] == "fitted") and f["held_out"] == (f["kind"] == "held out"), f
		    assert f["kind"] != "not predictable" or f["simulated"] is None, f
	END
}

# bad WHAT OPTION...: refused in one line that says so, exit status 2.
bad()
{
	what=$1
	shift
	"$simulator" tables "$@" >"$work/out" 2>"$work/err"
	[ $? -eq 2 ] && [ ! -s "$work/out" ] && [ "$(wc -l <"$work/err")" -eq 1 ] &&
		grep -e "$what" "$work/err"
}

text()
{
	"$simulator" tables --seconds 0.004 --seeds 1 >"$work/text" && grep -q '^Fitted, to User, System' "$work/text" &&
		grep -q 'held out' "$work/text" && grep -q '8 are assumed' "$work/text" &&
		grep -q '^  predicted .* OFF, .* of the other sign' "$work/text"
}

# What if runs are shorter than those that the reasons are of? One line on stderr, and one in the head.
short()
{
	"$simulator" tables --seconds 0.004 --seeds 1 2>&1 >"$work/text" | grep 'shorter or fewer than usual' &&
		grep 'Beware: .* than usual' "$work/text"
}

# What if `simulate --fitted` is compared with the six costs given by hand?
fitted()
{
	set -- simulate --policy linux --cpus 2 --seconds 0.001 --json --jobs 1
	"$simulator" "$@" --fitted | grep -v events_per_s >"$work/fitted" || return 1
	for cost in $(sed -n '/^#/!s/\t/=/p' "$root/hosts/simulator/fitted.tsv"); do
		set -- "$@" --set "$cost"
	done
	"$simulator" "$@" | grep -v events_per_s | cmp - "$work/fitted" &&
		! "$simulator" simulate --policy linux --cpus 2 --seconds 0.001 --json |
		grep -v events_per_s | cmp -s - "$work/fitted"
}

check 'it prints JSON' sh -c '"$0" tables --seconds 0.004 --seeds 1 --json --jobs 2 >"$1"' \
	"$simulator" "$work/json"
check 'every published figure is there once' complete
check 'what is off or missing has a reason' reasons
check 'both tables of the source are whole' whole_tables
check 'fitted and held-out figures are marked' marks
check 'the same bytes again, and with other jobs' sh -c \
	'"$0" tables --seconds 0.004 --seeds 1 --json --jobs 1 | cmp - "$1"' "$simulator" "$work/json"
check 'text says what is fitted and assumed' text
check 'runs that are too short are said to be' short
check 'simulate takes the fitted costs too' fitted
check 'an unknown option' bad bogus --bogus
check 'no seconds' bad seconds --seconds 0
check 'seconds that are no number' bad seconds --seconds x
check 'half a seed' bad seeds --seeds 1.5
check 'too many seeds' bad seeds --seeds 17
check 'no jobs' bad jobs --jobs 0
check 'an option without its value' bad seeds --seeds
check 'an argument' bad four-nodes four-nodes
check 'a calibration as JSON' bad calibrate --calibrate --json
finish
