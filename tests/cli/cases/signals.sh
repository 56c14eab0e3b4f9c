# The first signal ends whatever waits, in every command: exit code 130 at once, one line that says so, no
# temporary file, and old outputs whole. The cells run side by side, each in a folder of its own.
mkfifo probe || skip 'no named pipes here'
rm probe
[ -r /proc/self/status ] || skip 'no /proc, which tells when a program has its handlers'
# A shell without job control starts its jobs with SIGINT ignored.
env --default-signal=INT true 2>/dev/null || skip 'env cannot give SIGINT its meaning back to a job'
table=$data/simulated_metadata.csv
tiny='--d-model 16 --n-layer 1 --d-state 8 --headdim 8 --batch 16 --patience 0'
head -c 700 "$queries" >part.fasta # ends in the middle of a record
head -c 5000 "$table" >part.csv
"$taxamba" classify -q -m "$model" -o rows.tsv "$queries" || fault 'classify failed'
head -c 900 rows.tsv >part.tsv
gzip -c "$queries" | head -c 400 >part.gz
i=0
while [ $i -lt 60 ]; do i=$((i + 1)); sed "s/^>/>copy${i}_/" "$queries"; done >many.fasta
awk 'NR == 1 { print; next } { for (i = 0; i < 40; i++) print i "_" $0 }' "$table" >many.csv
top=$PWD
"$taxamba" index -q -o set.tx "$table" || fault 'index failed'

# Waits until the program has a handler for a signal, so that the signal does not come before it, and then a
# moment, for it to block.
ready() {
  case $1 in HUP) bit=0 ;; INT) bit=1 ;; USR1) bit=9 ;; TERM) bit=14 ;; XCPU) bit=23 ;; esac
  tries=0
  while [ $tries -lt 100 ]; do
    mask=$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$(cat pid 2>/dev/null)/status" 2>/dev/null)
    [ -z "$mask" ] || [ $((0x$mask >> bit & 1)) -eq 0 ] || break
    sleep 0.1
    tries=$((tries + 1))
  done
  sleep 0.4
}

# stopped SIGNAL COMMAND...: in the folder of a cell. Its files say what the command meets:
#   held    the fifo `pipe` has a writer, who has written this much of it and no more
#   stalled a fifo that is the standard output, and that nobody reads
#   until   the signal comes when the log has this word
stopped() {
  signal=$1
  shift
  output=out
  [ ! -e held ] || { exec 3<>pipe; cat held >&3; }
  [ ! -e stalled ] || { exec 4<>stalled; output=stalled; }
  echo old >old
  # shellcheck disable=SC2016 # for the inner shell
  timeout -s KILL 20 sh -c 'echo $$ >pid; exec env --default-signal=INT,HUP,TERM,USR1,XCPU "$@"' - "$@" \
    >$output 2>err 3>&- 4>&- &
  job=$!
  ready "$signal"
  tries=0
  while [ -e until ] && [ $tries -lt 100 ] && ! grep -q "$(cat until)" m.safetensors.jsonl 2>/dev/null; do
    sleep 0.1
    tries=$((tries + 1))
  done
  begun=$(date +%s%N)
  kill -s "$signal" "$(cat pid)" 2>/dev/null || echo 'it had ended before the signal'
  wait $job
  code=$?
  took=$((($(date +%s%N) - begun) / 1000000))
  [ $code -eq 130 ] || echo "exit code $code, not 130"
  [ $took -lt 8000 ] || echo "it took $took ms" # a second is promised; the rest is for a busy machine
  grep -q "^taxamba.*: interrupted\$" err || echo 'it did not say that it was interrupted'
  [ "$(wc -l <err)" -eq 1 ] || { echo 'more than that was said:'; cat err; }
  [ "$(cat old)" = old ] || echo 'the old output has changed'
  for file in .*.tmp.* *.lock; do [ ! -e "$file" ] || echo "left behind: $file"; done
}

# cell NAME SIGNAL STATE COMMAND...: STATE is `pipe` (a fifo without a writer), `held=FILE` (with one who has
# written FILE), `stalled`, or `until=WORD`.
cell() {
  folder=cells/$1-$2 signal=$2 state=$3
  shift 3
  mkdir -p "$folder"
  case $state in
  stalled) mkfifo "$folder/stalled" ;;
  until=*) echo "${state#until=}" >"$folder/until" ;;
  *) mkfifo "$folder/pipe" ;;
  esac
  case $state in held=*) cat "${state#held=}" >"$folder/held" ;; esac
  count=$((${count:-0} + 1))
  (cd "$folder" && stopped "$signal" "$@" >said 2>&1) &
  [ $((count % 30)) -ne 0 ] || wait # so many at once
}

