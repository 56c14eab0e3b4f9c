# Calibration: what it prints and writes, what it refuses, and that a failed one leaves everything as it was.
mkdir third
awk -F, '$(NF - 2) != "train" || ++train % 3 == 0' "$data/simulated_metadata.csv" \
  >third/simulated_metadata.csv
table=third/simulated_metadata.csv
fasta=$data/simulated_sintax.fasta
own='val,test,test_unseen'
tool 0 index -q --ranks family,genus,species -o refs.tx "$table"
cp refs.tx before.tx
tool 0 calibrate -r refs.tx -s $own -o own.tx "$table"
has err 'note: read 194 records: 0 of other splits, 0 too short, 0 without any label; the weights are' \
  ' fitted on 194 of 60 taxa' ': 194 records of 60 taxa, '
hasnot err 'equal a reference'
[ "$(head -n 1 out)" = 'calibration: 194 records of 60 taxa, each judged without its own taxon' ] ||
  fault 'another title'
columns='length records log loss after ECE after accuracy after weights'
[ "$(sed -n 2p out | tr -s ' ')" = "$columns" ] || fault 'another header'
# Six lengths, all of them scored; the weights are new where that is better, and it is at some lengths.
awk 'NR > 2 { rows++; if (NF != 9 || ($4 < $3) != ($9 == "fitted")) exit 1; better += $4 < $3 }
  END { exit rows != 6 || better < 3 }' out ||
  fault 'the table'
same refs.tx before.tx
cp out table
tool 0 calibrate -q -t 1 -r refs.tx -s $own -o again.tx "$table"
empty err
same out table
same again.tx own.tx

# The order of the records does not matter, the seed does; the default split is val.
mkdir other
awk 'NR == 1 { print; next } { line[NR] = $0 } END { for (i = NR; i > 1; i--) print line[i] }' "$table" \
  >other/simulated_metadata.csv
tool 0 calibrate -q -t 3 -r refs.tx -s $own -o again.tx other/simulated_metadata.csv
same out table
same again.tx own.tx
tool 0 calibrate -q -r refs.tx -s $own --seed 2 -o again.tx "$table"
cmp -s again.tx own.tx && fault 'the seed makes no difference'
tool 0 calibrate -q -r refs.tx -o again.tx "$table"
tool 0 calibrate -q -r refs.tx -s val -o val.tx "$table"
same again.tx val.tx

# What it was fitted with is told, and stays when records are added; a second calibration replaces it.
tool 0 index --info own.tx
has out 'inputs            file simulated_metadata.csv, split train, records 138' 'fitted references 137' \
  'calibrated with   file simulated_metadata.csv, split test,test_unseen,val, records 194' \
  'calibration seed  1' 'calibration       length 660, records 194, weights '
tool 0 index -q -o again.tx --add own.tx --ranks genus,species "$fasta"
tool 0 index --info again.tx
has out 'calibrated with   file simulated_metadata.csv'
tool 0 calibrate -q -r own.tx -s val -o again.tx "$table"
tool 0 index --info --json again.tx
has out '"calibrated_with":[{"file":"simulated_metadata.csv","split":"val","records":46}]' \
  '"calibration_records":46,'
tool 0 classify -q -r own.tx "$queries"
has out runner_up_identity

# From standard input, with a taxonomy file, and of a model, of which a copy is written.
tool 0 calibrate -q -r refs.tx -o again.tx - <"$fasta"
has out 'calibration: '
tool 0 calibrate -r refs.tx -o again.tx --taxonomy-file "$data/simulated_qiime2_taxonomy.tsv" \
  "$data/simulated_qiime2.fasta"
