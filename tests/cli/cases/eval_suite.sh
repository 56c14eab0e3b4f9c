# The benchmark suite: its stages beside the commands that do one of them, its cache, duplicates between
# splits, the files of Canadian invertebrates, and what is refused.
table=$data/simulated_metadata.csv
ranks=order,family,genus,species
mkdir cache
tool 0 eval --benchmark bioscan5m -m "$model" --baselines --cache cache --protocol bioscan5m \
  --metadata "$table"
has out 'heads: heads, test: 92 records' \
  'unseen: 1-nearest neighbour, test_unseen against train: 56 records' \
  'probe: linear probe, test against train' 'cluster: Ward, raw' 'cluster: Ward, umap (bioscan5m)' \
  'novelty: test against test_unseen' 'calibration: heads, test, test_unseen: 148 records' \
  'baselines: majority, test against train' 'leaks: records' 'reliability at species'
has err ' 562 records embedded, 0 read from the cache'
mv out whole
# part HEADING FILE: the table of eval under this heading
part() {
  awk -v heading="$1" 'index($0, heading) == 1 { on = 1; next } /^$/ || /^  / { on = 0 } on { print }' "$2"
}
tool 0 eval -q -m "$model" "$table"
tail -n +2 out >own
part 'heads: heads, test:' whole >suite
same suite own
tool 0 eval -q -m "$model" --ranks $ranks --neighbours --split test_unseen "$table"
tail -n +2 out >own
part 'unseen: 1-nearest neighbour, test_unseen against train:' whole >suite
same suite own
tool 0 eval -q -m "$model" --ranks $ranks --neighbours "$table"
tail -n +2 out >own
part 'knn: k-nearest neighbours, test against train:' whole >suite
same suite own
tool 0 cluster -q -m "$model" --where 'split!=train' --where 'split!=val' --where 'split!=pretrain' \
  -l "$table" --rank $ranks "$table"
awk '$1 == "ward" { print $3, $9 }' out >own
[ "$(wc -l <own)" -eq 4 ] || fault 'not four ranks of cluster'
part 'cluster: Ward, raw' whole | awk 'NR > 1 { print $1, $6 }' >suite
same suite own

