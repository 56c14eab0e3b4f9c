# Fragments: what train cuts and crops, the strand that a model has learnt to tell, and what eval cuts.
table=$data/simulated_metadata.csv
primers=AAATTGATCAAGTAAAACAT,ATATTCAAAAAAACCTGAAG
unwrap <"$queries" | awk '/^>/ { print; next }
  { line = toupper($0); gsub("U", "T", line); gsub("[-.]", "", line); gsub("[^ACGT]", "N", line); print line }
' >flat.fasta
reverse_complement <flat.fasta >reverse.fasta
set -- --no-references --tokenizer kmer -k 4 --d-model 32 --n-layer 1 --d-state 16 --headdim 16 --epochs 6 \
  --learning-rate 0.004 --ranks order,family,genus

# the head of the strand: the same for any number of threads and after a stop; none with --strand-share 0
tool 0 train -q -o told.safetensors -t 1 --crop 0.7 --crop-minimum 60 --strand-share 0.2 "$@" "$table"
tool 0 train -q -o again.safetensors -t 3 --crop 0.7 --crop-minimum 60 --strand-share 0.2 "$@" "$table"
same told.safetensors again.safetensors
tool 0 train -q -o again.safetensors --crop 0.7 --crop-minimum 60 --strand-share 0.2 "$@" --epochs 1 \
  --strand-share 0 "$table"
tool 0 classify -m again.safetensors --info
hasnot out 'strand '
tool 0 classify -m told.safetensors --info
has out 'strand            learned: the model tells a barcode from its reverse complement'
tool 0 classify -m told.safetensors --info -f jsonl
has out '"strand_head":true'
tool 0 quantize -q -m told.safetensors -o small.safetensors
tool 0 classify -m small.safetensors --info
has out 'strand            learned'

# both strands are read without being asked for, and found; threads and batches make no difference
for file in told small; do
  for read in flat reverse; do
    tool 0 classify -q -m $file.safetensors $read.fasta
    mv out $read
    tool 0 classify -q -m $file.safetensors --strand both -t 3 --batch 1 --duplicates-cache 0 $read.fasta
    same out $read
  done
  # three of the 36 that can be called are on the reverse strand themselves
  [ "$(column strand flat | grep -c '^-')" -eq 3 ] || fault "$file: strands of the records as they are"
  [ "$(column strand reverse | grep -c '^+')" -eq 3 ] || fault "$file: strands of the reverse complements"
done
tool 0 classify -q -m told.safetensors --strand plus flat.fasta
[ "$(column strand out | sort -u | tr -d '\n.')" = '+' ] || fault 'strand plus is not told'
tool 0 embed -q -m told.safetensors flat.fasta
mv out vectors
tool 0 embed -q -m told.safetensors --strand both --batch 3 -t 2 flat.fasta
same out vectors

# kept where a training starts from the model; with other taxa, too
tool 0 train -o more.safetensors --init told.safetensors --add --no-references --epochs 1 \
  --ranks order,family,genus "$data/simulated_sintax.fasta"
has err 'strand' 'taken: encoder'
tool 0 classify -m more.safetensors --info
has out 'strand            learned'
tool 0 train -o fresh.safetensors --init again.safetensors --no-references --epochs 1 \
  --ranks order,family,genus "$table"
has err 'new: heads strand'
tool 0 train --print-config --init told.safetensors
has out '"strand-share": -1' '"crop-lengths": ""' '"amplicon": ""'

# no strand to learn where both are the same
tool 2 train -o x.safetensors --both-strands --strand-share 0.2 "$table"
one_error train
has err '--strand-share has no effect with --both-strands'
tool 2 train -o x.safetensors --reverse-complement 0.5 --strand-share 0.2 "$table"
has err '--strand-share has no effect with --reverse-complement 0.5'
tool 0 train -q -o pairs.safetensors --both-strands "$@" --epochs 1 "$table"
tool 0 classify -m pairs.safetensors --info
hasnot out 'strand '

# lengths of crops, and records cut to an amplicon
tool 0 train -o cut.safetensors --crop 1 --crop-lengths 60,100 --amplicon "$primers" --strand-weight 0.5 \
  "$@" --epochs 1 "$table"
has err 'note: amplicon: ' ' records have the sites of both primers, ' ' are left out'
tool 0 train -q -o encoder.safetensors --objective masked --amplicon "$primers" --crop-minimum 70 \
  --tokenizer kmer -k 4 \
  --d-model 16 --n-layer 1 --d-state 8 --headdim 8 --epochs 1 "$table"
for wrong in '--crop-minimum 70.5:is a number of bases, which is whole' \
  '--crop-lengths 100,x:--crop-lengths: ' '--crop-lengths 100.5:no whole number of bases' \
  '--crop-lengths 100 --crop-minimum 0.3:--crop-minimum has no effect with --crop-lengths' \
  '--crop-lengths 100 --crop 0:--crop-lengths has no effect without --crop' \
  '--amplicon ACGTACGTAC:an amplicon needs two primers'; do
  # shellcheck disable=SC2086 # options and their values
  tool 2 train -o x.safetensors ${wrong%%:*} "$table"
  one_error train
  has err "${wrong#*:}"
done
tool 3 train -o x.safetensors --amplicon GGGGGCCCCCGGGGGCCCCCG,CCGCCGCCGCGGCGCGCCGCC "$table"
has err ' have no site of the primers'
printf '{"crop": 0.7, "crop-minimum": 90, "strand-share": 0.3, "amplicon": "%s"}\n' "$primers" >set.json
tool 0 train --print-config --config set.json
has out '"crop-minimum": 9e+01' '"strand-share": 0.3' "$primers"

# eval cuts what it scores, for network, references and neighbours alike, whatever the order and the threads
tool 0 eval -q -m told.safetensors "$table"
mv out whole
tool 0 eval -q -m told.safetensors --window 1,-1 "$table"
same out whole
tool 0 eval -q -m told.safetensors --crop 100000 "$table"
same out whole
tool 0 eval -q -m told.safetensors --crop 80 -t 1 "$table"
mv out cropped
cmp -s cropped whole && fault 'nothing is cropped'
{
  head -n 1 "$table"
  tail -n +2 "$table" | sort -r
} >turned.csv
tool 0 eval -q -m told.safetensors --crop 80 -t 3 --batch 5 turned.csv
same out cropped
tool 0 eval -q -m told.safetensors --crop 80 --seed 2 "$table"
cmp -s cropped out && fault 'the seed makes no difference'
tool 0 eval -q -m told.safetensors --neighbours --window -100,-1 "$table"
mv out last
tool 0 eval -q -m told.safetensors --neighbours "$table"
cmp -s last out && fault 'neighbours are not cut'
tool 0 index -q -o refs.tx "$table"
tool 0 eval -r refs.tx --amplicon "$primers" "$table"
has err 'note: amplicon: ' ' are left out'
tool 0 eval -q -r refs.tx --window 1,100 "$table"
tool 3 eval -m told.safetensors --window 5000,6000 "$table"
has err 'records have nothing of it and are left out' 'no record to score'
for wrong in '--window 9,1' '--window 0,5' '--amplicon ACGT,ACGT'; do
  # shellcheck disable=SC2086
  tool 2 eval -m told.safetensors $wrong "$table"
  one_error eval
done
