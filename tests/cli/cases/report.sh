# Reports: the numbers of the figures against those by hand, recognition of the inputs, escaping.
equal() {
  [ "$1" = "$2" ] || { fault "'$1' is not '$2': $3"; show; }
}
# field FILE COLUMN PATTERN: the value of a column in the first row that has the pattern
field() {
  awk -F '\t' -v name="$2" -v pattern="$3" '
    NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i; next }
    index($0, pattern) { print $at; exit }' "$1"
}

# Ten queries of four species in two genera, whose classifier has been made from A a (2), A b (1) and B c (4):
# 'B d' is new.
{
  echo 'id,split,genus,species,dna_barcode'
  for row in t1,A,'A a' t2,A,'A a' t3,A,'A b' t4,B,'B c' t5,B,'B c' t6,B,'B c' t7,B,'B c'; do
    echo "${row%%,*},train,${row#*,},ACGTACGTAC"
  done
  n=0
  for row in A,'A a' A,'A a' A,'A a' A,'A a' A,'A b' A,'A b' B,'B c' B,'B c' B,'B d' B,'B d'; do
    n=$((n + 1))
    bases=$(awk -v n=$n 'BEGIN { for (i = 0; i < (n <= 4 ? 150 : 250); i++) printf "A" }')
    echo "q$n,test,$row,$bases"
  done
} >table.csv
tab='	'
{
  printf 'id\tgenus\tgenus_confidence\tspecies\tspecies_confidence\tstrand\tstatus\treason\tnovel_rank\t'
  printf 'novel_probability\n'
  # id, genus, its confidence, species, its confidence, probability of a new species
  while read -r id genus g species s novel; do
    printf '%s\t%s\t%s\t%s %s\t%s\t+\tok\tmatch\t\t%s\n' "$id" "$genus" "$g" "$genus" "$species" "$s" "$novel"
  done <<'ROWS'
q1 A 0.99 a 0.99 0.01
q2 A 0.98 a 0.98 0.02
q3 A 0.97 a 0.90 0.05
q4 A 0.97 b 0.96 0.03
q5 A 0.97 b 0.80 0.10
q6 A 0.60 a 0.40 0.40
q7 B 0.99 c 0.97 0.02
q8 B 0.95 c 0.70 0.30
q9 B 0.95 c 0.60 0.35
ROWS
  printf 'q10\tB\t0.70\t\t\t+\tok\tnovel\tspecies\t0.90\n'
} >rows.tsv
tool 0 report -q -o out.html --json out.json --tsv numbers -t table.csv rows.tsv
empty out
empty err
# genus: 10 of 10; species: q4 (A a as A b), q6 (A b as A a), q9 and q10 (new) are wrong: 6 of 10, known 6
# of 8
equal "$(field numbers/accuracy.tsv accuracy "all taxa${tab}genus")" 1 "accuracy of the genus"
equal "$(field numbers/accuracy.tsv accuracy "all taxa${tab}species")" 0.6 "accuracy of the species"
equal "$(field numbers/accuracy.tsv accuracy "known taxa${tab}species")" 0.75 "accuracy of known species"
equal "$(field numbers/accuracy.tsv low "known taxa${tab}species" | cut -c 1-6)" \
  0.4092 "Wilson, 6 of 8"
equal "$(field numbers/accuracy.tsv high "known taxa${tab}species" | cut -c 1-6)" \
  0.9285 "Wilson, 6 of 8"
# species by confidence: .99 .98 .97 right, .96 wrong, .90 .80 .70 right, .60 .40 wrong; one without a call
cut -f 2- numbers/risk.tsv >part.tsv
is part.tsv <<'EXPECTED'
rank	coverage	risk	confidence	calls
species	0.1	0	0.9900000095	1
species	0.2	0	0.9800000191	2
species	0.3	0	0.9700000286	3
species	0.4	0.25	0.9599999785	4
species	0.5	0.2	0.8999999762	5
species	0.6	0.1666666667	0.8000000119	6
species	0.7	0.1428571429	0.6999999881	7
species	0.8	0.25	0.6000000238	8
species	0.9	0.3333333333	0.400000006	9
EXPECTED
# 3 of 4 short queries, 3 of 6 long ones
equal "$(field numbers/by_length.tsv accuracy 100-199)" 0.75 "accuracy of short queries"
equal "$(field numbers/by_length.tsv accuracy 200-299)" 0.5 "accuracy of long queries"
# class A b has one record (1 of 2 right), A a two (3 of 4), B c four (2 of 2)
cut -f 2-4 numbers/by_class_size.tsv >part.tsv
is part.tsv <<'EXPECTED'
class_size	queries	accuracy
1	2	0.5
2-3	4	0.75
4-7	2	1
EXPECTED
# new: q9 (.35), q10 (.90); of the known only q6 (.40) lies between them: 15 of the 16 pairs are in order
equal "$(field numbers/novelty.tsv area rows)" 'area 0.938' "area under the curve"
cut -f 1-4 numbers/confusions.tsv | sort >part.tsv
is part.tsv <<'EXPECTED'
A; A a	A; A b	1	0.9599999785
A; A b	A; A a	1	0.400000006
B; B d	B; B c	1	0.6000000238
truth	called	records	mean_confidence
EXPECTED
equal "$(field numbers/confusions.tsv mark 'A; A a')" 'suspect label: sure of another taxon' \
  "a sure confusion"
