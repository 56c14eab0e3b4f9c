# Pretraining, and training from the model that comes out of it.
table=$data/simulated_metadata.csv
fasta=$data/simulated_unite.fasta
set -- --tokenizer kmer -k 4 --d-model 16 --n-layer 1 --d-state 8 --headdim 8
tool 0 train -o next.safetensors --objective next-token "$@" --epochs 2 -t 1 "$fasta"
empty out
has err 'epoch 2/2: loss ' ', perplexity ' 'held out by seed 1'
hasnot err 'without any label'
has next.safetensors.jsonl '"perplexity":' '"token_accuracy":' '"objective":"next-token"'
only_files next.safetensors next.safetensors.jsonl
tool 0 train -q -o again.safetensors --objective next-token "$@" --epochs 2 -t 2 "$fasta"
same next.safetensors again.safetensors
rm -f again.*
tool 0 train -o masked.safetensors --objective masked --mask-share 0.3 --precision bf16 "$@" \
  --epochs 2 "$table"
has err ', token-accuracy 0.'
tool 0 train -o auto.safetensors --objective masked-autoencoder --max-bases 320 "$@" --epochs 2 "$table"
has err ', token-accuracy 0.'
tool 0 classify -m auto.safetensors --info
has out 'MLP 64, 80 positions' 'objective         masked-autoencoder'
tool 0 embed -q -m auto.safetensors "$queries"
tool 0 quantize -q --precision int8 -m auto.safetensors -o auto8.safetensors
tool 0 embed -q -m auto8.safetensors "$queries"
tool 0 train -o tuned.safetensors --init auto.safetensors --ranks order,genus --epochs 1 "$table"
has err 'note: taken: encoder (20 tensors) from auto.safetensors; new: heads order, genus'
tool 0 classify -q -m tuned.safetensors "$queries"
tool 2 train -o no.safetensors --init auto.safetensors --positions 90 "$table"
has err '--positions 90 does not agree with auto.safetensors of --init, which has 80'
tool 2 train -o no.safetensors --init next.safetensors --objective masked-autoencoder "$table"
one_error train
has err 'masked-autoencoder needs position embeddings: next.safetensors of --init has none'
tool 2 train -o no.safetensors --objective masked-autoencoder --max-bases 0 "$@" "$table"
has err '(--positions)'
tool 2 train -o no.safetensors --objective masked-autoencoder --decoder-layers 0 "$@" "$table"
has err 'decoder-layers'
# a table and FASTA together, in either order; the FASTA has no splits, so all its records are learned from
tool 0 train -o mixed.safetensors --objective next-token --split pretrain,train "$@" \
  --epochs 1 "$table" "$fasta"
records=$(grep -c '^>' "$fasta")
training=$(sed -n 's/.* records: \([0-9]*\) for training.*/\1/p' err)
tool 0 train -o swapped.safetensors --objective next-token --split pretrain,train "$@" \
  --epochs 1 "$fasta" "$table"
has err ": $training for training"
rows=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
  $at["split"] == "train" || $at["split"] == "pretrain"' "$table" | wc -l)
[ "$training" -eq $((records + rows)) ] ||
  fault "$training training records, not $records of FASTA and $rows of the table"
# a pretrained model embeds and does not classify
tool 0 embed -q -m next.safetensors "$queries"
[ "$(wc -l <out)" -eq 38 ] || fault 'not a vector for every query'
tool 2 classify -m next.safetensors "$queries"
one_error classify
has err 'the model has no ranks: it can embed, but not classify'
tool 0 classify -m next.safetensors --info
has out 'ranks             0' 'objective         next-token'
tool 0 quantize -q -m next.safetensors -o small.safetensors
tool 0 embed -q -m small.safetensors "$queries"
# sizes are those of the model, whatever the defaults are; options that disagree are refused
tool 0 train -o tuned.safetensors --init next.safetensors --ranks order,genus --epochs 2 "$table"
has err 'note: taken: encoder (19 tensors) from next.safetensors; new: heads order, genus'
tool 0 classify -q -m tuned.safetensors "$queries"
has out 'genus_confidence'
tool 0 classify -m tuned.safetensors --info
has out 'width 16, 1 layer' 'init              file next.safetensors, crc32 '
tool 0 train -o heads.safetensors --init tuned.safetensors --freeze-encoder --ranks order,genus,species \
  --epochs 2 "$table"
has err 'heads order' '; new: heads '
tool 2 train -o no.safetensors --init next.safetensors -d 32 "$table"
one_error train
has err '--d-model 32 does not agree with next.safetensors of --init, which has 16'
tool 2 train -o no.safetensors --freeze-encoder "$table"
has err '--freeze-encoder has no effect without --init: leave it out or add --init FILE'
tool 1 train -o no.safetensors --init nowhere.safetensors "$table"
tool 4 train -o no.safetensors --init "$table" "$table"
tool 2 train -o no.safetensors --objective masked --metric genus-accuracy "$@" "$table"
has err 'genus-accuracy'
# the model, then the configuration file, then the command line
tool 0 train --print-config --init next.safetensors
has out '"d-model": 16' '"k": 4' '"init": "next.safetensors"'
echo '{"init": "next.safetensors", "epochs": 7}' >settings.json
tool 0 train --print-config --config settings.json --epochs 9
has out '"d-model": 16' '"epochs": 9' '"init": "next.safetensors"'
echo '{"init": "next.safetensors", "d-model": 64}' >settings.json
tool 0 train --print-config --config settings.json
has out '"d-model": 64'
tool 2 train -o no.safetensors --config settings.json "$table"
has err '--d-model 64 does not agree'
absent no.safetensors
