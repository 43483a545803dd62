#!/bin/sh
# SPDX-License-Identifier: MIT
#
# headers.sh: does each public header compile alone, as strict C11 and as C++17; does the library
# build for any number of CPUs; is a host that was compiled for another number refused by the linker;
# and do the plain lists build with make what Meson builds? Prints TAP.

# shellcheck disable=SC2046,SC2086 # flags are words
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 2
. "$root/tests/build/tap.sh"
cd "$root" || exit 2

warnings='-Wall -Wextra -Wpedantic -Wconversion -Werror'
paths='-Iinclude -Iport/template'

# header COMMAND... HEADER: that it compiles when it comes first and alone, and twice.
header()
{
	for last; do :; done
	printf '#include <salvo/%s>\n#include <salvo/%s>\n' "$last" "$last" >"$work/header.c"
	cp "$work/header.c" "$work/header.cc"
	case $1 in
	*++) source=$work/header.cc ;;
	*) source=$work/header.c ;;
	esac
	command=$1
	shift
	while [ $# -gt 1 ]; do
		command="$command $1"
		shift
	done
	$command $warnings $paths -fsyntax-only "$source"
}

# objects CPU COMPILER FLAG: every file of the library, with this flag besides, once; in $objects.
objects()
{
	objects=$work/$1$2$3
	[ ! -e "$objects" ] || return 0
	mkdir "$objects"
	while read -r file; do
		$(compiler "$1" "$2") $(flags "$1" "$2") -O2 $warnings $paths -Iarch/"$1" "$3" \
			-c "$file" -o "$objects/$(basename "$file" .c).o" || return
	done <src/sources.txt
}

# links LIBRARY HOST: a host compiled for HOST CPUs, and the library for LIBRARY.
links()
{
	objects x86_64 gcc -DSALVO_MAX_CPUS="$1" || return
	cat >"$work/host.c" <<-'END'
		#include <salvo/salvo.h>

		void start(void);

		void
		start(void)
		{
			salvo_machine_init(salvo_port_machine(), 0, 33, 0);
		}
	END
	set -- "$2"
	set -- "-DSALVO_MAX_CPUS=$1" $(flags x86_64 gcc) $warnings $paths
	gcc "$@" -c "$work/host.c" -o "$work/host.o" &&
		gcc "$@" -c port/template/salvo_port.c -o "$work/port.o" &&
		ld -e start -o "$work/linked" "$work/host.o" "$work/port.o" "$objects"/*.o \
			--defsym=memcpy=0 --defsym=memset=0 --defsym=memmove=0 --defsym=memcmp=0
}

refuses()
{
	! links "$@" && grep -q "undefined reference.*salvo_machine_init_for_cpus_$2" "$work/output"
}

# stops_at LINE FILE...: these files of the library need no callback below that stop line of port.h.
stops_at()
{
	line=$1
	shift
	awk -v last="$line" '/========/ && /stops here/ { if (++seen == last) exit } { print }' \
		include/salvo/port.h | grep -o 'salvo_port_[a-z_]*' | sort -u >"$work/above"
	objects x86_64 gcc -DSALVO_MAX_CPUS=64 || return
	for file; do
		llvm-nm --just-symbol-name --undefined-only "$objects/$file.o"
	done | grep '^salvo_port_' | sort -u >"$work/needed"
	[ -s "$work/needed" ] && ! grep -v -x -F -f "$work/above" "$work/needed"
}

lists_every_file()
{
	ls src/*.c >"$work/there"
	sort src/sources.txt | diff "$work/there" -
}

plain_make()
{
	make -s -f tests/build/plain.mk CPU="$1" COMPILER="$2" CC="$(compiler "$1" "$2")" \
		OUT="$work/plain-$1-$2" || return
	llvm-ar t "$work/plain-$1-$2/libsalvo.a" | sed 's,^\(.*\)\.o$,src/\1.c,' | sort >"$work/made"
	sort src/sources.txt | diff - "$work/made"
}

for name in include/salvo/*.h; do
	name=$(basename "$name")
	for cpu in x86_64 i386 aarch64 riscv64; do
		for cc in gcc clang; do
			check "$name is C11 for $cpu, $cc" header $(compiler $cpu $cc) \
				$(flags $cpu $cc) -Iarch/$cpu "$name"
		done
	done
	for cxx in g++ clang++; do
		check "$name is C++17, $cxx" header $cxx -std=c++17 -Iarch/x86_64 "$name"
	done
done
for cpus in 1 4 4096; do
	check "builds for $cpus CPUs, x86_64-gcc" objects x86_64 gcc -DSALVO_MAX_CPUS=$cpus
	check "builds for $cpus CPUs, i386-clang" objects i386 clang -DSALVO_MAX_CPUS=$cpus
done
check 'builds for CPUs with INVPCID' objects x86_64 clang -DSALVO_X86_INVPCID=1
check 'a host for as many CPUs links' links 64 64
check 'a host for more CPUs does not link' refuses 64 128
check 'a host for fewer CPUs does not link' refuses 64 4
check 'shootdown alone needs nothing below its stop line' stops_at 1 shootdown flush space
check 'gather and batch need nothing below theirs' stops_at 2 shootdown flush space gather batch
check 'the plain list names every file of src' lists_every_file
for cpu in x86_64 i386 aarch64 riscv64; do
	check "plain make builds what Meson builds, $cpu-gcc" plain_make $cpu gcc
done
check 'plain make builds what Meson builds, x86_64-clang' plain_make x86_64 clang
finish