# The cache: nothing is computed again, and a damaged file is never used.
tool 0 eval --benchmark bioscan5m -m "$model" --baselines --cache cache -t 1 "$table"
has err ' 0 records embedded, 562 read from the cache, 7 results too'
awk '/^cluster: Ward, umap/ { skip = 1 } !skip { print } /^$/ { skip = 0 }' whole >without_umap
same out without_umap
[ "$(ls cache | wc -l)" -eq 11 ] || fault 'not three splits and eight results in the cache'
flip "cache/$(ls -S cache | head -n 1)" 300
tool 0 eval --benchmark bioscan5m -m "$model" --stages probe,leaks,cluster --cache cache "$table"
hasnot err ' 562 read from the cache'
hasnot err ' 0 records embedded'
part 'probe: linear probe, test against train' out >own
part 'probe: linear probe, test against train' whole >suite
same own suite
part 'cluster: Ward, raw' out >own
part 'cluster: Ward, raw' whole >suite
same own suite
for file in cache/*; do
  head -c 1000 "$file" >cut
  cp cut "$file"
done
tool 0 eval --benchmark bioscan5m -m "$model" --stages unseen --cache cache "$table"
has err ' 470 records embedded, 0 read from the cache'
tool 0 eval --benchmark bioscan5m -m "$model" --stages unseen --cache cache "$table"
has err ' 0 records embedded, 470 read from the cache'
has err ' 1 results too'
tool 0 eval -q --benchmark bioscan5m -m "$model" --stages knn --knn 4 --cache cache "$table"
mv out four
tool 0 eval --benchmark bioscan5m -m "$model" --stages knn --knn 4 "$table"
same out four
tool 0 eval --benchmark bioscan5m -m "$model" --stages unseen --cache cache --strand minus "$table"
has err ' 470 records embedded, 0 read from the cache'

# Queries that are cut: as eval cuts them, and embedded anew; the references stay whole.
cuts='--window 100,500 --crop 200 --seed 3'
tool 0 eval --benchmark bioscan5m -m "$model" --stages heads,unseen,knn --cache cache $cuts "$table"
has err ' 148 records embedded, 414 read from the cache'
has out 'test and test_unseen cut: window 100,500 crop 200 (seed 3)'
mv out whole_cut
tool 0 eval -q -m "$model" $cuts "$table"
tail -n +2 out >own
part 'heads: heads, test:' whole_cut >suite
same suite own
for split in test test_unseen; do
  tool 0 eval -q -m "$model" --ranks $ranks --neighbours $cuts --split $split "$table"
  tail -n +2 out >own
  case $split in
  test) part 'knn: k-nearest neighbours, test against train:' whole_cut >suite ;;
  *) part 'unseen: 1-nearest neighbour, test_unseen against train:' whole_cut >suite ;;
  esac
  same suite own
done
part 'unseen: 1-nearest neighbour, test_unseen against train:' whole >own
cmp -s suite own && fault 'the cut has no effect'
tool 0 eval --audit-leaks -m "$model" --amplicon "$(awk -F, 'NR == 2 { print substr($12, 60, 20) }' \
  "$table"),$(awk -F, 'NR == 2 { print substr($12, 300, 20) }' "$table" | tr ACGT TGCA | rev)" --json "$table"
has out '"cut":{"amplicon":"' '","window":"","crop":0,"seed":1},'
has err '104 are left out'

# A run that is killed goes on behind the stages that it had finished, to the same bytes. Damaged results are
# found again.
mkdir killed
"$taxamba" eval -q --benchmark bioscan5m -m "$model" --baselines --cache killed --protocol bioscan5m -t 1 \
  "$table" >unfinished 2>&1 &
started=$!
tries=0
while [ "$(ls killed | wc -l)" -lt 5 ] && [ $tries -lt 600 ]; do
  tries=$((tries + 1))
  sleep 0.05
done
kill -9 $started
wait $started
[ -s unfinished ] && fault 'it was not killed before its end'
tool 0 eval --benchmark bioscan5m -m "$model" --baselines --cache killed --protocol bioscan5m -t 1 "$table"
same out whole
has err ' 0 records embedded, 562 read from the cache, '
hasnot err ' 0 results too'
for file in killed/*.cache; do flip "$file" 60; done
tool 0 eval --benchmark bioscan5m -m "$model" --baselines --cache killed --protocol bioscan5m -t 1 "$table"
same out whole
has err ' 562 records embedded, 0 read from the cache, 0 results too'

# Stages alone, as JSON
tool 0 eval -q --benchmark bioscan5m -m "$model" --stages knn,leaks --knn 3 --bootstrap 20 --json "$table"
[ "$(wc -l <out)" -eq 1 ] || fault 'not one line of JSON'
has out '"stages":[{"stage":"knn","method":"k-nearest neighbours","queries":["test"],"references":["train"]' \
  '"settings":{"k":3}' '"without_leaks":{"title"' '"by_identity":[{"band":"100"' '"accuracy_interval":[' \
  '"left_out":[]}'
hasnot out '"stage":"heads"'
tool 0 eval -q --benchmark bioscan5m -m "$model" --stages heads "$table"
hasnot out 'leaks'
hasnot out 'probe'

tool 0 eval -q --benchmark bioscan5m -m "$model" --stages cluster --protocol both --cache cache "$table"
has out 'cluster: Ward, raw' 'cluster: Ward, umap (bioscan5m)' 'cluster: Ward, umap (barcodebert)'

# Duplicates that were put in: of a record of test an equal one, one that contains it, its reverse complement
# and a part of that, once each; one more is only in pretrain.
awk -F, -v OFS=, '
  function reversed(s, i, r) {
    for (i = length(s); i > 0; i--) r = r substr("TGCA", index("ACGT", substr(s, i, 1)), 1)
    return r
  }
  NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print; next }
  { print }
  $at["split"] == "test" && ++n <= 5 {
    id = $at["processid"]; s = $at["dna_barcode"]
    $at["split"] = n == 5 ? "pretrain" : "train"
    $at["processid"] = "COPY" n
    if (n == 2) $at["dna_barcode"] = "ACGTACGTACG" s "TTG"
    if (n == 3) $at["dna_barcode"] = reversed(s)
    if (n == 4) $at["dna_barcode"] = substr(reversed(s), 50, 300)
    print
    print id > "copied"
  }' "$table" >leaky.csv
tool 0 eval -q --audit-leaks -m "$model" --leaks-list leaks.tsv leaky.csv
has out '  (records)              87'
part 'leaks: records' out | grep '^test ' >rows
is rows <<'END'
test          train             92         1          1              1                  1         4
test          pretrain          92         1          0              0                  0         1
END
{
  printf 'query\tsplit\tkind\treference\treference_split\n'
  set -- exact contained reverse_exact reverse_contained exact
  n=0
  while read -r id; do
    n=$((n + 1))
    splits=train
    [ $n -lt 5 ] || splits=pretrain
    printf '%s\ttest\t%s\tCOPY%s\t%s\n' "$id" "$1" $n $splits
    shift
  done <copied
} >expected_leaks
same leaks.tsv expected_leaks

# The files of Canadian invertebrates: the same splits give the same scores.
mkdir canada
for split in train test test_unseen; do
  case $split in
  test_unseen) name=unseen ;;
  *) name=supervised_$split ;;
  esac
  awk -F, -v OFS=, -v split_name=$split 'NR == 1 {
      for (i = 1; i <= NF; i++) at[$i] = i
      print "genus_name", "species_name", "nucleotides", "bin_uri", "processid"
      next
    }
    $at["split"] == split_name {
      print $at["genus"], $at["species"], $at["dna_barcode"], $at["dna_bin"], $at["processid"]
    }' "$table" >canada/$name.csv
done
tool 0 eval -q --benchmark bioscan5m -m "$model" --ranks genus,species --stages knn,unseen,leaks,probe \
  "$table"
sed 1d out >own
tool 0 eval -q --benchmark canadian-invertebrates -m "$model" --stages knn,unseen,leaks,probe canada
sed 1d out >other
grep -v pretrain own >own_splits
same other own_splits
has out 'genus    all' 'species  all'

# A model without taxa
tool 0 train -q -o masked.safetensors --objective masked --tokenizer kmer -k 4 --d-model 16 --n-layer 1 \
  --d-state 8 --headdim 8 --epochs 1 "$table"
tool 0 eval --benchmark bioscan5m -m masked.safetensors --ranks genus,species "$table"
has err 'note: stage heads is left out: the model names no taxa' 'note: stage calibration is left out'
has out 'left out: heads (the model names no taxa' 'probe: linear probe' 'cosine' 'identity'
hasnot out 'confidence '
tool 3 eval -q --benchmark bioscan5m -m masked.safetensors --stages heads "$table"
has err 'no stage can be run'

# What is refused
tool 2 eval --benchmark bioscan5m -m "$model" --stages probes "$table"
has err "'probes' is no stage; there are heads, probe"
tool 2 eval --benchmark bioscan5m -m "$model"
has err 'no table to score against'
tool 2 eval --benchmark bioscan5m -m "$model" --metadata "$table" "$table"
has err 'is one argument too many'
tool 2 eval --benchmark bioscan5m -m "$model" -
has err 'is read twice'
tool 2 eval --benchmark bioscan5m -m "$model" --neighbours "$table"
tool 2 eval -m "$model" --stages heads "$table"
tool 2 eval --benchmark bioscan5m -m "$model" --window 300,1 "$table"
has err "--window '300,1' is not FIRST,LAST"
tool 3 eval --benchmark bioscan5m -m "$model" --window 2000,3000 "$table"
has err 'no record with a sequence of split test or test_unseen'
tool 2 eval -m "$model" --leaks-list x "$table"
has err '--leaks-list has no effect'
tool 2 eval --benchmark bioscan5m -m "$model" --stages knn --leaks-list x "$table"
has err '--leaks-list has no effect without the stage leaks'
tool 2 eval --benchmark canadian-invertebrates -m "$model" canada canada
has err 'is one folder'
tool 1 eval --benchmark canadian-invertebrates -m "$model" cache
has err 'supervised_train.csv'
tool 3 eval --benchmark bioscan5m -m "$model" canada/unseen.csv
has err 'no split column'
grep -v ',train,' "$table" >no_train.csv
tool 3 eval --benchmark bioscan5m -m "$model" no_train.csv
has err 'no record with a sequence of split train'
tool 1 eval -q --benchmark bioscan5m -m "$model" --stages knn --cache absent "$table"
one_error eval
head -n 20 "$table" >cut.csv
printf 'SIM,only,three\n' >>cut.csv
tool 3 eval -q --benchmark bioscan5m -m "$model" cut.csv
has err 'cut.csv:21'
