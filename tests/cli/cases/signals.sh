# The first signal ends whatever waits: exit code 130 within seconds, one line, no temporary file, old outputs whole.
mkfifo probe || skip 'no named pipes here'
rm probe
env --default-signal=INT true 2>/dev/null || skip 'env cannot give SIGINT its meaning back to a job in the background'
table=$data/simulated_metadata.csv
head -c 700 "$queries" >part.fasta
head -n 40 "$table" | head -c 5000 >part.csv
i=0
while [ $i -lt 60 ]; do i=$((i + 1)); sed "s/^>/>copy${i}_/" "$queries"; done >many.fasta

# stopped CELL SIGNAL COMMAND...: in a folder of its own, as a job that the signal is sent to after a moment. A file `old` in it must
# stay as it is. The fifo `pipe` is held open for writing, but not written to, where the file `idle` is there, and holds what is in it.
stopped() {
  cell=$1 signal=$2
  shift 2
  cd "$cell" || exit 1
  [ ! -e pipe ] || [ ! -e idle ] || { exec 3<>pipe; cat idle >&3; }
  [ ! -e stalled ] || exec 4<>stalled
  if [ -e stalled ]; then
    timeout -s KILL 20 env --default-signal=INT,HUP,TERM,USR1,XCPU "$@" >stalled 2>err 3>&- 4>&- &
  else
    timeout -s KILL 20 env --default-signal=INT,HUP,TERM,USR1,XCPU "$@" >out 2>err 3>&- 4>&- &
  fi
  job=$!
  sleep 0.7
  begun=$(date +%s%N)
  kill -s "$signal" "$(ps -o pid= --ppid $job | head -n 1 | tr -d ' ')" 2>/dev/null || echo "it had ended before" >&2
  wait $job
  code=$?
  took=$((($(date +%s%N) - begun) / 1000000))
  [ $code -eq 130 ] || echo "exit code $code, not 130"
  [ $took -lt 5000 ] || echo "it took $took ms" # a second, and what a loaded machine adds
  grep -q 'interrupted$' err || { echo "it did not say that it was interrupted:"; cat err; }
  [ ! -e old ] || [ "$(cat old)" = old ] || echo "the old output has changed"
  for file in .*.tmp.* *.lock; do [ ! -e "$file" ] || echo "left behind: $file"; done
}

# cell NAME SIGNAL COMMAND...: starts a cell in the background; `wait` ends them all. What it says are faults.
cell() {
  name=$1
  mkdir -p "cells/$name"
  shift
  signal=$1
  shift
  (stopped "cells/$name" "$signal" "$@" >"cells/$name/said" 2>&1) &
}

# each SIGNAL: the cells of one signal; the commands name files of their own folder.
make() { mkdir -p "cells/$1" && mkfifo "cells/$1/pipe"; }
up=../..
"$taxamba" classify -q -m "$model" -o rows.tsv "$queries"
tiny="--d-model 16 --n-layer 1 --d-state 8 --headdim 8 --batch 16"
for signal in INT TERM HUP; do
  for command in classify embed; do
    make $command-no-writer-$signal; cell $command-no-writer-$signal $signal "$taxamba" $command -q -m "$model" pipe
    make $command-idle-$signal; : >cells/$command-idle-$signal/idle
    echo old >cells/$command-idle-$signal/old
    cell $command-idle-$signal $signal "$taxamba" $command -q -m "$model" -f tsv -o old pipe
    make $command-record-$signal; cp part.fasta cells/$command-record-$signal/idle
    cell $command-record-$signal $signal "$taxamba" $command -q -m "$model" -t 2 pipe
    make $command-second-$signal; cell $command-second-$signal $signal "$taxamba" $command -q -m "$model" "$queries" pipe
    mkdir -p cells/$command-reader-$signal; mkfifo cells/$command-reader-$signal/stalled
    cell $command-reader-$signal $signal "$taxamba" $command -q -m "$model" $up/many.fasta
  done
  wait
  make output-$signal; cell output-$signal $signal "$taxamba" classify -q -m "$model" -o pipe "$queries"
  make eval-$signal; cell eval-$signal $signal "$taxamba" eval -q -m "$model" pipe
  make predictions-$signal; cell predictions-$signal $signal "$taxamba" eval -q -p pipe "$table"
  make known-$signal; cell known-$signal $signal "$taxamba" eval -q -p $up/rows.tsv --known pipe "$table"
  make reference-$signal; cell reference-$signal $signal "$taxamba" eval -q -m "$model" --neighbours --reference pipe "$table"
  make taxonomy-$signal
  cell taxonomy-$signal $signal "$taxamba" train -q -o m.safetensors --taxonomy-file pipe "$data/simulated_qiime2.fasta"
  make config-$signal; cell config-$signal $signal "$taxamba" train -q -o m.safetensors --config pipe "$table"
  make valid-$signal; cell valid-$signal $signal "$taxamba" train -q -o m.safetensors --valid-file pipe "$table"
  [ $signal != INT ] || wait
done
wait
for signal in INT TERM HUP USR1 XCPU; do
  make loading-$signal; cp part.csv cells/loading-$signal/idle
  cell loading-$signal $signal "$taxamba" train -q -o m.safetensors pipe
  mkdir -p cells/training-$signal
  # shellcheck disable=SC2086 # options are words
  cell training-$signal $signal "$taxamba" train -q -t 1 $tiny --epochs 2000 --patience 0 -o m.safetensors "$table"
done
wait
for folder in cells/*; do
  [ ! -s "$folder/said" ] || fault "$folder: $(cat "$folder/said")"
done
[ "$(ls -d cells/* | wc -l)" -eq 64 ] || fault "there are $(ls -d cells/* | wc -l) cells"
for signal in INT TERM HUP USR1 XCPU; do
  [ -e cells/training-$signal/m.safetensors.checkpoint ] || fault "a training that got $signal left no checkpoint"
  [ ! -e cells/loading-$signal/m.safetensors.checkpoint ] || fault "a training that was still loading has a checkpoint"
done

# What was ignored at the start stays so.
(trap '' HUP; timeout -s KILL 20 "$taxamba" classify -q -m "$model" - <"$queries" >out 2>err & sleep 0.1; kill -HUP $! 2>/dev/null; wait $!; echo $? >code)
[ "$(cat code)" -eq 0 ] || fault "an ignored signal ended the run with $(cat code)"
