#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sources.sh: does every name in the tables of docs/SOURCES.md exist: file and function, program of
# the explorer, mutant, workload, check, unit test, row of the benchmark? Has each row its number
# and all its cells, and does each link lead somewhere? Prints TAP.
#
# A name is what stands between backquotes. Files are looked for in src/ and include/salvo/, then
# from the root.

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 2
. "$root/tests/build/tap.sh"
cd "$root" || exit 2

document=docs/SOURCES.md

# names COLUMN: those in that cell of every row, once each; a program that is to fail with " (fails)".
names()
{
	awk -F'|' -v column="$1" '
		/^\| [0-9]+\.[0-9]+ \|/ {
			count = split($(column + 1), part, "`")
			for (i = 2; i <= count; i += 2)
				print part[i] (part[i + 1] ~ /^ \(fails\)/ ? " (fails)" : "")
		}' "$document" | sort -u
}

# rows_are_whole: they are numbered from 1 in their section, say something, and say where it is.
rows_are_whole()
{
	awk -F'|' '
		/^## [0-9]+\./ { section = $0; gsub(/^## |\..*/, "", section); row = 0 }
		/^\|/ && section && !/^\| \| they say/ && !/^\|---/ {
			row++
			if ($2 != " " section "." row " ") { print "not row " section "." row ":" $2; bad = 1 }
			if (NF != 8 || $3 ~ /^ *$/ || $4 ~ /^ *$/) { print "cells of" $2; bad = 1 }
			if ($5 $6 $7 ~ /^ *$/) { print "no cell shows" $2; bad = 1 }
		}
		END { if (!row) print "no rows"; exit bad || !row }' "$document"
}

# each COLUMN FUNCTION: the function finds all names of the column; prints those that it does not.
each()
{
	names "$1" >"$work/names"
	[ -s "$work/names" ] || return
	while IFS= read -r name; do
		"$2" "$name" || echo "row $(row_of "$name"): $name"
	done <"$work/names" >"$work/lost"
	cat "$work/lost"
	[ ! -s "$work/lost" ]
}

# none COLUMN FUNCTION: it finds none of them with a letter more, so it would find none that is wrong.
none()
{
	names "$1" | sed 's/ (fails)$//; s/--[a-z]*/&x/; s/$/x/' >"$work/names"
	while IFS= read -r name; do
		! "$2" "$name" || echo "$name"
	done <"$work/names" >"$work/found"
	cat "$work/found"
	[ ! -s "$work/found" ]
}

row_of()
{
	grep -F -- "\`${1% (fails)}\`" "$document" | sed 's/^| \([0-9.]*\) .*/\1/' | tr '\n' ' '
}

# declares HEADER NAME: outside comments.
declares()
{
	sed -e '/^ \*/d' -e 's,/\*.*\*/,,' -e '/^\/\*/d' "$1" |
		grep -Eq -- "(^|[^A-Za-z0-9_])$2([^A-Za-z0-9_]|\$)"
}

is_code()
{
	for folder in src/ include/salvo/ ''; do
		[ -e "$folder${1%%: *}" ] || continue
		case $1 in
		*.h:\ *) declares "$folder${1%%: *}" "${1#*: }" ;;
		*:\ *) grep -q -- "^${1#*: }(" "$folder${1%%: *}" ;;
		*) true ;;
		esac
		return
	done
	return 1
}

# is_program: and it is expected to fail just where the table says so.
is_program()
{
	path=hosts/explorer/programs/${1% (fails)}.c
	[ -f "$path" ] || return
	case $1 in
	*' (fails)') head -n 1 "$path" | grep -q '^// expect: fails' ;;
	*) head -n 1 "$path" | grep -q '^// expect: safe' ;;
	esac
}

is_mutant()
{
	[ -f "tests/mutants/$1.patch" ]
}

# has_options: what a command line has after `./dev run`.
has_options()
{
	for word in $1; do
		case $word in
		--*) grep -q "{\"${word#--}\", KEY_" tool/options.c || return ;;
		esac
	done
}

is_shown()
{
	case $1 in
	'workload '*) grep -q "{\"${1#* }\", \".*\", [a-z]*, [0-9]" tool/workloads.c ;;
	'check '*) cat hosts/kernel/checks/*.c | grep -q "{\"${1#* }\", [a-z]" ;;
	'bench '*) cut -f 2 hosts/bench/expected.tsv | grep -q -x -- "${1#* }" ;;
	test_*:*) grep -q "cmocka_unit_test(${1#*:})" "tests/unit/${1%%:*}.c" ;;
	'./dev run '*) has_options "${1#./dev run }" ;;
	*) [ -e "$1" ] ;;
	esac
}

# has_heading FILE ANCHOR: as a heading becomes an anchor where Markdown is shown.
has_heading()
{
	sed -n 's/^##* //p' "$1" | tr '[:upper:] ' '[:lower:]-' | sed 's/[^a-z0-9-]//g' |
		grep -q -x -- "$2"
}

links_lead_somewhere()
{
	grep -o ']([^)]*)' "$document" | sed 's/^](//; s/)$//' | sort -u >"$work/links"
	while read -r link; do
		path=docs/${link%%#*}
		case $link in
		*'#'*) has_heading "$path" "${link#*#}" ;;
		*) [ -e "$path" ] ;;
		esac || echo "$link"
	done <"$work/links" >"$work/lost"
	cat "$work/lost"
	[ ! -s "$work/lost" ]
}

check 'rows are numbered and whole' rows_are_whole
check 'each file and function exists' each 3 is_code
check 'each program exists, and fails where it says so' each 4 is_program
check 'each mutant exists' each 5 is_mutant
check 'each workload, check, test and benchmark exists' each 6 is_shown
check 'each link leads somewhere' links_lead_somewhere
check 'no wrong file or function would be found' none 3 is_code
check 'no wrong program would be found' none 4 is_program
check 'no wrong mutant would be found' none 5 is_mutant
check 'no wrong workload, check, test or benchmark would be found' none 6 is_shown
finish
