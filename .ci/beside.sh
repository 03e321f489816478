#!/bin/sh
# What ./check runs beside its other steps, since each of the two leaves a core idle wherever one compiler, one test or
# one page has to be waited for: the tools of the page; the page, each wasm of which one thread compiles; and the fuzz
# targets, a workspace of their own. ./check sets up all other tools.
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
# with the same inputs each time: a new finding must not stop another's change;
# FUZZ_SEED=0 FUZZ_SECONDS=60 ./check looks for new ones
part 'fuzzing' env FUZZ_SEED="${FUZZ_SEED-1}" fuzz/run "${FUZZ_SECONDS:-2}"
