#!/bin/sh
# No two object files need each other's symbols, in the library and in the program, directly or through others.
#   circles.sh NM LIBRARY_OBJECTS_FOLDER PROGRAM_OBJECTS_FOLDER
set -u
nm=${1:?usage: circles.sh NM LIBRARY_OBJECTS_FOLDER PROGRAM_OBJECTS_FOLDER}
library=${2:?}
objects=${3:?}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
faults=0

# check TITLE FOLDER
check() {
  title=$1
  (cd "$2" && find . -name '*.o' -exec "$nm" -A -P {} + 2>/dev/null) | sed -E 's/^\.\/([^:]*)\.c\.o: /\1 /' >"$work/symbols"
  awk '
    FNR == NR { if ($3 ~ /^[TDRBVW]$/) home[$2] = $1; next }
    $3 == "U" && ($2 in home) && home[$2] != $1 { print $1, home[$2] }' "$work/symbols" "$work/symbols" | sort -u >"$work/needs"
  [ -s "$work/needs" ] || { echo "circles: $title: no symbols read"; faults=1; return; }
  if ! tsort "$work/needs" >/dev/null 2>"$work/loops"; then
    faults=1
    printf 'a circle in %s:\n' "$title"
    sed 's/^tsort: //; /input contains a loop/d' "$work/loops"
  fi
  printf 'circles: %s: %s needs checked\n' "$title" "$(wc -l <"$work/needs")"
}

check "the library" "$library"
check "the program" "$objects"
exit $faults
