# Outputs that cannot be written are errors, and a reader that goes away is none.
tool 1 classify -m "$model" -o nowhere/rows.tsv "$queries"
one_error classify
has err 'nowhere/rows.tsv'
tool 1 embed -m "$model" -o nowhere/v.npy "$queries"
has err 'nowhere/v.npy'
tool 1 embed -m "$model" -o v.npy --ids nowhere/ids "$queries"
has err 'nowhere/ids'
tool 1 train -o nowhere/m.safetensors --epochs 1 --d-model 16 --n-layer 1 \
  --headdim 8 "$data/simulated_metadata.csv"
has err 'nowhere/m.safetensors'
mkdir folder
tool 1 classify -m "$model" -o folder "$queries"
has err 'folder'
if [ "$(id -u)" -ne 0 ]; then
  mkdir locked
  chmod 500 locked
  tool 1 classify -m "$model" -o locked/rows.tsv "$queries"
  has err 'locked/rows.tsv'
fi
if [ -c /dev/full ]; then
  for command in "classify -m $model $queries" "embed -m $model $queries" "classify -m $model --info" \
    "eval -m $model $data/simulated_metadata.csv" \
    "--version" "--help" "man classify" "completion bash" "train --print-config"; do
    run 1 sh -c "\"$taxamba\" $command >/dev/full"
    has err 'No space left on device'
  done
  tool 1 classify -m "$model" -o /dev/full "$queries"
  one_error classify
  has err '/dev/full' 'No space left on device'
fi
run 1 sh -c "\"$taxamba\" classify -m \"$model\" \"$queries\" >&-"
one_error classify

# A pipe that closes: quietly 0. Copies are answered at once, so there have to be more rows than a pipe holds.
i=0
while [ $i -lt 40 ]; do i=$((i + 1)); sed "s/^>/>copy${i}_/" "$queries"; done >many.fasta
for command in "classify -m $model many.fasta" "embed -m $model many.fasta" \
  "classify -m $model --format jsonl many.fasta" "man train"; do
  run 0 sh -c "{ \"$taxamba\" $command; echo \$? >code; } | head -n 2 >rows"
  empty err
  run 0 cat code
  is out <<'END'
0
END
done

# A file is replaced only when all is well, and nothing else is left.
echo old >rows.tsv
tool 0 classify -q -m "$model" -o rows.tsv "$queries"
empty out
tool 0 classify -q -m "$model" "$queries"
same out rows.tsv
tool 0 classify -q -m "$model" -o - "$queries"
same out rows.tsv
only_files rows.tsv many.fasta folder locked code rows
