# Reference files: made, looked at, added to, and refused when they are damaged.
table=$data/simulated_metadata.csv
fasta=$data/simulated_sintax.fasta
tool 0 index -o a.tx "$table"
empty out
has err 'note: read 630 records: 216 of other splits, 0 too short, 0 without any label' \
  'note: dereplicated: 414 records, 414 distinct barcodes, 414 references;' \
  '; barcodes with contradicting labels: 0' \
  ': 414 references of 414 records, '
tool 0 index --info a.tx
empty err
has out 'format            2 (references)' 'references        414, of 414 records' \
  'species         46 taxa, 372 references' \
  'inputs            file simulated_metadata.csv, split train, records 414' 'fitted references 414'
tool 0 index --info --json a.tx
has out '"references":414' '"kind":"references"' '"seed":1'
[ "$(wc -l <out)" -eq 1 ] || fault 'not one JSON object'

# A barcode of two species, one of them twice, and once with the genus alone, which contradicts neither.
barcode=$(sed -n '2s/.*\([ACGT]\{300\}\).*/\1/p' "$table")
{
  echo 'processid,genus,species,dna_barcode'
  printf '%s,%s\n' a "A,A one,$barcode" b "A,A two,$barcode" c "A,A two,$barcode" d "A,,$barcode"
} >equal.csv
tool 0 index -o equal.tx equal.csv
has err 'note: dereplicated: 4 records, 1 distinct barcodes, 3 references;' \
  '; barcodes with contradicting labels: 1, all kept'
tool 0 index --info equal.tx
has out 'references        3, of 4 records' 'distinct barcodes 1' \
  'contradictions    1 barcodes with contradicting labels'
tool 0 index --info --json equal.tx
has out '"distinct_barcodes":1,' '"contradictions":1,'
rm equal.csv equal.tx

# Neither the order of the records nor the number of threads shows in the file.
mkdir other
awk 'NR == 1 { print; next } { line[NR] = $0 } END { for (i = NR; i > 1; i--) print line[i] }' "$table" \
  >other/simulated_metadata.csv
tool 0 index -q -t 1 -o b.tx other/simulated_metadata.csv
empty err
same a.tx b.tx
tool 0 index -q -o b.tx --seed 2 "$table"
cmp -s a.tx b.tx && fault 'the seed makes no difference'

# Every labelled format, from standard input, and with ranks of one's own.
tool 0 index -q -o b.tx "$data/simulated_unite.fasta"
tool 0 index -q -o b.tx --taxonomy-file "$data/simulated_qiime2_taxonomy.tsv" "$data/simulated_qiime2.fasta"
tool 0 index -q -o b.tx --ranks family,species - <"$fasta"
tool 0 index --info b.tx
has out 'ranks             2' 'file standard input, records 69'
tool 0 index -q -o b.tx --split val,test "$table"
tool 0 index --info b.tx
has out 'split test,val, records'

# Adding: all at once are the same references; other weights aside, what is told of them is the same.
tool 0 index -o c.tx --add a.tx "$fasta"
has err 'note: the input has no rank subfamily' 'note: rank kingdom of the input is left aside' \
  '472 references of 483 records'
hasnot err 'fitting'
tool 0 index --info c.tx
has out 'inputs            file simulated_metadata.csv, split train, records 414' \
  'inputs            file simulated_sintax.fasta, records 69' 'fitted references 414'
set -- --ranks order,family,genus,species
tool 0 index -q "$@" -o d.tx "$table" "$fasta"
tool 0 index -q "$@" -o c.tx "$table"
tool 0 index -q "$@" -o e.tx --add c.tx "$fasta"
for file in e d; do
  tool 0 index --info $file.tx
  grep -vE '^(fitted|prior|weights|thresholds|inputs|seed)|^  [0-9]' out >$file
done
same e d
# In a model: a copy of it answers by them.
tool 0 index -q "$@" -o f.safetensors --model "$model" "$table"
tool 0 classify --info -m f.safetensors
has out 'references in the model' 'Mamba-2'
tool 0 classify -q -m f.safetensors "$queries"
cp out by_model
tool 0 classify -q -r c.tx "$queries"
same out by_model
has out runner_up_identity
tool 0 classify -q -m f.safetensors --look network "$queries"
cp out by_network
tool 0 classify -q -m "$model" "$queries"
same out by_network
hasnot out runner_up_identity
tool 0 embed -q -m f.safetensors "$queries"
tool 0 index --info f.safetensors
tool 0 index -q -o g.tx --add f.safetensors "$fasta"
same g.tx e.tx
tool 2 classify -m "$model" --look evidence "$queries"
has err '--look evidence: the model has no references'
tool 2 classify -m f.safetensors --offsets 0 "$queries"
has err '--offsets has no effect, as the references in the model answer'
tool 1 index -o x.safetensors --model nosuch.safetensors "$table"
rm -f f.safetensors g.tx by_model by_network
tool 2 index -o a.tx --add a.tx "$fasta"
one_error index
has err 'is the same file as'
tool 2 index -o b.tx --add nowhere.tx -o nowhere.tx "$fasta"
one_error index
cp a.tx before.tx
tool 0 index -q -o e.tx --add a.tx --ranks genus "$fasta"
same a.tx before.tx
rm -f before.tx b.tx c.tx d.tx e.tx e d

