# Labels of a second source in a training: few labels of an expert, and many of a field worker who is wrong
# more often (data/simulated_two_sources.csv). The baseline is the expert's labels alone, trained for as many
# steps. Whole barcodes without changes, so that so few steps are enough for both.
table="$data/simulated_two_sources.csv"
tool 0 sources -q --first-prefix expert_ --second-prefix field_ --trust first --trusted-only \
  --sequences "$data/simulated_metadata.csv" -o labels.tsv "$table"
network="-t 2 --tokenizer kmer -k 6 --no-random-offset --d-model 32 --n-layer 1 --optimiser adamw"
network="$network --learning-rate 0.01 --batch 16 --metric loss --no-references --patience 0"
network="$network --valid-split none --valid-fraction 0 --crop 0 --substitution 0 --strand-share 0"
tool 0 train -q $network --epochs 90 -o first.safetensors labels.tsv
tool 0 train $network --epochs 15 --second-labels labels.tsv --second-prefix other_ -o both.safetensors \
  labels.tsv
has err 'second labels: 534 ids' '339 training records have got labels of them, 336 had no other' '22 another'
# Accuracy at the true taxa of the test split, and the 95 % interval of the difference by a bootstrap of the
# records: above 0 at both ranks.
awk -F, 'NR == 1 || $(NF - 2) == "test"' "$data/simulated_metadata.csv" >test.csv
for of in first both; do
  tool 0 classify -q -m $of.safetensors --look network -f tsv -o $of.tsv test.csv
done
tool 0 classify --info --format jsonl -m both.safetensors
has out '"second_labels":"labels.tsv"'
run 0 awk -F '[,\t]' '
  FNR == 1 { file++; for (i = 1; i <= NF; i++) at[file, $i] = i; next }
  file == 1 { truth["genus", $1] = $at[1, "genus"]; truth["species", $1] = $at[1, "species"]; next }
  {
    for (r = 1; r <= 2; r++) {
      rank = r == 1 ? "genus" : "species"
      right[file, rank, FNR - 1] = $at[file, rank] == truth[rank, $1]
      sum[file, rank] += right[file, rank, FNR - 1]
    }
    n = FNR - 1
  }
  END {
    seed = 20260101
    for (r = 1; r <= 2; r++) {
      rank = r == 1 ? "genus" : "species"
      below = 0
      for (b = 0; b < 1000; b++) {
        difference = 0
        for (i = 0; i < n; i++) {
          seed = (seed * 16807) % 2147483647
          k = 1 + seed % n
          difference += right[3, rank, k] - right[2, rank, k]
        }
        below += difference <= 0
      }
      printf "%s: %.3f with the first alone, %.3f with both, %d of 1000 resamples not better\n", rank, \
        sum[2, rank] / n, sum[3, rank] / n, below
      if (n < 90 || below > 25) bad = 1
    }
    exit bad
  }' test.csv first.tsv both.tsv

# What has no effect, and what is not there.
tool 2 train -q $network --second-weight 0.5 -o no.safetensors labels.tsv
has err '--second-weight has no effect without --second-labels'
tool 3 train -q $network --second-labels labels.tsv --second-prefix another_ -o no.safetensors labels.tsv
has err "no column 'another_species'"
tool 2 train -q $network --second-labels test.csv -o no.safetensors labels.tsv
has err '--second-labels has no effect'
