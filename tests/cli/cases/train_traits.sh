# Traits that a head learns with the encoder: training, what the model tells of them, their evaluation, and
# what is refused.
table=$data/simulated_metadata.csv
traits=$data/simulated_traits.tsv
train="train -q -t 1 --tokenizer kmer -k 6 --d-model 32 --n-layer 1 --d-state 8 --headdim 16 --epochs 6 -b 16"
train="$train --optimiser adamw --learning-rate 0.01 --contrast 0 --ema 0 --crop 0 --strand-share 0"
train="$train --no-references --metric loss"
tool 0 $train --ranks genus --traits "$traits" --trait-columns body_length_mm,hind_leg_mm -o m.safetensors \
  "$table"
tool 0 classify --info -m m.safetensors
has out 'traits            body_length_mm: mean 10.2408, standard deviation 2.46455' 'hind_leg_mm: mean'
tool 0 classify --info --format jsonl -m m.safetensors
has out '"traits":{"outputs":[{"name":"body_length_mm","transform":"none","mean":10.24'

# The head is better than the mean of the training, beyond chance, and keeps its answers in other precisions.
tool 0 traits -q --head -m m.safetensors --traits "$traits" --column hind_leg_mm,body_length_mm \
  -l "$table" -o rows.tsv "$table"
has out "the model's own head"
grep '^gain over the mean of training' out | sed 's/[^(]*(\([-0-9.]*\) to.*/\1/' >low
awk '!($1 > 0)' low >wrong
empty wrong
[ "$(wc -l <low)" -eq 2 ] || fault 'not two traits'
tool 0 quantize -q -m m.safetensors -o small.safetensors
tool 0 traits -q --head -m small.safetensors --traits "$traits" --column hind_leg_mm,body_length_mm \
  -l "$table" -o small.tsv "$table"
paste rows.tsv small.tsv | awk -F '\t' 'NR > 1 && $3 != "NA" { d = $3 - $10; s += d * d; n++ }
  END { exit !(n > 1000 && s / n < 0.1) }' || fault 'int8 changes the traits'

# What is refused.
tool 2 traits -q --head -m m.safetensors --traits "$traits" --column body_length_mm --scale zscore "$table"
has err '--scale has no effect with --head'
tool 2 traits -q --head -m "$model" --traits "$traits" --column body_length_mm "$table"
has err "the model has no head of the trait 'body_length_mm'"
tool 2 $train --trait-columns body_length_mm -o n.safetensors "$table"
has err '--trait-columns has no effect'
tool 2 $train --traits "$traits" -o n.safetensors "$table"
has err '--traits needs --trait-columns'
tool 3 $train --traits "$traits" --trait-columns wing -o n.safetensors "$table"
has err "'wing'"
absent n.safetensors
