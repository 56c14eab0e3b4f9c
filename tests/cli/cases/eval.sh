# Scores of given predictions against numbers worked out by hand.
cat >truth.csv <<'END'
id,genus,species,sequence,split
a1,G,G one,ACGT,test
a2,G,G one,ACGT,test
b1,G,G two,ACGT,test
c1,H,H three,ACGT,test
d1,H,,ACGT,test
k1,G,G one,ACGT,train
k2,G,G two,ACGT,train
END
printf 'id\tgenus\tgenus_confidence\tspecies\tspecies_confidence\tstrand\tstatus\n' >predictions.tsv
{
  printf 'a1\tG\t0.9000\tG one\t0.8000\t+\tok\n'
  printf 'a2\tG\t0.9000\tG two\t0.4000\t+\tok\n'
  printf 'b1\tG\t0.9000\tG two\t0.8000\t+\tok\n'
  printf 'c1\tG\t0.6000\tG two\t0.3000\t+\tok\n'
} >>predictions.tsv
tool 0 eval --predictions predictions.tsv truth.csv
is out <<'END'
predictions: 5 records
rank     taxa    queries  classes  coverage  accuracy  macro-accuracy  macro-F1     ECE
genus    all           5        2    0.8000    0.6000          0.5000    0.4286  0.2250
species  all           4        3    1.0000    0.5000          0.5000    0.3889  0.2750
END
has err "1 of 5 records have no row in 'predictions.tsv' and count as no call" \
  '5 records (4 with a prediction)'
tool 0 eval -q --predictions predictions.tsv --known truth.csv truth.csv
empty err
is out <<'END'
predictions: 5 records
rank     taxa    queries  classes  coverage  accuracy  macro-accuracy  macro-F1     ECE
genus    all           5        2    0.8000    0.6000          0.5000    0.4286  0.2250
genus    known         3        1    1.0000    1.0000          1.0000    1.0000  0.1000
species  all           4        3    1.0000    0.5000          0.5000    0.3889  0.2750
species  known         3        2    1.0000    0.6667          0.7500    0.6667  0.2667
END
tool 0 eval -q -p predictions.tsv -c 0.5 --ranks species --json truth.csv
is out <<END
{"title":"predictions","records":5,"ranks":[{"rank":"species",\
"all":{"queries":4,"called":2,"correct":2,"classes":3,\
"coverage":0.500000,"accuracy":0.500000,"macro_accuracy":0.500000,"macro_f1":0.555556,"ece":0.200000,\
"reliability":[\
{"count":0,"confidence":null,"accuracy":null},{"count":0,"confidence":null,"accuracy":null},\
{"count":0,"confidence":null,"accuracy":null},{"count":0,"confidence":null,"accuracy":null},\
{"count":0,"confidence":null,"accuracy":null},{"count":0,"confidence":null,"accuracy":null},\
{"count":0,"confidence":null,"accuracy":null},{"count":0,"confidence":null,"accuracy":null},\
{"count":0,"confidence":null,"accuracy":null},{"count":0,"confidence":null,"accuracy":null},\
{"count":0,"confidence":null,"accuracy":null},{"count":2,"confidence":0.800000,"accuracy":1.000000},\
{"count":0,"confidence":null,"accuracy":null},{"count":0,"confidence":null,"accuracy":null},\
{"count":0,"confidence":null,"accuracy":null}]}}]}
END
run 0 sh -c "\"$taxamba\" eval -q --predictions - --split train,test truth.csv <predictions.tsv"
has out 'predictions: 7 records'
sed 's/$/\r/' predictions.tsv >crlf.tsv
tool 0 eval -q --predictions crlf.tsv truth.csv
has out 'predictions: 5 records'
# Intervals: genus has three right and two wrong; an accuracy of 0 (no right one drawn) has a probability of
# 1 %.
tool 0 eval -q --predictions predictions.tsv --bootstrap 2000 truth.csv
has out 'predictions: 5 records; 95 % intervals from 2000 resamples, seed 1' \
  'accuracy   95%-interval  macro-accuracy  macro-F1     ECE' \
  'genus    all           5        2    0.8000    0.6000  0.2000-1.0000          0.5000    0.4286  0.2250' \
  'species  all           4        3    1.0000    0.5000  0.0000-1.0000          0.5000    0.3889  0.2750'
