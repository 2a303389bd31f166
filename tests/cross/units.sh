#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs unit tests that were built for another processor, several at a time, and counts. Called
# by cross.sh, in the Debian that they were built in; top_srcdir and top_builddir are set as
# for `make check`.
#
# usage: units.sh SKIPS LOGS NAME ...      runs top_builddir/tests/unit/NAME
#
# SKIPS lists what the emulator can't do. Of the environment: UNITS_EMULATOR runs a program of
# the other processor, UNITS_JOBS and UNITS_TIMEOUT (seconds) bound them, and the programs take
# CLUSTERBMC_SLOWER. What fails among others is tried once more alone, and said, unless it has
# not ended. The last line counts. The status is 0 when all passed that was not skipped.
set -eu
limit=${UNITS_TIMEOUT:-3600}
: "${top_builddir:?}" "${top_srcdir:?}"
skips=$1 logs=$2
shift 2

# run NAME: its output goes into its log, with lines of ours when it did not end well.
run() {
	log=$logs/$1.log
	cases=$(sed -n "s/^$1 \([a-z0-9_]*\): .*/\1/p" "$skips" | tr '\n' ' ')
	shim=
	[ -z "$cases" ] || shim=$top_builddir/skip.so
	code=0
	# shellcheck disable=SC2086 # the emulator may have options
	timeout -k 10 "$limit" env CMOCKA_MESSAGE_OUTPUT=TAP UNITS_SKIP="$cases" \
		${shim:+LD_PRELOAD="$shim"} ${UNITS_EMULATOR:-} "$top_builddir/tests/unit/$1" \
		>"$log" 2>&1 </dev/null || code=$?
	case $code in
	0) ;;
	124 | 137) echo "not ok - it had not ended after $limit seconds" >>"$log" ;;
	*) grep -q '^not ok ' "$log" || echo "not ok - it ended with $code" >>"$log" ;;
	esac
	planned=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$log")
	ran=$(grep -cE '^(not )?ok [0-9]' "$log" || :)
	[ "$planned" = "$ran" ] ||
		echo "not ok - it ran $ran of ${planned:-an unknown number of} tests" >>"$log"
}

bad_in() {
	grep '^not ok ' "$logs/$1.log" || :
}

# What is left out of the programs that are run, a line each.
skipped() {
	grep '^test-' "$skips" | while IFS= read -r line; do
		name=${line%%[: ]*}
		case " $names " in *" $name "*) echo "$line" ;; esac
	done
}

if [ "$1" = --one ]; then # what xargs calls
	run "$2"
	exit 0
fi
names=$*
run=
for name in $names; do
	grep -q "^$name: " "$skips" || run="$run $name"
done
# shellcheck disable=SC2086 # a list of words
printf '%s\n' $run | xargs -r -n 1 -P "${UNITS_JOBS:-1}" "$0" "$skips" "$logs" --one
passed=0 failed=0
for name in $run; do
	bad=$(bad_in "$name")
	case $bad in
	"" | *"had not ended after"*) ;;
	*)
		run "$name"
		[ -n "$(bad_in "$name")" ] || printf '%s\n' "$bad" | sed "s/^/  UNSTABLE $name: /"
		;;
	esac
	bad_in "$name" | sed "s/^/  $name: /"
	failed=$((failed + $(bad_in "$name" | wc -l)))
	passed=$((passed + $(grep -c '^ok ' "$logs/$name.log" || :)))
done
skipped | sed 's/^/  skipped: /'
echo "$passed passed, $failed failed, $(skipped | wc -l) skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
