# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154 # root is set by the test that reads this
#
# tap.sh: what the shell tests of this folder share; each reads it first. The test sets `root`.

count=0
failures=0
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM

# check NAME COMMAND...: one TAP line; what the command printed follows if it failed.
check()
{
	tap_name=$1
	shift
	count=$((count + 1))
	if "$@" >"$work/output" 2>&1; then
		echo "ok $count - $tap_name"
	else
		failures=$((failures + 1))
		echo "not ok $count - $tap_name"
		sed 's/^/# /' "$work/output"
	fi
}

# finish: the plan, and an exit status for who does not read TAP.
finish()
{
	echo "1..$count"
	[ "$failures" -eq 0 ]
}

# flags CPU COMPILER: the words of src/flags.mk for them.
flags()
{
	sed -n "s/^SALVO_CFLAGS = //p; s/^SALVO_CFLAGS_$1 = //p; s/^SALVO_CFLAGS_$1_$2 = //p" \
		"$root/src/flags.mk"
}

# compiler CPU COMPILER: the command that compiles C for that CPU.
compiler()
{
	case $1-$2 in
	*-clang) echo "clang --target=$1-linux-gnu" ;;
	x86_64-gcc) echo gcc ;;
	i386-gcc) echo gcc -m32 ;;
	*) echo "$1-linux-gnu-gcc" ;;
	esac
}
