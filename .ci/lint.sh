#!/bin/sh
# The compiler of the tests in the browser: Clippy's, whose warnings are errors. Cargo calls it in rustc's place
# (RUSTC_WORKSPACE_WRAPPER) for the crates of this workspace.
exec clippy-driver "$@" -D warnings
