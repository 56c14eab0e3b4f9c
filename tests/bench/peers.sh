#!/bin/sh
# Taxamba and vsearch on the same queries of a BIOSCAN-5M style table, scored by the same program.
# usage: peers.sh TAXAMBA METADATA.csv.gz MODEL.safetensors [SPLIT...]      (splits: test test_unseen)
# Needs vsearch. Prints, per split, the table of `taxamba eval` for: the heads at one offset and at all, nearest neighbours of
# embeddings, vsearch --sintax (cutoff 0), vsearch --usearch_global (best of 8/256).
set -eu
taxamba=$1 table=$2 model=$3
shift 3
[ $# -gt 0 ] || set -- test test_unseen
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# FASTA of a split; with labels in SINTAX form for the reference. The table has no quoted fields (checked here).
if gzip -dcf "$table" | grep -q '"'; then echo "peers.sh: quoted fields are not understood here" >&2; exit 1; fi
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

# "o:x,f:y(0.9)..." to the table that taxamba eval reads (a confidence of 1 where there is a call); taxa had _ for spaces.
columns() { # field with the taxa
  awk -F'\t' -v field="$1" '
    BEGIN { print "id\torder\torder_confidence\tfamily\tfamily_confidence\tgenus\tgenus_confidence\tspecies\tspecies_confidence\tstrand\tstatus" }
    {
      split("", taxon); n = split($field, parts, ",")
      for (i = 1; i <= n; i++) {
        name = substr(parts[i], 3); sub(/\([0-9.]*\)$/, "", name); sub(/;$/, "", name); gsub(/_/, " ", name)
        taxon[substr(parts[i], 1, 1)] = name
      }
      sub(/;.*/, "", $1); line = $1
      m = split("o f g s", letters, " ")
      for (i = 1; i <= m; i++) line = line "\t" taxon[letters[i]] "\t" (taxon[letters[i]] == "" ? "" : "1.0000")
      print line "\t+\tok"
    }'
}

fasta train 1 > "$work/train.fasta"
ranks=order,family,genus,species
for split in "$@"; do
  fasta "$split" 0 > "$work/$split.fasta"
  [ -n "${PEERS_ONLY:-}" ] || {
  echo "== $split: taxamba heads, one offset"
  "$taxamba" eval -q -m "$model" --split "$split" --ranks $ranks "$table"
  echo "== $split: taxamba heads, all offsets"
  "$taxamba" eval -q -m "$model" --offsets 0 --split "$split" --ranks $ranks "$table"
  echo "== $split: taxamba nearest neighbour, all offsets"
  "$taxamba" eval -q -m "$model" --offsets 0 --neighbours --split "$split" --ranks $ranks "$table"
  }
  echo "== $split: vsearch --sintax"
  vsearch --quiet --threads 2 --randseed 1 --sintax "$work/$split.fasta" --db "$work/train.fasta" --sintax_cutoff 0 --tabbedout "$work/sintax.txt"
  columns 2 < "$work/sintax.txt" > "$work/sintax.tsv"
  "$taxamba" eval -q --predictions "$work/sintax.tsv" --known "$table" --known-split train --split "$split" --ranks $ranks "$table"
  echo "== $split: vsearch --usearch_global"
  vsearch --quiet --threads 2 --usearch_global "$work/$split.fasta" --db "$work/train.fasta" --id 0.5 --maxaccepts 8 --maxrejects 256 \
    --top_hits_only --maxhits 1 --userout "$work/global.txt" --userfields query+target
  sed 's/;tax=\(.*\);$/\t\1/' "$work/global.txt" | awk -F'\t' '{ print $1 "\t" $3 }' | columns 2 > "$work/global.tsv"
  "$taxamba" eval -q --predictions "$work/global.tsv" --known "$table" --known-split train --split "$split" --ranks $ranks "$table"
done
