#!/bin/sh
# SPDX-License-Identifier: MIT
#
# list.sh names FOLDER: the programs of a folder, a line each.
# list.sh registry FILE...: C source of the table of programs, with what line 1 of each expects.
set -eu
export LC_ALL=C

names()
{
	for path in "$1"/*.c; do
		printf '%s\n' "${path##*/}"
	done
}

# expectation FILE: what stands after "expect: " in line 1.
expectation()
{
	line=$(sed -n '1s/^\/\/ expect: *//p' "$1")
	if ! printf '%s\n' "$line" |
		grep -Eqx '(safe|fails [0-8]|safe up to [0-9]+ preemptions)(, long)?(, not exhausted)?'
	then
		echo "$1:1: not '// expect: safe', 'fails N' or 'safe up to K preemptions'" >&2
		exit 1
	fi
	printf '%s' "$line"
}

registry()
{
	echo '// SPDX-License-Identifier: MIT'
	echo '#include "explorer.h"'
	for path; do
		name=${path##*/}
		echo "extern const struct program program_${name%.c};"
	done
	echo 'const struct listing programs[] = {'
	for path; do
		name=${path##*/}
		expected=$(expectation "$path")
		printf '\t{&program_%s, "%s", "%s"},\n' "${name%.c}" "$expected" "$name"
	done
	printf '\t{0, 0, 0},\n};\n'
}

command=$1
shift
"$command" "$@"
