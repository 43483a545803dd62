#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sizes.sh: print docs/SIZES.md: bytes of each structure, of code, and of stack.
# sizes.sh --check: is the file what would be printed? Prints TAP. Another gcc than the one named in
# the file is not asked.

# shellcheck disable=SC2046,SC2086 # flags are words
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 2
. "$root/tests/build/tap.sh"
cd "$root" || exit 2
gcc_version=12
objects=$(sed 's,.*/,,; s/\.c$//' src/sources.txt)
cpus_of_tables='x86_64 i386 aarch64 riscv64'
structures='space cpu gather batch machine'

# compile CPU COUNT SOURCE OBJECT
compile()
{
	$(compiler "$1" gcc) $(flags "$1" gcc) -O2 -fno-asynchronous-unwind-tables \
		-fcf-protection=none -DSALVO_MAX_CPUS="$2" -Iinclude -Iarch/"$1" -Iport/template \
		-c "$3" -o "$4" -fcallgraph-info=su
}

# library CPU COUNT: all objects, and the depths of all functions, in $work/CPU-COUNT.
library()
{
	out=$work/$1-$2
	mkdir -p "$out"
	while read -r file; do
		compile "$1" "$2" "$file" "$out/$(basename "$file" .c).o" || return
	done <src/sources.txt
	awk -f tests/build/depth.awk "$out"/*.ci >"$out/depths"
}

# structure_sizes CPU COUNT: "NAME BYTES" a line.
structure_sizes()
{
	{
		echo '#include <salvo/types.h>'
		for name in $structures; do
			echo "char size_${name}[sizeof(struct salvo_$name)];"
		done
	} >"$work/sizes.c"
	compile "$1" "$2" "$work/sizes.c" "$work/sizes.o" &&
		llvm-nm -S "$work/sizes.o" | while read -r _ size _ name; do
			printf '%s %d\n' "${name#size_}" "0x$size"
		done
}

# value NAME FILE: what stands behind the name there.
value()
{
	awk -v name="$1" '$1 == name { print $2 }' "$2"
}

# row WORD...: a row of a table.
row()
{
	printf '|'
	printf ' %s |' "$@"
	echo
}

structures_table()
{
	row 'bytes of a' 4 64 4096 '32-bit: 4' 64 4096
	row --- ---: ---: ---: ---: ---: ---:
	for cpu in x86_64 i386; do
		for cpus in 4 64 4096; do
			structure_sizes $cpu $cpus >"$work/sizes-$cpu-$cpus" || return
		done
	done
	for name in $structures; do
		set -- "$name"
		for cpu in x86_64 i386; do
			for cpus in 4 64 4096; do
				set -- "$@" "$(value "$name" "$work/sizes-$cpu-$cpus")"
			done
		done
		row "$@"
	done
}

# code_size OBJECT: code and constants.
code_size()
{
	llvm-size -B "$1" | awk 'NR == 2 { print $1 }'
}

code_table()
{
	row 'bytes of code' $cpus_of_tables
	row --- ---: ---: ---: ---:
	for object in $objects; do
		set -- "$object.c"
		for cpu in $cpus_of_tables; do
			set -- "$@" "$(code_size "$work/$cpu-64/$object.o")"
		done
		row "$@"
	done
	set -- 'all'
	for cpu in $cpus_of_tables; do
		total=0
		for object in $objects; do
			total=$((total + $(code_size "$work/$cpu-64/$object.o")))
		done
		set -- "$@" $total
	done
	row "$@"
}

# The public calls, in the order of salvo.h, that are not inline there.
public_calls()
{
	sed -n 's/^[a-z].*[ *]\(salvo_[a-z_]*\)($/\1/p; s/^[a-z].*[ *]\(salvo_[a-z_]*\)(.*/\1/p' \
		include/salvo/salvo.h
}

stack_table()
{
	row 'bytes of stack' 'x86_64, 4 CPUs' 64 4096 'i386, 64' 'aarch64, 64' 'riscv64, 64'
	row --- ---: ---: ---: ---: ---: ---:
	public_calls | while read -r call; do
		set -- "$call"
		for build in x86_64-4 x86_64-64 x86_64-4096 i386-64 aarch64-64 riscv64-64; do
			symbol=$call
			[ "$call" != salvo_machine_init ] || symbol=${call}_for_cpus_${build#*-}
			set -- "$@" "$(value "$symbol" "$work/$build/depths")"
		done
		row "$@"
	done
}

document()
{
	cat <<-END
		# What salvo costs in bytes

		Printed by \`sh tests/build/sizes.sh\`; a test compares. gcc $gcc_version, -O2 and the flags of
		src/flags.mk, the limits of include/salvo/config.h but for the number of CPUs.

		## Structures

		By the maximum of CPUs. The machine holds the kernel's space. A gather lives on the stack of
		who unmaps, a batch too or with the reclaiming thread.

	END
	structures_table || return
	cat <<-END

		## Code

		Code and constants for 64 CPUs, without unwind tables. A host that uses shootdown alone needs
		the first four files; gather adds gather.c and batch.c,
		and walker.c where software walks tables of other spaces without a lock.

	END
	code_table
	cat <<-END

		## Stack

		The deepest stack of each public call, its return address included, added up over the call
		graph. The port's callbacks are not in it: add the deepest of your own. A CPU set is on the
		stack a few times: see 4096 CPUs.

	END
	stack_table
}

build_all()
{
	library x86_64 4 && library x86_64 4096 && for cpu in $cpus_of_tables; do
		library "$cpu" 64 || return
	done
}

is_current()
{
	build_all && document >"$work/SIZES.md" && diff docs/SIZES.md "$work/SIZES.md"
}

if [ "${1:-}" != --check ]; then
	build_all && document
	exit
fi
if [ "$(gcc -dumpversion)" = $gcc_version ]; then
	check 'docs/SIZES.md is what sizes.sh prints' is_current
	finish
else
	echo '1..1'
	echo "ok 1 - docs/SIZES.md is what sizes.sh prints # SKIP it is gcc $gcc_version's"
fi
