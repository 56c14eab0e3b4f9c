#!/bin/sh
# The sweeps of failing calls over every command (sweep.c says what is expected of them):
#   memory   the n-th allocation, or start of a thread, fails
#   io       the n-th read, write, open, fsync, rename ... fails (EIO, ENOSPC, EINTR, EMFILE, a short count)
#   kill     SIGKILL instead of, or in the middle of, the n-th call that changes a file; a training then goes
#            on to the same bytes
#
#   tests/faults/sweep.sh [--full] [--share N]     --share: one of N faults
#
# Builds in build-check/faults (gcc) and build-check/faults-asan (clang with the address, leak and
# undefined-behaviour sanitizers), and runs in the folder of $TMPDIR, or in /dev/shm. Without --full: the
# first and the last call of each chain of callers, without sanitizers.
# --full: every call without sanitizers, then the first and the last of each chain with them; nearly an hour
# on one core.
# Prints a table for each sweep and the command that repeats each fault. Exit code 0: no fault; 1: some; 2: it
# could not be built or run.
set -u
cd "$(dirname "$0")/../.." || exit 2
full=no
share=1
while [ $# -gt 0 ]; do
  case $1:${2:-} in
  --full:*) full=yes ;;
  --share:[1-9]*) share=$2; shift ;;
  *) echo "usage: tests/faults/sweep.sh [--full] [--share N]" >&2; exit 2 ;;
  esac
  shift
done
if [ -z "${TMPDIR:-}" ] && [ -w /dev/shm ]; then TMPDIR=/dev/shm; fi
work=$(mktemp -d "${TMPDIR:-/tmp}/taxamba-faults.XXXXXX") || exit 2
top=build-check
mkdir -p "$top"
OPENBLAS_NUM_THREADS=1
export OPENBLAS_NUM_THREADS
launcher=
command -v ccache >/dev/null 2>&1 && launcher=-DCMAKE_C_COMPILER_LAUNCHER=ccache
outcome=0
summary=

# build NAME CMAKE-OPTION...
build() {
  name=$1
  shift
  # shellcheck disable=SC2086 # one option, or none
  if ! { cmake -S . -B "$top/$name" -DTX_WERROR=ON $launcher "$@" &&
    cmake --build "$top/$name" --target fault_sweep; } >"$top/$name.log" 2>&1; then
    tail -n 20 "$top/$name.log" >&2
    echo "sweep.sh: the build '$name' failed; the whole log is $top/$name.log" >&2
    exit 2
  fi
}

# sweep BUILD MODE OPTION...
sweep() {
  program=$top/$1/tests/faults/fault_sweep
  mode=$2
  label="$2 ($1)"
  log=$top/$1-$2.txt
  shift 2
  printf '\n== %s\n' "$label"
  "$program" "$mode" data "$work/$mode" --share "$share" "$@" >"$log" 2>&1
  code=$?
  cat "$log"
  [ "$code" -le 1 ] || { echo "sweep.sh: $label ended with $code" >&2; exit 2; }
  [ "$code" -eq 0 ] || outcome=1
  summary="$summary$(printf '%-22s %s' "$label" "$(grep '^all ' "$log" | cut -c 20-)")
"
}

build faults -DCMAKE_BUILD_TYPE=RelWithDebInfo
if [ "$full" = yes ]; then
  build faults-asan -DCMAKE_C_COMPILER=clang -DTX_SANITIZE=address,undefined
  for mode in memory io kill; do sweep faults "$mode" --every 1; done
  for mode in memory io; do sweep faults-asan "$mode"; done
else
  for mode in memory io kill; do sweep faults "$mode"; done
fi
printf '\n%-22s %8s %8s %8s %8s %8s %8s %8s\n%s' sweep calls failed 'exit 1' 'exit 0' killed missed FAULTS \
  "$summary"
[ "$outcome" -ne 0 ] || rm -rf "$work"
exit "$outcome"
