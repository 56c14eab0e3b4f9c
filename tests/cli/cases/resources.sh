# Every command under small limits of address space, file size, open files and processor time: it never hangs,
# dies of no signal but the limit's own, ends with 0 and the whole output, or with 1, one line that says why,
# and no output.
# One in 24 of the records of split train.
awk -F, '$(NF - 2) != "train" || ++train % 24 == 0' "$data/simulated_metadata.csv" >table.csv
table=table.csv
commands='version classify embed eval quantize index calibrate cluster adamw soap'

# Sets `arguments` of a command, its name in messages, and the output that it writes ('out' is standard
# output). Two threads: stacks of threads take address space.
choose() {
  name=$1 output=out
  set -- --no-references --d-model 16 --n-layer 1 --d-state 8 --headdim 8 --epochs 1 --patience 0 --batch 64 \
    -t 2
  case $name in
  version) arguments=--version ;;
  classify) arguments="classify -q -t 2 -m $model -o rows.tsv $queries" output=rows.tsv ;;
  embed) arguments="embed -q -t 2 -m $model -o vectors.npy $queries" output=vectors.npy ;;
  eval) arguments="eval -q -t 2 -m $model $table" ;;
  quantize) arguments="quantize -q -m $model -o small.safetensors" output=small.safetensors ;;
  index) arguments="index -q -t 2 -o references.tx $table" output=references.tx ;;
  calibrate) arguments="calibrate -q -t 2 -r set.tx -o references.tx $table" output=references.tx ;;
  cluster) arguments="cluster -q -t 2 -k 9 -m $model -o rows.tsv $queries" output=rows.tsv ;;
  adamw) arguments="train -q -o trained.safetensors --optimiser adamw $* $table" output=trained.safetensors \
    name=train ;;
  soap) arguments="train -q -o trained.safetensors --optimiser kl-soap $* $table" output=trained.safetensors \
    name=train ;;
  esac
}

# limited LIMIT: runs the chosen command under it, standard error through a pipe, as a limit on files must not
# reach it.
limited() {
  last="$arguments under ulimit $1"
  rm -f rows.tsv vectors.npy vectors.npy.ids small.safetensors references.tx trained.safetensors*
  # shellcheck disable=SC2086,SC2016 # words
  { timeout -s KILL 20 sh -c 'ulimit $0 || exit 99; exec "$@"' "$1" "$taxamba" $arguments </dev/null >out;
    echo $? >code; } 2>&1 | cat >err
  code=$(cat code)
}

# What the run was must be one of the two.
check() {
  for file in .*.tmp.*; do
    [ ! -e "$file" ] || fault "left behind: $file ($last)"
  done
  case $code in
  0) same "reference/$command" "$output" ;;
  1)
    [ "$output" = out ] || absent "$output"
    [ "$(wc -l <err)" -eq 1 ] || { fault "not one line on stderr: $last"; show; }
    case $name in
    version) has err 'taxamba: error: ' ;;
    *) has err "taxamba $name: error: " ;;
    esac
    ;;
  127) has err 'error while loading shared libraries' ;; # the system's loader, before the program begins
  *) fault "exit code $code: $last"; show ;;
  esac
}

mkdir reference
tool 0 index -q -o set.tx "$table"
for command in $commands; do
  choose "$command"
  limited '-n 64'
  [ "$code" -eq 0 ] || { fault "exit code $code without a limit: $last"; show; }
  cp "$output" "reference/$command"
done

# Sanitizers reserve more than any limit of address space.
if grep -aqE '__(asan|tsan|msan)_init' "$taxamba"; then spaces=; else
  spaces='12000 20000 25000 30000 35000 40000 45000 50000 60000 80000 100000 150000 250000 400000 2000000'
fi
ended=
for command in $commands; do
  choose "$command"
  for size in $spaces; do
    limited "-v $size"
    check
    ended="$ended $command:$code"
  done
  for size in 0 1 2 8 64 1000000; do
    limited "-f $size"
    check
  done
  for count in 3 4 5 6 7 8 12; do
    limited "-n $count"
    check
  done
  limited '-t 60'
  check
done
# The limits meant something: each command was done under one, and refused under one unless little is enough
# for it.
for command in $commands; do
  [ -n "$spaces" ] || break
  case "$ended " in
  *" $command:0 "*) ;;
  *) fault "no limit of address space was enough for $command" ;;
  esac
  case "$ended " in
  *" $command:1 "*) ;;
  *) [ "$command" = version ] || [ "$command" = quantize ] ||
    fault "no limit of address space was too small for $command" ;;
  esac
done

# At the end of the processor time that a batch system allows a training saves what it has.
choose adamw
arguments="train -q -o trained.safetensors --optimiser adamw -t 1 --epochs 1000 --patience 0 $table"
limited '-S -t 1'
[ "$code" -eq 130 ] || { fault "exit code $code at the end of its processor time, not 130"; show; }
[ -e trained.safetensors.checkpoint ] || fault 'no checkpoint at the end of its processor time'
