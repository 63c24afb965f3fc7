#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# autogen.sh            makes the script configure, nothing else
# autogen.sh demo       installs the missing packages, builds what the demo needs, plays the demo
# autogen.sh check      installs the missing packages, builds all, runs the tests
#
# build-aux/packages lists what is installed. demo and check build in ./build, where the output of
# each stage goes into a log. A second run does only what is still to be done.
set -eu

cd "$(dirname "$0")"
build=build
packages=build-aux/packages
jobs=$(getconf _NPROCESSORS_ONLN)

say()
{
  echo "autogen.sh: $*"
}

fail()
{
  echo "autogen.sh: $*" >&2
  exit 1
}

# stage LOG WHAT COMMAND...: says what is done, with the output going into the log. When the command
# fails, shows the end of the log and exits.
stage()
{
  log=$build/$1 what=$2
  shift 2
  mkdir -p "$build"
  say "$what (log in $log)"
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 40 "$log" | sed 's/^/  | /' >&2
    fail "$what failed; above is the end of $log"
  fi
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
  else
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

apt_install()
{
  options="-q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3"
  # shellcheck disable=SC2086 # words are wanted
  as_root apt-get $options update || echo "apt-get update failed; going on without it"
  # shellcheck disable=SC2086
  as_root apt-get $options -y --no-install-recommends install "$@"
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
  [ $# -gt 0 ] || return 1
  [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null ||
    fail "not root and no sudo; install these packages first: $*"
  stage packages.log "installing $*" apt_install "$@"
}

need_autotools()
{
  for tool in autoconf automake pkg-config; do
    command -v "$tool" >/dev/null ||
      fail "$tool is missing; './autogen.sh check' installs it, or see $packages"
  done
}

# set_up TARGET: installs packages, runs autoreconf and configure where that has not been done yet,
# and builds TARGET. If it installed any package, configure runs again to find it.
set_up()
{
  if command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then
    if install_packages user; then
      rm -f "$build/config.status"
    fi
  else
    say "no apt here: the packages that $packages lists must be installed already"
  fi
  if [ ! -x configure ] || [ ! -f Makefile.in ]; then
    need_autotools
    stage autoreconf.log "making configure" autoreconf -fi
  fi
  if [ ! -f "$build/config.status" ] || [ ! -f "$build/Makefile" ]; then
    stage configure.log configuring env -C "$build" ../configure
  fi
  stage build.log building make -C "$build" -j"$jobs" "$1"
}

case ${1-} in
  '')
    need_autotools
    autoreconf -fi
    say "now: mkdir -p build && cd build && ../configure && make"
    ;;
  demo) set_up demo-programs
    say "playing the demo"
    make -s -C "$build" demo
    ;;
  check) set_up check-programs
    say "running the tests (one log each, in $build/tests)"
    # Many tests wait for what hangs: twice as many at once as there are processors.
    make -s -C "$build" -j$((2 * jobs)) check
    ;;
  packages) shift && { install_packages "$@" || say "nothing is missing"; } ;;
  -h | --help) usage ;;
  *) usage >&2 && exit 2 ;;
esac
