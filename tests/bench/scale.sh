#!/bin/sh
# Answers by references with sets of different sizes: recall, accuracy, speed, memory, and the time to make,
# load and extend a set.
#   scale.sh BUILD TABLE FOLDER [COUNT]...     (COUNT: 0 32000 100000 250000 1000000; 0: the real ones alone)
# TABLE has the columns of BIOSCAN-5M. The references are grown from its split train (bench_grow), the queries
# are real records of it that no set has. FOLDER gets the work files: 4 GB at 2,500,000. Prints Markdown
# tables. Times are of the processor. Needs GNU time (/usr/bin/time).
set -eu
[ $# -ge 3 ] || { sed -n '2,7s/^# *//p' "$0" >&2; exit 2; }
build=$(cd "$1" && pwd)
table=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
work=$3
shift 3
[ $# -gt 0 ] || set -- 0 32000 100000 250000 1000000
bench=$build/tests/bench
mkdir -p "$work"
cd "$work"

grow() { "$bench/bench_grow" --table "$table" "$@"; }
# cost COMMAND...: seconds of the processor and the peak in MiB, in $seconds and $peak
cost() {
  /usr/bin/time -o cost -f '%U %M' "$@"
  seconds=$(cut -d ' ' -f 1 cost)
  peak=$(awk '{ printf "%.0f", $2 / 1024 }' cost)
}
grow --what seen >seen.fasta
grow --what unseen >unseen.fasta
head -n 2 seen.fasta >one.fasta

echo "| count | references | representatives | file, MiB | index, s | MiB | load, s | MiB | add one, s" \
  "| MiB |"
echo "|---|---|---|---|---|---|---|---|---|---|"
for count in "$@"; do
  [ -e "$count.fasta" ] || grow --count "$count" >"$count.fasta"
  cost "$build/taxamba" index -q -o "$count.tx" "$count.fasta"
  made="$seconds | $peak"
  cost "$build/taxamba" index -q --add "$count.tx" -o added.tx one.fasta
  added="$seconds | $peak"
  "$bench/bench_references" --references "$count.tx" --queries seen.fasta --rank species >"$count.seen"
  "$bench/bench_references" --references "$count.tx" --queries unseen.fasta --rank genus >"$count.unseen"
  awk -v count="$count" -v made="$made" -v added="$added" -v bytes="$(wc -c <"$count.tx")" '
    / references, / { references = $1; groups = $3; load = $(NF - 4) }
    /^peak memory/ { peak = $3 }
    END {
      printf "| %d | %d | %s | %.0f | %s | %s | %s | %s |\n", count, references, groups, bytes / 1048576,
        made, load, peak, added
    }' "$count.seen"
done
rm -f added.tx cost

echo
echo "| count | part | seen: species among the candidates | right | unseen: genus among the candidates" \
  "| right | queries/s |"
echo "|---|---|---|---|---|---|---|"
for count in "$@"; do
  for part in full last313 random150; do
    awk -F ' *[|] *' -v count="$count" -v part="$part" '
      $2 == part && FNR == NR { seen = $4 " | " $5; speed = $6 }
      $2 == part && FNR < NR { unseen = $4 " | " $5 }
      END { print "| " count " | " part " | " seen " | " unseen " | " speed " |" }' \
      "$count.seen" "$count.unseen"
  done
done
