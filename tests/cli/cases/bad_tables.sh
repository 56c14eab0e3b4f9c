# Training tables that cannot be trained on.
header=processid,family,genus,species,dna_barcode,split
bases=ACGTTGCAACGTTGCATTGACCATGACCGATTTGACGATTCGATTGACCATGCATGCATTTGACCA
row() { printf '%s,F,G,G %s,%s,%s\n' "$1" "$2" "$bases" "${3-train}"; }
bad() { # bad CODE FILE TEXT...
  code=$1
  file=$2
  shift 2
  tool "$code" train -o m.safetensors --epochs 1 "$file"
  grep "^taxamba train: error: " err >errors
  [ "$(wc -l <errors)" -eq 1 ] || { fault "not one error line: $last"; show; }
  has errors "$@"
  absent m.safetensors
}
bad 1 nowhere.csv 'nowhere.csv: cannot open'
: >empty.csv
bad 3 empty.csv 'empty'
{ echo processid,family,genus,species,split; echo a,F,G,S,train; } >no_sequence.csv
bad 3 no_sequence.csv 'no_sequence.csv' 'dna_barcode' 'processid'
{ echo $header; row a one; echo 'b,F,G'; row c two; } >few.csv
bad 3 few.csv 'few.csv:3:'
{ echo $header; row a one; echo 'b,"F,G,S,ACGT,train'; row c two; } >unclosed.csv
bad 3 unclosed.csv 'unclosed.csv' 'quote'
{
  echo $header
  row a one
  echo "b,\"F,G,S,$bases,train"
  row c two
  echo "d,F,\"G\",S,$bases,train"
} >over.csv
bad 3 over.csv 'over.csv:3: record 2: row has ' 'a quote at the start of a field goes on to line 5'
{ echo $header; for i in 1 2 3 4; do echo "r$i,,None,,$bases,train"; done; } >no_labels.csv
bad 3 no_labels.csv
{ echo $header; row a one test; row b two test; } >no_train.csv
bad 3 no_train.csv
{ echo $header; echo "a,F,G,S,MKVLLQ!!,train"; row b two; } >protein.csv
bad 3 protein.csv 'protein.csv:2:'
cp "$queries" plain.fasta
bad 3 plain.fasta
head -c 4000 "$model" >binary.csv
bad 3 binary.csv
gzip -c "$data/simulated_metadata.csv" | head -c 5000 >cut.csv.gz
bad 3 cut.csv.gz
tool 3 train -o m.safetensors --ranks tribe,genus --epochs 1 "$data/simulated_metadata.csv"
has err 'tribe'
tool 3 train -o m.safetensors --sequence-column bases --epochs 1 "$data/simulated_metadata.csv"
has err "bases"

# A class seen once is a class.
{ echo $header; row a one; row b one; row c two; } >once.csv
tool 0 train -q -o once.safetensors --d-model 16 --n-layer 1 --d-state 8 --headdim 8 --epochs 1 \
  --valid-fraction 0 once.csv
tool 0 classify -m once.safetensors --info
has out species