tool 0 index -q --ranks family,genus,species -o in.safetensors --model "$model" "$table"
tool 0 calibrate -q -m in.safetensors -s $own -o out.safetensors "$table"
has out 'the network as a witness:'
head -n 8 out >first
same first table
tool 0 classify -q -m out.safetensors --look evidence "$queries"
cp out by_model
tool 0 classify -q -r own.tx "$queries"
same out by_model
tool 0 classify -q -m out.safetensors "$queries" # the network knows species that these references lack
has out 'Simuliota secunda'
hasnot by_model 'Simuliota secunda'
tool 0 classify -q -m out.safetensors --look network "$queries"
cp out by_network
tool 0 classify -q -m "$model" "$queries"
same out by_network

# Records that are references are counted.
tool 0 calibrate -r refs.tx -s train -o again.tx "$table"
has err 'of the barcodes equal a reference: if they are the same records, leave them out'
rm -f first again.tx val.tx table by_model by_network in.safetensors out.safetensors

# no_calibration MESSAGE CODE ARGUMENT...
no_calibration() {
  message=$1
  code=$2
  shift 2
  tool "$code" calibrate -o x.tx "$@"
  one_error calibrate
  has err "$message"
  empty out
  absent x.tx
}
no_calibration 'there is nothing to calibrate: add --references FILE or --model FILE' 2 "$table"
no_calibration 'no file of labelled barcodes' 2 -r refs.tx
no_calibration '--taxonomy-file has no effect with --format table' 2 -r refs.tx --format table \
  --taxonomy-file x "$table"
no_calibration '--id-column has no effect, as there is no table in the input' 2 -r refs.tx --id-column id \
  "$fasta"
tool 2 calibrate -r refs.tx "$table"
one_error calibrate
has err 'references need a file: add --output FILE'
tool 2 calibrate -r refs.tx -o - "$table"
has err 'references need a file'
# (the notes come before the error of -q runs as well, so quiet)
few='calibrate: error: a calibration needs 30 records of at least 5 taxa, and there are'
head -n 30 "$table" >few.csv
no_calibration "$few" 3 -q -r refs.tx -s $own few.csv
no_calibration "$few 0 of 0" 3 -q -r refs.tx --split-column order "$table"
no_calibration 'the input has no label at a rank of the references' 3 -q -r refs.tx "$queries"
sed '1s/genus/tribe/;1s/species/strain/;1s/order/domain/;1s/family/kingdom/' "$table" |
  sed '1s/phylum/a/;1s/class/b/;1s/subfamily/c/;1s/subkingdom/d/' >ranks.csv
no_calibration 'the input has no label at a rank of the references' 3 -q -r refs.tx -s val ranks.csv
printf '>a;tax=g:Apis;\nMKVLLIFEQ\n' >protein.fasta
no_calibration 'protein.fasta:2: record 1' 3 -q -r refs.tx protein.fasta
gzip -c "$table" | head -c 10000 >cut.csv.gz
no_calibration 'cut.csv.gz' 3 -q -r refs.tx -s $own cut.csv.gz
no_calibration 'cannot open' 1 -r refs.tx nowhere.csv
no_calibration 'nowhere.tx: cannot open' 1 -r nowhere.tx "$table"
head -c 2000 refs.tx >bad.tx
no_calibration 'bad.tx: ' 4 -r bad.tx "$table"
no_calibration "not a reference file but of kind 'model'" 4 -r "$model" "$table"

# Where nothing can be written, or a file would be read and written.
no_calibration 'nowhere/y.tx: cannot create' 1 -r refs.tx -o nowhere/y.tx "$table"
no_calibration 'is the same file as' 2 -r refs.tx -o refs.tx "$table"
no_calibration 'is the same file as' 2 -r refs.tx -o "$table" "$table"
same refs.tx before.tx
if [ -c /dev/full ]; then
  tool 1 calibrate -q -r refs.tx -s $own -o /dev/full "$table"
  one_error calibrate
  has err 'No space left on device'
  run 1 sh -c '"$taxamba" calibrate -q -r refs.tx -s val -o x.tx "$1" >/dev/full' - "$table"
  has err 'cannot write standard output'
  absent x.tx
fi
only_files third refs.tx before.tx own.tx other few.csv ranks.csv protein.fasta cut.csv.gz bad.tx
