# A model of sets of taxa: training on mixed records whose lineages stop at any rank, rows, scores against the
# baselines, and what the other commands do with such a model.
mixed=$data/simulated_mixed.tsv
# What the cookbook does, in fewer epochs.
tool 0 train -q -t 2 --objective multilabel --taxa-column taxa --ranks order,family,genus,species \
  --tokenizer kmer --d-model 40 --headdim 20 --d-state 8 --n-layer 1 --epochs 8 --batch 6 --shard 6 \
  --learning-rate 0.006 --warmup 0.05 --crop 0 --ema 0 --strand-share 0 --patience 0 -o sets.safetensors \
  "$mixed"
tool 0 classify --info -m sets.safetensors
has out 'several: a record may have any number of taxa' 'species         46 taxa'

# Scores: the intervals of the gain over both baselines are above 0.
tool 0 eval -q -m sets.safetensors --taxa-column taxa --bootstrap 500 "$mixed"
awk -F '\t' '
  $1 == "model" {if (!($3 < $2 && $2 < $4 && $6 < $5 && $5 < $7)) bad = bad "intervals; "}
  # F1 by precision and recall
  NR > 1 && NR < 5 {
    f = 2 * $10 * $11 / ($10 + $11) - $5
    if (f > 0.0002 || f < -0.0002) bad = bad $1 ": F1; "
  }
  # gain of the average precision, and of F1, with the lower end of its interval
  /^model - / {gains++; if (!($2 > $3 && $3 > 0.1 && $5 > $6 && $6 > 0.1)) bad = bad $0 "; "}
  # fewer calls from threshold to threshold
  /^0[.]/ {rows++; if (rows > 1 && $3 > depth) bad = bad "thresholds; "; depth = $3}
  END {if (bad || gains != 2 || rows != 7) {print bad, gains + 0, rows + 0; exit 1}}' out ||
  fault 'the model does not beat its baselines, or the tables are wrong'
tool 0 eval -q -m sets.safetensors --taxa-column taxa --json "$mixed"
has out '"records":120,"unlabelled":0' '"training_records":360' '"system":"frequent set"'
tool 0 eval -q -m sets.safetensors --taxa-column taxa --baseline-split val "$mixed"
has out 'system	micro_AP	micro_F1' 'threshold	records_called'

# Rows: sets per rank, and their lineages, which are read again.
awk -F '\t' '$3 == "test" {print ">" $1 "\n" $4}' "$mixed" >test.fasta
tool 0 classify -q -m sets.safetensors -o rows.tsv test.fasta
head -n 1 rows.tsv | tr '\t' ' ' >header
{
  printf 'id order order_confidence family family_confidence genus genus_confidence '
  printf 'species species_confidence taxa strand status\n'
} | is header
awk -F '\t' 'NR > 1 {
  split("2 4 6 8", columns, " ")
  for (i in columns) {
    names = split($columns[i], a, ";"); confidences = split($(columns[i] + 1), b, ";")
    if (names != confidences) bad = bad $1 ": names and confidences; "
    for (j = 1; j <= confidences; j++) if (b[j] < 0.5) bad = bad $1 ": " b[j] "; "
    if (names > 1) several++
  }
  # the taxa above a called one are called
  count = split($10, lineages, ";")
  for (j = 1; j <= count; j++)
    if (split(lineages[j], n, "|") > 1 && n[2] && index($4, n[2]) == 0) bad = bad $1
} END { if (bad || !several) { print bad, several + 0; exit 1 } }' rows.tsv || fault "rows: $last"
tool 0 classify -q -m sets.safetensors -c 0.9 -f jsonl -o rows.jsonl test.fasta
# Every confidence is at least 0.9, and the taxa above a called one are called.
tr '{' '\n' <rows.jsonl | awk -F '"' '
  /^"id"/ {delete called}
  /^"rank"/ {
    called[$8] = 1
    if (substr($11, 2) + 0 < 0.9) bad = bad $8 ": " $11 "; "
    for (i = 14; i < NF; i += 2) if (!called[$i]) bad = bad $i " above " $8 "; "
    rows++
  } END {if (bad || rows < 50) {print bad, rows + 0; exit 1}}' || fault 'JSON lines'
# The same bytes for other threads, and for a record alone.
tool 0 classify -q -t 1 --batch 1 --duplicates-cache 0 -m sets.safetensors -o again.tsv test.fasta
same rows.tsv again.tsv
# The rows are labels: as they are the model's own answers, the model makes no error in the known entries.
awk -F '\t' 'NR == FNR {if (FNR > 1) called[$1] = $10; next}
  FNR == 1 {print "id\ttaxa\tsequence"}
  called[$1] != "" {print $1 "\t" called[$1] "\t" $4}' rows.tsv "$mixed" >own.tsv
tool 0 eval -q -m sets.safetensors --taxa-column taxa --json own.tsv
has out '"exact":1.000000,"precision":1.000000,"recall":1.000000'

# Names of single taxa mean their lineage, gaps are filled from the tree, and columns of ranks count where the
# field is empty.
cat >names.tsv <<'END'
id	taxa	order	species	sequence
a	Simulalpha prima; Simullambda			ACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGT
b	Simuloptera||Simulalpha			ACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGT
c		Fictoptera	Simullambda prima	ACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGT
d	nowhere			ACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGT
END
tool 0 eval -m sets.safetensors --taxa-column taxa --json names.tsv
has err '1 lineages of the labels have no taxon of the model'
# a: 4 + 3 taxa, b: 3, c: 4
has out '"records":3,"unlabelled":1' '"present":14'

# What is refused, each in one line.
tool 2 classify -m sets.safetensors -f sintax test.fasta
one_error classify
has err 'use tsv or jsonl'
tool 2 classify -m sets.safetensors --table taxa.biom test.fasta
one_error classify
tool 2 classify -m sets.safetensors --strand both test.fasta
one_error classify
tool 2 export -m sets.safetensors -o sets.ckpt
one_error export
has err 'gives sets of taxa'
tool 2 train -o other.safetensors --teacher sets.safetensors "$data/simulated_metadata.csv"
one_error train
tool 2 train -o other.safetensors --taxa-column taxa "$mixed"
one_error train
has err 'add --objective multilabel'
tool 2 eval -m "$model" --taxa-column taxa "$mixed"
one_error eval
has err 'one lineage for a record'
printf 'id\ttaxa\tsequence\nx\ta|b|c\tACGT\n' >deep.tsv
tool 3 train -o other.safetensors --objective multilabel --taxa-column taxa --ranks genus,species deep.tsv
one_error train
has err "'c' is one name more than the 2 ranks"

# What works as for every network.
tool 0 quantize -q -m sets.safetensors -o small.safetensors
tool 0 classify -q -m small.safetensors -o small.tsv test.fasta
head -n 1 small.tsv | tr '\t' ' ' >small_header
same header small_header
tool 0 embed -q -m sets.safetensors -f tsv -o embeddings.tsv test.fasta
