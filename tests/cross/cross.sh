#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds for arm64, the board that this runs on, and runs unit tests of the core, SNMP and
# Redfish under qemu-user. All of it happens in a Debian in a folder (OUT/root), because the
# libraries of another architecture don't go well with what a machine has. Called by
# `./quickstart cross` as root.
#
# usage: cross.sh TOP OUT [STEP ...]    steps: root build tests package (all when none is named)
set -eu
top=$1 out=$2
shift 2
arch=arm64 triplet=aarch64-linux-gnu emulator=qemu-aarch64-static
suite=bookworm
root=$out/root
# Lists of tests/unit/*.inc. Not http: its tests have hundreds of clients at once and clocks.
lists=${CROSS_LISTS:-"core action state conf redfish snmp"}
limit=${CROSS_TIMEOUT:-600} # seconds for one program

die() {
	printf 'cross: %s\n' "$*" >&2
	exit 1
}

# In the folder, with file systems of its own.
within() {
	unshare --mount --pid --fork --kill-child sh -c "
		mount -t proc proc '$root/proc' && mount --bind '$out/src' '$root/src' &&
		exec chroot '$root' env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
			DEBIAN_FRONTEND=noninteractive \"\$@\"" within "$@"
}

# The list that ./quickstart has, as it stands there.
words_of() {
	sed -n "/^$1=\"/,/\"\$/p" "$top/quickstart" | sed "s/^$1=//" | tr -d '"\n'
}

# Headers and libraries are the other architecture's, tools are this one's.
of_arch() {
	for p in "$@"; do
		case $p in
		gcc | libc6-dev | libpam-pwquality) ;;
		lib*-dev | nettle-dev | zlib1g-dev) printf '%s:%s ' "$p" "$arch" ;;
		*) printf '%s ' "$p" ;;
		esac
	done
}

# Where this machine's apt finds Debian's packages.
take_sources() {
	rm -f "$root/etc/apt/sources.list" # it may name the same ones
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/debian*; do
		[ ! -f "$file" ] || cp "$file" "$root${file%/*}/"
	done
	cp /etc/apt/apt.conf.d/* "$root/etc/apt/apt.conf.d/" 2>/dev/null || :
	cp /etc/resolv.conf "$root/etc/" 2>/dev/null || :
}

make_root() {
	[ ! -e "$root/done" ] || return 0
	rm -rf "$root"
	echo "debootstrap in $root"
	debootstrap --variant=minbase "$suite" "$root" >"$out/debootstrap.log" 2>&1 ||
		die "debootstrap failed: $out/debootstrap.log"
	take_sources
	mkdir -p "$root/src"
	echo "packages for $arch"
	# shellcheck disable=SC2046 # lists of words
	within sh -e >"$out/apt.log" 2>&1 <<END || die "apt-get failed: $out/apt.log"
dpkg --add-architecture $arch
apt-get -q update
apt-get -q -y --no-install-recommends install crossbuild-essential-$arch qemu-user-static \
	build-essential debhelper dh-apparmor scdoc gawk $(of_arch $(words_of BUILD_PACKAGES)) libcmocka-dev:$arch \
	pkgconf:$arch snmp snmpd snmptrapd
END
	touch "$root/done"
}

copy_sources() {
	rm -rf "$out/src/clusterbmc"
	mkdir -p "$out/src/clusterbmc"
	(cd "$top" && { git -c safe.directory='*' ls-files 2>/dev/null || find . -type f \
		! -path './build*' ! -path './.git/*'; }) |
		tar -C "$top" -c --ignore-failed-read -T - 2>/dev/null | tar -C "$out/src/clusterbmc" -x
	chmod -R u=rwX,go=rX "$out/src/clusterbmc"
}

build_tests() {
	echo "building for $arch"
	within sh -e >"$out/build.log" 2>&1 <<END || { tail -20 "$out/build.log" && die "the build failed: $out/build.log"; }
cd /src/clusterbmc
mkdir -p build-aux ../build
autoreconf -fi
cd ../build
../clusterbmc/configure --quiet --host=$triplet --enable-werror
make -s -j$(nproc) all
make -s -j$(nproc) -k check-programs
END
}

# run_test NAME: its output; true when all of it passed.
run_test() {
	within sh -c "cd /src/build && CMOCKA_MESSAGE_OUTPUT=TAP top_srcdir=/src/clusterbmc \
		top_builddir=/src/build timeout $limit $emulator /src/build/$1"
}

# Runs what the lists name. The clocks of tests are those of a quick machine: what fails is
# tried once more, and said. The last line counts.
run_tests() {
	echo "unit tests under $emulator"
	names=$(cd "$top/tests/unit" && for l in $lists; do
		grep -o 'tests/unit/test-[a-z0-9-]*' "$l.inc"
	done | sort -u)
	mkdir -p "$out/tests"
	passed=0 failed=0
	for name in $names; do
		[ -x "$out/src/build/$name" ] || continue
		log=$out/tests/${name##*/}.log
		code=0
		run_test "$name" >"$log" 2>&1 || code=$?
		if [ $code != 0 ] && [ $code != 124 ]; then
			echo "  ${name##*/}: again: $(grep '^not ok [0-9]' "$log" | head -n 3)"
			code=0
			run_test "$name" >"$log" 2>&1 || code=$?
		fi
		[ $code = 0 ] || echo "not ok - it ended with $code" >>"$log"
		passed=$((passed + $(grep -c '^ok ' "$log" || :)))
		bad=$(grep -c '^not ok ' "$log" || :)
		failed=$((failed + bad))
		[ "$bad" = 0 ] || grep '^not ok ' "$log" | sed "s|^|  ${name##*/}: |"
	done
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}

# The packages that are installed on the board.
build_package() {
	echo "building the packages for $arch"
	within sh -e >"$out/package.log" 2>&1 <<END || { tail -20 "$out/package.log" && die "the package failed: $out/package.log"; }
cd /src/clusterbmc
dpkg-buildpackage -a$arch -us -uc -b -j$(nproc) -Pcross,nocheck
END
	ls -l "$out"/src/*.deb
}

mkdir -p "$out/src"
out=$(cd "$out" && pwd)
[ $# -gt 0 ] || set -- root build tests package
for step in "$@"; do
	case $step in
	root) make_root ;;
	build) copy_sources && build_tests ;;
	tests) run_tests ;;
	package) build_package ;;
	*) die "no such step: $step" ;;
	esac
done
