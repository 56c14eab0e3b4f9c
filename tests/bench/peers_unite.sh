#!/bin/sh
# Taxamba and vsearch on FASTA with UNITE headers, scored by the same program.
# usage: peers_unite.sh TAXAMBA REFERENCES.fasta.gz QUERIES.fasta.gz MODEL.safetensors
# Needs vsearch. Prints the table of `taxamba eval` for the heads at one offset and at all, the nearest
# neighbour among the references, vsearch --sintax (cutoff 0) and vsearch --usearch_global (best of 8/256).
set -eu
[ $# -eq 4 ] || { sed -n '2,5s/^# *//p' "$0" >&2; exit 2; }
taxamba=$1 references=$2 queries=$3 model=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$(dirname "$0")/peers_lib.sh"
ranks=order,family,genus,species

# >ID|o__x;f__y|... to >ID;tax=o:x,f:y; (labels 1) or >ID. Spaces of names have no place in SINTAX; the tables
# have them again.
fasta() { # file labels
  gzip -dcf "$1" | awk -v labels="$2" '
    /^>/ {
      split(substr($0, 2), field, "|"); line = ">" field[1]
      if (labels) {
        line = line ";tax="; comma = ""
        n = split(field[2], part, ";")
        for (i = 1; i <= n; i++) {
          letter = substr(part[i], 1, 1); taxon = substr(part[i], 4)
          if (taxon == "" || taxon == "unidentified") continue
          line = line comma letter ":" taxon; comma = ","
        }
        line = line ";"
      }
      print line; next
    }
    { print }'
}
fasta "$references" 1 > "$work/references.fasta"
fasta "$queries" 0 > "$work/queries.fasta"
echo "== taxamba heads, one offset"
"$taxamba" eval -q --bootstrap 1000 -m "$model" --ranks $ranks "$queries"
echo "== taxamba heads, all offsets"
"$taxamba" eval -q --bootstrap 1000 -m "$model" --offsets 0 --ranks $ranks "$queries"
echo "== taxamba nearest neighbour, all offsets"
"$taxamba" eval -q --bootstrap 1000 -m "$model" --offsets 0 --neighbours --reference "$references" \
  --ranks $ranks "$queries"
sintax "$work/references.fasta" "$work/queries.fasta" "$work"
global "$work/references.fasta" "$work/queries.fasta" "$work"
for tool in sintax global; do
  echo "== vsearch --$tool"
  # a record's id is the first word of its header, labels and all;
  # and the tables have spaces where UNITE has _
  gzip -dcf "$queries" | awk -F'\t' -v OFS='\t' '
    NR == FNR {
      if (/^>/) {
        id = substr($1, 2); sub(/ .*/, "", id)
        short = id; sub(/[|].*/, "", short); whole[short] = id
      }
      next
    }
    FNR > 1 { gsub(/ /, "_"); $1 = whole[$1] } { print }' - "$work/$tool.tsv" > "$work/$tool.unite.tsv"
  "$taxamba" eval -q --bootstrap 1000 --predictions "$work/$tool.unite.tsv" --known "$references" \
    --ranks $ranks "$queries"
done