equal "$(field numbers/confusions.tsv mark 'A; A b	A')" '' "an unsure confusion"
equal "$(cut -f 4- numbers/accuracy_tree.tsv | tr '\t\n' ' ,')" \
  'taxon records accuracy,A 6 1,A a 4 0.75,A b 2 0.5,B 4 1,B c 2 1,B d 2 0,' "the tree"
# The JSON has the same numbers, the command and the checksums.
has out.json '"figure":"risk"' '["rows","species",0.4,0.25,0.9599999785,4]' '"kind":"predictions"' \
  "\"sha256\":\"$(sha256sum rows.tsv | cut -d ' ' -f 1)\"" '"command":"taxamba report -q -o out.html'
has out.html "$(sha256sum table.csv | cut -d ' ' -f 1)" \
  'Worst confusions' 'prefers-color-scheme:dark' '@media print'
# A split counts records without a prediction; an audit marks labels; the rank can be chosen.
grep -v '^q1	' rows.tsv >less.tsv
printf 'kind\treference\trank\ttaxon\nlabel\tq9\tspecies\tB d\nnames\tq6\tspecies\tA b\n' >audit.tsv
tool 0 report -q --tsv split -t table.csv --split test --audit audit.tsv less.tsv
equal "$(field split/accuracy.tsv accuracy "all taxa${tab}species")" 0.5 "a record without a row"
equal "$(field split/accuracy.tsv coverage "all taxa${tab}species")" 0.8 "a record without a row"
equal "$(field split/confusions.tsv mark 'B; B d')" 'suspect label: in the audit' "a label of the audit"
equal "$(field split/confusions.tsv mark 'A; A b	A')" '' "an entry of another kind"
tool 0 report -q --tsv genus --rank genus -t table.csv rows.tsv
equal "$(field genus/by_length.tsv accuracy 200-299)" 1 "accuracy of the genus"
# Of two series one is shown in the figures that have one.
tool 0 report -q --tsv two --series less -t table.csv --split test rows.tsv less.tsv
tool 0 report -q --tsv one -t table.csv --split test less.tsv
same two/confusions.tsv one/confusions.tsv
same two/accuracy_tree.tsv one/accuracy_tree.tsv
tool 0 report -q --tsv two -t table.csv --split test rows.tsv less.tsv
cmp -s two/accuracy_tree.tsv one/accuracy_tree.tsv && fault 'the first series is not shown by default'
tool 2 report -q --tsv none --series other -t table.csv rows.tsv
has err "'other'"

# Evaluations: series by name, the evaluation's own intervals, and objects inside another object.
tool 0 eval -q --json --bootstrap 50 -p rows.tsv --known table.csv table.csv
cp out test.json
{ printf '{"suite":{"closed":'; cat out; printf ',"extra":[1,2,{"a":null}]},"time":3}'; } >suite.json
tool 0 report -q --tsv evals --name mine --name 'from suite' test.json suite.json
equal "$(field evals/accuracy.tsv interval mine)" bootstrap "intervals of the evaluation"
equal "$(field evals/accuracy.tsv accuracy "mine	all taxa	species")" 0.6 "accuracy of an evaluation"
member='from suite suite closed'
equal "$(field evals/accuracy.tsv accuracy "$member${tab}known taxa${tab}species")" 0.75 "a member"
# The form of the benchmark suite: a series for each stage and method, with and without leaks.
{
  printf '{"benchmark":"bioscan5m","ranks":["genus"],"stages":['
  for method in a b c d e f g h i; do
    printf '{"stage":"probe","method":"%s","queries":["test"],"scores":' $method
    cat test.json
    printf ',"without_leaks":'
    cat test.json
    printf ',"by_identity":[{"band":"100","scores":'
    cat test.json
    printf '}]},'
  done
  printf '{"stage":"novelty","method":"cosine","known":"test","unseen":"test_unseen","settings":{},'
  printf '"scores":{"known":9,"unseen":4,"auroc":0.875},"curve":[[0,0],[0.25,0.75],[1,1]]},'
  printf '{"stage":"leaks","method":"none"}]}'
} >bench.json
tool 0 report -q -o bench.html --tsv bench bench.json
for name in 'bench probe a' 'bench probe i without_leaks'; do
  grep -q "^$name	" bench/accuracy.tsv || fault "no series '$name'"
