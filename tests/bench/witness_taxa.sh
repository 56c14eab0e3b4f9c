#!/bin/sh
# Taxa that the references lack and a network knows: how many are named, and what that does to the others.
#   witness_taxa.sh PROGRAM TABLE MODEL FOLDER [SEED]
# TABLE has the columns of BIOSCAN-5M. The references are those of split train without every fifth species,
# counted from number SEED (0 to 4). The weights are fitted on one half of the species of split val, and the
# records of the other half are classified: whole, their last 313 bases, and 150 in the middle. FOLDER gets
# the work files. Prints a Markdown table.
set -eu
[ $# -ge 4 ] || { sed -n '2,7s/^# *//p' "$0" >&2; exit 2; }
taxamba=$1
table=$2
network=$3
work=$4
seed=${5:-0}
mkdir -p "$work"
LC_ALL=C
export LC_ALL

rows() { case $table in *.gz) zcat "$table" ;; *) cat "$table" ;; esac; }
# The species of a split, sorted, each with its number.
species_of() {
  rows | awk -F, -v split_name="$1" '$(NF - 2) == split_name && $10 != "" { print $10 }' | sort -u |
    awk '{ print NR "," $0 }'
}
rows_of() { # rows_of SPLIT LIST: those whose species is in the list
  rows |
    awk -F, -v split_name="$1" 'NR == FNR { wanted[$0] = 1; next }
      FNR == 1 || ($(NF - 2) == split_name && $10 in wanted)' "$2" -
}
species_of train | awk -F, -v seed="$seed" '$1 % 5 != seed { sub(/^[0-9]*,/, ""); print }' >"$work/kept"
rows_of train "$work/kept" >"$work/less.csv"
"$taxamba" index -q --ranks order,family,genus,species -o "$work/less.tx" "$work/less.csv"
for half in 0 1; do
  species_of val | awk -F, -v half=$half '$1 % 2 == half { sub(/^[0-9]*,/, ""); print }' >"$work/half"
  rows_of val "$work/half" >"$work/half$half.csv"
  "$taxamba" calibrate -q -m "$network" -r "$work/less.tx" -o "$work/without$half.tx" "$work/half$half.csv" \
    >"$work/calibration$half"
done

cut_to() { # cut_to FILE all|last|middle COUNT: so many bases of each barcode there
  awk -F, -v from="$2" -v count="$3" 'FNR > 1 {
    bases = $12
    gsub(/-/, "", bases)
    first = length(bases) - count + 1
    if (from == "middle") first = int(first / 2) + 1
    print ">" $1 "\n" substr(bases, first < 1 ? 1 : first, count) }' "$1"
}
# score NAME FILE: of the kept and of the removed species: records, names right, genera right, calibration
# error of the confidence of the species (10 bins), rows with the reason network_only, right ones of these.
score() {
  cat "$work/half0.csv" "$work/half1.csv" | awk -F'\t' -v kept="$work/kept" -v name="$1" '
    BEGIN { while ((getline line <kept) > 0) is_kept[line] = 1 }
    NR == FNR { split($0, field, ","); truth[field[1]] = field[10]; genus[field[1]] = field[9]; next }
    $1 == "id" { for (i = 1; i <= NF; i++) at[$i] = i; next }
    $at["status"] == "ok" {
      set = truth[$1] in is_kept
      confidence = $at["species_confidence"] + 0
      hit = $at["species"] == truth[$1]
      bin = set " " int(confidence * 10 - 1e-9)
      records[set]++; right[set] += hit; genera[set] += $at["genus"] == genus[$1]
      sum[bin] += confidence - hit
      if ($at["reason"] == "network_only") { named[set]++; named_right[set] += hit && confidence >= 0.5 }
    }
    END { for (set = 1; set >= 0; set--) {
        error = 0
        for (b = 0; b < 10; b++) error += sum[set " " b] < 0 ? -sum[set " " b] : sum[set " " b]
        printf "| %s | %s | %d | %.1f | %.1f | %.3f | %d | %d |\n", name, set ? "kept" : "removed",
          records[set], 100 * right[set] / records[set], 100 * genera[set] / records[set],
          error / records[set], named[set], named_right[set]
      } }' - "$2"
}
echo "| barcodes, answer | species | records | species right, % | genera right, % | ECE | network_only" \
  "| right |"
echo "|---|---|---|---|---|---|---|---|"
for part in "whole all 100000" "last_313 last 313" "middle_150 middle 150"; do
  set -- $part
  for look in evidence both auto; do
    : >"$work/rows"
    for half in 0 1; do
      cut_to "$work/half$half.csv" "$2" "$3" >"$work/queries.fasta"
      [ $look = evidence ] && model= || model="-m $network"
      # shellcheck disable=SC2086 # two words
      "$taxamba" classify -q -r "$work/without$((1 - half)).tx" $model --look $look "$work/queries.fasta" \
        >>"$work/rows"
    done
    score "$1, $look" "$work/rows"
  done
done
