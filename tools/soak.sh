#!/bin/sh
# The long checks, for a night: what the tests do briefly, for hours. Stages, in this order:
#   fuzz     every harness of tests/fuzz as a libFuzzer program, under the address, leak and
#            undefined-behaviour sanitizers
#   faults   every command with each of its calls to the system failing, and kills (tests/faults/sweep.sh
#            --full)
#
#   tools/soak.sh [--minutes N | --runs N] [--jobs N] [--only NAME] [--slice N] [--folder FOLDER]
#
#   --minutes N  time of each harness (60); --runs N  executions of each harness instead
#   --jobs N     harnesses at work at once (1)
#   --only NAME  one stage (fuzz, faults), or one harness (reader, table, model, ...)
#   --slice N    minutes that a harness runs before it is the next one's turn (10)
#   --folder F   where it builds and keeps corpora, crashes, logs and totals (build-soak); a later call goes
#                on from there
#
# Prints a table of harnesses with executions (of all calls on this folder), rate, coverage and crashes. Exit
# code 1 if anything crashed or hung; the inputs are in FOLDER/crashes.
set -eu
cd "$(dirname "$0")/.."
. tools/packages.sh

# A new stage: its name here, a function stage_NAME below that returns 1 for a fault, and a line above.
stages="fuzz faults"

minutes=60
runs=0
jobs=1
only=
slice=10
top=build-soak
harness=
while [ $# -gt 0 ]; do
  case $1 in
  -h | --help) sed -n '2,19s/^# \{0,1\}//p' "$0"; exit 0 ;;
  --minutes | --runs | --jobs | --only | --slice | --folder | --harness)
    [ $# -ge 2 ] || { echo "soak.sh: $1 needs a value" >&2; exit 2; } ;;
  *) echo "soak.sh: unknown argument '$1'; see --help" >&2; exit 2 ;;
  esac
  case $1 in
  --minutes) minutes=$2 ;;
  --runs) runs=$2 ;;
  --jobs) jobs=$2 ;;
  --only) only=$2 ;;
  --slice) slice=$2 ;;
  --folder) top=$2 ;;
  --harness) harness=$2 ;; # of the script itself: one slice of this harness
  esac
  shift 2
done
for number in "$minutes" "$runs" "$jobs" "$slice"; do
  case $number in
  '' | *[!0-9]*) echo "soak.sh: '$number' is no whole number" >&2; exit 2 ;;
  esac
done

# ---- fuzz ----

# corpora NAME: the folders that its harness begins with.
corpora() {
  [ -d "tests/fuzz/corpus/$1" ] && echo "tests/fuzz/corpus/$1"
  case $1 in
  model | inference) echo "$top/seeds/model" ;;
  checkpoint | references) echo "$top/seeds/$1" ;;
  esac
}

# dictionary NAME: its file, those of models for all that reads them; nothing if there is none.
dictionary() {
  case $1 in
  inference | checkpoint | references) set -- model ;;
  esac
  [ -f "tests/fuzz/dictionaries/$1.dict" ] && echo "-dict=tests/fuzz/dictionaries/$1.dict"
}

# The totals of a harness are one line, EXECUTIONS SECONDS COVERAGE CRASHES.
totals() {
  if [ -s "$top/totals/$1" ]; then cat "$top/totals/$1"; else echo 0 0 0 0; fi
}

# What it had before this call: start/NAME, SECONDS CRASHES.
spent_before() { cut -d ' ' -f 1 "$top/start/$1"; }
crashes_before() { cut -d ' ' -f 2 "$top/start/$1"; }

# Whether a harness has what was asked for, or crashes time and again.
finished() {
  # shellcheck disable=SC2046 # four numbers
  set -- "$1" $(totals "$1")
  [ $(($5 - $(crashes_before "$1"))) -lt 5 ] || return 0
  if [ "$runs" -gt 0 ]; then
    [ "$2" -ge "$runs" ]
  else
    [ $(($3 - $(spent_before "$1"))) -ge $((minutes * 60)) ]
  fi
}

# One slice of the harness $1: runs it, and adds what it did to its totals.
run_slice() {
  name=$1
  log=$top/logs/$name.log
  # shellcheck disable=SC2046
  set -- $(totals "$name")
  seconds=$((slice * 60))
  limit=
  [ "$runs" -gt 0 ] && limit=-runs=$((runs - $1))
  left=$((minutes * 60 - $2 + $(spent_before "$name")))
  [ "$runs" -eq 0 ] && [ "$left" -lt "$seconds" ] && seconds=$left
  mkdir -p "$top/corpus/$name"
  began=$(date +%s)
  outcome=0
  # Small quarantine and no filling: most of an execution's time would go there. Two stack frames per block
  # tell enough.
  # shellcheck disable=SC2046 # folders and options, one word each
  ASAN_OPTIONS=quarantine_size_mb=4:max_malloc_fill_size=0:malloc_context_size=2:detect_leaks=1 \
    UBSAN_OPTIONS=print_stacktrace=1 OPENBLAS_NUM_THREADS=1 \
    "$top/build/tests/fuzz/fuzz_$name" -max_total_time="$seconds" $limit -timeout=20 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="$top/crashes/$name-" $(dictionary "$name") "$top/corpus/$name" \
    $(corpora "$name") >"$log" 2>&1 || outcome=$?
  spent=$(($(date +%s) - began))
  count=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)
  covered=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
  if [ "$outcome" -ne 0 ]; then
    cp "$log" "$top/crashes/$name-$began.log"
    echo "soak: $name failed: the log is $top/crashes/$name-$began.log, the input beside it" >&2
  fi
  crashes=$(($4 + (outcome != 0)))
  echo "$(($1 + ${count:-0})) $(($2 + spent)) ${covered:-$3} $crashes" >"$top/totals/$name.new"
  mv "$top/totals/$name.new" "$top/totals/$name"
}

