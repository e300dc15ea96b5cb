#!/bin/sh
# Installs diskd from a release, upgrades it, or removes it. For systems without
# a package of diskd; docs/service.md explains what it installs.
#
#     curl -fsSL https://github.com/OWNER/diskd/releases/latest/download/install.sh | sh
#
# Only functions until the last line: if the download of this script is cut
# short, nothing runs.
set -eu

readonly HOME_PAGE=https://github.com/OWNER/diskd
# The minisign key of the releases. While it is empty, releases are not signed.
readonly PUBLIC_KEY=''
readonly UNITS='diskd.service diskd-web.service'
readonly MAN_PAGES='diskd.1 diskd.8 diskd.yaml.5'

usage() {
  cat <<END
Installs diskd, or upgrades it:
  install.sh [--version VERSION] [--prefix DIR] [--from URL]
Removes what it installed:
  install.sh --uninstall [--purge] [--prefix DIR]

  --version VERSION  this release; default: the latest
  --prefix DIR       default: /usr/local
  --from URL         a mirror, or a directory, with the files of a release
  --uninstall        removes diskd; its state stays: identity and history
  --purge            removes the state, too, and the user diskd
  --help             shows this

Root also gets units for systemd, if the system has it.
END
}

say() {
  printf '%s\n' "$*"
}

warn() {
  printf 'install.sh: %s\n' "$*" >&2
}

die() {
  warn "$@"
  exit 1
}

misused() {
  warn "$1"
  warn "See install.sh --help"
  exit 2
}

has() {
  command -v "$1" >/dev/null 2>&1
}

# --- What was asked, and for which machine -----------------------------------

