#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `make analyze`: what can be found without running anything. Each tool that is installed
# reads the sources; the last lines say which had findings, and which tools were missing. A
# finding that is none gets its reason: at its line, as `// cppcheck-suppress ID ; why` or
# `// NOLINT(ID) why`, or in analyze.known.
#
# usage: analyze.sh TOP BUILD [tool ...]     in a build folder that was made
set -u
top=$1 build=$2
shift 2
tools=${*:-"gcc cppcheck clang-tidy codespell shellcheck"}
work=$build/analyze
mkdir -p "$work"
cd "$top" || exit 2
sources=$(find agent redfish plugins -name '*.c' ! -name '*-libgpiod2.c' | sort)
jobs=$(nproc)
flags="-std=c11 -D_GNU_SOURCE -Iagent/include -Iagent -I. -I$build $(
	pkg-config --cflags libmicrohttpd gnutls jansson yaml-0.1 sqlite3 libgpiod 2>/dev/null
)"
for name in SYSCONFDIR STATEDIR RUNDIR LIBEXECDIR PLUGINDIR DATADIR; do
	flags="$flags -DBMC_$name=\"/\""
done

# Off are the checks that say nothing here: for the buffer functions of C11's annex K, which
# no libc here has; about numbers that -Wconversion judges; about sscanf(), whose count is
# always compared; leaks, as clang 14 does not know of __attribute__((cleanup)) and gcc does;
# va_start(), which it misreads in every function.
TIDY='-*,bugprone-*,cert-*,clang-analyzer-*'
for check in bugprone-easily-swappable-parameters bugprone-reserved-identifier \
	bugprone-narrowing-conversions bugprone-branch-clone bugprone-sizeof-expression \
	bugprone-implicit-widening-of-multiplication-result \
	bugprone-assignment-in-if-condition bugprone-macro-parentheses cert-dcl37-c cert-dcl51-cpp cert-err33-c \
	cert-err34-c clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling \
	clang-analyzer-optin.performance.Padding clang-analyzer-optin.portability.UnixAPI \
	clang-analyzer-unix.Malloc clang-analyzer-valist.Uninitialized; do
	TIDY="$TIDY,-$check"
done

analyze_gcc() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	echo "$sources" | xargs -P "$jobs" -n 4 sh -c '
		flags=$0
		for f; do
			# shellcheck disable=SC2086 # a list of words
			gcc $flags -O1 -fanalyzer -c -o /dev/null "$f" 2>&1
		done' "$flags"
}

analyze_cppcheck() {
	cppcheck -q -j "$jobs" --enable=warning,performance,portability --inline-suppr --std=c11 \
		-Iagent/include -Iagent -I. "-I$build" -D_GNU_SOURCE -D__linux__ -D__x86_64__ \
		--suppress=missingIncludeSystem --include=tests/check/cppcheck.h \
		agent redfish plugins 2>&1
}

analyze_clang_tidy() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	echo "$sources" | xargs -P "$jobs" -n 4 sh -c '
		flags=$0 checks=$1
		shift
		# shellcheck disable=SC2086 # a list of words
		clang-tidy --quiet "--checks=$checks" "$@" -- $flags 2>/dev/null' "$flags" "$TIDY"
}

analyze_codespell() {
	codespell --ignore-words tests/check/codespell.words agent redfish plugins conf doc tests \
		./*.md NEWS --skip '*.pyc,*.json,*/seeds/*,*/data/*,*.words' 2>&1
}

analyze_shellcheck() {
	shellcheck quickstart .ci/run tests/check/analyze.sh 2>&1
}

# The findings of a log that analyze.known has no reason for.
findings() {
	sed "s|^$top/||" "$1" | awk '
		FNR == NR { if (split($0, part, ": ") > 2) known[part[1], part[2]] = 1; next }
		/(warning|error|style|performance|portability): / {
			file = $0; sub(/:.*/, "", file)
			id = $0; sub(/.*\[/, "", id); sub(/\].*/, "", id)
			if (!((file, id) in known)) print
		}
		/==>/ || /^In .* line [0-9]+:/ { print }' tests/check/analyze.known -
}

found='' missing=''
for tool in $tools; do
	if ! command -v "$tool" >/dev/null; then
		missing="$missing $tool"
		continue
	fi
	log=$work/$tool.log
	echo "$tool"
	case $tool in
	clang-tidy) analyze_clang_tidy >"$log" ;;
	*) "analyze_$tool" >"$log" ;;
	esac
	if [ -n "$(findings "$log")" ]; then
		findings "$log"
		found="$found $tool (all of it: $log)"
	fi
done
[ -z "$missing" ] || echo "analyze: not installed:$missing (apt install$missing)"
[ -z "$found" ] || {
	echo "analyze: findings of:$found"
	exit 1
}
echo "analyze: no findings"
