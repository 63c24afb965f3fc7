#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A test: what the pages say is there, and what is there the pages say. Prints what does not hold,
# and counts as Check does.
set -u

guide=$top_srcdir/docs/operators-guide.md
manual=$top_srcdir/docs/state.8
readme=$top_srcdir/README.md

checks=0
failures=0

# fact NAME: one test, the function of that name.
fact()
{
  checks=$((checks + 1))
  if ! "$1"; then
    failures=$((failures + 1))
    echo "test_docs:F:$1"
  fi
}

# The files in one line, so that a text in it may begin on the line after its function.
one_line()
{
  cat "$@" | tr '\n\t' '  '
}

# Text literals to regular expressions: a conversion stands for one character or more.
to_patterns()
{
  sed -e 's/[][\\.*^$+?(){}|]/\\&/g' -e 's/%\(\\\.\\\*\|[0-9]*\(\\\.[0-9]*\)\?\)[a-z]/[^`]+/g' -e 's/%$/[^`]+/' |
    grep '[A-Za-z][A-Za-z]'
}

# The sources in one line, with what workload.h says of the snap put into its texts.
with_workload()
{
  words=$(sed -n 's/^#define \(WORKLOAD_[A-Z]*\) "\(.*\)"$/\1 \2/p' "$top_srcdir/workload/workload.h")
  snap=$(echo "$words" | sed -n 's/^WORKLOAD_SNAP //p')
  port=$(echo "$words" | sed -n 's/^WORKLOAD_PORT //p')
  one_line "$@" | sed -e 's/WORKLOAD_TITLE/WORKLOAD_SNAP " snap"/g' \
    -e "s|WORKLOAD_SNAP|\"$snap\"|g" -e "s|WORKLOAD_PORT|\"$port\"|g" -e 's/" *"//g'
}

# The messages of the table, then what the functions of the status put together.
status_messages()
{
  "$MACHINE" messages
  with_workload "$top_srcdir/fsm/line.c" "$top_srcdir/fsm/status.c" |
    grep -oE '(fsm_line_add\(&?line,|\.message =) *"[^"]*"' |
    sed 's/[^"]*"\(.*\)"/\1/'
  "$MACHINE" options | awk -F '\t' '{ print "Invalid " $1 " configured: %s; use " $4 }'
  one_line "$top_srcdir/hooks/dispatch.c" | grep -oE 'snprintf\(message, sizeof message, *"[^"]*"' |
    sed 's/.*"\(.*\)"/\1/'
}

# In a table of Markdown a bar is written \|.
every_status_message_is_in_the_guide()
{
  sed 's/\\|/|/g' "$guide" >"$scratch/guide"
  status_messages | to_patterns | sort -u >"$scratch/messages"
  missing=0
  while IFS= read -r pattern; do
    grep -qE -e "$pattern" "$scratch/guide" && continue
    echo "the operator's guide lacks the message $pattern"
    missing=1
  done <"$scratch/messages"
  [ "$(wc -l <"$scratch/messages")" -gt 30 ] && [ "$missing" -eq 0 ]
}

every_reason_is_in_the_guide()
{
  missing=0
  for name in $("$MACHINE" reasons); do
    grep -qF -e "\`$name\`" "$guide" && continue
    echo "the operator's guide lacks the reason $name"
    missing=1
  done
  [ "$missing" -eq 0 ]
}

# A row that nobody needs any more is a lie.
guide_has_no_reason_that_is_none()
{
  unknown=$(sed -n '/^## Status messages/,/^## When/s/^| `.*` | `\([a-z-]*\)` |.*/\1/p' "$guide" |
    sort -u | grep -vxF -e "$("$MACHINE" reasons)")
  [ -z "$unknown" ] || { echo "no such reason: $unknown" && return 1; }
}

every_command_of_state_is_in_its_manual()
{
  missing=0
  commands=$(sed -n 's/.*commands\[\] = {\(.*\)}.*/\1/p' "$top_srcdir/inspect/command.c" | tr -d '",')
  for word in $commands; do
    grep -qE -e "^\\.(It )?Cm $word\$" "$manual" && continue
    echo "state(8) lacks the command $word"
    missing=1
  done
  [ "$(echo "$commands" | wc -w)" -ge 4 ] && [ "$missing" -eq 0 ]
}

every_option_of_state_is_in_its_manual()
{
  missing=0
  options=$(grep -oE '"--?[a-z]+"' "$top_srcdir/inspect/command.c" | tr -d '"' | sort -u)
  for option in $options; do
    grep -qE -e "^\\.It Fl (.* , )?${option#-}( |\$)" "$manual" && continue
    echo "state(8) lacks the option $option"
    missing=1
  done
  [ "$(echo "$options" | wc -w)" -ge 5 ] && [ "$missing" -eq 0 ]
}

# The members of what --format json prints.
every_json_member_is_in_the_manual()
{
  missing=0
  for key in $({ "$MACHINE" members; one_line "$top_srcdir/inspect/json.c" |
    grep -oE '(inspect_json_[a-z]+|put_[a-z]+|cJSON_Add[A-Za-z]+ToObject)\([a-z]+, *"[a-z-]+"' |
    sed 's/.*"\(.*\)"/\1/'; } | sort -u); do
    grep -qE -e "^\\.(Ql|Pq Ql)(.* )$key( |\$)" "$manual" || grep -qE -e "^\\.Ql $key( |\$)" "$manual" ||
      { echo "state(8) lacks the member $key" && missing=1; }
  done
  [ "$missing" -eq 0 ]
}

