#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# run.sh SECONDS TARGET...: runs the fuzz targets that make has built in tests/fuzz one after the
# other, each with its seeds, in an order that FUZZ_SEED sets (0: any). tests/fuzz/found keeps what a
# target finds. tests/fuzz/corpus keeps inputs that reach new code; the next run starts from them.
set -u

seconds=$1
shift
here=$top_srcdir/tests/fuzz
work=$top_builddir/tests/fuzz
failed=0

if [ ! -e "$work/fuzz.a" ]; then
  echo "fuzz: skipped: $FUZZ_CC has no libFuzzer runtime here (Debian: clang, libclang-rt-dev)"
  exit 0
fi

mkdir -p "$work/found" "$work/recorded"
"$PYTHON" "$here/seeds.py" "$top_srcdir/tests/recordings" "$work/recorded" || exit 1

for target in "$@"; do
  folders=()
  for folder in "$work/corpus/$target" "$here/seeds/$target" "$work/recorded/$target"; do
    [ "$folder" != "$work/corpus/$target" ] || mkdir -p "$folder"
    [ ! -d "$folder" ] || folders+=("$folder")
  done
  options=(-max_total_time="$seconds" -seed="${FUZZ_SEED:-0}"
    -timeout=20 -rss_limit_mb=3072 -max_len=16384
    -print_final_stats=1 -artifact_prefix="$work/found/$target-")
  [ ! -e "$here/$target.dict" ] || options+=(-dict="$here/$target.dict")
  if "$work/fuzz_$target" "${options[@]}" "${folders[@]}" >"$work/$target.log" 2>&1; then
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/$target.log")
    cover=$(grep -o 'cov: [0-9]*' "$work/$target.log" | tail -n 1)
    echo "ok      $target: ${runs:-0} inputs, ${cover:-cov: 0} in $seconds s"
  else
    failed=1
    echo "FAILED  $target: the end of tests/fuzz/$target.log:"
    grep -a -v '^	*NEW\|^#[0-9]' "$work/$target.log" | tail -n 60 | sed 's/^/  | /'
  fi
done
exit $failed
