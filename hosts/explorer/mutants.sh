#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mutants.sh BUILD OUT [NAME...]: which programs kill the mutants of tests/mutants. BUILD is the
# folder that Meson built hosts/explorer in, OUT a folder to work in. A line each: the mutant, the
# program that kills it, memory model, oracle, states and steps; or that it survives.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
build=$1 out=$2
shift 2
[ $# -gt 0 ] || set -- $(cd "$root/tests/mutants" && ls ./*.patch | sed 's,^\./,,; s/\.patch$//')

# kill_by EXPLORE: the first failure that nobody expects, smallest programs first.
kill_by()
{
	"$1" --list | awk '!/, long/ { print $1 }' | while read -r program; do
		"$1" --json --limit-states "${LIMIT:-60000}" "$program" >"$out/json" 2>/dev/null || :
		tr -d '\n' <"$out/json" | sed 's/},/},\n/g' | awk '
			function field(name) {
				if (!match($0, "\"" name "\": [^,}]*"))
					return ""
				text = substr($0, RSTART + length(name) + 4, RLENGTH - length(name) - 4)
				gsub(/"/, "", text)
				return text
			}
			field("verdict") ~ /^fails/ && field("verdict") != field("expected") {
				printf "%-32s %-4s oracle %s  %8d states %4d steps\n", field("name"),
					field("memory"), field("oracle"), field("states"), field("steps")
				exit
			}'
		done | head -1
}

mkdir -p "$out"
survivors=0
for name; do
	if ! sh "$root/hosts/explorer/mutant.sh" "$build" "$root/tests/mutants/$name.patch" \
		"$out/$name" >"$out/log" 2>&1; then
		printf '%-28s does not build: %s\n' "$name" "$(tail -1 "$out/log")"
		survivors=$((survivors + 1))
		continue
	fi
	killer=$(kill_by "$out/$name/explore")
	printf '%-28s %s\n' "$name" "${killer:-survives}"
	[ -n "$killer" ] || survivors=$((survivors + 1))
	rm -rf "${out:?}/$name"
done
echo "$survivors of $# survive"