# Name, type and default of each option, as charmcraft.yaml has them, against the table.
options_of_the_charm_are_those_of_the_table()
{
  sed -n '/^config:/,/^[a-z]*actions:/p' "$top_srcdir/charmcraft.yaml" |
    awk '/^    [a-z-]+:$/ { name = $1; sub(":", "", name) }
      /^      type: / { type = $2 }
      /^      default: / { print name "\t" type "\t" $2 }' >"$scratch/declared"
  "$MACHINE" options | cut -f 1-3 | diff - "$scratch/declared" &&
    [ "$(wc -l <"$scratch/declared")" -ge 3 ]
}

# With an example for each.
every_option_of_the_charm_is_in_the_guide()
{
  missing=0
  for name in $("$MACHINE" options | cut -f 1); do
    grep -qE -e "^    juju config microsample $name=" "$guide" && continue
    echo "the operator's guide lacks the option $name"
    missing=1
  done
  [ "$missing" -eq 0 ]
}

# With an example for each.
every_action_is_in_the_guide()
{
  missing=0
  actions=$(sed -n 's/^\t{ "\([a-z-]*\)",.* run_[a-z_]* },$/\1/p' "$top_srcdir/hooks/action.c")
  for name in $actions; do
    grep -qE -e "^    juju run microsample/0 $name( |\$)" "$guide" && continue
    echo "the operator's guide lacks the action $name"
    missing=1
  done
  [ "$(echo "$actions" | wc -w)" -ge 8 ] && [ "$missing" -eq 0 ]
}

# The keys of the lines, and those of inspect/results.c.
every_key_of_an_action_is_in_the_guide()
{
  missing=0
  keys=$({ sed -n 's/^\t{ "[a-zA-Z ]*", *"\([a-z-]*\)", *put_.*/\1/p' "$top_srcdir/inspect/text.c"
    sed -n 's/^\t\t{ "\([a-z-]*\)", .* },$/\1/p' "$top_srcdir/hooks/plan.c" "$top_srcdir/hooks/order.c"
    sed -n 's/^\tinspect_json_[a-z]*(json, "\([a-z]*\)", .*/\1/p' "$top_srcdir/inspect/plan.c"
    grep -ohE '"[a-z]+(-%zu)?=' "$top_srcdir/inspect/results.c" "$top_srcdir/inspect/plan.c" | tr -d '"='; } | sed 's/%zu/1/')
  for key in $keys; do
    grep -qF -e "\`$key\`" "$guide" || grep -qE -e "^$key: " "$guide" && continue
    echo "the operator's guide lacks the key $key of an action"
    missing=1
  done
  [ "$(echo "$keys" | wc -w)" -ge 35 ] && [ "$missing" -eq 0 ]
}

readme_commands_are_those_of_autogen()
{
  commands=$(sed -n 's|^    \./autogen\.sh \([a-z]*\)$|\1|p' "$readme")
  [ "$commands" = "demo
check" ] || return 1
  for word in $commands; do
    grep -qE -e "^  $word\\) " "$top_srcdir/autogen.sh" || return 1
  done
}

# Links to files, without those to a place within the page.
every_link_leads_somewhere()
{
  missing=0
  for page in "$readme" "$top_srcdir"/CONTRIBUTING.md "$top_srcdir"/docs/*.md; do
    for link in $(grep -oE '\]\([^)#]+' "$page" | sed 's/^](//' | grep -v '^[a-z]*:'); do
      [ -e "$(dirname "$page")/$link" ] && continue
      echo "${page#"$top_srcdir"/} has a dead link to $link"
      missing=1
    done
  done
  [ "$missing" -eq 0 ]
}

every_place_in_the_guide_is_there()
{
  missing=0
  sed -n 's/^##* //p' "$guide" | tr '[:upper:]' '[:lower:]' | tr -cd 'a-z0-9\n -' | tr ' ' '-' \
    >"$scratch/places"
  for place in $(grep -oE '\]\(#[^)]+' "$guide" | sed 's/^](#//'); do
    grep -qxF -e "$place" "$scratch/places" && continue
    echo "the operator's guide has no place $place"
    missing=1
  done
  [ "$missing" -eq 0 ]
}

# The table of promises names tests.
every_test_named_is_there()
{
  missing=0
  for test in $(grep -E '^\| [0-9]+ \|' "$top_srcdir/docs/reliability.md" | grep -oE '`[a-z0-9_]+`' |
    tr -d '`'); do
    grep -qE "START_TEST\($test\)" "$top_srcdir"/tests/*.c && continue
    echo "docs/reliability.md names a test $test, which there is not"
    missing=1
  done
  [ "$missing" -eq 0 ]
}

# Only where mandoc is installed. What it says of other pages depends on the machine.
manual_is_clean()
{
  ! mandoc -Tlint "$manual" 2>&1 | grep -v 'referenced manual not found\|mandoc\.db' | grep .
}

scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

fact every_status_message_is_in_the_guide
fact every_reason_is_in_the_guide
fact guide_has_no_reason_that_is_none
fact every_command_of_state_is_in_its_manual
fact every_option_of_state_is_in_its_manual
fact every_json_member_is_in_the_manual
fact options_of_the_charm_are_those_of_the_table
fact every_option_of_the_charm_is_in_the_guide
fact every_action_is_in_the_guide
fact every_key_of_an_action_is_in_the_guide
fact readme_commands_are_those_of_autogen
fact every_link_leads_somewhere
fact every_place_in_the_guide_is_there
fact every_test_named_is_there
if command -v mandoc >/dev/null; then
  fact manual_is_clean
fi

echo "$(((checks - failures) * 100 / checks))%: Checks: $checks, Failures: $failures, Errors: 0"
[ "$failures" -eq 0 ]
