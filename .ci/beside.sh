#!/bin/sh
# What ./check runs beside its native steps, since each of the two leaves a core idle wherever one compiler, one test or
# one page has to be waited for: the tools of the page; the page, each wasm of which one thread compiles; then the
# tests in the browser. ./check sets up all other tools.
set -eu
cd "$(dirname "$0")/.."
. .ci/tools.sh

spent=$(mktemp)
trap 'rm -f "$spent"' EXIT
trap 'exit 130' INT TERM HUP

# part NAME COMMAND...: runs one of them and says how long it took, as ./check does.
part() {
    say "$1"
    shift
    since=$(date +%s)
    ("$@"; times >"$spent")
    echo "($(($(date +%s) - since)) s, $(processor_s "$spent") of processors)"
}

part 'tools of the page' need_browser_tools
part 'the page' trunk build --release
# of a package of their own: wasm-pack builds every test of the package; with few optimisations, so that the tests use the
# library's instances of generic code and not make their own; in a folder of their own, since cargo lets one command build
# at a time in each; by the compiler that lints as it builds, as `cargo clippy` calls it: a check of its own would take
# all of the dependencies once more
part 'lints of the page, tests in the browser' env CARGO_TARGET_DIR="$PWD/target/browser" \
    RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS=-Dwarnings__CLIPPY_HACKERY__ \
    wasm-pack test --headless --chrome --mode no-install --chromedriver "$CHROMEDRIVER" tests/browser \
    --config profile.dev.package.ballstick.opt-level=1
