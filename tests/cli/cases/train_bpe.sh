# A learned vocabulary: trained, stored, the same for every number of threads and after a conversion, and good
# for right names.
table=$data/simulated_metadata.csv
set -- --no-references \
  --tokenizer bpe --bpe-symbols 128 --d-model 32 --n-layer 1 --d-state 16 --headdim 16 --epochs 8 \
  --patience 0 --batch 8 --learning-rate 0.004 \
  --dropout 0 --crop 0 --contrast 0 --ranks order,family,genus,species
tool 0 train -o one.safetensors -t 1 "$@" "$table"
has err 'tokenizer: 128 symbols of up to ' ' bases are learned from 414 records, '
tool 0 train -q -o two.safetensors -t 2 "$@" "$table"
same one.safetensors two.safetensors
tool 0 classify --info -m one.safetensors
has out 'tokenizer         byte pairs, 121 merges, up to ' ', first 1500 bases, 128 symbols'
tool 0 classify --info --format jsonl -m one.safetensors
has out '"kind":"bpe","k":1,"stride":1,"merges":121,' '"tokenizer":"bpe"'
tool 0 eval -m one.safetensors "$table"
tool 0 classify -q -m one.safetensors -t 1 --strand both "$queries"
mv out rows
tool 0 classify -q -m one.safetensors -t 2 --batch 3 --strand both "$queries"
same rows out
# Nearly all genera are those of the k-mer model.
tool 0 classify -q -m "$model" --strand both "$queries"
column genus rows >genera
column genus out >others
[ "$(diff genera others | grep -c '^>')" -le 4 ] ||
  { fault 'other genera than the k-mer model'; diff genera others; }
# BPE reads from the first base only.
tool 0 classify -q -m one.safetensors --offsets 0 --strand both "$queries"
same rows out
tool 2 classify -m one.safetensors --offsets 2 "$queries"
has err '--offsets 2 is too many: this model can read a barcode from 1'
# Fewer bits keep the words.
tool 0 quantize -q -m one.safetensors -o int8.safetensors
tool 0 classify --info -m int8.safetensors
has out 'tokenizer         byte pairs, 121 merges'
tool 0 embed -q -m int8.safetensors "$queries"
# Bounds.
tool 2 train -o x --bpe-symbols 7 --print-config
has err '--bpe-symbols'
tool 2 train -o x --bpe-longest 1 --print-config
has err '--bpe-longest'
tool 0 train -o short.safetensors "$@" --epochs 1 --bpe-longest 3 "$table"
has err ' symbols of up to 3 bases are learned from '
