#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A test: the charm for another snap, with another port and two services, made on a copy of the
# sources by the very commands of docs/your-own-snap.md, and played from deploy to removal. Counts as
# Check does.
set -u

app=otherapp
unit=$app/0
page=$top_srcdir/docs/your-own-snap.md
scratch=$(mktemp -d) || exit 1
socket=$scratch/snapd.socket
snapd=
SANDBOX_JUJU_MODEL=$scratch/model
export SANDBOX_JUJU_MODEL

clean()
{
  trap - EXIT
  [ -z "$snapd" ] || kill "$snapd" 2>/dev/null
  [ -z "$snapd" ] || wait "$snapd" 2>/dev/null
  chmod -R u+w "$scratch"
  rm -rf "$scratch"
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

checks=0
failures=0

# fact NAME: one test, the function of that name.
fact()
{
  checks=$((checks + 1))
  if ! "$1"; then
    failures=$((failures + 1))
    echo "test_any_snap:F:$1"
  fi
}

# The indented lines of the page's section.
commands_of_the_page()
{
  sed -n '/^## The changes/,/^## What the snap/s/^    //p' "$page"
}

# What the charm is made of: neither its tests nor what was built of it.
copy_sources()
{
  mkdir "$scratch/source" "$scratch/build" "$scratch/model" &&
    (cd "$top_srcdir" && tar cf - --exclude=./tests --exclude=./docs --exclude=./.git \
      --exclude=./build --exclude='./build-[b-z]*' --exclude='./_*' --exclude=./autom4te.cache \
      --exclude=./config.status --exclude=./charm --exclude=./dispatch --exclude='*.[oa]' .) |
    (cd "$scratch/source" && tar xf -) &&
    (cd "$top_srcdir" && find tests -name '*.mk' | tar cf - -T -) | # Makefile.am includes these
    (cd "$scratch/source" && tar xf -) && chmod -R u+w "$scratch/source"
}

the_page_has_the_commands()
{
  commands_of_the_page >"$scratch/commands"
  grep -q workload.h "$scratch/commands" && grep -q charmcraft.yaml "$scratch/commands"
}

the_charm_is_built()
{
  copy_sources && (cd "$scratch/source" && sh -eu "$scratch/commands") || return 1
  (cd "$scratch/build" && unset MAKEFLAGS MFLAGS MAKELEVEL &&
    CFLAGS=-O0 ../source/configure -q --disable-dependency-tracking &&
    make -s -j2 dispatch charm/.complete) >"$scratch/log" 2>&1 && return
  tail -n 20 "$scratch/log"
  return 1
}

# However rare the message is, it is in the program.
no_text_of_the_charm_names_the_old_snap()
{
  ! grep -a -o '[ -~]*microsample[ -~]*' "$scratch/build/charm/dispatch" "$scratch/build"/charm/*.yaml |
    sed 's/microsample-vm//g' | grep microsample
}

control()
{
  "$SANDBOX_SNAPD" ctl --socket "$socket" "$1"
}

start_snapd()
{
  "$SANDBOX_SNAPD" serve --socket "$socket" --task-ms 5 \
    --data "$scratch/data" >"$scratch/snapd" 2>&1 &
  snapd=$!
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    grep -q '^ready$' "$scratch/snapd" && break
    sleep 0.1
  done
  control '{"do":"workload","snap":"otherapp"}' >/dev/null
  control '{"do":"store","set":{"snap":"otherapp","channels":{
    "latest/edge":{"revision":"11","version":"1.1","services":"web,worker"},
    "latest/beta":{"revision":"12","version":"1.2","services":"web,worker"}}}}' >/dev/null
}

# shows STATUS MESSAGE: what the unit says now. All that it ever said is kept.
shows()
{
  "$SANDBOX_JUJU" show "$unit" >"$scratch/shown"
  cat "$scratch/shown" >>"$scratch/said"
  status=$(sed -n 's/^\t"status":\t"\(.*\)",$/\1/p' "$scratch/shown" | head -n 1)
  message=$(sed -n 's/^\t"message":\t"\(.*\)",$/\1/p' "$scratch/shown" | head -n 1)
  [ "$status: $message" = "$1: $2" ] && return
  echo "the unit says '$status: $message', not '$1: $2'"
  return 1
}

deploy_installs_it()
{
  "$SANDBOX_JUJU" deploy "$scratch/build/charm" "$app" \
    --hook-env "MICROSAMPLE_SNAPD_SOCKET=$socket" \
    --hook-env "MICROSAMPLE_WORKLOAD_PORT=$(cat "${socket%/*}/workload.port")" \
    --hook-env "MICROSAMPLE_SNAP_DATA=$scratch/data" --hook-env "MICROSAMPLE_REGISTER=$scratch/register" >/dev/null 2>&1
  shows active "Ready at 'edge'" && grep -q '"--", "maintenance", "Installing otherapp snap' \
    "$scratch/shown"
}

its_port_and_no_other_is_open()
{
  grep -q '^	"ports":	\["9090/tcp"\],$' "$scratch/shown"
}

its_version_is_shown()
{
  grep -q '^	"version":	"1.1",$' "$scratch/shown"
}

its_channel_can_be_changed()
{
  "$SANDBOX_JUJU" config "$app" channel=beta
  shows active "Ready at 'beta'" && grep -q "Refreshing otherapp snap to 'beta'" "$scratch/shown"
}

state_names_it()
{
  "$SANDBOX_JUJU" exec --unit "$unit" -- ./state >"$scratch/state"
  cat "$scratch/state" >>"$scratch/said"
  grep -q '^snap  *otherapp 1.2, revision 12, tracks beta; installed by this charm$' \
    "$scratch/state" && grep -q '^port  *9090/tcp: open$' "$scratch/state"
}

# The second of its services counts as the first one does.
either_service_may_be_down()
{
  control '{"do":"snap","name":"otherapp","set":{"apps":[
    {"snap":"otherapp","name":"web","daemon":"simple","enabled":true,"active":true},
    {"snap":"otherapp","name":"worker","daemon":"simple","enabled":true}]}}' >/dev/null
  "$SANDBOX_JUJU" tick
  shows blocked 'Service is down; to go back: juju run UNIT revert' || return 1
  control '{"do":"snap","name":"otherapp","set":{"apps":[
    {"snap":"otherapp","name":"web","daemon":"simple","enabled":true,"active":true},
    {"snap":"otherapp","name":"worker","daemon":"simple","enabled":true,"active":true}]}}' >/dev/null
  "$SANDBOX_JUJU" tick
  shows active "Ready at 'beta'"
}

removal_takes_it_along()
{
  "$SANDBOX_JUJU" remove-unit "$unit" >/dev/null 2>&1
  "$SANDBOX_JUJU" show "$unit" >"$scratch/shown"
  cat "$scratch/shown" >>"$scratch/said"
  grep -q '^	"gone":	true,$' "$scratch/shown" && grep -q 'Removed; run juju remove-unit' "$scratch/shown" &&
    control '{"do":"state"}' >"$scratch/state" &&
    ! sed 's/"changes":\[.*//' "$scratch/state" | grep -q '"name":"otherapp"'
}

nothing_it_said_names_the_old_snap()
{
  "$SANDBOX_JUJU" debug-log >>"$scratch/said"
  [ -s "$scratch/said" ] && ! sed 's/microsample-vm//g' "$scratch/said" | grep microsample
}

fact the_page_has_the_commands
fact the_charm_is_built
if [ "$failures" -eq 0 ]; then
  start_snapd
  fact no_text_of_the_charm_names_the_old_snap
  fact deploy_installs_it
  fact its_port_and_no_other_is_open
  fact its_version_is_shown
  fact its_channel_can_be_changed
  fact state_names_it
  fact either_service_may_be_down
  fact removal_takes_it_along
  fact nothing_it_said_names_the_old_snap
fi

echo "$(((checks - failures) * 100 / checks))%: Checks: $checks, Failures: $failures, Errors: 0"
[ "$failures" -eq 0 ]
