#!/bin/sh
# What ./check runs beside its other steps, since each of the two leaves a core idle wherever one compiler, one test or
# one page has to be waited for: the tools of the page, and the page, each wasm of which one thread compiles. ./check sets
# up all other tools.
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
