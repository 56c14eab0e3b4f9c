#!/bin/sh
# Proves that a case of the command line can fail, wherever in a script the fault is found.
#   cases_fail.sh SOURCE_FOLDER
set -u
source=$(cd "${1:?usage: cases_fail.sh SOURCE_FOLDER}" && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/tree/tests/cli/cases" "$work/run"
cp "$source/tests/cli/lib.sh" "$source/tests/cli/run.sh" "$work/tree/tests/cli/"
missing=0

# expect CODE NAME: the case read from standard input ends with that code.
expect() {
  cat >"$work/tree/tests/cli/cases/$2.sh"
  sh "$work/tree/tests/cli/run.sh" "$2" true "$work/tree" "$work/run" >"$work/out" 2>&1
  code=$?
  [ "$code" -eq "$1" ] || { echo "case $2: exit code $code, not $1"; cat "$work/out"; missing=1; }
}
expect 0 good <<'END'
run 0 true
printf 'a\n' >a
printf 'a\n' | is a
END
expect 1 plain <<'END'
run 1 true
END
expect 1 last_of_a_pipe <<'END'
run 0 true
printf 'a\n' >a
printf 'b\n' | is a
END
expect 1 in_parentheses <<'END'
(run 0 false)
END
expect 77 skipped <<'END'
skip 'nothing to do'
END
exit $missing
