#!/bin/sh
# SPDX-License-Identifier: MIT
#
# check.sh EXPLORE: tests of the explorer itself, in TAP.
set -u
explore=$1
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
count=0 status=0

result()
{
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		status=1
	fi
}

# verdicts OPTION...: a line for each program that is small enough under each memory model: name,
# model, verdict, what is expected, states in which everything is over.
verdicts()
{
	"$explore" --json --limit-states 60000 "$@" | awk -F '"' -v OFS='\t' '
		$2 == "name" { name = $4 }
		$2 == "memory" { memory = $4 }
		$2 == "expected" { expected = $4; sub(/,.*/, "", expected) }
		$2 == "verdict" { verdict = $4 }
		$2 == "ends" && verdict != "not exhausted" {
			print name " " memory, verdict, expected, $3
		}'
}

# Each program that is small enough is as expected, and so it is when less is left out.
verdicts >"$folder/reduced"
[ "$(wc -l <"$folder/reduced")" -ge 250 ]
result $? 'most searches come to their end'
while IFS='	' read -r name verdict expected ends; do
	[ "$verdict" = "$expected" ]
	result $? "$name: $expected"
done <"$folder/reduced"
for switch in --no-reduction --every-load --every-turn; do
	verdicts $switch >"$folder/more"
	[ "$(wc -l <"$folder/more")" -ge 200 ]
	result $? "most searches come to their end, with $switch"
	while IFS='	' read -r name verdict expected ends; do
		more=$(grep "^$name	" "$folder/more") || continue
		[ "$(echo "$more" | cut -f 2)" = "$verdict" ]
		result $? "$name: $verdict, with $switch"
		[ $switch = --no-reduction ] && [ "$verdict" = safe ] || continue
		[ "$(echo "$more" | cut -f 4)" = "$ends" ]
		result $? "$name: it ends in as many states, with $switch"
	done <"$folder/reduced"
done

"$explore" --narrow lazy_far_behind slot_far_behind marked_far_apart >/dev/null
result $? 'programs whose counters wrap at eight are as expected'
"$explore" --narrow first_load_beside_unmap first_loads_beside_unmap >/dev/null
result $? 'who joins a CPU set by a word that was not in use is seen'
"$explore" --narrow --limit-states 20000 >"$folder/narrow"
grep EXPECTED "$folder/narrow" | grep -v 'not exhausted' | sed 's/^/# /' >"$folder/narrow.wrong"
cat "$folder/narrow.wrong"
[ ! -s "$folder/narrow.wrong" ] && [ "$(grep -c ' safe  *[0-9]' "$folder/narrow")" -ge 200 ]
result $? 'all programs are as expected with CPU sets of a word for each CPU, as far as they are searched'

# Searches side by side are told in the order of the list.
for jobs in 1 3; do
	"$explore" --jobs $jobs --cpus 2 --limit-states 3000 | sed '1d; $d' |
		cut -c -52 >"$folder/jobs.$jobs"
done
cmp -s "$folder/jobs.1" "$folder/jobs.3" && [ "$(wc -l <"$folder/jobs.1")" -gt 20 ]
result $? 'searches side by side print the table of one after the other'
two=$("$explore" --list | grep -v ', long' | grep -c ' 2 CPUs ')
[ "$(wc -l <"$folder/jobs.1")" -eq $((two * 2 + 1)) ]
result $? '--cpus takes the programs of so many CPUs'
"$explore" --json --memory sc unmap_beside_user free_before_flush | tr -d ' \n' >"$folder/json"
counts='"states":N,"transitions":N,"ends":N,"steps":N,"states_per_s":N,"bytes_per_state":N'
sed 's/:[0-9.][0-9.e+]*/:N/g' "$folder/json" | grep -Fq '"name":"free_before_flush","memory":"sc",'\
'"expected":"fails1","verdict":"fails1","oracle":N,'"$counts"',"complete":false}' &&
	grep -q '"verdict":"safe","oracle":null,.*"complete":true' "$folder/json"
result $? '--json has the fields that it should'

"$explore" unmap_beside_three --memory sc --preemptions 2 2>/dev/null |
	grep -q 'safe up to 2 preemptions'
result $? 'schedules of two preemptions alone are tried where that is asked for'

(ulimit -v 20000000 && "$explore" unmap_beside_user) >"$folder/out" 2>&1
[ $? -eq 1 ] && ! grep -q 'as expected: all' "$folder/out"
result $? 'a search that finds no memory is not as expected'

# A failure is saved and repeated exactly.
"$explore" free_before_flush --memory sc --save "$folder/schedule" >"$folder/first" 2>&1
result $? 'a program that fails as it should is as expected'
"$explore" --replay "$folder/schedule" >"$folder/again" 2>&1
sed -n '/^step/,/^breaks/p' "$folder/first" >"$folder/first.steps"
sed -n '/^step/,/^breaks/p' "$folder/again" | cmp -s - "$folder/first.steps" &&
	[ -s "$folder/first.steps" ]
