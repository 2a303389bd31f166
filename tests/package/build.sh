#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds Debian's packages from the files that git knows (or from a tarball's folder) and puts
# them into OUT; lintian then looks at them. Called by `./quickstart package`.
#
# usage: build.sh TOP OUT [--twice]     --twice: once more elsewhere, and compares every byte;
#                                       other options are not its own
set -eu
top=$1 out=$2 twice=${3:-}

die() {
	printf 'package: %s\n' "$*" >&2
	exit 1
}

# export_tree DIR: what the package is built from, and nothing that a build has left.
export_tree() {
	mkdir -p "$1"
	if [ -e "$top/.git" ] && command -v git >/dev/null; then
		git -c safe.directory='*' -C "$top" ls-files -z |
			tar -C "$top" -c --null --ignore-failed-read -T - 2>/dev/null | tar -C "$1" -x
	else
		tar -C "$top" -c --exclude='./build*' --exclude='./.git' . | tar -C "$1" -x
	fi
	chmod -R u=rwX,go=rX "$1" # whatever mask the clone was made with
	[ -x "$1/debian/rules" ] || die "$top has no debian/rules"
}

# build_once DIR: source and binary packages end up in DIR.
build_once() {
	rm -rf "$1"
	export_tree "$1/clusterbmc"
	echo "building the packages in $1"
	(cd "$1/clusterbmc" && dpkg-buildpackage -us -uc -j"$(nproc)") >"$1/build.log" 2>&1 || {
		tail -40 "$1/build.log"
		die "the build failed; all of it is in $1/build.log"
	}
}

mkdir -p "$out"
out=$(cd "$out" && pwd)
rm -f "$out"/*.deb "$out"/*.dsc "$out"/*.tar.xz "$out"/*.changes "$out"/*.buildinfo
build_once "$out/build"
if [ "$twice" = --twice ]; then
	# another folder, user's mask, time zone and language, and no compiler's cache
	(umask 002 && export TZ=Asia/Shanghai LC_ALL=C.UTF-8 CCACHE_DISABLE=1 &&
		build_once "$out/build-again")
	for file in "$out"/build/*.deb "$out"/build/*.dsc "$out"/build/*.tar.xz; do
		cmp "$file" "$out/build-again/${file##*/}" || die "${file##*/}: two builds differ"
	done
	echo "both builds are equal"
	rm -rf "$out/build-again"
fi
mv "$out"/build/*.deb "$out"/build/*.dsc "$out"/build/*.tar.xz "$out"/build/*.changes \
	"$out"/build/*.buildinfo "$out/"
rm -rf "$out/build/clusterbmc"
lintian --fail-on error,warning --allow-root "$out"/*.changes || die "lintian has complaints"
ls -l "$out"/*.deb