# The corpus of a harness without the inputs that add nothing.
minimise() {
  mkdir -p "$top/merged"
  rm -rf "$top/merged/$1"
  mkdir "$top/merged/$1"
  if OPENBLAS_NUM_THREADS=1 "$top/build/tests/fuzz/fuzz_$1" -merge=1 -artifact_prefix="$top/crashes/$1-" \
    "$top/merged/$1" "$top/corpus/$1" >"$top/logs/$1.merge.log" 2>&1; then
    rm -rf "$top/corpus/$1"
    mv "$top/merged/$1" "$top/corpus/$1"
  fi
}

print_table() {
  printf '%-12s %12s %10s %9s %8s %8s %8s\n' harness executions seconds rate/s edges corpus crashes
  for name in "$@"; do
    # shellcheck disable=SC2046
    set -- $(totals "$name")
    printf '%-12s %12d %10d %9d %8d %8d %8d\n' "$name" "$1" "$2" $(($2 > 0 ? $1 / $2 : 0)) "$3" \
      "$(find "$top/corpus/$name" -type f | wc -l)" "$4"
  done
}

stage_fuzz() {
  # shellcheck disable=SC2086 # one word per package
  need_packages $build_packages $check_packages
  mkdir -p "$top/crashes" "$top/logs" "$top/totals" "$top/start"
  launcher=
  command -v ccache >/dev/null 2>&1 && launcher=-DCMAKE_C_COMPILER_LAUNCHER=ccache
  # shellcheck disable=SC2046,SC2086
  if ! { cmake -S . -B "$top/build" -DCMAKE_C_COMPILER=clang -DTX_FUZZERS=ON \
    -DTX_SANITIZE=fuzzer-no-link,address,undefined $launcher &&
    cmake --build "$top/build" -j "$jobs" --target fuzz_seeds \
      $(ls tests/fuzz/fuzz_*.c | sed 's|.*/\(.*\)\.c|\1|')
  } >"$top/build.log" 2>&1; then
    tail -n 20 "$top/build.log" >&2
    echo "soak: the build failed; the whole log is $top/build.log" >&2
    return 1
  fi
  OPENBLAS_NUM_THREADS=1 "$top/build/tests/fuzz/fuzz_seeds" "$top/seeds"
  names=$(ls tests/fuzz/fuzz_*.c | sed 's|.*/fuzz_\(.*\)\.c|\1|')
  [ -z "$only" ] || [ "$only" = fuzz ] || names=$only
  for name in $names; do
    # shellcheck disable=SC2046
    set -- $(totals "$name")
    echo "$2 $4" >"$top/start/$name"
  done
  while :; do
    waiting=
    for name in $names; do finished "$name" || waiting="$waiting $name"; done
    [ -n "$waiting" ] || break
    # shellcheck disable=SC2086
    printf '%s\n' $waiting | xargs -n 1 -P "$jobs" \
      sh tools/soak.sh --minutes "$minutes" --runs "$runs" --slice "$slice" --folder "$top" --harness
    # shellcheck disable=SC2086
    print_table $names >"$top/table.txt"
  done
  for name in $names; do
    # shellcheck disable=SC2046
    set -- $(totals "$name")
    [ "$4" -ne "$(crashes_before "$name")" ] || minimise "$name" # inputs that crash would be lost
  done
  # shellcheck disable=SC2086
  print_table $names | tee "$top/table.txt"
  for name in $names; do
    # shellcheck disable=SC2046
    set -- $(totals "$name")
    [ "$4" -eq "$(crashes_before "$name")" ] || return 1
  done
}

# ---- faults ----

stage_faults() {
  sh tests/faults/sweep.sh --full
}

if [ -n "$harness" ]; then
  run_slice "$harness"
  exit 0
fi

if [ -n "$only" ] && [ ! -f "tests/fuzz/fuzz_$only.c" ]; then
  case " $stages " in
  *" $only "*) stages=$only ;;
  *) echo "soak.sh: '$only' is neither a stage ($stages) nor a harness of tests/fuzz" >&2; exit 2 ;;
  esac
elif [ -n "$only" ]; then
  stages=fuzz
fi
faults=0
for stage in $stages; do
  "stage_$stage" || { echo "soak: stage '$stage' found faults" >&2; faults=1; }
done
exit "$faults"