result $? 'a saved schedule repeats it'

if command -v gdb >/dev/null; then
	gdb -q -batch -ex 'break trace_stop if trace_number == 3' -ex run -ex backtrace \
		--args "$explore" --replay "$folder/schedule" >"$folder/gdb" 2>&1
	where=$(awk '$1 == 3 { print $NF }' "$folder/first")
	grep -q "^#.* at .*/$where\$" "$folder/gdb" && grep -q '^#.* cpu0 ' "$folder/gdb"
	result $? 'a debugger stops in a step of a saved schedule'
fi

"$explore" free_before_flush --memory sc --html "$folder/page" >/dev/null
grep -q '<svg' "$folder/page" && grep -q 'STALE' "$folder/page" &&
	grep -q 'free frame 7' "$folder/page"
result $? 'a schedule is drawn as a page'

# refused WHAT PATTERN ARGUMENT...: exit status 2 and one line that matches.
refused()
{
	what=$1 pattern=$2
	shift 2
	"$explore" "$@" >"$folder/out" 2>"$folder/error"
	[ $? -eq 2 ] && [ ! -s "$folder/out" ] && [ "$(wc -l <"$folder/error")" -eq 1 ] &&
		grep -q "$pattern" "$folder/error"
	result $? "$what"
}

refused 'an unknown program' "unknown program 'nothing'" nothing
refused 'a schedule that cannot be written' 'cannot write' --save "$folder/none/x" --memory sc \
	free_before_flush
refused 'a file for the schedules of many' 'take one program' --save "$folder/x"
refused 'an unknown option' 'unknown option or missing value' --nothing
refused 'an unknown memory model' "unknown memory model 'pso'" --memory pso
refused 'no jobs' "number from 1 to 1024, not '0'" --jobs 0
refused 'more CPUs than there are' "number from 1 to 4, not '5'" --cpus 5
refused 'a limit that is no number' 'limit-states is a number' --limit-states many
refused 'a schedule that is not there' 'cannot read' --replay "$folder/none"
echo 'salvo schedule 1' >"$folder/damaged"
refused 'a file that is no schedule' 'not a schedule, or is damaged' --replay "$folder/damaged"
sed '/^steps/{n;s/^../ff/;}' "$folder/schedule" >"$folder/damaged"
refused 'a damaged schedule' 'not a schedule, or is damaged' --replay "$folder/damaged"
sed 's/^build ..../build 0000/' "$folder/schedule" >"$folder/other"
refused 'a schedule of another build' 'another build' --replay "$folder/other"

# A program that does not compile is told in one line, by `dev`: in a copy of the tree.
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
mkdir -p "$folder/tree/tool" "$folder/tree/hosts"
cp -r "$root/dev" "$root/meson.build" "$root/meson_options.txt" "$root/include" "$root/src" \
	"$folder/tree"
cp "$root/tool/message.c" "$root/tool/message.h" "$folder/tree/tool"
cp -r "$root/hosts/explorer" "$root/hosts/simulator" "$folder/tree/hosts"
cp "$root/hosts/entries.h" "$folder/tree/hosts"
broken=hosts/explorer/programs/broken.c

# dev_refuses WHAT PATTERN: exit status 2, and a last line that matches.
dev_refuses()
{
	(cd "$folder/tree" && ./dev explore --list) >"$folder/out" 2>"$folder/error"
	[ $? -eq 2 ] && [ ! -s "$folder/out" ] && tail -n 1 "$folder/error" | grep -q "$2"
	result $? "$1"
}

printf '// expect: safe\n#include "program.h"\nnonsense\n' >"$folder/tree/$broken"
dev_refuses 'a program that does not compile' "^dev: $broken:[34]:.*error: "
rm "$folder/tree/$broken"

# list_refuses WHAT NAME EDIT PATTERN: a program that was edited, under a name.
list_refuses()
{
	programs=$root/hosts/explorer/programs file=$folder/$2.c object=$folder/$2.o
	sed "$3" "$programs/unmap_beside_user.c" >"$file"
	# shellcheck disable=SC2046 # flags are words
	${CC:-cc} $(cat "$root/hosts/explorer/flags.txt") -I"$root/hosts/explorer/include" \
		-I"$root/hosts/explorer" -I"$root/include" -c "$file" -o "$object" &&
		! sh "$programs/list.sh" registry "$file" "$object" >"$folder/out" \
			2>"$folder/error" &&
		[ "$(wc -l <"$folder/error")" -eq 1 ] && grep -q "^$file$4" "$folder/error"
	result $? "$1"
}

named=unmap_beside_user
list_refuses 'a program that expects nothing known' $named '1s/safe/luck/' \
	":1: error: not '// expect: safe'"
