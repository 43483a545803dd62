#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mutants.sh BUILD OUT [NAME...]: which programs kill the mutants of tests/mutants. BUILD is the
# folder that Meson built hosts/explorer in, OUT a folder to work in. A line each: the mutant, the
# program that kills it, memory model, oracle, states and steps; or that it survives. A program may
# have LIMIT states (60000). NARROW=-narrow has counters wrap.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
build=$1 out=$2
shift 2
# Names of mutants have no blanks.
# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $(cd "$root/tests/mutants" && ls ./*.patch | sed 's,^\./,,; s/\.patch$//')
mkdir -p "$out"

# failures EXPLORE PROGRAM: a line for each memory model under which the program fails unexpectedly.
failures()
{
	"$1" --json --limit-states "${LIMIT:-60000}" "$2" 2>/dev/null | tr -d '\n' |
		sed 's/},/},\n/g' | awk '
			function field(name) {
				if (!match($0, "\"" name "\": *[^,}]*"))
					return ""
				text = substr($0, RSTART, RLENGTH)
				sub(/^[^:]*: */, "", text)
				gsub(/"/, "", text)
				return text
			}
			field("verdict") ~ /^fails/ && field("verdict") != field("expected") {
				printf "%-32s %-4s oracle %s  %8d states %4d steps\n", field("name"),
					field("memory"), field("oracle"), field("states"), field("steps")
			}'
}

# Programs that fail anyway tell nothing.
programs=''
for program in $("$build/explore${NARROW:-}" --list | awk '!/, long/ { print $1 }'); do
	[ -n "$(failures "$build/explore${NARROW:-}" "$program")" ] || programs="$programs $program"
done

# killer EXPLORE: the first failure of a mutant.
killer()
{
	for program in $programs; do
		failures "$1" "$program" | head -1
	done | head -1
}

survivors=0
for name; do
	if ! NARROW=${NARROW:-} sh "$root/hosts/explorer/mutant.sh" "$build" \
		"$root/tests/mutants/$name.patch" "$out/$name" >"$out/log" 2>&1; then
		printf '%-28s does not build: %s\n' "$name" "$(tail -1 "$out/log")"
		survivors=$((survivors + 1))
		continue
	fi
	killed_by=$(killer "$out/$name/explore")
	printf '%-28s %s\n' "$name" "${killed_by:-survives}"
	[ -n "$killed_by" ] || survivors=$((survivors + 1))
	rm -rf "${out:?}/$name"
done
echo "$survivors of $# survive"
