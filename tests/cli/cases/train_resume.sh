# An interrupted run ends with 130, keeps its checkpoint, and goes on to the same bytes.
table=$data/simulated_metadata.csv
set -- --no-references --d-model 32 --n-layer 1 --d-state 16 --headdim 16 --epochs 14 --patience 0 -t 2
tool 0 train -q -o whole.safetensors "$@" "$table"

# interrupt OPTION...: starts the run and stops it when its checkpoint is there and has changed since
interrupt() {
  rm -f mark
  [ -e part.safetensors.checkpoint ] && cp part.safetensors.checkpoint mark
  "$taxamba" train -o part.safetensors "$@" >out 2>err &
  worker=$!
  waited=0
  while kill -0 $worker 2>/dev/null && [ $waited -lt 3000 ]; do
    if [ -e part.safetensors.checkpoint ] && { [ ! -e mark ] ||
      ! cmp -s mark part.safetensors.checkpoint; }; then break; fi
    sleep 0.02
    waited=$((waited + 1))
  done
  kill -TERM $worker 2>/dev/null
  wait $worker
  code=$?
}
interrupt "$@" "$table"
last='the interrupted run'
[ $code -eq 130 ] || { fault "exit code $code of an interrupted run, not 130"; show; }
has err '--resume' 'taxamba train: interrupted'
absent part.safetensors
[ -e part.safetensors.checkpoint ] || fault 'no checkpoint'
interrupt "$@" --resume "$table"
[ $code -eq 130 ] || { fault "exit code $code of a run interrupted for the second time, not 130"; show; }
tool 2 train -q -o part.safetensors "$@" --resume --d-model 64 "$table"
has err '--d-model'
tool 0 train -q -o part.safetensors "$@" --resume "$table"
same whole.safetensors part.safetensors
absent part.safetensors.checkpoint
run 1 "$taxamba" train -q -o none.safetensors "$@" --resume "$table"
has err 'none.safetensors.checkpoint'
only_files whole.safetensors whole.safetensors.jsonl part.safetensors part.safetensors.jsonl mark \
  none.safetensors.jsonl
