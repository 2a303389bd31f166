#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# build.sh SOURCE_DIR BUILD_DIR: the web pages into BUILD_DIR/dist. What a tarball brings
# is taken as it is. Where npm is not there, or gets no packages, the folder stays empty,
# that is said, and it is no failure; what is wrong with the pages themselves is one.
set -eu
source=$(cd "$1" && pwd)
mkdir -p "$2"
build=$(cd "$2" && pwd)
rm -rf "$build/dist"
mkdir -p "$build/dist"

none() {
	echo "webui: no web pages: $*" >&2
	exit 0
}

if [ -f "$source/prebuilt/index.html" ]; then
	cp "$source/prebuilt/"* "$build/dist/"
	exit 0
fi
command -v node >/dev/null || none "node is not there (apt-get install npm)"
command -v npm >/dev/null || none "npm is not there (apt-get install npm)"

# Only when what is pinned has changed.
lock=$build/npm/package-lock.json
if ! cmp -s "$source/package-lock.json" "$lock" || [ ! -f "$build/npm/complete" ]; then
	rm -rf "$build/npm"
	mkdir "$build/npm"
	cp "$source/package.json" "$source/package-lock.json" "$build/npm/"
	(cd "$build/npm" && timeout 120 npm ci --ignore-scripts --no-audit --no-fund \
		--fetch-retries=1 --fetch-timeout=20000 >log 2>&1 </dev/null) ||
		none "npm could not get its packages: $build/npm/log"
	: >"$build/npm/complete"
fi
exec node "$source/build.mjs" "$source" "$build/dist" "$build/npm/node_modules"
