#!/bin/sh
# What becomes of sequences that are no barcodes of the references, and of reverse complements.
#   strangers.sh TAXAMBA FOLDER [FASTA...]
# FOLDER is that of evidence.sh after its run: references.tx and the queries. FASTA: other sequences, plain or
# gzip, such as barcodes of other groups or of another marker. Prints a Markdown table: records, how many have
# the status unlike, how many have a name at the highest rank and at the lowest with 0.8 or more.
set -eu
taxamba=${1:?usage: strangers.sh TAXAMBA FOLDER [FASTA...]}
work=${2:?}
shift 2
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT

# counts NAME FILE: a row of the table.
counts() {
  "$taxamba" classify -q -r "$work/references.tx" -c 0.8 "$2" | awk -F '\t' -v name="$1" '
    NR == 1 {
      for (i = 1; i <= NF; i++) {
        if ($i == "status") status = i
        if ($i ~ /_confidence$/) { if (!top) top = i; lowest = i }
      }
      next
    }
    { records++; unlike += $status == "unlike"; high += $top != ""; low += $lowest != "" }
    END { printf "| %s | %d | %d | %d | %d |\n", name, records, unlike, high, low }'
}

# change KIND <FASTA of one line a sequence: reversed, complemented (not reversed), both, or random bases.
change() {
  awk -v kind="$1" '
    BEGIN { state = 1 }
    /^>/ { print; next }
    {
      line = ""; n = length($0)
      for (i = 1; i <= n; i++) {
        if (kind == "random") {
          # Lehmer: the same bases with every awk
          state = state * 16807 % 2147483647
          line = line substr("ACGT", int(state / 536870912) + 1, 1)
          continue
        }
        c = substr($0, kind == "complemented" ? i : n + 1 - i, 1)
        at = kind == "reversed" ? 0 : index("ACGTRYKMBVDH", c)
        line = line (at ? substr("TGCAYRMKVBHD", at, 1) : c)
      }
      print line
    }'
}

echo "| sequences | records | unlike | named at the highest rank, 0.8 | at the lowest |"
echo "|---|---|---|---|---|"
for part in "$work"/all.*.fasta; do
  name=${part##*/all.}
  counts "queries, ${name%.fasta}" "$part"
done
for kind in random reversed complemented; do
  change $kind <"$work/test.fasta" >"$temporary/$kind.fasta"
  counts "queries, $kind" "$temporary/$kind.fasta"
done
for file in "$@"; do
  name=${file##*/}
  counts "${name%%.*}" "$file"
done

# Reverse complements have the same rows, but for the strand.
"$taxamba" classify -q -r "$work/references.tx" "$work/test.fasta" >"$temporary/rows"
change both <"$work/test.fasta" >"$temporary/both.fasta"
"$taxamba" classify -q -r "$work/references.tx" "$temporary/both.fasta" | awk -F '\t' -v OFS='\t' '
  NR == 1 { for (i = 1; i <= NF; i++) if ($i == "strand") strand = i; print; next }
  { $strand = $strand == "+" ? "-" : $strand == "-" ? "+" : $strand } 1' >"$temporary/turned"
echo
awk 'NR == FNR { row[FNR] = $0; next } FNR > 1 { same += row[FNR] == $0; n++ }
  END { printf "reverse complements with the same row: %d of %d\n", same, n }' \
  "$temporary/rows" "$temporary/turned"
