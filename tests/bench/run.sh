#!/bin/sh
# All benchmarks of Taxamba itself, end to end: one table and one JSON document.
#   run.sh BUILD_FOLDER FASTA.gz [RESULT_FOLDER]     (RESULT_FOLDER: BUILD_FOLDER/bench)
# FASTA.gz: some thousand barcodes. Environment: MODEL, a second model to classify with
# (models/coi-arthropoda.safetensors); THREADS, the largest number (2); SECONDS_EACH, of one repeat of a
# kernel (0.03). Takes some minutes; the machine should be idle.
set -eu
[ $# -ge 2 ] || { sed -n '2,5s/^# *//p' "$0" >&2; exit 2; }
build=$(cd "$1" && pwd) fasta=$2 results=${3:-$1/bench}
source=$(cd "$(dirname "$0")/../.." && pwd)
threads=${THREADS:-2} each=${SECONDS_EACH:-0.03} model=${MODEL:-$source/models/coi-arthropoda.safetensors}
bench=$build/tests/bench taxamba=$build/taxamba shipped=$source/models/simulated.safetensors
mkdir -p "$results"
table=$results/bench.txt
: >"$table"

run() { # name of the part, program, argument...
  part=$1
  shift
  echo "bench: $part" >&2
  "$@" --json "$results/$part.json" >>"$table"
}
row() { # the arguments as one line of a plan
  first=$1
  shift
  printf '%s' "$first"
  printf '\t%s' "$@"
  printf '\n'
}

counts=$(seq 1 "$threads" | awk -v last="$threads" '$1 == 1 || $1 == last')
for n in $counts; do run "kernels-$n" "$bench/bench_kernels" --threads "$n" --seconds "$each"; done
run encoder "$bench/bench_encoder" --threads "$threads"
run optimiser "$bench/bench_optimiser" --threads "$threads"

# A record alone is the start-up; then whole files.
gzip -dc "$fasta" | awk '/^>/ { n++ } n > 1 { exit } { print }' >"$results/one.fasta"
records=$(gzip -dc "$fasta" | grep -c '^>')
row "classify 1 record, shipped model" 1 0 ms "$taxamba" classify -q -t 1 \
  -m "$shipped" "$results/one.fasta" >"$results/start.plan"
row "classify 1 record, $(basename "$model" .safetensors)" 1 0 ms "$taxamba" classify -q -t 1 \
  -m "$model" "$results/one.fasta" >>"$results/start.plan"
run start "$bench/bench_command" --title start-up --repeats 50 --plan "$results/start.plan"
for n in $counts; do
  row "classify $records records, shipped model" "$n" "$records" sequences/s "$taxamba" classify -q -t "$n" \
    -m "$shipped" "$fasta"
  row "classify $records records, $(basename "$model" .safetensors)" "$n" "$records" sequences/s "$taxamba" \
    classify -q -t "$n" -m "$model" "$fasta"
done >"$results/classify.plan"
run classify "$bench/bench_command" --title "end to end" --repeats 2 --plan "$results/classify.plan"

{
  echo '{"benches": ['
  comma=
  for part in $(for n in $counts; do echo "kernels-$n"; done) encoder start classify; do
    printf '%s' "$comma"
    cat "$results/$part.json"
    comma=,
  done
  echo ']}'
} >"$results/bench.json"
cat "$table"
echo "bench: $table and $results/bench.json" >&2
