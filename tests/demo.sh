#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Plays the life of a unit in the terminal, in less than a minute, with stand-ins for Juju and
# snapd. It uses the .charm file that `make charm` has made, or else what `make install` installs.
# Every step shows what an operator types and what he then sees, and checks it. If a step shows
# something else, the demo ends with 1. It leaves nothing behind.
set -eu

: "${SANDBOX_JUJU:?set by make demo}" "${SANDBOX_SNAPD:?set by make demo}"
app=microsample
unit=$app/0
task_ms=${DEMO_TASK_MS:-200}

work=$(mktemp -d)
snapd=
command=
socket=$work/snapd.socket
SANDBOX_JUJU_MODEL=$work/model
export SANDBOX_JUJU_MODEL
mkdir "$work/model"

bold='' dim='' green='' red='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
  bold=$(printf '\033[1m') dim=$(printf '\033[2m') plain=$(printf '\033[0m')
  green=$(printf '\033[32m') red=$(printf '\033[31m')
fi

# end PID: ends a process that this script runs in the background, and waits until it is gone.
end()
{
  [ -n "$1" ] || return 0
  kill "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

# A step may be running: its command in the background, and the hook that the command runs. A signal
# may come twice, from make and from the terminal, and must not end the cleaning.
clean()
{
  trap - EXIT
  trap '' HUP INT TERM
  end "$command"
  hook=$(dispatch_pid 2>/dev/null) || hook=
  [ -z "$hook" ] || kill "$hook" 2>/dev/null || true
  end "$snapd"
  rm -rf "$work"
}
trap clean EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

fail()
{
  echo "${red}demo: $*${plain}" >&2
  "$SANDBOX_JUJU" debug-log --level INFO 2>/dev/null | tail -n 20 >&2 || true
  exit 1
}

title()
{
  printf '\n%s# %s%s\n' "$dim" "$*" "$plain"
}

typed()
{
  printf '%s$ %s%s\n' "$bold" "$*" "$plain"
}

unit_line()
{
  "$SANDBOX_JUJU" status | sed -n "s|^\($unit\*\{0,1\} .*\)|\1|p"
}

# background LOG COMMAND...: starts the command; its process is $!. The log is made first, since the
# job makes it only when it gets to run. On a busy machine that is after the first look at it.
background()
{
  log=$work/$1
  shift
  : >"$log"
  "$@" >>"$log" 2>&1 &
}

# begin ARGUMENT...: starts a command of juju, in the background.
begin()
{
  background out "$SANDBOX_JUJU" "$@"
  command=$!
}

# While the command runs, shows the unit's line each time it changes.
follow()
{
  last=
  while kill -0 "$command" 2>/dev/null; do
    now=$(unit_line)
    if [ -n "$now" ] && [ "$now" != "$last" ]; then
      printf '  %s%s%s\n' "$dim" "$now" "$plain"
      last=$now
    fi
    sleep 0.1
  done
  wait "$command" || fail "juju failed: $(cat "$work/out")"
  command=
}

watched()
{
  begin "$@"
  follow
}

# ran ACTION PARAMETER...: runs an action of the unit and prints its results, without those for programs.
ran()
{
  typed "juju run $unit $*"
  "$SANDBOX_JUJU" run "$unit" "$@" >"$work/out" 2>&1 || fail "the action failed: $(cat "$work/out")"
  sed -e '/^ *json: /d' -e 's/^/  /' "$work/out"
}

status()
{
  typed juju status
  "$SANDBOX_JUJU" status | sed -e 's/^/  /' -e 's/ *$//'
}

# Prints the text of KEY from what the stand-in shows of the unit, at the top or below another key.
unit_text()
{
  "$SANDBOX_JUJU" show "$unit" | sed -n "s/^\t\"$1\":\t\"\(.*\)\",*\$/\1/p" | head -n 1
}

# must STATUS MESSAGE: what the operator must see now; MESSAGE is a shell pattern.
must()
{
  is=$(unit_text status)
  says=$(unit_text message)
  [ "$is" = "$1" ] || fail "the unit is $is ($says), not $1"
  # shellcheck disable=SC2254
  case $says in
  $2) ;;
  *) fail "the unit says '$says', not '$2'" ;;
  esac
  printf '  %sas it should be: %s, %s%s\n' "$green" "$is" "$says" "$plain"
}

control()
{
  "$SANDBOX_SNAPD" ctl --socket "$socket" "$1"
}

# Prints how many changes snapd has begun on request.
changes_made()
{
  made_now=$(control '{"do":"state"}' |
    tr -d ' \t\n' | sed -n 's/.*"changes-made":"*\([0-9][0-9]*\).*/\1/p')
  [ -n "$made_now" ] || fail "the stand-in snapd does not tell its changes"
  echo "$made_now"
}

# Prints the process that runs the hook, while one runs.
dispatch_pid()
{
  "$SANDBOX_JUJU" show "$unit" |
    sed -n '/^\t"context":\t{/,/^\t}/s/^\t\t"pid":\t\([0-9]*\).*/\1/p'
}

# --- the stand-ins ------------------------------------------------------------------------------

