#!/bin/sh
# Proves that layers.sh can fail: a small tree that breaks each rule once, and the report each must give.
#   layers_fail.sh SOURCE_FOLDER
set -u
script=$(cd "${1:?usage: layers_fail.sh SOURCE_FOLDER}" && pwd)/tests/meta/layers.sh
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/src/base" "$work/src/nn" "$work/src/model" "$work/src/odd" "$work/tools" \
  "$work/include/taxamba" "$work/extra" \
  "$work/docs"
cd "$work" || exit 1
echo '#define X 1' >src/model/model.h
{
  echo '#include "model/model.h"'
  echo '#include <taxamba/model.h>'
  echo '#include "nn/nowhere.h"'
  echo '#include <zlib.h>'
  echo '#include <htslib/bgzf.h>'
  echo '#include <cjson/cJSON.h>'
  echo '#include <cblas.h>'
  echo '#include <immintrin.h>'
  echo '/* exit(1), printf("x") and pthread_create() in a comment are allowed,'
  echo '   exit(2) here too */'
  echo 'static const char *text = "exit(3)";'
  echo 'static void f(void) { printf("x"); }'
  echo 'static void g(void) { exit(1); }'
  echo 'static void h(void) { pthread_create(0, 0, 0, 0); }'
  echo 'static void i(char *a, char *b) { strcpy(a, b); }'
} >src/nn/bad.c
echo 'int x;' >src/odd/odd.c
echo '#include "model/model.h"' >tools/bad.c
i=0
while [ $i -lt 601 ]; do echo; i=$((i + 1)); done >src/base/long.c
printf '/* %0120d */\n' 1 >src/base/wide.c
for file in wide.sh wide.cmake docs/CMakeLists.txt; do printf '# %0120d\n' 1 >$file; done
{
  printf '%0111d\n' 1
  printf 'https://example.org/%0120d\n| %0120d |\n' 1 1 # exempt
  i=0
  while [ $i -lt 110 ]; do printf '\303\251'; i=$((i + 1)); done # 110 characters in 220 bytes
  # shellcheck disable=SC2016 # the text of a document
  printf '\n```console\n%0120d\n$ %0120d\n```\n```sh\n%0120d\n```\n' 1 1 1
} >docs/wide.md
echo "see /""home/someone/data" >docs/note.md
echo 'add_compile_options(-march=''native)' >CMakeLists.txt

GIT_DIR=/nonexistent sh "$script" . >report 2>&1 && { echo "layers.sh passed a tree full of faults"; exit 1; }
missing=0
expect() {
  grep -q "$1" report || { echo "not reported: $1"; missing=1; }
}
expect '^src/odd/odd.c: module .odd. is not in the layer table'
expect '^src/nn/bad.c:1: nn may not include model/model.h'
expect '^src/nn/bad.c:2: nn may not include taxamba/model.h'
expect '^src/nn/bad.c:3: nn/nowhere.h is not in src/'
for library in zlib htslib cjson cblas immintrin; do expect "^src/nn/bad.c: only .* may include .*$library"; \
  done
expect '^src/nn/bad.c:12: the library does not print'
expect '^src/nn/bad.c:13: the library does not end the process'
expect '^src/nn/bad.c:14: only .* start threads'
expect '^src/nn/bad.c:15: an unsafe or stateful function'
expect '^tools/bad.c:1: tools may include the public headers only'
expect '^src/base/long.c: 601 lines'
expect '^src/base/wide.c:1: 126 columns'
for file in wide.sh wide.cmake docs/CMakeLists.txt; do expect "^$file:1: 122 columns"; done
expect '^docs/wide.md:1: 111 columns'
expect '^docs/wide.md:7: 122 columns'
expect '^docs/wide.md:10: 120 columns'
[ "$(grep -c '^docs/wide.md:' report)" -eq 3 ] || { echo "a line was reported that is exempt"; missing=1; }
expect '^extra: not one of the entries'
expect '^path of a machine: docs/note.md'
expect '^build flag: '
grep -qE 'bad.c:(9|10|11):' report && { echo "a comment or string was taken for a call"; missing=1; }
[ $missing -eq 0 ] || cat report
exit $missing
