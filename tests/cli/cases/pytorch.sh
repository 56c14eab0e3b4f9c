# Published checkpoints in and out: the embeddings of the reference, the same weights after a round trip, and
# one line for what is wrong. Nothing of a hostile pickle is executed.
golden=$here/../golden/pytorch
tool 0 import -o char.safetensors "$golden/char.ckpt"
empty out
has err "note: 'head.weight', which predicts the next token, is left out" \
  'note: the checkpoint also names 6 classes or functions of Python (' ': none was used' \
  ': char.safetensors is written, '
tool 0 classify --info -m char.safetensors
has out 'single bases, first 60 bases, padded to 60 bases (in the mean too)' 'width 16, 2 layers, state 8' \
  'imported from     char.ckpt'
tool 0 classify --info --format jsonl -m char.safetensors
has out '"pad_to":60,"pool_padding":true'
tool 0 embed -q --min-bases 1 -m char.safetensors "$golden/barcodes.fasta"
[ "$(wc -l <out)" -ge 5 ] || fault 'not five embeddings'
mv out first.tsv
tool 0 embed -q --min-bases 1 -t 2 --batch 1 -m char.safetensors "$golden/barcodes.fasta"
same first.tsv out

# A classifier without and with the names of its classes.
tool 0 import -o kmer.safetensors "$golden/kmer.ckpt"
has err 'note: the classifier of 5 classes is left out'
printf 'Aus one\nAus two\nBus one\nBus two\nCus one\n' >labels.txt
tool 0 import -q -o kmer.safetensors --labels labels.txt --rank genus "$golden/kmer.ckpt"
empty err
tool 0 classify -q --min-bases 1 -m kmer.safetensors "$golden/barcodes.fasta"
[ "$(column genus out | grep -c 'us ')" -eq 5 ] || { fault 'not five genera'; show; }
mv out rows

# Out and in again: both files say all that a model needs. int8 is written as float32.
for ending in safetensors ckpt pt; do
  tool 0 export -q -m kmer.safetensors -o "weights.$ending"
  tool 0 import -q -o again.safetensors "weights.$ending"
  tool 0 classify -q --min-bases 1 -m again.safetensors "$golden/barcodes.fasta"
  same rows out
done
tool 0 export -q -m "$model" -o weights.safetensors
tool 0 import -q -o again.safetensors weights.safetensors
for file in "$model" again.safetensors; do
  tool 0 classify -q --look network -m "$file" "$queries"
  mv out "rows.$(basename "$file")"
done
same "rows.$(basename "$model")" rows.again.safetensors
tool 0 quantize -q -m "$model" -o int8.safetensors
tool 0 export -m int8.safetensors -o weights.safetensors
has err 'note: the weights are int8 and are written as float32'

# Fine-tuning from an imported encoder keeps how it reads a barcode.
tool 0 train -q -t 1 --init kmer.safetensors --epochs 1 --no-references --optimiser adamw \
  -o tuned.safetensors "$data/simulated_metadata.csv"
tool 0 classify --info -m tuned.safetensors
has out 'padded to 60 bases (in the mean too)'
tool 2 train -q -t 1 --init kmer.safetensors --no-pool-padding --pad-to 60 --epochs 1 -o x \
  "$data/simulated_metadata.csv"
has err '--pool-padding false does not agree with'

# What is wrong.
tool 4 import -o x "$golden/hostile.ckpt"
one_error import
has err "it calls 'posix system', which is refused"
[ ! -e pytorch_was_here ] || fault 'the pickle was executed'
tool 4 import -o x "$queries"
has err 'neither a checkpoint of PyTorch 1.6 or later nor a safetensors file'
tool 4 import -o x "$model"
has err "no network of BarcodeMamba: it has no 'backbone.embeddings.word_embeddings.weight'"
head -c 20000 "$golden/char.ckpt" >cut.ckpt
tool 4 import -o x cut.ckpt
one_error import
printf 'Aus one\n' >few.txt
tool 3 import -o x --labels few.txt "$golden/kmer.ckpt"
has err 'few.txt: 1 names, but the classifier of' 'has 5 classes'
tool 2 import -o x --labels few.txt "$golden/char.ckpt"
has err 'has no classifier'
tool 2 import -o x --stride 3 "$golden/char.ckpt"
tool 2 import -o x --rank genus "$golden/kmer.ckpt"
tool 2 import "$golden/char.ckpt"
tool 2 import -o x
tool 1 import -o x nowhere.ckpt
tool 2 export -m "$model"
tool 2 export -m "$model" -o x more
tool 4 export -m "$golden/char.ckpt" -o x
[ ! -e x ] || fault 'a refused file was written'
