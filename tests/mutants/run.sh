#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Checks that the tests find faults. Each *.patch here puts one fault into a copy of the sources and
# names the test that must then fail:
#
#   Promise: what the fault breaks
#   Caught-by: PROGRAM CASE TEST      the program below tests/, Check's case (- for all), the test
#   Caught-by: crash/crash SCENARIO COMPLAINT...
#   Caught-by: model/model - PROMISE...
#   Caught-by: fleet/explore - PROMISE...
#
# Prints a line for each Caught-by. Ends with 1 when a test does not notice its fault, or when a
# patch no longer applies.
#   run.sh [PATCH...]    without any, all there are: in two runs side by side, since most of the time
#                        goes into waiting for tests
set -u
case ${1-} in
-h | --help)
  sed -n '4,17s/^# \{0,1\}//p' "$0"
  exit 0
  ;;
esac
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
if [ $# -eq 0 ]; then
  all=("$here"/*.patch) even=() odd=()
  [ ${#all[@]} -ge 15 ] || exit 1
  for i in "${!all[@]}"; do
    if ((i % 2)); then odd+=("${all[i]}"); else even+=("${all[i]}"); fi
  done
  "$here/run.sh" "${odd[@]}" &
  "$here/run.sh" "${even[@]}"
  status=$?
  wait $! && [ $status -eq 0 ]
  exit
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/mutants.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT

# Copies the sources as they are, without anything that was built.
mkdir "$work/source" "$work/build"
(cd "$top" && tar cf - --exclude=./build --exclude=./build-ci --exclude=./.git .) |
  (cd "$work/source" && tar xf -) || exit 1
cd "$work/build" || exit 1
if ! (CFLAGS='-O1 -g0' ../source/configure -q --enable-option-checking && make -s -j2 check-programs) >log 2>&1; then
  tail -n 20 log
  echo "the unchanged sources do not build"
  exit 1
fi

export top_srcdir=$work/source top_builddir=$work/build CHARM_TREE=$work/build/charm \
  SANDBOX_SNAPD=$work/build/tests/sandbox/sandbox-snapd \
  SANDBOX_JUJU=$work/build/tests/sandbox/sandbox-juju SANDBOX_JUJU_LIKE=3.6 \
  SANDBOX_CLOCK_SO=$work/build/tests/sandbox/sandbox-clock.so \
  FAIL_MALLOC_SO=$work/build/tests/fail_malloc.so

# As it was built; make does not have to build it again after each fault.
cp -a "$work/build" "$work/clean" && cp -a "$work/source" "$work/sound" && touch "$work/stamp" || exit 1

# put_back FROM TO: what is newer in TO is that of FROM again, or goes.
put_back()
{
  local file
  (cd "$2" && find . -type f -newer "$work/stamp" -print0) | while IFS= read -r -d '' file; do
    cp -p "$1/$file" "$2/$file" 2>/dev/null || rm -f "$2/$file"
  done
}

caught=0 survived=0
survives()
{
  echo "SURVIVED $1: $2"
  survived=$((survived + 1))
}

# catches PROGRAM CASE TEST: runs it on the build; returns 0 when the test fails as it should.
catches()
{
  local program=$1 case=$2 test=$3
  case $program in
  crash/crash)
    tests/crash/crash --scenario "$case" --seed 1 >log 2>&1
    grep -Fq -- "$test" log
    ;;
  model/model | fleet/explore)
    "tests/$program" >log 2>&1
    grep -Eq "^[0-9]+ times broken: $test\$" log
    ;;
  *)
    [ "$case" = - ] || export CK_RUN_CASE=$case
    ONLY_TEST=$test CK_VERBOSITY=normal timeout 900 "tests/$program" >log 2>&1
    unset CK_RUN_CASE
    grep -Eq ":[FE]:[^:]*:$test:" log
    ;;
  esac
}

try()
{
  local patch=$1 name program case test promise
  name=$(basename "$patch" .patch)
  promise=$(sed -n 's/^Promise: //p' "$patch")
  if [ -z "$promise" ] || ! grep -q '^Caught-by: [^ ]* [^ ]* .' "$patch"; then
    survives "$name" "its head does not say what it breaks and what catches it"
    return
  fi
  if ! patch -d ../source -p1 --forward -s <"$patch" >log 2>&1; then
    survives "$name" "the patch does not fit any more"
    put_back "$work/sound" "$work/source"
    return
  fi
  while read -r program case test <&3; do
    if ! make -s -j2 dispatch charm/.complete "tests/$program" >log 2>&1; then
      survives "$name" "the fault does not compile: $(grep -m1 'error:' log)"
    elif catches "$program" "$case" "$test"; then
      echo "caught   $name ($program $test): $promise"
      caught=$((caught + 1))
    else
      survives "$name" "$program $test did not fail; $(grep -m1 Checks: log)"
    fi
  done 3< <(sed -n 's/^Caught-by: //p' "$patch")
  put_back "$work/sound" "$work/source" && put_back "$work/clean" "$work/build" || exit 1
}

for patch in "$@"; do
  try "$(realpath "$top/${patch#"$top"/}" 2>/dev/null || realpath "$patch")"
done
# In Check's form, so that these are counted with the other tests.
total=$((caught + survived))
echo "$((total ? caught * 100 / total : 0))%: Checks: $total, Failures: $survived, Errors: 0"
[ "$survived" -eq 0 ] && [ "$total" -gt 0 ]
