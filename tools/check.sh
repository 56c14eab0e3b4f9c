#!/bin/sh
# Installs what is missing (Debian packages), builds everything with warnings as errors and runs all tests:
#   gcc      all tests, an installation used through pkg-config and find_package
#   clang    the tests under the address and undefined-behaviour sanitizers, the longest with shorter loops,
#            without those of files, names and texts, which are the same in every build
#   tsan     the tests of threads under the thread sanitizer, likewise
#   arm      cross-compiled for 64-bit ARM with CMAKE_BUILD_TYPE=Release, which warns of other things, most
#            tests under an emulator (tools/aarch64.sh)
#
#   tools/check.sh [--quick]     --quick: gcc only
set -eu
cd "$(dirname "$0")/.."
. tools/packages.sh

quick=no
for argument in "$@"; do
  case $argument in
  --quick) quick=yes ;;
  -h | --help) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) echo "check.sh: unknown argument '$argument' (only --quick is known)" >&2; exit 2 ;;
  esac
done

# shellcheck disable=SC2086 # one word per package
need_packages $build_packages $check_packages
jobs=$(processors)
started=$(date +%s)
top=build-check
mkdir -p "$top"
launcher=
command -v ccache >/dev/null 2>&1 && launcher=-DCMAKE_C_COMPILER_LAUNCHER=ccache
OPENBLAS_NUM_THREADS=1
export OPENBLAS_NUM_THREADS

say() {
  printf '\n== %s (%d s since the start)\n' "$*" "$(($(date +%s) - started))"
}

# Cases of names, texts and scripts, and of processes that wait for each other.
same_for_all='alias|styles|names|help|usage|search|idle_options|report_browser|client_.*'
same_for_all="$same_for_all|signals|train_lock|progress"

# Trainings and fits.
too_long='fragments|resources|index|witness|train_(bpe|openblas|optimisers|second)'

# build NAME CMAKE-OPTION...; of the tests only those of $selection, a regular expression, if it is set.
selection=
build() {
  name=$1
  shift
  if ! { cmake -S . -B "$top/$name" -DTX_WERROR=ON $launcher "$@" &&
    cmake --build "$top/$name" -j "$jobs" $(test_targets "$top/$name"); } >"$top/$name.log" 2>&1; then
    grep -nE -A 12 'error:|warning:|Error' "$top/$name.log" | head -n 60 >&2 || true
    tail -n 5 "$top/$name.log" >&2
    echo "check: the build '$name' failed; the whole log is $top/$name.log" >&2
    exit 1
  fi
}

# --target and what the selected tests of a build folder run.
test_targets() {
  [ -n "$selection" ] || return 0
  echo "--target taxamba_tool"
  ctest --test-dir "$1" -N -R "$selection" | sed -n 's,^ *Test *#[0-9]*: [a-z]*/\(test_[a-z0-9_]*\).*,\1,p' |
    sort -u
}

# Whether a trivial program runs under a sanitizer here; some kernels and containers do not let it. Sets
# $runner to a prefix that helps (no address randomisation), if one is needed.
sanitizer_runs() {
  printf 'int main(void) { return 0; }\n' >"$top/probe.c"
  clang "-fsanitize=$1" "$top/probe.c" -o "$top/probe" 2>/dev/null || return 1
  for runner in "" "setarch -R"; do
    passed=yes
    for turn in 1 2 3 4 5; do $runner "$top/probe" >/dev/null 2>&1 || passed=no; done
    [ "$passed" = yes ] && return 0
  done
  return 1
}

say "gcc"
build gcc -DCMAKE_C_COMPILER=gcc
say "gcc: tests"
ctest --test-dir "$top/gcc" --output-on-failure -j "$jobs"

if [ "$quick" = no ]; then
  say "clang, address and undefined-behaviour sanitizers"
  if sanitizer_runs address,undefined; then
    build asan -DCMAKE_C_COMPILER=clang -DTX_SANITIZE=address,undefined -DTX_LIGHT_TESTS=ON
    say "clang, address and undefined-behaviour sanitizers: tests"
    # trainings and fits of minutes there, whose code the unit tests and shorter cases run too, and what does
    # not depend on the build
    UBSAN_OPTIONS=print_stacktrace=1 $runner ctest --test-dir "$top/asan" --output-on-failure -j "$jobs" \
      -E "^(meta|bench)/|^cli/($same_for_all|$too_long)\$"
  else
    echo "these sanitizers do not run on this machine: plain clang build instead"
    build clang -DCMAKE_C_COMPILER=clang
    say "clang: tests"
    ctest --test-dir "$top/clang" --output-on-failure -j "$jobs"
  fi

  say "clang, thread sanitizer"
  if sanitizer_runs thread; then
    selection='(pool|pipeline|predict|train|dataset|optim|objective|infer|thread)'
    build tsan -DCMAKE_C_COMPILER=clang -DTX_SANITIZE=thread -DTX_LIGHT_TESTS=ON
    say "clang, thread sanitizer: tests"
    TSAN_OPTIONS="halt_on_error=1 suppressions=$PWD/tests/meta/tsan.supp" $runner ctest \
      --test-dir "$top/tsan" --output-on-failure -j "$jobs" \
      -R "$selection" \
      -E '^fuzz/|/(scalar|avx)[^/]*$|^cli/((pre)?train|train_[^r].*|train_recipe)$'
    # threads are the same at every CPU level; of the trainings by the program one, which is interrupted and
    # resumed: the unit tests train in all ways
  else
    echo "the thread sanitizer does not run on this machine: left out"
  fi

  say "64-bit ARM, emulated"
  outcome=0
  sh tools/aarch64.sh || outcome=$?
  [ "$outcome" -eq 0 ] || [ "$outcome" -eq 77 ] || exit 1 # 77: cannot be had here, as it said
fi

say "all checks passed"
