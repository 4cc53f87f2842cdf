#!/usr/bin/env bash
# Makes sure that Node, npm and this project's packages are here. Says nothing when they are.
#
# A Node that is too old is good enough to fetch a newer one with its npm. On Debian and Ubuntu, as root, missing system
# packages are installed; otherwise they are named.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '==> %s\n' "$*" >&2; }
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# The project's own Node must not be the one that reinstalls it.
PATH=${PATH//"$PWD/node_modules/.bin:"/}
PATH=${PATH//"$PWD/.cache/toolchain/node_modules/.bin:"/}
export PATH

mkdir -p .cache && [ -w .cache ] || fail "$(id -un) may not write to $PWD/.cache; give the directory to the user who runs make"
if command -v flock >/dev/null; then
  exec 9>.cache/bootstrap.lock
  flock 9
fi

# node_at_least MAJOR MINOR: whether node and npm are on PATH, and node is that new.
node_at_least() {
  command -v node >/dev/null && command -v npm >/dev/null &&
    node -e 'const [major, minor] = process.versions.node.split(".").map(Number); const [, wanted, minimum] = process.argv.map(Number);
      process.exit(major > wanted || (major === wanted && minor >= minimum) ? 0 : 1)' "$1" "$2"
}

# Node 26 from npm is linked against libatomic; a minimal Debian has none.
has_libatomic() {
  [ "$(uname -s)" != Linux ] || PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null | grep -q 'libatomic\.so\.1'
}

install_system_packages() {
  local log=.cache/apt.log
  if ! command -v apt-get >/dev/null; then
    fail "Node.js 18 or later with npm, and libatomic, are needed; missing: $*. See https://nodejs.org/en/download"
  fi
  if [ "$(id -u)" -ne 0 ]; then
    fail "system packages are missing; install them with: sudo apt-get install ca-certificates $*"
  fi
  say "installing system packages: $*"
  if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ca-certificates "$@"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    fail "apt-get could not install $*; its whole output is in $log"
  fi
  hash -r
}

installed() {
  node_modules/.bin/node hack/packages-installed.mjs 2>/dev/null
}

# Packages that say which Node they need are left out by an older one, so where Node is old, npm comes from here and runs on
# the Node of the lock file. The Makefile has this directory on PATH, too.
toolchain=.cache/toolchain
has_modern_npm() {
  node_at_least 22 19 || [ -x "$toolchain/node_modules/.bin/npm" ]
}

if installed && has_modern_npm; then exit 0; fi

missing=()
node_at_least 18 0 || missing+=(nodejs npm)
has_libatomic || missing+=(libatomic1)
[ ${#missing[@]} -eq 0 ] || install_system_packages "${missing[@]}"
node_at_least 18 0 || fail "Node.js $(node --version 2>/dev/null || echo '(none)') is too old: 18 or later with npm is needed. See https://nodejs.org/en/download"

if ! has_modern_npm; then
  version=$(node -p 'require("./package-lock.json").packages["node_modules/node"].version')
  say "installing Node.js $version and npm 11 into $toolchain"
  rm -rf "$toolchain" && mkdir -p "$toolchain"
  printf '{"private": true, "dependencies": {"node": "%s", "npm": "11"}, "allowScripts": {"node": true}}\n' "$version" >"$toolchain/package.json"
  npm install --prefix "$toolchain" --no-package-lock --no-progress --no-audit --no-fund --loglevel=error >&2 ||
    fail "npm could not install Node.js $version; its message stands above. The registry in use is $(npm config get registry)"
fi
PATH="$PWD/$toolchain/node_modules/.bin:$PATH"

if installed; then exit 0; fi
say "installing npm packages"
npm ci --no-progress --loglevel=error >&2 ||
  fail "npm ci failed; its message stands above. The registry in use is $(npm config get registry)"
installed || fail "npm ci ended well, yet: $(node_modules/.bin/node hack/packages-installed.mjs 2>&1)"
