#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mutant.sh BUILD PATCH OUT: an explorer of the library changed by a patch. BUILD is the folder that
# Meson built hosts/explorer in; OUT is a folder to work in, and OUT/explore is made. The patch
# names files as src/NAME; it must apply without fuzz. NARROW=-narrow has counters wrap.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
build=$1 patch=$2 out=$3

rm -rf "$out/src"
mkdir -p "$out"
cp -r "$root/src" "$out/src"
patch -d "$out" -p1 --fuzz=0 --batch -s -i "$(realpath "$patch")"
sources=$(sed "s,^,$out/," "$root/src/sources.txt")
limits=''
[ -z "${NARROW:-}" ] || limits=-DSALVO_COUNTER_BITS=3
# Names of files and flags have no blanks.
# shellcheck disable=SC2046,SC2086
${CC:-cc} $(cat "$root/hosts/explorer/flags.txt") -g -w $limits \
	-I"$root/hosts/explorer/include" -I"$root/hosts/explorer" -I"$root/include" \
	-no-pie -o "$out/explore" $sources \
	-Wl,--whole-archive "$build/libexplorer${NARROW:-}.a" -Wl,--no-whole-archive -ljansson
