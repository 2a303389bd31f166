#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds for arm64, the board that this runs on, runs unit tests of the core, SNMP, HTTP and
# Redfish under qemu-user, and builds packages. All of it happens in a Debian in a folder
# (OUT/root), because the libraries of another architecture don't go well with what a machine
# has. Called by `./quickstart cross` as root.
#
# usage: cross.sh TOP OUT [STEP ...]    steps: root build tests package (all when none is named)
set -eu
top=$1 out=$2
shift 2
arch=arm64 triplet=aarch64-linux-gnu emulator=qemu-aarch64-static
suite=bookworm
root=$out/root
# Lists of tests/unit/*.inc. What of them an emulator can't do: tests/cross/skips.
lists=${CROSS_LISTS:-"core action state conf http redfish snmp"}
limit=${CROSS_TIMEOUT:-3600} # seconds for one program
slower=${CLUSTERBMC_SLOWER:-10} # so much longer are the deadlines of tests

die() {
	printf 'cross: %s\n' "$*" >&2
	exit 1
}

# In the folder, with file systems of its own; it is a mount point, as tests expect of a root.
within() {
	unshare --mount --pid --fork --kill-child sh -c "
		mount --bind '$root' '$root' && mount -t proc proc '$root/proc' &&
		mount --bind '$out/src' '$root/src' &&
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

# A root that another list of packages was made for is brought up to this one.
make_root() {
	wanted="crossbuild-essential-$arch qemu-user-static build-essential debhelper dh-apparmor"
	wanted="$wanted scdoc gawk libcmocka-dev:$arch pkgconf:$arch iproute2 snmp snmpd snmptrapd"
	# shellcheck disable=SC2046 # lists of words
	wanted="$wanted $(of_arch $(words_of BUILD_PACKAGES))"
	[ "$(cat "$root/done" 2>/dev/null)" != "$wanted" ] || return 0
	if [ ! -e "$root/bare" ]; then
		rm -rf "$root" "$out/src/build"
		echo "debootstrap in $root"
		debootstrap --variant=minbase "$suite" "$root" >"$out/debootstrap.log" 2>&1 ||
			die "debootstrap failed: $out/debootstrap.log"
		take_sources
		mkdir -p "$root/src"
		touch "$root/bare"
	fi
	echo "packages for $arch"
	within sh -e >"$out/apt.log" 2>&1 <<END || die "apt-get failed: $out/apt.log"
dpkg --add-architecture $arch
apt-get -q update
apt-get -q -y --no-install-recommends install $wanted
END
	printf '%s\n' "$wanted" >"$root/done"
}

# What has not changed keeps its time, so that only the rest is compiled again.
copy_sources() {
	new=$out/src/new old=$out/src/clusterbmc
	rm -rf "$new"
	mkdir -p "$new" "$old"
	(cd "$top" && { git -c safe.directory='*' ls-files 2>/dev/null || find . -type f \
		! -path './build*' ! -path './.git/*'; }) |
		tar -C "$top" -c --ignore-failed-read -T - 2>/dev/null | tar -C "$new" -xm
	chmod -R u=rwX,go=rX "$new"
	(cd "$new" && find . -type f | sort) >"$out/files.new"
	touch "$out/files"
	comm -23 "$out/files" "$out/files.new" | (cd "$old" && xargs -d '\n' rm -f)
	while IFS= read -r file; do
		! cmp -s "$new/$file" "$old/$file" || continue
		mkdir -p "$old/${file%/*}"
		mv "$new/$file" "$old/$file"
	done <"$out/files.new"
	mv "$out/files.new" "$out/files"
	rm -rf "$new"
}

# The programs that the lists name.
names_of_lists() {
	for l in $lists; do
		grep -o 'tests/unit/test-[a-z0-9-]*' "$top/tests/unit/$l.inc" || die "no list $l"
	done | sed 's|.*/||' | sort -u
}

build_tests() {
	echo "building for $arch"
	# shellcheck disable=SC2046 # a list of words
	within sh -e >"$out/build.log" 2>&1 <<END || { tail -20 "$out/build.log" && die "the build failed: $out/build.log"; }
cd /src/clusterbmc
mkdir -p build-aux ../build
autoreconf -fi
cd ../build
../clusterbmc/configure --quiet --host=$triplet --enable-werror
make -s -j$(nproc) all
$triplet-gcc -O2 -Wall -Wextra -Werror -shared -fPIC -o skip.so ../clusterbmc/tests/cross/skip.c -lcmocka
make -s -j$(nproc) -k $(names_of_lists | sed 's|^|tests/unit/|' | tr '\n' ' ')
END
}

run_tests() {
	echo "unit tests under $emulator"
	rm -rf "$out/src/tests"
	mkdir -p "$out/src/tests"
	# shellcheck disable=SC2046 # a list of words
	within env top_srcdir=/src/clusterbmc top_builddir=/src/build \
		CLUSTERBMC_SLOWER="$slower" UNITS_EMULATOR="$emulator" UNITS_JOBS="$(nproc)" \
		UNITS_TIMEOUT="$limit" /src/clusterbmc/tests/cross/units.sh \
		/src/clusterbmc/tests/cross/skips /src/tests $(names_of_lists)
}

# Pages are alike for all processors: they are made here, where npm is. Sets `without`.
take_pages() {
	without=CLUSTERBMC_WITHOUT_WEBUI=yes
	[ -z "${CLUSTERBMC_WITHOUT_WEBUI:-}" ] || return 0
	to=$out/src/package/clusterbmc/redfish/webui/prebuilt
	sh "$top/redfish/webui/build.sh" "$top/redfish/webui" "$out/webui" >"$out/webui.log" 2>&1 || {
		tail -20 "$out/webui.log"
		die "the web pages failed: $out/webui.log"
	}
	if [ -f "$out/webui/dist/index.html" ]; then
		mkdir -p "$to"
		cp "$out"/webui/dist/* "$to/"
		without=CLUSTERBMC_WITHOUT_WEBUI=
	else
		tail -n 1 "$out/webui.log"
	fi
}

# The packages that are installed on the board, in a copy: a folder that was configured can't
# be the source of another one.
build_package() {
	echo "building the packages for $arch"
	rm -rf "$out/src/package" "$out"/*.deb
	mkdir -p "$out/src/package"
	cp -a "$out/src/clusterbmc" "$out/src/package/"
	take_pages
	within env "$without" sh -e >"$out/package.log" 2>&1 <<END || { tail -20 "$out/package.log" && die "the package failed: $out/package.log"; }
cd /src/package/clusterbmc
dpkg-buildpackage -a$arch -us -uc -b -j$(nproc) -Pcross,nocheck
END
	check_package
	mv "$out"/src/package/*.deb "$out/"
	ls -l "$out"/*.deb
}

# Each package there is, of this architecture and with contents; dependencies can be had,
# programs are of this processor, and start.
check_package() {
	echo "looking at the packages"
	sed -n 's/^Package: //p' "$top/debian/control" | while IFS= read -r name; do
		set -- "$out/src/package/${name}_"*"_$arch.deb"
		[ -f "$1" ] || die "there is no package $name"
		[ "$(dpkg-deb --field "$1" Architecture)" = "$arch" ] || die "$1 is not for $arch"
		dpkg-deb --info "$1"
		dpkg-deb --contents "$1"
	done >"$out/contents.log" || exit 1
	[ "$without" = CLUSTERBMC_WITHOUT_WEBUI=yes ] ||
		grep -q ' \./usr/share/clusterbmc/webui/index\.html$' "$out/contents.log" ||
		die "the packages have no web pages: $out/contents.log"
	within sh -e >"$out/starts.log" 2>&1 <<END || { tail -20 "$out/starts.log" && die "the packages are not right: $out/starts.log"; }
cd /src/package
apt-get -q -s --no-install-recommends install ./*.deb
rm -rf installed # and what is for debuggers stays out
for deb in ./*.deb; do
	case \$deb in *-dbgsym_*) ;; *) dpkg-deb -x "\$deb" installed ;; esac
done
programs=\$(find installed -type f -exec sh -c 'head -c 4 "\$1" | grep -q "^.ELF"' sh {} \; -print)
for program in \$programs; do
	$triplet-readelf -h "\$program" | grep 'Machine: *AArch64'
done
version=\$(dpkg-parsechangelog -l clusterbmc/debian/changelog -S Version)
for program in usr/sbin/clusterbmcd usr/libexec/clusterbmc-priv usr/bin/bmc usr/bin/bmc-scan; do
	$emulator installed/\$program --version | grep -F "\$version"
	$emulator installed/\$program --help | grep -w "\${program##*/}"
done
END
	lintian --fail-on error,warning --allow-root "$out"/src/package/*.changes \
		>"$out/lintian.log" 2>&1 || {
		tail -20 "$out/lintian.log"
		die "lintian has complaints: $out/lintian.log"
	}
	echo "$(grep -c '^Package:' "$top/debian/control") packages, $(grep -c 'Machine:' "$out/starts.log") programs of $arch; they start, and lintian is content"
}

mkdir -p "$out/src"
out=$(cd "$out" && pwd)
[ $# -gt 0 ] || set -- root build tests package
for step in "$@"; do
	case $step in
	root) make_root ;;
	build)
		make_root
		copy_sources
		build_tests
		;;
	tests) run_tests ;;
	package)
		make_root
		copy_sources
		build_package
		;;
	*) die "no such step: $step" ;;
	esac
done