# Input that gives no references.
no_index() {
  message=$1
  code=$2
  shift 2
  tool "$code" index -o x.tx "$@"
  one_error index
  has err "$message"
  empty out
  absent x.tx
}
: >empty.fasta
no_index 'empty.fasta' 3 empty.fasta
printf '>a\nMKVLLIFEQ\n' >protein.fasta
no_index 'protein.fasta' 3 protein.fasta
printf '>a;tax=g:Apis;\nMKVLLIFEQ\n' >protein.fasta
no_index 'protein.fasta:2: record 1' 3 protein.fasta
no_index 'the input has no label: references need a table with ranks' 3 "$queries"
no_index 'the input has no label: references need a table with ranks' 3 --format plain "$fasta"
printf 'id,sequence,genus\na,ACGTACGT,Apis\nb,%0100d,\n' 0 | sed 's/0/A/g' >short.csv
no_index 'no reference in the input: of 2 records 1 have no label at any rank, 1 are too short' \
  3 short.csv
no_index 'and the rest are of other splits (' 3 -q --split-column order "$table"
no_index "cannot open" 1 nowhere.csv
no_index 'no file of labelled barcodes' 2
tool 2 index "$table"
one_error index
has err 'references need a file: add --output FILE'
tool 2 index -o - "$table"
has err 'references need a file'
tool 2 index --info
has err '--info needs one file of references, not 0'
tool 2 index --info a.tx a.tx
has err '--info needs one file of references, not 2'

# The audit finds a label of another family, by any number of threads.
awk -F, 'BEGIN { OFS = "," } NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print; next }
  $(at["split"]) != "train" || $(at["family"]) == "" { next }
  NR < 30 { family = $(at["family"]) }
  NR >= 30 && !done && $(at["family"]) != family {
    done = 1
    $(at["family"]) = family
    $(at["processid"]) = "wrong"
    $(at["genus"]) = $(at["species"]) = ""
  }
  { print }' "$table" >doubtful.csv
tool 0 index -q --ranks family,genus,species -o doubtful.tx doubtful.csv
tool 0 index --audit -t 1 doubtful.tx
empty err
columns='kind reference rank taxon other_reference other_taxon identity note'
[ "$(head -n 1 out | tr '\t' ' ')" = "$columns" ] || fault 'another header'
[ "$(sed -n 2p out | cut -f 1-3 | tr '\t' ' ')" = 'label wrong family' ] ||
  fault 'the label is not found'
awk -F '\t' 'NF != 8 { exit 1 }' out || fault 'not 8 columns'
cp out audit
tool 0 index -q --audit -t 3 doubtful.tx
same out audit
rm -f audit doubtful.tx doubtful.csv
tool 2 index --audit
one_error index
has err '--audit needs one file of references, not 0'
# Names that are none do not keep it.
awk 'BEGIN {
  print "id,sequence,genus,species"
  n = "x"
  for (i = 0; i < 14; i++) n = n n
  for (i = 0; i < 40; i++) {
    s = ""
    for (j = 0; j < 90; j++) s = s substr("ACGT", int(j * (i + 3) / 7 + j * j) % 4 + 1, 1)
    print "r" i "," s ",G" i "," n i
  } }' >long.csv
tool 0 index -q -o long.tx long.csv
tool 0 index --audit long.tx
rm -f long.csv long.tx
tool 1 index --audit nowhere.tx
one_error index
tool 4 index --audit "$model"
one_error index
if [ -c /dev/full ]; then
  run 1 sh -c '"$taxamba" index --audit a.tx >/dev/full'
  has err 'cannot write standard output'
fi

# What is no reference file, or was one.
bad_file() {
  tool 4 index --info bad.tx
  one_error index
  has err 'bad.tx: ' "$1"
  empty out
  no_index "$1" 4 --add bad.tx "$fasta"
}
size=$(wc -c <a.tx)
for left in 5 40 200 $((size / 2)) $((size - 1)); do
  head -c "$left" a.tx >bad.tx
  bad_file 'bad.tx: '
done
: >bad.tx
bad_file 'not a model or reference file: the file is empty'
for place in 9 60 700 3000 $((size / 2)) $((size - 2)); do
  cp a.tx bad.tx
  flip bad.tx "$place"
  bad_file 'bad.tx: '
done
cp "$model" bad.tx
bad_file "not a reference file but of kind 'model', without references: make one with taxamba index"
cp "$queries" bad.tx
bad_file 'not a safetensors file'
tool 4 classify -m a.tx "$queries"
one_error classify
has err "neither a model nor a checkpoint but of kind 'references'"
tool 1 index --info nowhere.tx
one_error index
has err 'nowhere.tx: cannot open'

# Where nothing can be written.
no_index 'nowhere/y.tx: cannot create' 1 -o nowhere/y.tx "$table"
mkdir folder
no_index 'folder' 1 -o folder "$table"
no_index 'is the same file as' 2 -o "$table" "$table"
if [ "$(id -u)" -ne 0 ]; then
  mkdir locked
  chmod 500 locked
  no_index 'locked/y.tx' 1 -o locked/y.tx "$table"
fi
if [ -c /dev/full ]; then
  tool 1 index -q -o /dev/full "$table"
  one_error index
  has err 'No space left on device'
fi
only_files a.tx other empty.fasta protein.fasta short.csv bad.tx folder locked
