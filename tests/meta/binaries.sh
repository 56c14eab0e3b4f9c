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
faults=0
LC_ALL=C
export LC_ALL

fault() {
  faults=$((faults + 1))
  echo "$*"
}

wanted() {
  case " $settings " in
  *" $1 "*) return 0 ;;
  esac
  return 1
}

# Every element of every search path must begin with '/'.
check_paths() {
  paths=$(printf '%s\n' "$facts" | sed -n 's/.*(\(RPATH\|RUNPATH\)).*\[\(.*\)\]$/\2/p')
  [ -n "$paths" ] || return 0
  printf '%s\n' "$paths" | while IFS= read -r path; do
    printf '%s:' "$path" | tr ':' '\n' | while IFS= read -r element; do
      case $element in
      /*) ;;
      *) echo "'$element' of the search path '$path' is empty or relative" ;;
      esac
    done
  done >"$report"
  [ ! -s "$report" ] || fault "$1: $(cat "$report")"
}

check() {
  facts=$("$readelf" -hldW "$1") || { fault "$1: cannot be read"; return; }
  check_paths "$1"
  printf '%s\n' "$facts" | grep -q 'NEEDED.*openblas' && fault "$1: is linked with OpenBLAS"
  wanted relro && { printf '%s\n' "$facts" | grep -q GNU_RELRO || fault "$1: no GNU_RELRO"; }
  wanted now && { printf '%s\n' "$facts" | grep -qE 'BIND_NOW|FLAGS_1.*NOW' || fault "$1: no BIND_NOW"; }
  printf '%s\n' "$facts" | grep -q 'GNU_STACK.* RW ' || fault "$1: the stack may be run"
  printf '%s\n' "$facts" | grep -q 'Type:.*DYN' || fault "$1: is loaded at a fixed address (no PIE)"
  wanted stack_protector || wanted fortify || return 0
  symbols=$("$nm" -D --undefined-only "$1")
  wanted stack_protector && { printf '%s\n' "$symbols" | grep -q '__stack_chk_fail' ||
    fault "$1: no stack protector"; }
  wanted fortify && { printf '%s\n' "$symbols" | grep -qE '__[a-z]+_chk(@|$)' ||
    fault "$1: no checked copies and prints (_FORTIFY_SOURCE)"; }
}

report=$(mktemp) || exit 1
trap 'rm -f "$report"' EXIT
count=0
# In a folder not every file that may be run is a program: scripts are too.
for file in $(find "$@" -type f -perm -u+x ! -path '*/CMakeFiles/*' ! -path '*/tests/work/*') \
  $(find "$@" -maxdepth 0 -type l); do
  [ "$(head -c 4 "$file" | od -An -c | tr -d ' ')" = '177ELF' ] || continue
  check "$file"
  count=$((count + 1))
done
[ "$count" -gt 0 ] || fault "no program to look at in $*"
echo "binaries: $count files, $faults faults"
[ "$faults" -eq 0 ]
