#!/bin/sh
# No two object files need each other's symbols, in the library and in the program, directly or through
# others.
#   circles.sh NM LIBRARY_LIST PROGRAM_LIST
# Each list is a file that names object files, one a line.
set -u
nm=${1:?usage: circles.sh NM LIBRARY_LIST PROGRAM_LIST}
library=${2:?}
program=${3:?}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
faults=0

# check TITLE LIST
check() {
  title=$1
  xargs "$nm" -A -P <"$2" | sed -E 's/^([^:]*\/)*([^:/]*\/[^:/]*)\.c\.o: /\2 /' >"$work/symbols"
  awk '
    FNR == NR { if ($3 ~ /^[TDRBVW]$/) home[$2] = $1; next }
    $3 == "U" && ($2 in home) && home[$2] != $1 { print $1, home[$2] }' "$work/symbols" "$work/symbols" |
      sort -u >"$work/needs"
  [ -s "$work/needs" ] || { echo "circles: $title: no symbols read"; faults=1; return; }
  if ! tsort "$work/needs" >/dev/null 2>"$work/loops"; then
    faults=1
    printf 'a circle in %s:\n' "$title"
    sed 's/^tsort: //; /input contains a loop/d' "$work/loops"
  fi
  printf 'circles: %s: %s needs checked\n' "$title" "$(wc -l <"$work/needs")"
}

check "the library" "$library"
check "the program" "$program"
exit $faults
