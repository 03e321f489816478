#!/bin/sh
# What `trunk build` runs after the first page: the other pages, each with a wasm of its own, then
# what scripts they may run, and then the service worker, which has to know all files.
set -eu
cd "$(dirname "$0")/.."
release=
[ "$TRUNK_PROFILE" = release ] && release=--release
for page in data-set twin; do
    # shellcheck disable=SC2086
    trunk --config "Trunk.$page.toml" build $release --dist "$TRUNK_STAGING_DIR/$page"
done
.ci/policy.sh "$TRUNK_STAGING_DIR"
exec .ci/offline.sh "$TRUNK_STAGING_DIR"