read_arguments() {
  action=install purge=no version='' prefix=/usr/local from=''
  while [ $# -gt 0 ]; do
    case $1 in
    --version | --prefix | --from)
      [ -n "${2-}" ] || misused "$1 needs a value"
      case $1 in
      --version) version=${2#v} ;;
      --prefix) prefix=${2%/} ;;
      *) from=${2%/} ;;
      esac
      shift
      ;;
    --uninstall) action=uninstall ;;
    --purge) purge=yes ;;
    --help | -h)
      usage
      exit 0
      ;;
    *) misused "unknown argument: $1" ;;
    esac
    shift
  done
  [ "$purge" = no ] || [ "$action" = uninstall ] ||
    misused "--purge goes with --uninstall"
  # systemd, sed and the manifest give other characters a meaning of their own.
  case $prefix in
  /*[!A-Za-z0-9/._+-]* | *..* | [!/]* | '')
    misused "--prefix is $prefix, expected an absolute path of letters, digits and / . _ + -"
    ;;
  esac
  case $version in
  *[!0-9A-Za-z.+~-]*) misused "--version is $version, expected one such as 0.1.0" ;;
  esac
  case $from in
  '' | https://* | http://* | /*) ;;
  *) misused "--from is $from, expected https://..., http://... or an absolute path" ;;
  esac
  manifest=$prefix/share/diskd/manifest
}

check_machine() {
  [ "$(uname -s)" = Linux ] || die "diskd runs on Linux only, and this is $(uname -s)"
  case $(uname -m) in
  x86_64 | amd64) arch=x86_64 ;;
  aarch64 | arm64) arch=aarch64 ;;
  *) die "diskd is not built for $(uname -m), only for x86_64 and aarch64" ;;
  esac
  [ "$(getconf LONG_BIT 2>/dev/null)" != 32 ] ||
    die "the programs of this system are 32-bit, though its kernel is $arch: diskd is not built for that"
  case $(ldd --version 2>&1) in
  *musl*) die "this system has musl, and diskd needs glibc 2.27 or later: run it in a container with glibc" ;;
  esac
  for program in mktemp sha256sum sed; do
    has "$program" || die "the program $program is missing"
  done
}

# Before anything is downloaded. Creates nothing.
check_prefix() {
  above=$prefix
  while [ ! -e "$above" ]; do
    above=$(dirname "$above")
  done
  [ -d "$above" ] || die "$above is not a directory"
  [ -w "$above" ] ||
    die "only root may install to $prefix; as another user, choose a --prefix such as ~/.local"
}

# Root's systemd, even where it does not run now, as in an image being built.
set_with_units() {
  with_units=no
  if [ "$(id -u)" != 0 ] || ! has systemctl; then return; fi
  case $prefix/ in
  /home/* | /root/* | /run/* | /tmp/* | /var/tmp/*)
    warn "no unit for systemd: a service does not see $prefix"
    return
    ;;
  esac
  # The unit in /etc would hide that of the package, also from its upgrades.
  [ ! -e /usr/lib/systemd/system/diskd.service ] ||
    die "a package has installed diskd: upgrade that, or remove it first"
  with_units=yes
}

systemd_runs() {
  [ -d /run/systemd/system ]
}

# --- Downloading and verifying ---------------------------------------------------

# download NAME: into $temp, from $base
download() {
  case $base in
  /*) cp -- "$base/$1" "$temp/$1" ;;
  *) fetch "$base/$1" "$temp/$1" ;;
  esac || die "cannot get $base/$1; nothing was installed"
}

# fetch URL FILE
fetch() {
  if ! has curl; then
    wget -q -O "$2" "$1"
  elif [ "${1%%:*}" = https ]; then
    # No redirection to a connection that is not encrypted, either.
    curl -fsSL --proto =https --retry 2 -o "$2" "$1"
  else
    curl -fsSL --retry 2 -o "$2" "$1"
  fi
}

download_all() {
  case $from in
  /*) ;;
  *) has curl || has wget || die "neither curl nor wget is installed" ;;
  esac
  temp=$(mktemp -d)
  if [ -n "$from" ]; then
    base=$from
  elif [ -n "$version" ]; then
    base=$HOME_PAGE/releases/download/v$version
  else
    base=$HOME_PAGE/releases/latest/download
  fi
  download SHA256SUMS
  check_signature
  read_version
  # A newer release may appear in between.
  [ -n "$from" ] || base=$HOME_PAGE/releases/download/v$version
  binary=diskd-$version-linux-$arch
  set -- "$binary" diskd.sysusers licences.txt
  for name in $UNITS $MAN_PAGES; do
    set -- "$@" "$name"
  done
  for name; do
    download "$name"
  done
  for name; do
    check_sum "$name"
  done
  say "Verified: the SHA-256 sums of $# files; $signature."
  try_binary
}

# With a key and minisign, there must be a signature.
check_signature() {
  if [ -n "$PUBLIC_KEY" ] && has minisign; then
    download SHA256SUMS.minisig
    minisign -V -q -P "$PUBLIC_KEY" -m "$temp/SHA256SUMS" >/dev/null 2>&1 ||
      die "the signature of SHA256SUMS is forged or damaged; nothing was installed"
    signature="and the signature of the sums, with minisign"
    return
  elif [ -n "$PUBLIC_KEY" ]; then
    signature="not the signature, because minisign is not installed"
  else
    signature="they are not signed"
  fi
  case $base in
  /*) ;;
  https://*)
    if ! has curl && wget --help 2>&1 | grep -q BusyBox; then
      warn "BusyBox wget does not check who it talks to: whoever can change the connection can change diskd"
    fi
    ;;
  *) warn "$base is not encrypted: whoever can change the connection can change diskd" ;;
  esac
}

# Of the release, from the name of its binary.
read_version() {
  found=$(sed -n "s/^[0-9a-f]\{64\}  diskd-\([0-9][0-9A-Za-z.+~-]*\)-linux-$arch\$/\1/p" "$temp/SHA256SUMS")
  case $found in
  '') die "SHA256SUMS names no binary for $arch; nothing was installed" ;;
  *[!0-9A-Za-z.+~-]*) die "SHA256SUMS names several versions; nothing was installed" ;;
  esac
  [ -z "$version" ] || [ "$version" = "$found" ] ||
    die "the release there is $found, not $version; nothing was installed"
  version=$found
}

sum_of() {
  sha256sum <"$1" | cut -d ' ' -f 1
}

check_sum() {
  expected=$(sed -n "s/^\([0-9a-f]\{64\}\)  $1\$/\1/p" "$temp/SHA256SUMS")
  [ -n "$expected" ] || die "SHA256SUMS does not name $1; nothing was installed"
  [ "$(sum_of "$temp/$1")" = "$expected" ] ||
    die "$1 is forged or damaged: its SHA-256 sum is not that of SHA256SUMS; nothing was installed"
}

# The sum says that it is whole; this says that it runs here.
try_binary() {
  chmod 755 "$temp/$binary"
  answer=$("$temp/$binary" --version 2>&1) || :
  [ "$answer" = "diskd $version" ] || die "$binary does not run here: $answer
diskd needs glibc 2.27 or later, and 34 GB of addresses (ulimit -v). If programs
may not run in ${TMPDIR:-/tmp}, set TMPDIR. Nothing was installed"
  for shell in bash zsh fish; do
    "$temp/$binary" completions "$shell" >"$temp/completion.$shell"
  done
}

# --- Installing ---------------------------------------------------------------------

install_all() {
  check_machine
  check_prefix
  set_with_units
  download_all

  upgrade=no
  if [ -e "$manifest" ]; then upgrade=yes; fi
  touch "$temp/manifest" "$temp/known"
  if [ "$upgrade" = yes ]; then
    cp -- "$manifest" "$temp/known"
    sed -n '/^directory  /p' "$temp/known" >"$temp/manifest"
  fi

  stage_all
  # The manifest is the first to be in place, so --uninstall finds all that is.
  trap '' HUP INT TERM
  put_in_place manifest "$manifest"
  while read -r kind path; do
    [ "$kind" = directory ] || put_in_place "$kind" "$path"
  done <"$temp/manifest"
  staged=no
  remove_obsolete
  if [ "$with_units" = yes ]; then apply_units; fi
  say_what_next
}

# Copies everything beside its place, so that a full disk changes nothing.
stage_all() {
  staged=yes
  stage "$temp/$binary" "$prefix/bin/diskd" 755
  for page in $MAN_PAGES; do
    stage "$temp/$page" "$prefix/share/man/man${page##*.}/$page"
  done
  stage "$temp/licences.txt" "$prefix/share/doc/diskd/licences.txt"
  stage "$temp/completion.bash" "$prefix/share/bash-completion/completions/diskd"
  stage "$temp/completion.zsh" "$prefix/share/zsh/site-functions/_diskd"
  stage "$temp/completion.fish" "$prefix/share/fish/vendor_completions.d/diskd.fish"
  if [ "$with_units" = yes ]; then
    for unit in $UNITS; do
      sed "s|/usr/local/bin/diskd|$prefix/bin/diskd|g" "$temp/$unit" >"$temp/$unit.here"
      stage "$temp/$unit.here" "/etc/systemd/system/$unit"
    done
    stage "$temp/diskd.sysusers" /etc/sysusers.d/diskd.conf
  fi
  make_directory "$(dirname "$manifest")"
  cp -- "$temp/manifest" "$manifest.new"
  chmod 644 "$manifest.new"
}

# stage FILE PATH [MODE]: PATH.new, and a line of the manifest
stage() {
  make_directory "$(dirname "$2")"
  # First, for clean_up.
  printf '%s  %s\n' "$(sum_of "$1")" "$2" >>"$temp/manifest"
  cp -- "$1" "$2.new"
  chmod "${3:-644}" "$2.new"
}

# Notes what it makes, to remove it again.
make_directory() {
  [ ! -d "$1" ] || return 0
  make_directory "$(dirname "$1")"
  printf 'directory  %s\n' "$1" >>"$temp/manifest"
  mkdir -m 755 -- "$1"
}

# put_in_place SUM PATH: a unit that somebody wrote or changed is kept beside it.
put_in_place() {
  case $2 in
  /etc/systemd/system/*)
    if [ -e "$2" ] && ! is_ours "$1" "$2"; then
      mv -f -- "$2" "$2.old"
      warn "$2 had been changed, and is $2.old now"
    fi
    ;;
  esac
  mv -f -- "$2.new" "$2"
}

# Whether PATH is as this script made it, now (SUM) or before.
is_ours() {
  now=$(sum_of "$2")
  [ "$now" = "$1" ] || grep -Fqx "$now  $2" "$temp/known"
}

# What an older version had and this one has not.
remove_obsolete() {
  sed 's/^[^ ]*  //' "$manifest" >"$temp/paths"
  while read -r kind path; do
    grep -Fqx -- "$path" "$temp/paths" || rm -f -- "$path"
  done <"$temp/known"
}

apply_units() {
  systemd-sysusers /etc/sysusers.d/diskd.conf ||
    warn "the user diskd could not be made; the service needs it"
  systemd_runs || return 0
  systemctl daemon-reload
  # Only what runs; this starts nothing.
  # shellcheck disable=SC2086 # Two words.
  systemctl try-restart $UNITS ||
    warn "diskd does not run after the upgrade; see: journalctl -u diskd"
}

say_what_next() {
  say "diskd $version is installed: $prefix/bin/diskd"
  case :$PATH: in
  *:"$prefix/bin":*) run='' ;;
  *) run=$prefix/bin/ ;;
  esac
  say "Next:"
  if [ "$with_units" = no ]; then
    say "  ${run}diskd --daemon    # runs in the foreground"
  elif ! systemctl is-enabled --quiet diskd.service 2>/dev/null; then
    say "  systemctl enable --now diskd"
  fi
  if has ufw && ufw status 2>/dev/null | grep -q '^Status: active'; then
    say "  ufw allow 32003/udp"
  fi
  if has firewall-cmd && firewall-cmd --state >/dev/null 2>&1; then
    say "  firewall-cmd --permanent --add-port=32003/udp && firewall-cmd --reload"
  fi
  say "  ${run}diskd doctor      # if the hosts do not see each other"
}

# --- Removing ---------------------------------------------------------------------------

uninstall_all() {
  if [ -e "$manifest" ]; then
    remove_installed
  elif [ "$purge" = no ]; then
    die "nothing to remove: there is no $manifest"
  fi
  if [ "$purge" = yes ]; then
    purge_state
  else
    say "State and user stay; --uninstall --purge removes them, too."
  fi
}

remove_installed() {
  [ -w "$manifest" ] || die "only its owner may remove what is in $prefix"
  temp=$(mktemp -d)
  cp -- "$manifest" "$temp/known"
  if grep -q '  /etc/systemd/system/' "$temp/known" && systemd_runs; then
    # shellcheck disable=SC2086 # Two words.
    systemctl disable --now --quiet $UNITS || :
  fi
  trap '' HUP INT TERM
  while read -r kind path; do
    if [ "$kind" = directory ] || [ ! -e "$path" ]; then
      continue
    elif [ "$(sum_of "$path")" = "$kind" ]; then
      rm -f -- "$path"
    else
      warn "$path stays: it has been changed since it was installed"
    fi
  done <"$temp/known"
  rm -f -- "$manifest"
  # The last that was made is the first to go. Others may have put files there.
  sed -n '1!G;h;$p' "$temp/known" | while read -r kind path; do
    [ "$kind" != directory ] || rmdir -- "$path" 2>/dev/null || :
  done
  if has systemctl && systemd_runs && [ "$(id -u)" = 0 ]; then
    systemctl daemon-reload
  fi
  say "diskd is removed from $prefix."
}

purge_state() {
  if [ "$(id -u)" = 0 ]; then
    rm -rf /var/lib/diskd /run/diskd
    if id diskd >/dev/null 2>&1; then
      userdel diskd || warn "the user diskd could not be removed"
    fi
    if [ -d /etc/diskd ]; then say "/etc/diskd stays: your configuration and keys."; fi
  else
    rm -rf "${XDG_STATE_HOME:-$HOME/.local/state}/diskd"
  fi
  say "The state is removed."
}

# Whatever ends it: no download stays, and no copy that was not put in place.
clean_up() {
  if [ "$staged" = yes ]; then
    sed -n '1!G;h;$p' "$temp/manifest" | while read -r kind path; do
      if [ "$kind" != directory ]; then
        rm -f -- "$path.new"
      elif ! grep -Fqx "$kind  $path" "$temp/known"; then
        rmdir -- "$path" 2>/dev/null || :
      fi
    done
    rm -f -- "$manifest.new"
  fi
  if [ -n "$temp" ]; then rm -rf -- "$temp"; fi
}

main() {
  umask 022
  LC_ALL=C
  export LC_ALL
  temp='' staged=no
  read_arguments "$@"
  trap clean_up EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  "${action}_all"
}

{ main "$@"; }
