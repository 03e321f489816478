#!/bin/sh
# Builds the trainer, the second wasm of the twins' page, which is loaded when a twin is first trained or asked.
# Trunk runs this script after it has built the page, and sets where the page goes and how it was built.
set -eu
cd "$(dirname "$0")/.."
case ${TRUNK_PROFILE:-debug} in
release) profile=page folder=page ;;
*) profile=${TRUNK_BUILD_CARGO_PROFILE:-dev} folder=$profile ;;
esac
[ "$folder" != dev ] || folder=debug
out=$TRUNK_STAGING_DIR/trainer
target=${CARGO_TARGET_DIR:-target}/wasm32-unknown-unknown/$folder
cargo build --lib --target wasm32-unknown-unknown --profile "$profile" --features trainer
wasm-bindgen --target web --no-typescript --out-name trainer --out-dir "$out" "$target/ballstick.wasm"
if [ "$profile" = page ]; then
    # the same flags as the pages'
    wasm-opt -O1 --enable-simd --enable-bulk-memory --enable-nontrapping-float-to-int \
        --enable-sign-ext --enable-mutable-globals --enable-reference-types --enable-multivalue \
        "$out/trainer_bg.wasm" -o "$out/trainer_bg.wasm"
fi