mv out one
tool 0 eval -q --predictions predictions.tsv --bootstrap 2000 -t 3 truth.csv
same out one
tool 0 eval -q --predictions predictions.tsv --bootstrap 30 --seed 7 --ranks genus --json truth.csv
has out '"bootstrap":{"resamples":30,"seed":7,"level":0.95}' '"accuracy":0.600000,"accuracy_interval":[' \
  '],"macro_accuracy":0.500000,"macro_f1":0.428571,"ece":'
tool 2 eval --predictions predictions.tsv --bootstrap 100001 truth.csv
one_error eval

# FASTA beside a table: its records have no split and are all scored.
printf '>f1;tax=g:G,s:G two;\nACGT\n' >more.fasta
sed 's/^a1/f1;tax=g:G,s:G/' predictions.tsv >with_fasta.tsv
tool 0 eval -q --predictions with_fasta.tsv truth.csv more.fasta
has out 'predictions: 6 records' 'genus    all           6 '
tool 2 eval --predictions with_fasta.tsv --split test truth.csv more.fasta
has err "more.fasta: split 'test' is asked for, but FASTA and FASTQ have no split column"
tool 2 eval -m "$model" --neighbours --ranks order,genus "$data/simulated_metadata.csv" \
  "$data/simulated_sintax.fasta"
one_error eval
has err 'simulated_sintax.fasta: --neighbours needs --reference FILE'

# What cannot be scored.
printf 'name,count\na1,3\n' >counts.csv
tool 3 eval --predictions counts.csv truth.csv
has err 'counts.csv:1: no header with id, RANK' 'taxamba classify'
{ cat predictions.tsv; tail -n 1 predictions.tsv; } >twice.tsv
tool 3 eval --predictions twice.tsv truth.csv
has err "twice.tsv:6: id 'c1'"
{ cat truth.csv; echo 'a1,G,G one,ACGT,test'; } >twice.csv
tool 3 eval --predictions predictions.tsv twice.csv
has err "'a1'"
{ cat predictions.tsv; printf 'e1\tG\n'; } >few.tsv
tool 3 eval --predictions few.tsv truth.csv
has err 'few.tsv:6: 2 fields, the header has 7'
{ cat predictions.tsv; printf 'e1\tG\tmuch\t\t\t+\tok\n'; } >much.tsv
tool 3 eval --predictions much.tsv truth.csv
has err "much.tsv:6: confidence 'much'"
: >empty.tsv
tool 3 eval --predictions empty.tsv truth.csv
has err 'empty.tsv' 'empty'
tool 1 eval --predictions nowhere.tsv truth.csv
has err 'nowhere.tsv: cannot open'
tool 1 eval --predictions predictions.tsv nowhere.csv
has err 'nowhere.csv: cannot open'
tool 3 eval --predictions predictions.tsv --split val truth.csv
has err "no record to score of split 'val'"
tool 3 eval --predictions predictions.tsv --ranks family,species truth.csv
one_error eval
has err 'family'
sed 's/^id,genus/id,family/' truth.csv >family.csv
tool 2 eval --predictions predictions.tsv --ranks family,species family.csv
is err <<END
taxamba eval: error: --ranks: the predictions have no rank 'family'; there \
are genus, species; see 'taxamba eval --help'
END
tool 3 eval -m "$model" --ranks species "$queries"
one_error eval
has err 'no label to score against'
tool 3 eval -m "$model" "$queries"
one_error eval
