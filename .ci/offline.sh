#!/bin/sh
# Writes the service worker of a built site: its list of files, and a version that changes with
# any of them.
#   .ci/offline.sh FOLDER
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
if command -v sha256sum >/dev/null; then hash=sha256sum; else hash='shasum -a 256'; fi

files=$(find . -type f ! -name sw.js ! -name '.*' | sed 's,^\./,,' | LC_ALL=C sort)
case $files in
    *[!A-Za-z0-9._/'
'-]*) echo "error: a file's name is not plain: $files" >&2; exit 1 ;;
esac
# shellcheck disable=SC2086 # the files' names have no spaces
version=$( (for file in $files; do $hash "$file"; done; $hash <"$here/sw.js") | $hash | cut -c1-16)
# a folder's index is asked for by the folder's address
list=$(printf '%s\n' "$files" | sed -e 's,index\.html$,,' -e 's,^,./,' -e 's,.*,"&"\,,' | tr '\n' ' ')
sed -e "s|^const VERSION = .*|const VERSION = \"$version\";|" \
    -e "s|^const FILES = .*|const FILES = [$list];|" "$here/sw.js" >sw.js
