#!/bin/sh
# SPDX-License-Identifier: MIT
#
# list.sh names FOLDER: the programs of a folder, a line each.
# list.sh registry FILE... OBJECT...: C source of the table of programs, with what line 1 of each
# expects. Each object is looked into: it has its program, and no memory that is no part of a state.
set -eu
export LC_ALL=C

names()
{
	for path in "$1"/*.c; do
		printf '%s\n' "${path##*/}"
	done
}

wrong()
{
	printf '%s: error: %s\n' "$1" "$2" >&2
	exit 1
}

# expectation FILE: what stands after "expect: " in line 1.
expectation()
{
	line=$(sed -n '1s/^\/\/ expect: *//p' "$1")
	printf '%s\n' "$line" | grep -Eqx \
		'(safe|fails [0-8]|safe up to [0-9]+ preemptions)(, long)?(, not exhausted)?' ||
		wrong "$1:1" "not '// expect: safe', 'fails N' or 'safe up to K preemptions'"
	printf '%s' "$line"
}

# check_object FILE OBJECT: it has the program that it is named after, and no memory but FIXED.
check_object()
{
	name=${1##*/}
	name=${name%.c}
	symbols=$(nm --format=sysv "$2" | tr -d ' ' |
		awk -F '|' '$4 == "OBJECT" || $4 == "TLS" { print $1, $7 }')
	programs=$(printf '%s\n' "$symbols" | sed -n 's/^program_\([^ ]*\) .*/\1/p')
	[ "$programs" = "$name" ] ||
		wrong "$1" "it has PROGRAM(${programs:-nothing}), and is named $name"
	static=$(printf '%s\n' "$symbols" |
		awk '$2 !~ /^(fixed|\.rodata|\.data\.rel\.ro)/ { print $1; exit }')
	[ -z "$static" ] ||
		wrong "$1" "${static%%.*} is neither const nor FIXED: CPUs share words[] alone"
}

registry()
{
	echo '// SPDX-License-Identifier: MIT'
	echo '#include "explorer.h"'
	files=''
	while [ "${1%.c}" != "$1" ]; do
		files="$files $1"
		shift
	done
	# No path of a program has blanks.
	for path in $files; do
		check_object "$path" "$1"
		shift
		name=${path##*/}
		echo "extern const struct program program_${name%.c};"
	done
	echo 'const struct listing programs[] = {'
	for path in $files; do
		name=${path##*/}
		expected=$(expectation "$path")
		printf '\t{&program_%s, "%s", "%s"},\n' "${name%.c}" "$expected" "$name"
	done
	printf '\t{0, 0, 0},\n};\n'
}

command=$1
shift
"$command" "$@"
