#!/bin/sh
# The benchmarks still run and report: nothing is asserted about their figures.
#   smoke.sh FOLDER_OF_THE_BENCHMARKS TABLE [TAXAMBA]     (TABLE: in the layout of BIOSCAN-5M)
set -eu
cd "${1:?usage: smoke.sh FOLDER TABLE [TAXAMBA]}"
table=${2:?}
taxamba=${3:-}
check() { # command...
  echo "== $*"
  "$@" --json - >smoke.json 2>smoke.txt || { cat smoke.txt; exit 1; }
  ./check_json <smoke.json || { cat smoke.json; exit 1; }
}
check ./bench_kernels --threads 1 --seconds 0 --repeats 1
check ./bench_encoder --d-model 48 --headdim 48 --tokens 20 --classes 5 --seconds 0 --repeats 1
check ./bench_optimiser --d-model 48 --headdim 48 --classes 5 --limit 300 --frequency 2 --repeats 1
printf 'nothing\t1\t0\tms\ttrue\nnothing\t1\t10\trecords/s\ttrue\nnothing\t2\t10\trecords/s\ttrue\n' \
  >smoke.plan
check ./bench_command --plan smoke.plan --repeats 2
if printf 'failure\t1\t0\tms\tfalse\n' | ./bench_command --repeats 1 2>/dev/null; then
  echo "a command that fails was taken for a result"
  exit 1
fi
./bench_edit_distance --table "$table" --repeats 1
[ -n "$taxamba" ] || exit 0 # the program is not built
# Grown sets are as large as they are asked to be, the smaller ones the start of the larger.
grow() { ./bench_grow --table "$table" "$@"; }
grow --count 1500 >grown.fasta
grow --count 900 >smaller.fasta
grow --what seen >seen.fasta
[ "$(grep -c '^>' grown.fasta)" -eq 1500 ] || { echo "bench_grow: not 1500 records"; exit 1; }
head -n "$(wc -l <smaller.fasta)" grown.fasta | cmp - smaller.fasta
"$taxamba" index -q -o grown.tx grown.fasta
./bench_references --references grown.tx --queries seen.fasta >references.txt
if ! grep '^| full | [1-9]' references.txt >/dev/null || grep nan references.txt; then
  cat references.txt
  exit 1
fi
