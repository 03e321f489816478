#!/bin/sh
# Lets the pages of a built site run the scripts that were built into them, and no other that stands in a page: the
# scripts' hashes take the place of 'unsafe-inline' in the content security policy's script-src.
#   .ci/policy.sh FOLDER
set -eu
cd "$1"
if command -v sha256sum >/dev/null; then hash=sha256sum; else hash='shasum -a 256'; fi
scripts=$(mktemp -d)
trap 'rm -rf "$scripts"' EXIT

find . -name index.html | while read -r page; do
    rm -f "$scripts"/*
    # writes every script's text, to the byte, into a file of its own
    awk -v folder="$scripts" '
        { page = page $0 "\n" }
        END {
            while (match(page, /<script[^>]*>/)) {
                tag = substr(page, RSTART, RLENGTH)
                page = substr(page, RSTART + RLENGTH)
                end = index(page, "</script>")
                if (tag !~ / src=/) printf "%s", substr(page, 1, end - 1) >(folder "/" ++n)
                page = substr(page, end)
            }
        }' "$page"
    sources=
    for script in "$scripts"/*; do
        # turns hexadecimal into bytes by way of octal escapes, which every printf knows
        bytes=$($hash <"$script" | awk '{
            for (i = 1; i < 64; i += 2) {
                high = index("0123456789abcdef", substr($1, i, 1)) - 1
                low = index("0123456789abcdef", substr($1, i + 1, 1)) - 1
                printf "\\%03o", 16 * high + low
            } }')
        # shellcheck disable=SC2059 # the bytes are the format
        sources="$sources 'sha256-$(printf "$bytes" | base64)'"
    done
    sed "s|script-src 'self' 'unsafe-inline'|script-src 'self'$sources|" "$page" >"$scripts/page"
    if ! grep -q "script-src 'self' 'sha256-" "$scripts/page"; then
        echo "error: $page has no policy for its scripts" >&2
        exit 1
    fi
    cat "$scripts/page" >"$page"
done
