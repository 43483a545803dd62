#!/bin/sh
# SPDX-License-Identifier: MIT
#
# lib.sh [FOLDER]: does the library build, freestanding and with warnings as errors, for every CPU
# with both compilers, and does it ask the linker for nothing but the port and memcpy's family?
# Leaves FOLDER/CPU-COMPILER/libsalvo.a; FOLDER is build/lib if not given. Prints TAP.

# shellcheck disable=SC2046,SC2086 # flags are words
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 2
folder=${1:-$root/build/lib}
. "$root/tests/build/tap.sh"

# build CPU-COMPILER: set up anew where another tree made it.
build()
{
	directory=$folder/$1
	if [ ! -f "$directory/build.ninja" ] || [ "$(cat "$directory/made-by")" != "$root" ]; then
		rm -rf "$directory"
		meson setup --cross-file "$root/cross/$1.ini" "$directory" "$root/src" || return
		echo "$root" >"$directory/made-by"
	fi
	ninja -C "$directory" && [ -s "$directory/libsalvo.a" ]
}

# symbols WHICH ARCHIVE: names of its undefined, or its defined external, symbols.
symbols()
{
	llvm-nm --just-symbol-name "$1" "$2" | grep -v -e '^$' -e ':$' | sort -u
}

# A call of libatomic, of a stack protector or of an outlined helper would show here.
needs_port_only()
{
	symbols --undefined-only "$1" >"$work/undefined"
	symbols --defined-only "$1" >"$work/defined"
	[ -s "$work/defined" ] || return
	! grep -v -x -F -f "$work/defined" "$work/undefined" |
		grep -v -x -e 'salvo_port_.*' -e memcpy -e memset -e memmove -e memcmp
}

defines_salvo_only()
{
	llvm-nm --just-symbol-name --defined-only --extern-only "$1" |
		grep -v -e '^$' -e ':$' -e '^salvo_' >"$work/foreign"
	cat "$work/foreign"
	[ ! -s "$work/foreign" ]
}

# The template defines every callback, so that linked with it nothing of the port is left.
template_is_whole()
{
	cpu=${1%-*} cc=${1#*-}
	$(compiler "$cpu" "$cc") $(flags "$cpu" "$cc") -O2 -Wall -Wextra -Wpedantic -Wconversion \
		-Werror -I"$root/include" -I"$root/port/template" \
		-c "$root/port/template/salvo_port.c" -o "$work/port.o" || return
	symbols --undefined-only "$folder/$1/libsalvo.a" | grep '^salvo_port_' >"$work/needed"
	symbols --defined-only "$work/port.o" >"$work/supplied"
	! grep -v -x -F -f "$work/supplied" "$work/needed"
}

for cpu in x86_64 i386 aarch64 riscv64; do
	for cc in gcc clang; do
		archive=$folder/$cpu-$cc/libsalvo.a
		check "$cpu-$cc: builds" build "$cpu-$cc"
		check "$cpu-$cc: needs the port and memcpy's family only" needs_port_only "$archive"
		check "$cpu-$cc: defines salvo_* only" defines_salvo_only "$archive"
		check "$cpu-$cc: the template supplies all of it" template_is_whole "$cpu-$cc"
	done
done
finish
