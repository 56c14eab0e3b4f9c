# Each optimiser learns the simulated table: the loss falls, threads do not matter, the model classifies.
table=$data/simulated_metadata.csv
set -- --d-model 16 --n-layer 1 --d-state 8 --headdim 8 --epochs 4 --patience 0 --batch 8 \
  --learning-rate 0.004 --contrast 0 --crop 0 --no-references

# losses NAME: the mean training loss of each epoch, from the log
losses() {
  sed -n 's/.*"event":"epoch".*"train_loss":\([0-9.e+-]*\).*/\1/p' "$1.safetensors.jsonl"
}
for optimiser in adamw kl-shampoo kl-soap; do
  [ $optimiser = adamw ] || set -- "$@" --preconditioner-frequency 5
  tool 0 train -t 1 -o $optimiser.safetensors --optimiser $optimiser "$@" "$table"
  if [ $optimiser = adamw ]; then
    hasnot err 'MiB of state'
  else
    has err 'optimiser: 8 matrices by KL-' 'other parameters by AdamW' 'MiB of state (AdamW alone: '
  fi
  grep -E '"event":"start".*"optimiser_bytes":[1-9][0-9]*,' $optimiser.safetensors.jsonl >/dev/null ||
    fault "no optimiser_bytes in the log"
  losses $optimiser | awk '
    NR > 1 && !($1 < last) { bad = 1 } { last = $1 } NR == 1 { first = $1 }
    END { exit bad || NR != 4 || !(last < 0.9 * first) }' ||
    fault "the loss of $optimiser does not fall: $(losses $optimiser | tr '\n' ' ')"
  tool 0 train -q -t 2 -o again.safetensors --optimiser $optimiser "$@" "$table"
  same $optimiser.safetensors again.safetensors
  tool 0 classify -q -m $optimiser.safetensors "$queries"
done
cmp -s adamw.safetensors kl-shampoo.safetensors && fault 'kl-shampoo is adamw'
cmp -s kl-soap.safetensors kl-shampoo.safetensors && fault 'kl-shampoo is kl-soap'
tool 0 train -q -o normalised.safetensors --optimiser kl-shampoo --normalise-updates "$@" "$table"
cmp -s normalised.safetensors kl-shampoo.safetensors && fault '--normalise-updates changes nothing'
tool 2 train -q -o none.safetensors --optimiser shampoo "$table"
one_error train
has err '--optimiser' 'kl-shampoo'
tool 2 train -q -o none.safetensors --preconditioner-frequency 0 "$table"
has err '--preconditioner-frequency'
