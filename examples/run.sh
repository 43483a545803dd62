#!/bin/sh
# SPDX-License-Identifier: MIT
#
# run.sh FOLDER: does each example, built in FOLDER, succeed and print what README.md shows, and has
# its source at most 60 lines? Prints TAP.

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 2
root=$(dirname "$here")
. "$root/tests/build/tap.sh"
folder=$1

runs()
{
	"$folder/$1" >"$work/printed" || return
	awk -v title="## $1" '$0 == title { here = 1 } here && /^```/ { if (inside) exit; inside = 1; next }
		inside' "$here/README.md" | diff - "$work/printed"
}

short()
{
	[ "$(wc -l <"$here/$1.c")" -le 60 ]
}

for name in shootdown gather operations reclaim; do
	check "$name runs as README.md shows" runs $name
	check "$name.c has at most 60 lines" short $name
done
finish
