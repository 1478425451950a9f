# What scripts/maildiag and scripts/test share: Debian packages and the number of jobs. Sourced, not run.
# shellcheck shell=bash

# shellcheck disable=SC2034  # used by the scripts that source this
build_packages=(
  cmake g++ libarchive-dev libasio-dev libcli11-dev libcurl4-openssl-dev libexpat1-dev libexpected-dev libfmt-dev
  libgmime-3.0-dev libidn2-dev libldns-dev libpsl-dev libre2-dev libsqlite3-dev libssl-dev libtomlplusplus-dev
  ninja-build nlohmann-json3-dev pkgconf
)

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# Prints those of the named packages that are not installed.
missing_packages() {
  local name
  for name in "$@"; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) == installed ]] ||
      printf '%s\n' "$name"
  done
}

as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

# Hundreds of lines that nobody reads, unless it fails.
apt_get() {
  local output
  output=$(as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 \
    -o Dpkg::Use-Pty=0 "$@" </dev/null 2>&1) && return
  printf '%s\n' "$output" >&2
  return 1
}

# Debian starts a server when its package is installed. Ours are only wanted as programs, and two
# of them would fight for port 53, so nothing is started while apt-get runs; see
# /usr/share/doc/init-system-helpers/README.policy-rc.d.gz.
policy_file=/usr/sbin/policy-rc.d
policy_mark='# written by maildiag while it installs packages'

forbid_service_starts() {
  # A file that is not ours is the administrator's decision; it stays.
  [[ -e $policy_file ]] && ! grep -qxF "$policy_mark" "$policy_file" && return
  printf '#!/bin/sh\n%s\nexit 101\n' "$policy_mark" | as_root tee "$policy_file" >/dev/null
  as_root chmod 755 "$policy_file"
}

allow_service_starts() {
  if grep -qxsF "$policy_mark" "$policy_file"; then as_root rm -f "$policy_file"; fi
}

# A server installed for the tests must not start at the next boot either.
disable_services() {
  local name
  command -v systemctl >/dev/null || return 0
  for name in "$@"; do
    case $name in
      nginx | nsd | postfix | unbound | rbldnsd | prometheus | prometheus-node-exporter) as_root systemctl --quiet disable "$name" </dev/null >&2 || true ;;
    esac
  done
}

# Installs those of the named packages that are missing. Fails if apt-get does.
install_packages() {
  local -a missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  if ! command -v apt-get >/dev/null; then
    say "these Debian packages (or their like) are needed: ${missing[*]}"
    return 1
  fi
  if ((EUID != 0)) && ! command -v sudo >/dev/null; then
    say "packages are missing; as root, run: apt-get install ${missing[*]}"
    return 1
  fi
  say "installing ${missing[*]}"
  (
    trap allow_service_starts EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    forbid_service_starts || exit 1
    # Package lists that are absent or stale make the first attempt fail; only then are they fetched.
    apt_get install --no-install-recommends "${missing[@]}" 2>/dev/null ||
      { say 'fetching the package lists' && apt_get update &&
        apt_get install --no-install-recommends "${missing[@]}"; } || exit 1
    disable_services "${missing[@]}"
  ) || {
    say "apt-get could not install ${missing[*]}"
    return 1
  }
}

# Compiling takes up to a gigabyte a job (sanitizers, templates): small machines get fewer jobs.
build_jobs() {
  local jobs free_mib
  jobs=$(nproc)
  free_mib=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo 2>/dev/null)
  if [[ -n $free_mib ]] && ((free_mib / 1024 < jobs)); then jobs=$((free_mib / 1024)); fi
  echo $((jobs > 0 ? jobs : 1))
}

# Unpacks packages into a directory without installing them. Fails, and says so, where they cannot be
# fetched; what is there already is not fetched again.
unpack_packages() {
  local directory=$1 name archives
  shift
  [[ ! -f $directory/.complete || $(cat "$directory/.complete") != "$*" ]] || return 0
  rm -rf "$directory" && mkdir -p "$directory" || return
  archives=$(mktemp -d) || return
  say "fetching $*"
  if ! (cd "$archives" && apt-get -qq download "$@" 2>/dev/null); then
    say "apt-get could not fetch $*"
    rm -rf "$archives"
    return 1
  fi
  for name in "$archives"/*.deb; do dpkg -x "$name" "$directory"; done && echo "$*" >"$directory/.complete"
  rm -rf "$archives"
}