done
hasnot bench/accuracy.tsv by_identity
printf 'series\tarea\tfalse_positive_rate\ttrue_positive_rate\tthreshold\n' >expected
printf 'bench novelty cosine\tarea 0.875\t%s\t\n' '0	0' '0.25	0.75' '1	1' >>expected
same bench/novelty.tsv expected
has bench.html 'bench novelty cosine'
has bench.html 'More series are in the numbers below.'
# Known from its bins: the same risk at full coverage.
equal "$(awk -F '\t' '$1 == "mine" { risk = $4 } END { printf "%.4f", risk }' evals/risk.tsv)" 0.3333 \
  "risk from bins"

# A sample, as a table and as JSON lines: reads, what is like no reference, records to look at, lengths.
{
  printf 'id\torder\torder_confidence\tgenus\tgenus_confidence\tstrand\tstatus\treason\tnovel_rank\t'
  printf 'novel_probability\tsample\tsize\n'
  printf 'r1\tO\t0.99\tG1\t0.95\t+\tok\tmatch\t\t0.01\ts1\t60\n'
  printf 'r2\tO\t0.99\tG2\t0.50\t+\tok\tmatch\t\t0.01\ts1\t30\n'
  printf 'r3\t\t\t\t\t.\tunlike\t\t\t\ts1\t10\n'
  printf 'r4\tO\t0.97\t\t\t+\tok\tnovel\tgenus\t0.80\ts2\t40\n'
  printf 'r5\tO\t0.97\tG1\t0.96\t+\tok\tmatch\t\t0.01\ts2\t60\n'
} >sample.tsv
printf '>r1\nACGTACGTAC\n>r2\nACGTACGTACGT\n>r3\nACGT\n>r4\nACGTACGTAC\n>r5\nACGTACGTAC\n' >reads.fasta
tool 0 report -q -o sample.html --tsv sample --size --barcodes reads.fasta --shortest 8 --longest 11 \
  sample.tsv
# The lengths that a model was trained on, whole or cropped, are those of its answers.
for crop in 0 '0.5 --crop-minimum 11'; do
  # shellcheck disable=SC2086
  tool 0 train -q --objective next-token --tokenizer char --d-model 8 --n-layer 1 --d-state 8 --headdim 8 \
    --epochs 1 --crop $crop --min-bases 10 --max-bases 11 -o trained.safetensors "$queries"
  tool 0 report -q --tsv trained --barcodes reads.fasta -m trained.safetensors sample.tsv
  cut -f 1,5 trained/lengths.tsv >"good${crop%% *}"
done
equal "$(field good0 good 10)" yes 'a length that was shown'
equal "$(field good0 good 12)" no 'a length that was not shown'
equal "$(field good0.5 good 10)" no 'a length below the shortest crop'
equal "$(field sample/unlike.tsv unlike_share 'all samples')" 0.05 "share of reads like no reference"
equal "$(field sample/unlike.tsv unlike_share s1)" 0.1 "share of reads like no reference in a sample"
is sample/composition.tsv <<'EXPECTED'
sample	taxon	reads	share
s1	G1	60	0.6
s1	G2	30	0.3
s1	unclassified	10	0.1
s2	G1	60	0.6
s2	G2	0	0
s2	unclassified	40	0.4
EXPECTED
cut -f 1,3,5,6 sample/attention.tsv >part.tsv
is part.tsv <<'EXPECTED'
record	reads	sample	why
r4	40	s2	new genus? (probability 0.80)
r2	30	s1	low confidence
r3	10	s1	like no reference
EXPECTED
equal "$(field sample/taxa.tsv reads 'O; G1')" 120 "reads of a lineage"
equal "$(awk -F '\t' '$5 == "no" { sum += $4 } END { print sum + 0 }' sample/lengths.tsv)" 40 \
  "reads of bad lengths"
equal "$(field sample/reads.tsv share 'O	order')" 0.95 "share of the order"
has sample.html '<p class="big">5.0 %</p>' 'of the reads are like no reference</strong> (10 reads)'
tool 0 report -q --tsv orders --rank order -c 0.98 --size sample.tsv
equal "$(field orders/composition.tsv reads 's2	unclassified')" 100 "reads below the confidence"
cat >rows.jsonl <<'ROWS'
{"id":"r3","status":"unlike","lineage":[],"novel_rank":null,"sample":"s1","size":10}
{"id":"r2","status":"ok","lineage":[{"rank":"genus","taxon":"G2","confidence":0.5}],"sample":"s1","size":30}
ROWS
{
  printf '{"id":"r1","status":"ok","sample":"s1","size":60,"length":10,"lineage":'
  printf '[{"rank":"order","taxon":"O","confidence":0.99},{"rank":"genus","taxon":"G1","confidence":1}]}\n'
} >>rows.jsonl
tool 0 report -q --tsv lines --size rows.jsonl
equal "$(tail -n +2 lines/composition.tsv | cut -f 2,3 | tr '\t\n' ' ,')" \
  'G1 60,G2 30,unclassified 10,' "JSON lines"