list_refuses 'a program that is not named after its file' another '' \
	': error: it has PROGRAM(unmap_beside_user), and is named another'
list_refuses 'a file without a program' $named '/^PROGRAM/s/^.*$/void *const calls[] = {set_up};/' \
	': error: it has PROGRAM(nothing)'
list_refuses 'a static that is no part of a state' $named \
	'4s/$/\nstatic unsigned n;/; s/^	unmap/	n = choose(n);\n&/' \
	': error: n is neither const nor FIXED'
list_refuses 'a shared variable that is no word' $named '4s/$/\nEXPLORED int n;/' \
	': error: n is neither const nor FIXED'

# What the simulator's policies share is a part of states, or fixed.
for object in "$(dirname "$explore")"/libpolicies.a.p/*.o; do
	nm --format=sysv "$object" | tr -d ' ' | awk -F '|' '$4 == "OBJECT" { print $7, $1 }'
done | grep -Ev '^(fixed|simulated|\.rodata|\.data\.rel\.ro)' >"$folder/out"
[ ! -s "$folder/out" ]
result $? "the simulator's policies have no memory that is no part of a state"

# What the simulator says of its policies names programs that there are.
(cd "$root/hosts/explorer/programs" && sed -n 's/^.*\.explorer = "\(.*\)",$/\1/p' \
	"$root"/hosts/simulator/policies/*.c | grep -Eo '[a-z0-9]+(_[a-z0-9]+)*(_\*)?' |
	grep '_' | while IFS= read -r program; do
	# shellcheck disable=SC2086 # it may be a pattern
	ls $program.c || exit
done) >/dev/null 2>"$folder/error"
[ ! -s "$folder/error" ]
result $? "the simulator's policies name programs that there are"

# Mutants that are none, in the same copy.
mkdir "$folder/tree/tests"
cp -r "$root/tests/mutants" "$folder/tree/tests"
patches=$folder/tree/tests/mutants

# mutants_end STATUS WHAT PATTERN ARGUMENT...: the exit status, and a line that matches.
mutants_end()
{
	expected=$1 what=$2 pattern=$3
	shift 3
	python3 "$folder/tree/hosts/explorer/mutants.py" "$(dirname "$explore")" "$@" \
		>"$folder/out" 2>&1
	[ $? -eq "$expected" ] && grep -q "$pattern" "$folder/out"
	result $? "$what"
}

mutants_end 0 'a mutant is killed' '^as expected: 1 mutant: killed 1$' \
	--mutants flush-before-answer
mutants_end 2 'an unknown mutant' "unknown mutant 'nothing'" --mutants nothing
mutants_end 2 'an unknown set of mutants' "invalid choice: 'all'" --mutants=all
mutants_end 2 'no states for mutants' "a number from 1 to 4294967296, not '0'" \
	--mutants --limit-states 0
sed 's/salvo_catch_up/salvo_keep_up/' "$patches/kernel-catch-up.patch" >"$patches/stale.patch"
mutants_end 1 'a patch that does not apply' '^NOT as expected: 1; .*broken 1$' --mutants stale
mutants_end 1 'and so in a test' '^not ok 1 - stale broken: the patch does not apply' \
	--mutants --check stale
sed '/^[A-Z]/d' "$patches/kernel-catch-up.patch" >"$patches/stale.patch"
mutants_end 2 'a patch without a header' 'stale.patch: its header names no step' --mutants stale
sed 's/^Killed-by: kernel.*/Deferred: it is not so/' "$patches/flush-before-free.patch" \
	>"$patches/stale.patch"
mutants_end 1 'a reason for what is killed' '^NOT as expected: 1; .*contradicted 1$' --mutants stale

# A library that crashes: who, after what, and how it came to that.
cp -r "$root/src" "$folder/src"
sed '/^salvo_gather_finish(/,/^{/s/^{/{\n	*(volatile int *)8 = 1;/' "$root/src/gather.c" \
	>"$folder/src/gather.c"
{
	printf 'Step: it does not crash\n'
	(cd "$folder" && diff -u --label a/src/gather.c --label b/src/gather.c tree/src/gather.c \
		src/gather.c)
} >"$patches/stale.patch"
mutants_end 0 'a crash kills a mutant' 'crashes' --mutants stale --memory sc --limit-states 100 \
	--keep "$folder/kept"
"$folder/kept/stale/explore" unmap_beside_user --memory sc >"$folder/out" 2>&1
[ $? -eq 1 ] && grep -q '^breaks oracle 0.*: CPU 0 crashes after .*[.]c:[0-9]*,' "$folder/out" &&
	grep -q 'page\[0\]: frame 7 W D ->' "$folder/out"
result $? 'a crash is told with its CPU and its schedule'

echo "1..$count"
exit $status
