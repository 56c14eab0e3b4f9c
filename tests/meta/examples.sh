#!/bin/sh
# Every program of docs/examples compiles against the public headers alone and gives what the command gives.
#   examples.sh SOURCE_FOLDER PROGRAM LIBRARY COMPILER WORK_FOLDER
set -eu
source=${1:?usage: examples.sh SOURCE_FOLDER PROGRAM LIBRARY COMPILER WORK_FOLDER}
taxamba=${2:?}
library=${3:?}
compiler=${4:?}
work=${5:?}
model=$source/models/simulated.safetensors
queries=$source/data/simulated_queries.fasta
rm -rf "$work"
mkdir -p "$work"
cd "$work"
for file in "$source"/docs/examples/*.c; do
  "$compiler" -std=c11 -Wall -Wextra -Werror -I "$source/include" "$file" "$library" \
    -o "$(basename "$file" .c)"
done
LD_LIBRARY_PATH=$(dirname "$library")
export LD_LIBRARY_PATH

sequence=$(awk '/^>/ { record++; next } record == 1 { printf "%s", $0 } record == 2 { exit }' "$queries")
./classify_one "$model" "$sequence" >one
head -n 1 "$queries" >first.fasta
printf '%s\n' "$sequence" >>first.fasta
"$taxamba" classify -q --look network -m "$model" -c 0.8 first.fasta | awk -F '\t' '
  NR == 1 { for (i = 2; i + 2 < NF; i += 2) rank[i] = $i }
  NR == 2 { for (i in rank) if ($i != "") print rank[i] "\t" $i "\t" $(i + 1) }' | sort >expected
sort one | cmp - expected
[ "$(wc -l <one)" -ge 3 ]

./classify_stream "$model" "$queries" >rows
"$taxamba" classify -q --look network -m "$model" -c 0.8 "$queries" | awk -F '\t' '
  NR > 1 { name = "unclassified"
    for (i = 2; i + 2 < NF; i += 2) if ($i != "") name = $i; print $1 "\t" name }' | cmp - rows

[ "$(./embed "$model" "$sequence" "$sequence")" = 1.0000 ]

./taxonomy "$model" >taxa
"$taxamba" classify --info -m "$model" >info
grep -E "^ +species +$(wc -l <taxa) taxa" info >/dev/null ||
  { echo "taxonomy prints $(wc -l <taxa) species:"; cat info; exit 1; }

# missing PROGRAM ARGUMENT...: without arguments, and with a model that is not there, it fails and says why.
missing() {
  if "$1" >/dev/null 2>&1; then echo "$1 without arguments does not fail"; exit 1; fi
  if "$@" >/dev/null 2>err; then echo "$1 reads a model that is not there"; exit 1; fi
  grep nowhere err >/dev/null
}
missing ./classify_one nowhere.safetensors ACGT
missing ./classify_stream nowhere.safetensors "$queries"
missing ./embed nowhere.safetensors ACGT ACGT
missing ./taxonomy nowhere.safetensors
cd / && rm -rf "$work"
