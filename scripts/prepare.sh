# Read by run, test and bench: looks for what they need, installs what it may, builds what has changed.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }

# The .NET SDK, whose major version global.json asks for.
need_dotnet() {
  command -v dotnet >/dev/null || { [ -x "$HOME/.dotnet/dotnet" ] && PATH="$HOME/.dotnet:$PATH"; } \
    || fail "Tenet needs the .NET 10 SDK, and there is no dotnet on the PATH." \
            "Install it from https://dotnet.microsoft.com/download/dotnet/10.0 and start again."
  local home
  home=$(dirname "$(readlink -f "$(command -v dotnet)")")
  [ -n "$(find "$home/sdk" -maxdepth 1 -name '10.*' -print -quit 2>/dev/null)" ] \
    || dotnet --list-sdks 2>/dev/null | grep -q '^10\.' \
    || fail "Tenet needs the .NET 10 SDK; installed is only: $(dotnet --list-sdks 2>/dev/null | cut -d' ' -f1 | paste -sd' ')." \
            "Install it from https://dotnet.microsoft.com/download/dotnet/10.0 and start again."
  export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
}

# install_packages PACKAGE…: from the distribution, if we may.
install_packages() {
  local as=()
  command -v apt-get >/dev/null || fail "Please install with your distribution's package tool: $*"
  if [ "$(id -u)" != 0 ]; then
    sudo -n true 2>/dev/null || fail "Tenet needs packages of your distribution. Install them and start again:" \
                                     "  sudo apt-get update && sudo apt-get install -y $*"
    as=(sudo -n)
  fi
  say "Installing $* …"
  local log
  log=$(mktemp)
  export DEBIAN_FRONTEND=noninteractive
  { "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" \
    || { "${as[@]}" apt-get update && "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; }
  } >"$log" 2>&1 || { tail -20 "$log" >&2; fail "Installing $* failed. Install it by hand and start again."; }
  rm -f "$log"
}

have_postgres() {
  [ -n "${PGBIN:-}" ] || command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null \
    || compgen -G '/usr/pgsql-*/bin/initdb' >/dev/null
}
need_postgres() { have_postgres || install_packages postgresql; }

need_node() {
  command -v node >/dev/null && command -v npm >/dev/null && return
  if command -v node >/dev/null; then install_packages npm; else install_packages nodejs npm; fi
}

need_chromium() { command -v chromium >/dev/null || [ -x /usr/bin/chromium ] || install_packages chromium; }

sources() { find "$@" \( -name bin -o -name obj -o -name node_modules -o -name dist -o -name _framework \) -prune -o -type f "${only[@]}" -print; }

# changed STAMP PATH…: whether a file below the paths is new, newer than the stamp, or gone.
changed() {
  local stamp=$1 only=()
  shift
  [ -e "$stamp" ] && [ "$(sources "$@" | sort | cksum)" = "$(cat "$stamp")" ] || return 0
  only=(-newer "$stamp")
  [ -n "$(sources "$@" | head -1)" ]
}

# built STAMP SINCE PATH…: remembers what a build has seen. What was saved while it ran is newer than SINCE and built next time.
built() {
  local stamp=$1 since=$2 only=()
  shift 2
  sources "$@" | sort | cksum >"$stamp"
  touch -r "$since" "$stamp"
}

# The scripts for customers' pages, into the host's static files.
build_widget() {
  local stamp=artifacts/widget.stamp
  [ -f clients/widget/package.json ] || return 0
  [ -f src/Tenet/wwwroot/widget.js ] && [ -f src/Tenet/wwwroot/consent.js ] && ! changed "$stamp" clients/widget && return 0
  need_node
  say "Building the widget …"
  mkdir -p artifacts
  if [ ! -e artifacts/npm.stamp ] || [ ! -d clients/widget/node_modules ] || [ clients/widget/package-lock.json -nt artifacts/npm.stamp ]; then
    quietly npm ci --prefix clients/widget --no-audit --no-fund
    touch artifacts/npm.stamp
  fi
  touch artifacts/widget.begun
  quietly npm run build --prefix clients/widget
  built "$stamp" artifacts/widget.begun clients/widget
}

# quietly COMMAND…: shows the output only when it fails.
quietly() {
  mkdir -p artifacts
  "$@" >artifacts/build.log 2>&1 || { tail -40 artifacts/build.log >&2; fail "Failed: $*"; }
}
