#!/bin/sh
# The table of simulate_table: as many rows and distinct barcodes as asked for, the splits of BIOSCAN-5M in
# their proportions, no barcode in two of them, test species in train, unseen species nowhere else, the same
# bytes again.   simulated_table.sh SIMULATE_TABLE
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" 20000 9000 200 >"$work/a.csv"
"$1" 20000 9000 200 | cmp - "$work/a.csv"
"$1" 20000 9000 200 7 | cmp -s - "$work/a.csv" && { echo 'the seed has no effect'; exit 1; }
for wrong in '' 999 '20000 10001' '20000 9000 29' '20000 -1' '2e4'; do
  if "$1" $wrong >"$work/out" 2>&1; then
    echo "not refused: simulate_table $wrong"
    exit 1
  fi
done
awk -F, '
  function fail(text) { print text; bad = 1 }
  NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; if (NF != 23) fail("not 23 columns"); next }
  {
    split_of = $at["split"]; barcode = $at["dna_barcode"]; species = $at["species"]
    rows[split_of]++
    if (!(barcode in home)) { home[barcode] = split_of; distinct++ }
    if (home[barcode] != split_of) fail("a barcode in two splits")
    if ($at["processid"] in ids) fail("an id twice")
    ids[$at["processid"]]
    if (split_of == "pretrain" && species != "") fail("a species in pretrain")
    if (split_of != "pretrain" && (species == "" || $at["genus"] == "")) fail("no species in " split_of)
    if (species != "") in_split[split_of, species]
    genus[split_of, $at["genus"]]
    if (split_of == "pretrain") genera += $at["genus"] != ""
    if (split_of == "test" || split_of == "test_unseen") queries[split_of, species, $at["genus"]]
  }
  END {
    if (NR != 20001) fail(NR " lines")
    if (distinct != 9000) fail(distinct " distinct barcodes")
    if (rows["train"] != 1122 || rows["test"] < 150 || rows["test_unseen"] < 30 || rows["key_unseen"] < 140 ||
        rows["pretrain"] < 18100) fail("other splits")
    if (genera < rows["pretrain"] / 8 || genera > rows["pretrain"] / 4) fail(genera " genera in pretrain")
    for (query in queries) {
      split(query, part, SUBSEP)
      known = ("train", part[2]) in in_split
      if (known != (part[1] == "test")) fail(part[2] " in " part[1])
      if (!(("train", part[3]) in genus)) fail("a genus that train lacks")
      if (!known && !(("key_unseen", part[2]) in in_split)) fail("no key of " part[2])
    }
    exit bad
  }' "$work/a.csv"
