#!/bin/sh
# An ablation study: small trainings that differ in one setting, scored on held-out splits.
# usage: ablation.sh TAXAMBA TABLE FOLDER WIDTH EPOCHS PRETRAINING-EPOCHS [GROUP...]
# Groups: recipe more augmentation size seeds tokenizers optimisers curve.
# TABLE is in the layout of BIOSCAN-5M, without quoted fields, with the splits train, pretrain, val, test and
# test_unseen. Some species of train are moved to a split val_unseen, so that settings can be chosen for
# unseen species too without a look at test_unseen.
# FOLDER keeps every model, its log and its scores; the same command continues where it stopped. Prints
# results.tsv: per run the seconds of training, and accuracy in % (95 % bootstrap interval) of the heads and
# of the nearest neighbour among the embeddings of train.
set -eu
taxamba=$1 table=$2 folder=$3 width=$4 epochs=$5 pretraining=$6
shift 6
[ $# -gt 0 ] || set -- recipe more augmentation size seeds tokenizers optimisers curve
threads=${THREADS:-2}
extra=${ABLATION_OPTIONS:-} # for every run, such as --max-bases 660
tuning=${TUNING_OPTIONS:-}  # for the supervised ones, such as --batch 16
mkdir -p "$folder"
work=$folder/table.csv
results=$folder/results.tsv

# Every seventh species, in the order of its first record, of those whose genus keeps another one; and shares
# of train for the curve: split train is train_1 to train_8 there, an eighth of the records each.
if [ ! -e "$work" ]; then
  if gzip -dcf "$table" | grep -q '"'; then
    echo "ablation.sh: quoted fields are not understood here" >&2
    exit 1
  fi
  gzip -dcf "$table" | awk -F, -v OFS=, '
    NR == 1 {
      for (i = 1; i <= NF; i++) column[$i] = i
      g = column["genus"]; s = column["species"]; p = column["split"]
    }
    { row[NR] = $0; genus[NR] = $g; species[NR] = $s; split_of[NR] = $p }
    NR > 1 && $p == "train" && $s != "" && $g != "" && !(($g, $s) in seen) {
      seen[$g, $s] = 1; species_of[$g]++; order[++count] = $g SUBSEP $s
    }
    END {
      for (i = 1; i <= count; i++) {
        split(order[i], pair, SUBSEP)
        if (i % 7 == 0 && species_of[pair[1]] > 1) { held[order[i]] = 1; species_of[pair[1]]-- }
      }
      print row[1]
      for (n = 2; n <= NR; n++) {
        $0 = row[n]
        if ($p == "train" && ((genus[n] SUBSEP species[n]) in held)) $p = "val_unseen"
        else if ($p == "train") $p = "train_" (1 + n % 8)
        print
      }
    }' > "$work.partial"
  mv "$work.partial" "$work"
fi
all=train_1,train_2,train_3,train_4,train_5,train_6,train_7,train_8
ranks=order,family,genus,species

# The accuracy of one rank in the table that eval prints: "97.3 (96.4-98.1)".
pick() { # rank taxa
  awk -v rank="$1" -v taxa="$2" '
    $1 == "rank" { for (i = 1; i <= NF; i++) column[$i] = i }
    $1 == rank && $2 == taxa {
      interval = $(column["accuracy"] + 1); split(interval, ends, "-")
      printf "%.1f (%.1f-%.1f)", 100 * $(column["accuracy"]), 100 * ends[1], 100 * ends[2]
    }'
}
score() { # model split rank taxa [--neighbours]
  model=$1 split=$2 rank=$3 taxa=$4
  shift 4
  [ $# -eq 0 ] || set -- "$@" --reference-split "$all"
  "$taxamba" eval -q -m "$model" -t "$threads" --bootstrap 1000 "$@" --split "$split" \
    --ranks "$rank" "$work" | pick "$rank" "$taxa"
}

seconds() { sed -n 's/^{"event":"end".*"seconds":\([0-9.]*\).*/\1/p' "$1" | tail -n 1; }

# A training that is not repeated when its model is complete.
train() { # name options...
  name=$1
  shift
  [ ! -e "$folder/$name.done" ] || return 0
  resume=''
  [ ! -e "$folder/$name.safetensors.checkpoint" ] || resume=--resume
  # shellcheck disable=SC2086 # options are words
  "$taxamba" train -q -t "$threads" --precision bf16 --patience 0 $extra "$@" $resume \
    --log "$folder/$name.jsonl" -o "$folder/$name.safetensors" "$work"
  : > "$folder/$name.done"
}

pretrain() { # name objective options...
  name=$1 objective=$2
  shift 2
  train "$name" --objective "$objective" --split "pretrain,$all" -e "$pretraining" "$@"
}

# A supervised training and its row of results.
row() { # name options...
  name=$1
  shift
  # shellcheck disable=SC2086 # options are words
  train "$name" --ranks $ranks --split "$all" -e "$epochs" $tuning "$@"
  model=$folder/$name.safetensors
  if [ ! -s "$folder/$name.row" ]; then
    {
      printf '%s\t%.0f' "$name" "$(seconds "$folder/$name.jsonl")"
      printf '\t%s' "$(score "$model" val species known)" "$(score "$model" val_unseen genus known)" \
        "$(score "$model" val_unseen genus known --neighbours)" \
        "$(score "$model" test species known)" "$(score "$model" test species known --neighbours)" \
        "$(score "$model" test_unseen genus known)" "$(score "$model" test_unseen genus known --neighbours)"
      printf '\n'
    } > "$folder/$name.partial"
    mv "$folder/$name.partial" "$folder/$name.row"
  fi
  cat "$folder/$name.row" >> "$results"
  cat "$folder/$name.row"
}

{
  printf 'run\tseconds\tval species\tval_unseen genus\tval_unseen genus 1-NN\t'
  printf 'test species\ttest species 1-NN\ttest_unseen genus\ttest_unseen genus 1-NN\n'
} | tee "$results"
size="--d-model $width --headdim 32"
for group in "$@"; do
  # shellcheck disable=SC2086 # options are words
  case $group in
    recipe)
      pretrain encoder_next next-token $size
      pretrain encoder_masked masked $size
      pretrain encoder_autoencoder masked-autoencoder $size
      masked="--init $folder/encoder_masked.safetensors"
      row supervised $size
      row next_token --init "$folder/encoder_next.safetensors"
      row masked $masked
      row autoencoder --init "$folder/encoder_autoencoder.safetensors"
      row masked_hierarchical $masked --hierarchical-smoothing 0.02 --label-smoothing 0
      row masked_class_weights $masked --class-weights 0.5
      row masked_contrast $masked --contrast 0.5
      row masked_both_strands $masked --both-strands
      ;;
    more)
      pretrain encoder_masked masked $size
      masked="--init $folder/encoder_masked.safetensors"
      row masked_balance $masked --balance 0.5
      row masked_robust $masked --noise-robustness 0.1
      row masked_rank_weights $masked --rank-weights 0.5,0.5,1,2
      ;;
    augmentation) # what may stand for the distance of a species that is not in train
      pretrain encoder_masked masked $size
      masked="--init $folder/encoder_masked.safetensors"
      row masked_substitution_0.06 $masked --substitution 0.06
      row masked_substitution_0.12 $masked --substitution 0.12
      row masked_no_offset $masked --no-random-offset
      ;;
    size) # twice the steps, half as wide again
      row supervised_longer $size -e $((2 * epochs))
      row supervised_wider --d-model $((width + width / 2)) --headdim 32
      ;;
    seeds) # how far two runs are apart that differ in nothing but chance
      pretrain encoder_masked masked $size
      for seed in 2 3; do
        row supervised_seed_$seed $size --seed $seed
        row masked_seed_$seed --init "$folder/encoder_masked.safetensors" --seed $seed
      done
      ;;
    tokenizers)
      row supervised $size
      row kmer_4 $size -k 4
      row bpe $size --tokenizer bpe
      row char $size --tokenizer char
      ;;
    optimisers) # at equal steps, then AdamW with the epochs that fit in the time of KL-SOAP, the default
      row supervised $size
      row adamw $size --optimiser adamw
      row kl_shampoo $size --optimiser kl-shampoo
      more=$(awk -v a="$(seconds "$folder/adamw.jsonl")" -v b="$(seconds "$folder/supervised.jsonl")" \
        -v e="$epochs" 'BEGIN { printf "%.0f", e * b / a }')
      if [ "$more" -gt "$epochs" ]; then row adamw_equal_time $size --optimiser adamw -e "$more"; fi
      ;;
    curve) # as many steps with fewer records
      row curve_1_of_8 $size --split train_1 -e $((8 * epochs))
      row curve_1_of_4 $size --split train_1,train_2 -e $((4 * epochs))
      row curve_1_of_2 $size --split train_1,train_2,train_3,train_4 -e $((2 * epochs))
      row supervised $size
      ;;
    *) echo "ablation.sh: there is no group '$group'" >&2; exit 2 ;;
  esac
done
