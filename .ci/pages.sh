#!/bin/sh
# `trunk build` runs this after the first page. It builds the other pages, each with a wasm of its own, then writes
# into all pages which scripts they may run, and last the service worker, which has to know all files.
# With BALLSTICK_PAGES=first the other pages are left for later (`./tutorial`): pages that wait stand in their places.
set -eu
cd "$(dirname "$0")/.."
if [ "${BALLSTICK_PAGES:-all}" = first ]; then
    for page in data-set twin; do
        mkdir -p "$TRUNK_STAGING_DIR/$page"
        cp www/waiting.html "$TRUNK_STAGING_DIR/$page/index.html"
    done
    : >"$TRUNK_STAGING_DIR/.first"
    exit
fi
release=
[ "$TRUNK_PROFILE" = release ] && release=--release
for page in data-set twin; do
    # shellcheck disable=SC2086
    trunk --config "Trunk.$page.toml" build $release --dist "$TRUNK_STAGING_DIR/$page"
done
.ci/policy.sh "$TRUNK_STAGING_DIR"
exec .ci/offline.sh "$TRUNK_STAGING_DIR"
