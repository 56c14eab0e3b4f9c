#!/bin/sh
# What the built programs and the shared library are made of:
#   no search path for libraries, or absolute ones only: an empty or relative element would run code that lies
#   beside the user's data
#   everything that the loader fills in is read-only before main() runs (GNU_RELRO, BIND_NOW)
#   the stack is no code; programs are loaded at an address of chance (PIE)
#   canaries on the stack (__stack_chk_fail) and checked copies and prints (*_chk)
#   OpenBLAS is loaded when it is needed, not with the program
#   binaries.sh READELF NM SETTINGS FILE-OR-FOLDER...
# Of a folder all programs are looked at.
# SETTINGS: those of relro now stack_protector fortify that the compiler takes, in one word list.
set -u
readelf=${1:?usage: binaries.sh READELF NM SETTINGS FILE-OR-FOLDER...}
nm=${2:?}
settings=${3?}
shift 3
LC_ALL=C
export LC_ALL
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# In a folder not every file that may be run is a program: scripts are too.
find "$@" -type f -perm -u+x ! -path '*/CMakeFiles/*' ! -path '*/tests/work/*' >"$work/files"
find "$@" -maxdepth 0 -type l >>"$work/files"
xargs -r grep -l "^$(printf '\177')ELF" <"$work/files" >"$work/programs"
if [ ! -s "$work/programs" ]; then
  echo "no program to look at in $*"
  exit 1
fi
# With a second file, /dev/null, readelf says which is which.
xargs "$readelf" -hldW /dev/null <"$work/programs" >"$work/facts" 2>/dev/null
xargs "$nm" -D --undefined-only -A <"$work/programs" >"$work/symbols" 2>/dev/null

awk -v settings=" $settings " '
  function wanted(setting) { return index(settings, " " setting " ") }
  function fault(text) { print program ": " text; faults++ }
  # Every element of every search path must begin with "/".
  function check_path(path, elements, count, i) {
    count = split(path, elements, ":")
    for (i = 1; i <= count; i++)
      if (elements[i] !~ /^\//)
        fault("\047" elements[i] "\047 of the search path \047" path "\047 is empty or relative")
    if (!count) fault("\047\047 of the search path \047\047 is empty or relative")
  }
  FILENAME ~ /\/programs$/ { programs[++count] = $0; next }
  FILENAME ~ /\/symbols$/ {
    name = $0
    sub(/: .*/, "", name)
    if (/__stack_chk_fail/) canary[name] = 1
    if (/__[a-z]+_chk(@|$)/) checked[name] = 1
    next
  }
  /^File: / { program = substr($0, 7); seen[program] = 1; next }
  /\((RPATH|RUNPATH)\)/ { path = $0; sub(/^[^[]*\[/, "", path); sub(/\]$/, "", path); check_path(path) }
  /NEEDED.*openblas/ { fault("is linked with OpenBLAS") }
  /GNU_RELRO/ { relro[program] = 1 }
  /BIND_NOW|FLAGS_1.*NOW/ { now[program] = 1 }
  /GNU_STACK.* RW / { stack[program] = 1 }
  /Type:.*DYN/ { pie[program] = 1 }
  END {
    for (i = 1; i <= count; i++) {
      program = programs[i]
      if (!(program in seen)) { fault("cannot be read"); continue }
      if (wanted("relro") && !relro[program]) fault("no GNU_RELRO")
      if (wanted("now") && !now[program]) fault("no BIND_NOW")
      if (!stack[program]) fault("the stack may be run")
      if (!pie[program]) fault("is loaded at a fixed address (no PIE)")
      if (wanted("stack_protector") && !canary[program]) fault("no stack protector")
      if (wanted("fortify") && !checked[program]) fault("no checked copies and prints (_FORTIFY_SOURCE)")
    }
    print "binaries: " count " files, " faults + 0 " faults"
    exit faults > 0
  }' "$work/programs" "$work/symbols" "$work/facts"