# Options are words; the commands name files of the folder of their cell.
# shellcheck disable=SC2086
for signal in TERM INT HUP; do
  for command in classify embed; do
    run="$taxamba $command -q -m $model -t 1"
    cell $command-no-writer $signal pipe $run -f tsv -o old pipe
    cell $command-idle $signal held=/dev/null $run -f tsv -o old pipe
    cell $command-record $signal held=part.fasta $run pipe
    cell $command-gzip $signal held=part.gz $run pipe
    cell $command-second $signal pipe $run "$queries" pipe
    cell $command-stalled $signal stalled $run "$top/many.fasta"
    cell $command-no-reader $signal pipe $run -f tsv -o pipe "$queries"
  done
  cell stdin $signal held=part.fasta sh -c 'exec "$@" <pipe' - $taxamba classify -q -m $model -
  run="$taxamba eval -q -m $model"
  cell eval $signal pipe $run pipe
  cell eval-row $signal held=part.csv $run pipe
  cell reference $signal pipe $run --neighbours --reference pipe "$table"
  cell eval-taxonomy $signal pipe $run --taxonomy-file pipe "$data/simulated_qiime2.fasta"
  run="$taxamba eval -q --predictions"
  cell predictions $signal pipe $run pipe "$table"
  cell predictions-row $signal held=part.tsv $run pipe "$table"
  cell known $signal pipe $run "$top/rows.tsv" --known pipe "$table"
  cell bootstrap $signal pipe $run "$top/rows.tsv" --bootstrap 100000 -t 1 --split train "$top/many.csv"
  run="$taxamba train -q $tiny -o m.safetensors"
  cell config $signal pipe $run --config pipe "$table"
  cell config-text $signal held=part.fasta $run --config pipe "$table"
  cell train-taxonomy $signal pipe $run --taxonomy-file pipe "$data/simulated_qiime2.fasta"
  cell valid $signal pipe $run --valid-file pipe "$table"
  cell log $signal pipe $run --log pipe "$table"
  cell quantize $signal pipe $taxamba quantize -q -m $model -o pipe
  run="$taxamba index -q -t 1 -o r.tx"
  cell index $signal pipe $run pipe
  cell index-row $signal held=part.csv $run pipe
  cell index-taxonomy $signal pipe $run --taxonomy-file pipe "$data/simulated_qiime2.fasta"
  run="$taxamba calibrate -q -t 1 -r $top/set.tx -o r.tx"
  cell calibrate $signal pipe $run pipe
  cell calibrate-row $signal held=part.csv $run pipe
  cell calibrate-written $signal pipe $taxamba calibrate -q -t 1 -r $top/set.tx -o pipe "$table"
  cell cluster $signal pipe $taxamba cluster -q -m $model -t 1 pipe
  cell cluster-written $signal pipe $taxamba cluster -q -m $model -t 1 -o pipe "$queries"
  cell cluster-labels $signal held=part.csv $taxamba cluster -q -m $model -t 1 -l pipe "$queries"
  cell index-written $signal pipe $taxamba index -q -t 1 -o pipe "$table"
done
# What batch systems announce the end with stops a training; it saves what it has, and has nothing to save
# while it still loads.
# shellcheck disable=SC2086
for signal in TERM INT HUP USR1 XCPU; do
  run="$taxamba train -q $tiny -t 1 -o m.safetensors"
  cell loading $signal held=part.csv $run pipe
  cell training $signal until=epoch $run --epochs 100000 "$table"
done
wait
for folder in cells/*; do
  [ ! -s "$folder/said" ] || fault "$folder: $(cat "$folder/said")"
done
[ "$(ls cells | wc -l)" -eq "$count" ] || fault 'cells are missing'
for signal in TERM INT HUP USR1 XCPU; do
  last="a training that got $signal"
  [ -e cells/training-$signal/m.safetensors.checkpoint ] || fault "no checkpoint: $last"
  for file in .checkpoint '' .jsonl; do absent "cells/loading-$signal/m.safetensors$file"; done
done

# What was ignored at the start stays so.
last='classify with an ignored signal'
mkfifo slow
exec 5<>slow
(trap '' HUP; exec "$taxamba" classify -q -m "$model" -o kept.tsv slow) 5>&- & # timeout would not ignore it
job=$!
sleep 1
kill -s HUP $job || fault 'it had ended before the signal'
sleep 0.5
cat "$queries" >&5
exec 5>&-
wait $job
same kept.tsv rows.tsv

# A limit on the size of files is an error of the output.
(ulimit -f 8; run 1 "$taxamba" classify -q -m "$model" -o large.tsv many.fasta)
one_error classify
has err 'large.tsv' 'File too large'
absent large.tsv

# A reader that goes away ends a run whose input is silent.
mkfifo silent
exec 5<>silent
last='classify whose reader has gone'
cat "$queries" >&5
begun=$(date +%s)
{ timeout -s KILL 20 "$taxamba" classify -q -m "$model" silent 2>err; echo $? >code; } 5>&- |
  head -n 1 >/dev/null &
sleep 1
cat "$queries" >&5 # the rows that meet the closed pipe
wait $!
sleep 0.5
[ "$(cat code)" -eq 0 ] || { fault "exit code $(cat code), not 0"; show; }
[ $(($(date +%s) - begun)) -lt 15 ] || fault 'the run waited for its input'
exec 5>&-
