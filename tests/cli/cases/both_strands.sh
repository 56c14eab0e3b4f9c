# A model that reads both strands as one: the strand of the input makes no difference to any output.
table=$data/simulated_metadata.csv
unwrap <"$queries" | awk '/^>/ { print; next }
  { line = toupper($0); gsub("U", "T", line); gsub("[-.]", "", line); gsub("[^ACGT]", "N", line); print line }
' >flat.fasta
reverse_complement <flat.fasta >reverse.fasta
# most queries are longer than the model reads: the first 300 bases of each strand count, which are the
# record's first and last
set -- --no-references \
  --both-strands --max-bases 300 --tokenizer kmer -k 4 --d-model 32 --n-layer 1 --d-state 16 --headdim 16 \
  --epochs 4 \
  --learning-rate 0.004 --ranks order,family,genus
tool 0 train -q -o pairs.safetensors -t 1 "$@" "$table"
tool 0 train -q -o again.safetensors -t 3 "$@" "$table"
same pairs.safetensors again.safetensors
tool 0 classify -m pairs.safetensors --info
has out 'strands           both, their embeddings averaged'
tool 0 classify -m "$model" --info
hasnot out 'strands'
tool 0 quantize -q -m pairs.safetensors -o small.safetensors
tool 0 classify -m small.safetensors --info
has out 'precision         int8' 'strands           both'
for file in pairs small; do
  tool 0 classify -q -m $file.safetensors flat.fasta
  mv out rows
  [ "$(column strand rows | sort -u)" = . ] || fault 'a strand is told'
  [ "$(column status rows | grep -c ok)" -gt 20 ] || fault 'few records are called'
  tool 0 classify -q -m $file.safetensors --offsets 0 flat.fasta
  mv out offset_rows
  tool 0 embed -q -m $file.safetensors flat.fasta
  mv out vectors
  for strand in plus minus both; do
    tool 0 classify -q -m $file.safetensors --strand $strand -t 3 --batch 7 reverse.fasta
    same out rows
    tool 0 classify -q -m $file.safetensors --strand $strand --offsets 0 --duplicates-cache 0 reverse.fasta
    same out offset_rows
    tool 0 embed -q -m $file.safetensors --strand $strand reverse.fasta
    same out vectors
  done
done
tool 0 classify -q -m pairs.safetensors -f jsonl flat.fasta
has out '"strand":"."'
tool 0 eval -q -m pairs.safetensors "$table"
mv out scores
tool 0 eval -q -m pairs.safetensors --strand minus "$table"
same out scores
tool 0 eval -q -m pairs.safetensors --neighbours --strand both "$table"
# the setting is that of the model to start from, unless the run says otherwise
tool 0 train --print-config --init pairs.safetensors
has out '"both-strands": true'
tool 0 train --print-config --init pairs.safetensors --no-both-strands
has out '"both-strands": false'
tool 0 train -o one.safetensors --init pairs.safetensors --no-both-strands --ranks order,family,genus \
  --epochs 1 "$table"
has err 'note: pairs.safetensors reads both strands; from here on one strand is read (--no-both-strands)'
tool 0 classify -m one.safetensors --info
hasnot out 'strands '
# without learning: one strand in training, both afterwards
tool 0 train -o after.safetensors --init one.safetensors --both-strands --learning-rate 0 \
  --ranks order,family,genus --epochs 1 "$table"
has err 'note: one.safetensors reads one strand; from here on both strands are read (--both-strands)'
# a pretrained encoder keeps the setting, and needs no ranks to embed either strand
tool 0 train -q -o encoder.safetensors --objective next-token --both-strands --tokenizer kmer -k 4 \
  --d-model 16 --n-layer 1 \
  --d-state 8 --headdim 8 --epochs 1 "$table"
tool 0 embed -q -m encoder.safetensors flat.fasta
mv out vectors
tool 0 embed -q -m encoder.safetensors --strand both reverse.fasta
same out vectors
tool 0 train -q -o encoder.safetensors --objective next-token --tokenizer kmer -k 4 --d-model 16 --n-layer 1 \
  --d-state 8 \
  --headdim 8 --epochs 1 "$table"
tool 2 embed -m encoder.safetensors --strand both flat.fasta
one_error embed
has err 'no ranks to choose between the strands by'
