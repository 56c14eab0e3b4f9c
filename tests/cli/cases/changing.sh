# An input that changes while it is used gives the right answer or one clear error: never a signal, never rows
# of half of it with exit 0.
mkfifo pipe || skip 'no named pipes here'
size() { wc -c <"$1"; }

# change KIND FILE: as programs do it that know nothing of the reader.
change() {
  half=$(($(size "$2") / 2))
  case $1 in
  truncated) dd if=/dev/null of="$2" bs=1 seek=$half 2>/dev/null ;;
  emptied) : >"$2" ;;
  over) dd if=/dev/zero of="$2" bs=4096 count=$((half / 2048 + 1)) conv=notrunc 2>/dev/null ;;
  longer) echo '>more' >>"$2" ;;
  replaced) echo other >new && mv new "$2" ;;
  removed) rm -f "$2" ;;
  esac
}
kinds='truncated emptied over longer replaced removed'

# outcome WHAT EXPECTED_FILE FILE: exit code 0 and the expected bytes, or a small exit code and one error.
outcome() {
  last=$1
  [ $code -lt 126 ] || { fault "a signal or no answer: code $code"; show; }
  if [ $code -eq 0 ]; then same "$3" "$2"; else [ "$(grep -c 'error: ' err)" -eq 1 ] ||
    { fault 'not one error'; show; }; fi
}

# gated FILE DATA COMMAND...: runs the command with the operand "pipe", whose opening tells that what comes
# before has been read; changes FILE then, and sends DATA.
gated() {
  file=$1
  data_sent=$2
  shift 2
  { change "$kind" "$file"; cat "$data_sent"; } >pipe 2>/dev/null &
  writer=$!
  "$taxamba" "$@" pipe >out 2>err
  code=$?
  kill $writer 2>/dev/null # it waits for a reader that never came
  wait $writer
}

# The model of every command that reads records: what was read and checked is what is used.
tool 0 classify -q -m "$model" "$queries"
mv out rows
tool 0 embed -q -m "$model" "$queries"
mv out vectors
tool 0 eval -q -m "$model" "$data/simulated_metadata.csv"
mv out scores
for kind in $kinds; do
  for command in classify embed eval; do
    cp "$model" changing
    case $command in
    classify) right=rows sent=$queries ;;
    embed) right=vectors sent=$queries ;;
    eval) right=scores sent=$data/simulated_metadata.csv ;;
    esac
    gated changing "$sent" $command -q -m changing
    outcome "$command with a model $kind" $right out
    [ $code -eq 0 ] || fault "$command does not go on with the model that was $kind"
  done
done

# Records in the middle of a file: the reader waits for its rows to be taken.
i=0
while [ $i -lt 200 ]; do i=$((i + 1)); sed "s/^>/>copy${i}_/" "$queries"; done >many.fasta
gzip -c many.fasta >many.gz
run 0 "$taxamba" classify -q -m "$model" many.fasta
mv out rows
for source in many.fasta many.gz; do
  for kind in $kinds; do
    cp $source changing
    { "$taxamba" classify -q -m "$model" changing 2>err; echo $? >code; } |
      { read -r line; printf '%s\n' "$line"; change $kind changing; cat; } >out
    read -r code <code
    outcome "classify of $source $kind" rows out
    case $kind:$code in
    replaced:0 | removed:0) ;;
    replaced:* | removed:*) fault "$source $kind: the open file is still whole, but the code is $code" ;;
    *:0) [ $source = many.gz ] || fault "$source $kind: nothing was told" ;;
    esac
  done
done

# What is read before the operands.
awk -F , '
  NR == 1 {
    for (i = 1; i <= NF; i++) { if ($i == "processid") id = i; if ($i == "dna_barcode") bases = i }
    next
  }
  { print ">" $id "\n" $bases }' \
  "$data/simulated_metadata.csv" >table.fasta
tool 0 classify -q -m "$model" -o predictions table.fasta
tool 0 eval -q -p predictions "$data/simulated_metadata.csv"
mv out right
for kind in $kinds; do
  cp predictions changing
  gated changing "$data/simulated_metadata.csv" eval -q -p changing
  outcome "eval with predictions $kind" right out
  [ $code -eq 0 ] || fault "exit code $code: predictions are read first"
done

# A training: the model it starts from, its settings, and its other tables.
head -n 120 "$data/simulated_metadata.csv" >table.csv
settings='--epochs 1 --batch 16 --threads 1'
cp "$model" changing
kind=none
gated changing table.csv train -q -o right.safetensors --init changing $settings
[ $code -eq 0 ] || { fault "exit code $code"; show; }
for kind in $kinds; do
  cp "$model" changing
  gated changing table.csv train -q -o new.safetensors --init changing $settings
  last="train from a model $kind"
  [ $code -eq 0 ] || { fault "exit code $code"; show; }
  same right.safetensors new.safetensors
  cp table.csv changing
  gated changing table.csv train -q -o new.safetensors --init "$model" --valid-file changing $settings
  last="train with validation records $kind"
  [ $code -lt 126 ] || fault "code $code"
  [ $code -eq 0 ] || one_error train
  rm -f new.safetensors.checkpoint
done

# A model is a file: from a pipe, also one that nobody writes, it is refused at once.
tool 1 classify -m - "$queries"
one_error classify
tool 1 classify -m pipe "$queries"
one_error classify
has err 'pipe: is no regular file'
