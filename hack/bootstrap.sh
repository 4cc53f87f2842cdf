#!/usr/bin/env bash
# Makes sure that Node, npm and this project's packages are here. Says nothing when they are.
#
# Any Node from 18 on with npm will do to start with: the packages bring the Node that runs the project.
# On Debian and Ubuntu, as root, missing system packages are installed; otherwise they are named.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '==> %s\n' "$*" >&2; }
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# The project's own Node must not be the one that reinstalls it.
PATH=${PATH//"$PWD/node_modules/.bin:"/}
export PATH

mkdir -p .cache
if command -v flock >/dev/null; then
  exec 9>.cache/bootstrap.lock
  flock 9
fi

# What a Node 18 or later prints for its major version; nothing for an older or absent one.
usable_node() {
  command -v node >/dev/null && command -v npm >/dev/null &&
    node -e 'process.exit(process.versions.node.split(".")[0] >= 18 ? 0 : 1)' 2>/dev/null
}

# Node 26 from npm is linked against libatomic; a minimal Debian has none.
has_libatomic() {
  [ "$(uname -s)" != Linux ] || ldconfig -p 2>/dev/null | grep -q 'libatomic\.so\.1' || /sbin/ldconfig -p 2>/dev/null | grep -q 'libatomic\.so\.1'
}

missing=()
usable_node || missing+=(nodejs npm)
has_libatomic || missing+=(libatomic1)

if [ ${#missing[@]} -gt 0 ]; then
  if ! command -v apt-get >/dev/null; then
    fail "Node.js 18 or later with npm, and libatomic, are needed; missing: ${missing[*]}. See https://nodejs.org/en/download"
  fi
  if [ "$(id -u)" -ne 0 ]; then
    fail "missing system packages; install them with: sudo apt-get install ca-certificates ${missing[*]}"
  fi
  say "installing system packages: ${missing[*]}"
  apt_log=.cache/apt.log
  if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ca-certificates "${missing[@]}"; } >"$apt_log" 2>&1; then
    tail -n 20 "$apt_log" >&2
    fail "apt-get could not install ${missing[*]}; its output is in $apt_log"
  fi
  hash -r
  usable_node || fail "the system's Node.js is $(node --version 2>/dev/null || echo absent); 18 or later with npm is needed. See https://nodejs.org/en/download"
fi

# The packages are here when npm's own record of the last install holds everything the lock file asks for.
installed() {
  node_modules/.bin/node hack/packages-installed.mjs 2>/dev/null
}

if ! installed; then
  say "installing npm packages (npm ci)"
  npm ci --no-progress --loglevel=error >&2 ||
    fail "npm ci failed; its message stands above. The registry in use is $(npm config get registry)"
  installed || fail "npm ci ended well, yet node_modules does not match package-lock.json; remove node_modules and try again"
fi
