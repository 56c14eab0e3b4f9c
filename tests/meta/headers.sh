#!/bin/sh
# Every public header compiles on its own, as C11 and as C++, and the umbrella header includes all of them.
#   headers.sh SOURCE_FOLDER CC
set -u
include=${1:?usage: headers.sh SOURCE_FOLDER CC}/include
cc=${2:?}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
faults=0
cxx=
for candidate in c++ g++ clang++; do
  command -v "$candidate" >/dev/null 2>&1 && { cxx=$candidate; break; }
done
[ -n "$cxx" ] || echo "headers: no C++ compiler here, so the headers are checked as C only"

for header in "$include"/taxamba/*.h; do
  name=taxamba/${header##*/}
  printf '#include <%s>\n#include <%s>\nint unused_(void);\n' "$name" "$name" >"$work/one.c"
  cp "$work/one.c" "$work/one.cc"
  "$cc" -std=c11 -pedantic -Wall -Wextra -Wstrict-prototypes -Werror -fsyntax-only -I"$include" \
    "$work/one.c" || { echo "$name: not a C11 header on its own"; faults=1; }
  if [ -n "$cxx" ]; then
    "$cxx" -std=c++11 -Wall -Wextra -Werror -fsyntax-only -I"$include" "$work/one.cc" ||
      { echo "$name: not usable from C++"; faults=1; }
  fi
  [ "$name" = taxamba/taxamba.h ] || grep -q "<$name>" "$include/taxamba/taxamba.h" ||
    { echo "taxamba.h does not include $name"; faults=1; }
done
exit $faults