# A log, clusters, vectors, and the scores of clusters as both.
cat >log.jsonl <<'LOG'
{"event":"start","config":{"min-bases":50,"max-bases":660}}
{"event":"epoch","epoch":1,"train_loss":2,"valid_loss":1.5,"accuracy":{"genus":0.5},"learning_rate":0.003}
{"event":"step","epoch":2,"step":50,"loss":1.5}
{"event":"epoch","epoch":2,"train_loss":9,"valid_loss":9,"accuracy":{"genus":0.1},"learning_rate":0.003}
{"event":"epoch","epoch":2,"train_loss":1,"valid_loss":1.25,"accuracy":{"genus":0.75},"learning_rate":0.001}
LOG
tool 0 embed -q -m "$model" -o v.npy --ids v.npy.ids "$queries"
tool 0 cluster -q -e v.npy -k 3 -o clusters.tsv --scores scores.json --json
tool 0 cluster -q -e v.npy -k 3 --scores other.txt -o other.tsv
tool 0 report -q -o more.html --tsv more log.jsonl v.npy clusters.tsv scores.json other.txt
awk -F '\t' -v OFS='\t' '{ print $0, NR == 1 ? "probability" : "0.5" }' clusters.tsv >firm.tsv
tool 0 report -q -o firm.html --tsv firm v.npy firm.tsv
same more/map.tsv firm/map.tsv
equal "$(field more/losses.tsv value 'training	2')" 1 "loss of an epoch that was repeated"
equal "$(field more/training_accuracy.tsv accuracy 'genus	2')" 0.75 "accuracy of an epoch"
equal "$(cut -f 4 more/map.tsv | sort -u | tr '\n' ' ')" \
  'cluster 0 cluster 1 cluster 2 group ' "groups of the map"
equal "$(cut -f 1 more/clusters.tsv | sort -u | wc -l)" 3 "two rows of scores and a header"

# Names of records and taxa are no markup.
evil='<script>alert(1)</script>&"'"'"'><img src=x onerror=alert(1)>'
{
  printf 'id\tgenus\tgenus_confidence\tstatus\tnovel_rank\tsample\n'
  printf '%s\t%s\t0.5\tok\t\t%s\n' "$evil" "$evil" "$evil"
} >evil.tsv
tool 0 report -q -o evil.html --title "$evil" --name "$evil" evil.tsv
hasnot evil.html '<script'
hasnot evil.html '<img'
has evil.html '&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39;&gt;&lt;img src=x'

# A hundred thousand records stay small.
awk 'BEGIN {
  print "id\torder\torder_confidence\tgenus\tgenus_confidence\tstatus\tnovel_rank\tsample"
  for (i = 0; i < 100000; i++)
    printf "read%d\tO%d\t0.9\tG%d\t0.%d\tok\t\tS%d\n", i, i % 17, i % 2999, 10 + i % 90, i % 40
}' >large.tsv
tool 0 report -q -o large.html large.tsv
[ "$(wc -c <large.html)" -lt 2000000 ] || fault "the page of 100,000 records has $(wc -c <large.html) bytes"

# What is no input, and other mistakes: one line.
echo 'once upon a time' >prose.txt
echo '{"a":1}' >other.json
: >nothing
for file in prose.txt other.json reads.fasta nothing; do
  tool 3 report -q -o no.html "$file"
  one_error report
  has err "$file"
done
echo '{"event":"epoch",' >broken.jsonl
tool 3 report -q -o no.html broken.jsonl
tool 1 report -q -o no.html absent.json
tool 2 report -q -o no.html
one_error report
tool 2 report -q rows.tsv
has err 'no output'
tool 2 report -q -o no.html --name a --name b rows.tsv
tool 2 report -q --tsv . -t table.csv --split test -o rows.tsv rows.tsv
tool 2 report -q -o no.html --split test rows.tsv
tool 3 report -q -o no.html -t table.csv sample.tsv
has err 'no prediction has the id'
tool 3 report -q -o no.html -t table.csv log.jsonl
absent no.html
mkdir inputs
cp rows.tsv inputs/accuracy.tsv
tool 2 report -q --tsv inputs -t table.csv inputs/accuracy.tsv
same inputs/accuracy.tsv rows.tsv
