#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs tests under valgrind, which must find no error and no leak. The tests of the modules run in
# it themselves. In the tests of the whole charm, every hook of the charm runs in it.
#   valgrind.sh MODULE-TEST... -- CHARM-TEST...     below the build folder, with the environment of
#                                                   make check
set -u
command -v valgrind >/dev/null || { echo "valgrind is not installed" >&2; exit 1; }
work=$(mktemp -d "${TMPDIR:-/tmp}/valgrind.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
options="--quiet --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite --error-exitcode=99
  --child-silent-after-fork=no --log-file=$work/log.%p"
export CK_TIMEOUT_MULTIPLIER=40 SANDBOX_JUJU_LIKE=3.6
failed=0

# run PROGRAM COMMAND...: prints a line in Check's form, and what valgrind reports.
run()
{
  local program=$1 status
  shift
  rm -f "$work"/log.*
  "$@" >"$work/output" 2>&1
  status=$?
  find "$work" -name 'log.*' -empty -delete
  if [ $status -ne 0 ] || compgen -G "$work/log.*" >/dev/null; then
    grep -aE ':[FE]:' "$work/output"
    cat "$work"/log.* 2>/dev/null | head -n 60
    echo "FAILED $program"
    failed=$((failed + 1))
  fi
  echo "$program:"
  grep -a '^[0-9]*%: Checks: ' "$work/output"
}

while [ $# -gt 0 ] && [ "$1" != -- ]; do
  # shellcheck disable=SC2086 # words are wanted
  run "$1" valgrind $options "./$1"
  shift
done
[ $# -gt 0 ] && shift

# A script takes the place of the charm's program and runs it under valgrind. The program stays in
# the same folder, because it looks for its database there.
cp -r "$CHARM_TREE" "$work/charm" || exit 1
mv "$work/charm/dispatch" "$work/charm/dispatch.real" || exit 1
cat >"$work/charm/dispatch" <<END
#!/bin/sh
exec valgrind $(echo $options) "\${0%/*}/dispatch.real" "\$@"
END
chmod 755 "$work/charm/dispatch"
for program; do
  CHARM_TREE=$work/charm run "$program" "./$program"
done
[ $failed -eq 0 ]
