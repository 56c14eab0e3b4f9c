#!/bin/sh
# Taxamba and vsearch on the same queries of a BIOSCAN-5M style table, scored by the same program.
# usage: peers.sh TAXAMBA METADATA.csv.gz MODEL.safetensors [SPLIT...]      (splits: test test_unseen)
# Environment: REFERENCES, the splits that vsearch and the nearest neighbour search, separated by commas
# (train); PEERS_ONLY, not empty: vsearch alone.
# Needs vsearch. Prints, per split, the table of `taxamba eval` for: the heads at one offset and at all,
# nearest neighbours of embeddings, vsearch --sintax (cutoff 0), vsearch --usearch_global (best of 8/256).
set -eu
taxamba=$1 table=$2 model=$3
shift 3
[ $# -gt 0 ] || set -- test test_unseen
references=${REFERENCES:-train}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# FASTA of a split; with labels in SINTAX form for the reference. The table has no quoted fields (checked
# here).
if gzip -dcf "$table" | grep -q '"'; then
  echo "peers.sh: quoted fields are not understood here" >&2
  exit 1
fi
fasta() { # split with_labels
  gzip -dcf "$table" | awk -F, -v split_name="$1" -v labels="$2" '
    NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
    $column["split"] == split_name {
      line = ">" $column["processid"]
      if (labels) {
        line = line ";tax="; comma = ""
        n = split("o order f family g genus s species", names, " ")
        for (i = 1; i < n; i += 2) {
          taxon = $column[names[i + 1]]
          if (taxon != "") { gsub(/[ ,;]/, "_", taxon); line = line comma names[i] ":" taxon; comma = "," }
        }
        line = line ";"
      }
      print line; print $column["dna_barcode"]
    }'
}

. "$(dirname "$0")/peers_lib.sh"

for split in $(echo "$references" | tr , " "); do fasta "$split" 1; done > "$work/train.fasta"
ranks=order,family,genus,species
for split in "$@"; do
  fasta "$split" 0 > "$work/$split.fasta"
  [ -n "${PEERS_ONLY:-}" ] || {
  echo "== $split: taxamba heads, one offset"
  "$taxamba" eval -q --bootstrap 1000 -m "$model" --split "$split" --ranks $ranks "$table"
  echo "== $split: taxamba heads, all offsets"
  "$taxamba" eval -q --bootstrap 1000 -m "$model" --offsets 0 --split "$split" --ranks $ranks "$table"
  echo "== $split: taxamba nearest neighbour, all offsets"
  "$taxamba" eval -q --bootstrap 1000 -m "$model" --offsets 0 --neighbours --reference-split "$references" \
    --split "$split" --ranks $ranks "$table"
  }
  sintax "$work/train.fasta" "$work/$split.fasta" "$work"
  global "$work/train.fasta" "$work/$split.fasta" "$work"
  for tool in sintax global; do
    echo "== $split: vsearch --$tool"
    "$taxamba" eval -q --bootstrap 1000 --predictions "$work/$tool.tsv" --known "$table" \
      --known-split "$references" --split "$split" --ranks $ranks "$table"
  done
done
