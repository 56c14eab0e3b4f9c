# Predictions of other classifiers: recorded outputs, our own formats, and where it is there vsearch itself.
metadata=$data/simulated_metadata.csv
cat >truth.csv <<'END'
id,order,genus,species,sequence
q1,O,G,G one,ACGT
q2,O,G,G two,ACGT
q3,O,H,H three,ACGT
q4,O,H,H three,ACGT
END

# vsearch --sintax writes the whole header, '_' for a blank, and nothing for what it cannot call.
{
  printf 'q1 a description\to:O(1.00),g:G(0.90),s:G_one(0.80)\t+\to:O,g:G,s:G_one\n'
  printf 'q2\to:O(1.00),g:G(0.90),s:G_one(0.40)\t+\to:O,g:G\n'
  printf 'q3;size=7\to:O(0.70),g:H(0.60)\t-\to:O\nq4\t\t\t\n'
} >sintax.tsv
tool 0 eval -q --predictions sintax.tsv truth.csv
is out <<'END'
predictions: 4 records
rank     taxa    queries  classes  coverage  accuracy  macro-accuracy  macro-F1     ECE
order    all           4        1    0.7500    0.7500          0.7500    0.8571  0.1000
genus    all           4        2    0.7500    0.7500          0.7500    0.8333  0.2000
species  all           4        3    0.5000    0.2500          0.3333    0.2222  0.3000
END
tool 0 eval -q --predictions sintax.tsv -c 0.5 --ranks species truth.csv
has out 'species  all           4        3    0.2500    0.2500'

# Hits have no confidence, so that no calibration is shown.
{
  printf 'q1\tr1\t99.4\t660\t4\t0\t1\t660\t1\t660\t0.0\t1197\n'
  printf 'q1\tr2\t99.9\t600\t4\t0\t1\t660\t1\t660\t0.0\t1100\n'
  printf '%s\t660\t4\t0\t1\t660\t1\t660\t0.0\t1197\n' 'q2	r1	99.4' 'q2	r2	99.4' 'q3	r3	99.4'
} >blast6.tsv
printf 'id,order,genus,species\nr1,O,G,G one\nr2,O,G,G two\nr3,O,H,\n' >references.csv
tool 0 eval -q --predictions blast6.tsv --prediction-taxonomy references.csv truth.csv
is out <<'END'
predictions: 4 records
rank     taxa    queries  classes  coverage  accuracy  macro-accuracy  macro-F1
order    all           4        1    0.7500    0.7500          0.7500    0.8571
genus    all           4        2    0.7500    0.7500          0.7500    0.8333
species  all           4        3    0.2500    0.2500          0.3333    0.3333
END
mv out one
printf 'Feature ID\tTaxon\nr1\to__O; g__G; s__G one\nr2\to__O; g__G; s__G two\nr3\to__O; g__H; s__\n' \
  >references.tsv
tool 0 eval -q --predictions blast6.tsv --prediction-taxonomy references.tsv truth.csv
same out one
tool 0 eval --json -q --predictions blast6.tsv --prediction-taxonomy references.tsv truth.csv
hasnot out ece
tool 3 eval --predictions blast6.tsv truth.csv
one_error eval
has err 'blast6.tsv:1: the lineages of the hits are missing' '--prediction-taxonomy'
tool 2 eval --predictions blast6.tsv --prediction-taxonomy references.csv -c 0.5 truth.csv
has err 'blast6.tsv has no confidences that --min-confidence could cut at'
tool 3 eval --predictions blast6.tsv --predictions-format kraken --prediction-taxonomy references.csv \
  truth.csv
has err 'blast6.tsv:1: no line of kraken'
tool 2 eval --prediction-taxonomy references.csv -m "$model" truth.csv
one_error eval

# kraken2 --use-names, and QIIME 2, whose confidence is that of the last name.
printf '%s\t660\t11:9\n' 'C	q1	G one (taxid 11)' 'C	q2	G (taxid 10)' 'C	q3	root (taxid 1)' \
  'U	q4	unclassified (taxid 0)' >kraken.txt
tool 0 eval -q --predictions kraken.txt --prediction-taxonomy references.csv truth.csv
is out <<'END'
predictions: 4 records
rank     taxa    queries  classes  coverage  accuracy  macro-accuracy  macro-F1
order    all           4        1    0.5000    0.5000          0.5000    0.6667
genus    all           4        2    0.5000    0.5000          0.5000    0.5000
species  all           4        3    0.2500    0.2500          0.3333    0.3333
END
{
  printf 'Feature ID\tTaxon\tConfidence\nq1\to__O; g__G; s__G_one\t0.75\n'
  printf 'q2\to__O; g__G\t0.90\nq3\tUnassigned\t0.3\n'
} >qiime2.tsv
tool 0 eval -q --predictions qiime2.tsv truth.csv
is out <<'END'
predictions: 4 records
rank     taxa    queries  classes  coverage  accuracy  macro-accuracy  macro-F1     ECE
order    all           4        1    0.5000    0.5000          0.5000    0.6667       -
genus    all           4        2    0.5000    0.5000          0.5000    0.5000  0.1000
species  all           4        3    0.2500    0.2500          0.3333    0.3333  0.2500
END

# A table of any classifier; and all our own formats give the scores of the default one.
printf 'id,species,note\nq1,G one,x\nq2,G two,"a, b"\n' >plain.csv
tool 0 eval -q --predictions plain.csv truth.csv
has out 'species  all           4        3    0.5000    0.5000          0.6667    0.6667'
awk -F, 'NR > 1 && $21 == "test" && $12 != "" { printf ">%s\n%s\n", $1, $12 }' "$metadata" >queries.fasta
for format in tsv jsonl sintax; do
  tool 0 classify -q -m "$data/../models/simulated.safetensors" -f $format -o "own.$format" queries.fasta
  tool 0 eval -q --predictions "own.$format" --ranks order,family,genus,species "$metadata"
  mv out "scores.$format"
done
same scores.jsonl scores.tsv
same scores.sintax scores.tsv

if command -v vsearch >/dev/null; then
  awk -F, 'NR > 1 && $21 == "train" && $12 != "" && $7 != "" && $9 != "" && $10 != "" {
    gsub(" ", "_")
    printf ">%s;tax=o:%s,f:%s,g:%s,s:%s;\n%s\n", $1, $6, $7, $9, $10, $12
  }' "$metadata" >refs.fasta
  run 0 vsearch --quiet --threads 1 --randseed 1 --sintax queries.fasta --db refs.fasta --tabbedout live.tsv
  tool 0 eval -q --predictions live.tsv --ranks genus,species "$metadata"
  mv out live
  tool 0 eval -q --predictions live.tsv --predictions-format sintax --ranks genus,species "$metadata"
  same out live
  has live 'genus    all          92       20    1.0000 ' 'ECE'
  run 0 vsearch --quiet --threads 1 --usearch_global queries.fasta --db refs.fasta --id 0.7 \
    --blast6out hits.tsv --output_no_hits
  tool 0 eval -q --predictions hits.tsv --ranks genus,species "$metadata"
  mv out live
  tool 0 eval -q --predictions hits.tsv --prediction-taxonomy refs.fasta --ranks genus,species "$metadata"
  same out live
  hasnot live ECE
fi
