#!/bin/sh
# Speed of vsearch --sintax, vsearch --usearch_global (best of 8/256, as in peers.sh) and taxamba classify on
# the same queries.
#   vsearch_speed.sh BUILD_FOLDER METADATA.csv.gz MODEL [REFERENCES]...     (REFERENCES: 7877 100000)
# METADATA is a table in the layout of BIOSCAN-5M. Queries are its split test; references are its split train,
# and where more are asked for, copies of those with 1 % substitutions (seeded). "start" is a run with one
# query: what a program reads and indexes before it begins. Environment: THREADS ("1 2"), REPEATS (2), JSON (a
# file for the results).
set -eu
[ $# -ge 3 ] || { sed -n '2,6s/^# *//p' "$0" >&2; exit 2; }
build=$(cd "$1" && pwd) table=$2 model=$3
shift 3
[ $# -gt 0 ] || set -- 7877 100000
command -v vsearch >/dev/null || { echo "vsearch_speed.sh: vsearch is not installed" >&2; exit 2; }
bench=$build/tests/bench
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$bench/bench_sequences" --table "$table" --split test >"$work/queries.fasta"
head -n 2 "$work/queries.fasta" >"$work/one.fasta"
queries=$(grep -c '^>' "$work/queries.fasta")

row() { # the arguments as one line of the plan
  first=$1
  shift
  printf '%s' "$first"
  printf '\t%s' "$@"
  printf '\n'
}
both() { # name threads command... (QUERIES stands for the file): with one query, and with all
  name=$1 threads=$2
  shift 2
  row "$name" "$threads" 0 ms "$@" | sed "s|QUERIES|$work/one.fasta|"
  row "$name" "$threads" "$queries" sequences/s "$@" | sed "s|QUERIES|$work/queries.fasta|"
}

for threads in ${THREADS:-1 2}; do
  both "taxamba classify" "$threads" "$build/taxamba" classify -q -t "$threads" -m "$model" QUERIES
  for count in "$@"; do
    references=$work/$count.fasta
    [ -e "$references" ] || "$bench/bench_sequences" --table "$table" --split train --sintax true \
      --count "$count" >"$references"
    both "vsearch --sintax, $count references" "$threads" vsearch --quiet --threads "$threads" --randseed 1 \
      --sintax QUERIES \
      --db "$references" --sintax_cutoff 0 --tabbedout /dev/null
    both "vsearch --usearch_global, $count references" "$threads" vsearch --quiet --threads "$threads" \
      --usearch_global QUERIES \
      --db "$references" --id 0.5 --maxaccepts 8 --maxrejects 256 --top_hits_only --maxhits 1 \
      --userout /dev/null --userfields query+target
  done
done >"$work/plan"
"$bench/bench_command" --title "$queries queries" --repeats "${REPEATS:-2}" \
  --plan "$work/plan" ${JSON:+--json "$JSON"}