charm=${CHARM_TREE:-}
packed=${top_builddir:-.}/$(cat "${top_builddir:-.}/packing/name" 2>/dev/null || true)
charm_file=microsample-vm.charm
if [ -f "$packed" ]; then
  charm=$packed charm_file=${packed##*/}
elif [ -n "${top_builddir:-}" ]; then
  ${MAKE:-make} -s -C "$top_builddir" install DESTDIR="$work/root" >"$work/out" 2>&1 ||
    fail "make install: $(tail -n 5 "$work/out")"
  charm=$(find "$work/root" -type d -path '*/microsample-vm/charm')
fi
[ -f "$charm" ] || [ -x "$charm/dispatch" ] || fail "no dispatch in '$charm'"

background snapd.out "$SANDBOX_SNAPD" serve --socket "$socket" --task-ms "$task_ms" \
  --data "$work/data"
snapd=$!
tries=0
until grep -q '^ready$' "$work/snapd.out"; do
  tries=$((tries + 1))
  [ "$tries" -le 300 ] || fail "the stand-in snapd does not start: $(cat "$work/snapd.out")"
  sleep 0.1
done

# --- the story ---------------------------------------------------------------------------------

title "A new unit installs the snap from the default channel."
typed "juju deploy ./$charm_file $app"
watched deploy "$charm" "$app" --hook-env "MICROSAMPLE_SNAPD_SOCKET=$socket" \
  --hook-env "MICROSAMPLE_WORKLOAD_PORT=$(cat "${socket%/*}/workload.port")" \
  --hook-env "MICROSAMPLE_SNAP_DATA=$work/data" --hook-env "MICROSAMPLE_REGISTER=$work/register"
status
must active "Ready at 'edge'"

title "The operator asks for another channel."
typed "juju config $app channel=beta"
watched config "$app" channel=beta
must active "Ready at 'beta'"

title "A slip of the pen: the unit says so, and the snap stays as it is."
made=$(changes_made)
typed "juju config $app channel=betta"
watched config "$app" channel=betta
status
must blocked "Invalid channel configured: 'betta'*"
[ "$(changes_made)" = "$made" ] || fail "snapd was asked for something"

title "Put right."
typed "juju config $app channel=beta"
watched config "$app" channel=beta
must active "Ready at 'beta'"
[ "$(changes_made)" = "$made" ] || fail "snapd was asked for something"

title "The program is killed in the middle of a refresh; Juju runs the hook again."
# The change stands still until the kill. Otherwise it could end before it on a busy machine.
control '{"do":"mode","manual":true}' >/dev/null
typed "juju config $app channel=edge"
begin config "$app" channel=edge
tries=0
until [ "$(unit_text message | cut -c 1-10)" = Refreshing ] && [ "$(changes_made)" != "$made" ]; do
  tries=$((tries + 1))
  [ "$tries" -le 300 ] || fail "no refresh begins: $(unit_line)"
  sleep 0.1
done
sleep 1
printf '  %s%s%s\n' "$dim" "$(unit_line)" "$plain"
victim=$(dispatch_pid)
[ -n "$victim" ] || fail "no dispatch runs"
typed "juju ssh $unit sudo kill -9 $victim   # dispatch"
"$SANDBOX_JUJU" ssh "$unit" kill -9 "$victim"
control '{"do":"mode","manual":false}' >/dev/null
follow
must active "Ready at 'edge'"
[ "$(changes_made)" = "$((made + 1))" ] || fail "the refresh was asked for twice"
"$SANDBOX_JUJU" debug-log | grep -q 'terminated\|was killed' || fail "nothing was killed"
printf '  %ssnapd was asked once, before and after the kill%s\n' "$green" "$plain"

title "What would the unit do, and what does the Snap Store have? Nothing is changed by asking."
made=$(changes_made)
ran plan channel=2.0/stable
grep -q 'would: refresh' "$work/out" || fail "the plan is no refresh"
must active "Ready at 'edge'"
[ "$(changes_made)" = "$made" ] || fail "snapd was asked for something"

title "Back to the revision before. The charm does not undo it."
ran revert
must active "Ready at 'edge', reverted to revision *"

title "snapd is not to refresh the snap by itself."
typed "juju config $app auto-refresh=false"
watched config "$app" auto-refresh=false
must active "Ready at 'edge', reverted to revision * and held"

title "One revision, and no other."
typed "juju config $app revision=3"
watched config "$app" revision=3
must active "Ready at 'edge', pinned to revision 3"

title "What the unit remembers."
typed "juju exec --unit $unit -- ./state"
"$SANDBOX_JUJU" exec --unit "$unit" -- ./state >"$work/out" 2>&1 ||
  fail "./state failed: $(cat "$work/out")"
sed 's/^/  /' "$work/out"
grep -qi 'active' "$work/out" || fail "./state does not say active"

title "A refresh that spoils the snap goes back by itself."
control '{"do":"store","set":{"channels":{"latest/candidate":{"revision":"30","version":"30.0","health":"error","health-message":"no licence"}}}}' >/dev/null
typed "juju config $app rollback=true channel=candidate revision=0"
watched config "$app" rollback=true channel=candidate revision=0
must blocked "Refresh to 'candidate' was rolled back: error: no licence*"
made=$(changes_made)

title "The unit goes, and takes the snap with it."
typed "juju remove-unit $unit"
watched remove-unit "$unit"
status
! unit_line | grep -q . || fail "the unit is still there"
printf '  %sas it should be: no unit%s\n' "$green" "$plain"
gone=$("$SANDBOX_JUJU" show "$unit" | grep -c '"gone":.*true') || true
[ "$gone" = 1 ] || fail "Juju still has the unit"
[ "$(changes_made)" = "$((made + 1))" ] || fail "the snap was not removed by one change"

printf '\n%sThat was all.%s\n' "$green" "$plain"
