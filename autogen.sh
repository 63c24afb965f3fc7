#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# autogen.sh            makes the script configure, nothing else
# autogen.sh demo       installs the missing packages, builds in ./build, plays the demo
# autogen.sh check      the same, then runs the tests
#
# build-aux/packages lists what is installed. A second run does only what is still to be done.
set -eu

cd "$(dirname "$0")"
build=build
packages=build-aux/packages

say()
{
  echo "autogen.sh: $*"
}

fail()
{
  echo "autogen.sh: $*" >&2
  exit 1
}

usage()
{
  sed -n 's/^# \(autogen.sh .*\)/\1/p' autogen.sh
}

installed()
{
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Prints the packages of one section of the list that are not installed.
missing()
{
  sed -n "/^\[$1\]/,/^\[/p" "$packages" | grep '^[a-z0-9]' | while read -r line; do
    for package in $(echo "$line" | tr '|' ' '); do
      installed "$package" && continue 2
    done
    echo "${line%%|*}"
  done
}

as_root()
{
  if [ "$(id -u)" -eq 0 ]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  elif command -v sudo >/dev/null; then
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  else
    fail "not root and no sudo; install these packages first: $wanted"
  fi
}

# Installs the missing packages of the sections. Returns 0 if it installed something, 1 if nothing
# was missing.
install_packages()
{
  wanted=
  for section in "$@"; do
    wanted="$wanted $(missing "$section" | tr '\n' ' ')"
  done
  # shellcheck disable=SC2086 # words are wanted
  set -- $wanted
  wanted=$*
  [ $# -gt 0 ] || return 1
  say "installing $wanted"
  options="-q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3"
  # shellcheck disable=SC2086
  as_root apt-get $options update || say "apt-get update failed; going on without it"
  # shellcheck disable=SC2086
  as_root apt-get $options -y --no-install-recommends install "$@" ||
    fail "apt-get could not install: $wanted"
}

bootstrap()
{
  for tool in autoconf automake pkg-config; do
    command -v "$tool" >/dev/null ||
      fail "$tool is missing; './autogen.sh check' installs it, or see $packages"
  done
  autoreconf -fi || fail "autoreconf failed"
}

# Runs autoreconf and configure where that has not been done yet, then make.
build()
{
  [ -x configure ] && [ -f Makefile.in ] || bootstrap
  mkdir -p "$build"
  if [ "$1" = afresh ] || [ ! -f "$build/config.status" ] || [ ! -f "$build/Makefile" ]; then
    (cd "$build" && ../configure) || fail "configure failed; see $build/config.log"
  fi
  make -C "$build" -j"$(getconf _NPROCESSORS_ONLN)"
}

# Installs packages and builds. If it installed any, configure runs again to find them.
set_up()
{
  how=as-is
  if command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then
    if install_packages user; then
      how=afresh
    fi
  else
    say "no apt here: the packages that $packages lists must be installed already"
  fi
  build "$how"
}

case ${1-} in
  '') bootstrap && say "now: mkdir -p build && cd build && ../configure && make" ;;
  demo) set_up && make -C "$build" demo ;;
  check) set_up && make -C "$build" -j"$(getconf _NPROCESSORS_ONLN)" check ;;
  packages) shift && { install_packages "$@" || say "nothing is missing"; } ;;
  -h | --help) usage ;;
  *) usage >&2 && exit 2 ;;
esac
