# No output is an input or another output, by whatever name: every command x output (those that follow from
# others too) x input, the first pair of a command by every kind of name, the others by one in turn: all pairs
# are compared by the same function. The options come from --help-all: a new one that takes a FILE fails here
# until it is in one of the two lists.
inputs=' config init taxonomy-file missing-names valid-file model predictions reference references known add '
inputs="$inputs teacher otu-table prediction-taxonomy sequences samples embeddings labels metadata traits "
inputs="${inputs}second-labels vectors vector-ids "
outputs=' output log ids table tree scores leaks-list '
ln -s . other
printf '{}' >json
printf 'id\tgenus\tgenus_confidence\tstrand\tstatus\n' >rows

# The content of an input that is read before the names are compared.
content() {
  case $1 in
  config) cat json ;;
  init | model | teacher) cat "$model" ;;
  *) cat "$queries" ;;
  esac
}

# beside COMMAND OPTION: what the option needs beside it.
beside() {
  case $1:$2 in
  compare:otu-table | compare:output) return ;;
  compare:*) echo '--otu-table fresh.tsv' ;;
  traits:*) [ $input = traits ] || echo '--traits fresh.tsv' ;;
  train:traits) echo '--trait-columns a' ;;
  train:vector*) echo '--objective align' ;;
  embed:vector*) echo '--modality image' ;;
  eval:vector*) echo '--retrieval' ;;
  esac
  case $2 in
  prediction-taxonomy) echo '--predictions rows' ;;
  known) echo '--predictions rows' ;;
  reference) echo '--neighbours' ;;
  metadata) echo '--benchmark bioscan5m' ;;
  leaks-list) [ $input = metadata ] || echo '--audit-leaks' ;;
  ids)
    case $command in cluster | traits) echo '--embeddings fresh' ;; *) echo '-o fresh' ;; esac
    ;;
  missing-names)
    case $command in cluster | traits) echo '--labels fresh' ;; esac
    ;;
  log) echo '-o fresh' ;;
  otu-table) echo '--table fresh.tsv' ;;
  vector-ids) echo '--vectors fresh.npy' ;;
  esac
}

# The places an output of a command goes to: OPTION:ENDING
places() {
  echo stdout:
  for option in $2; do
    case $1:$option in
    train:output) printf '%s\n' output: output:.jsonl output:.checkpoint output:.lock ;;
    compare:output) printf 'output:.%s\n' lists.tsv names.tsv abundance.tsv json ;;
    embed:output) printf '%s\n' output: output:.ids ;;
    *) echo "$option:" ;;
    esac
  done
}

# refused COMMAND: the last command ended with 2 and one line that names the fault.
refused() {
  [ "$code" -eq 2 ] || { fault "exit code $code, not 2: $last"; show; }
  one_error "$1"
  has err 'is the same file as'
}

# The read file is "f" or stands where the output will be; `path` is the output without its ending, `read`
# what is read.
name_as() {
  ending=$2
  read=f
  path=o
  case $1 in
  same) read=o$ending ;;
  dot) read=o$ending path=./o ;;
  folder) read=o$ending path=other/o ;;
  esac
  content "$3" >"$read"
  case $1 in
  symbolic) ln -s f "o$ending" ;;
  hard) ln f "o$ending" ;;
  esac
}

# Sets $kinds for the next pair.
all_kinds='same dot symbolic hard folder'
pairs=0
choose_kinds() {
  pairs=$((pairs + 1))
  # shellcheck disable=SC2086 # one word per kind
  set -- $all_kinds
  shift $((pairs % $#))
  kinds=$1
  [ $first_pair = no ] || kinds=$all_kinds
  first_pair=no
}

outputs_seen=
for command in train embed classify eval quantize index calibrate cluster table compare sources import \
  export traits; do
  files=$("$taxamba" $command --help-all | sed -n 's/^ *\(-., \)\{0,1\} *--\([a-z-]*\) FILE.*/\2/p')
  own_inputs='operand stdin'
  case $command in
  quantize | export) own_inputs= ;;
  import) own_inputs=operand ;;
  esac
  own_outputs=
  for option in $files; do
    case $command:$option in cluster:ids | traits:ids) own_inputs="$own_inputs ids" && continue ;; esac
    case $inputs:$outputs in
    *" $option "*:*) own_inputs="$own_inputs $option" ;;
    *:*" $option "*) own_outputs="$own_outputs $option" ;;
    *) fault "$command --$option takes a FILE, and this test does not know whether it is read or written" ;;
    esac
  done
  first_pair=yes
  for input in $own_inputs; do
    for place in $(places $command "$own_outputs"); do
      option=${place%%:*}
      [ "$command:$input:$option" = quantize:model:output ] && continue # in place, below
      case $option:$input in # predictions, neighbours and retrieval have no list of leaks
      leaks-list:prediction* | leaks-list:known | leaks-list:reference | leaks-list:vector*) continue ;;
      esac
      choose_kinds
      for kind in $kinds; do
        name_as $kind "${place#*:}" $input
        cp "$read" before
        case $input in
        operand) set -- "$read" ;;
        stdin) set -- ;;
        *) set -- "--$input" "$read" $(beside $command $input) ;;
        esac
        [ $option = stdout ] || set -- "$@" "--$option" "$path" $(beside $command $option)
        [ "$command$input" = quantizemodel ] && set -- "$@" -o fresh
        # The operand that another input needs.
        case $command:$input in
        quantize:* | export:* | *:operand | *:stdin | *:metadata | embed:vector*) ;;
        *) set -- "$@" "$queries" ;;
        esac
        last="$command $* ($input and $place, $kind)"
        in=/dev/null
        [ $input = stdin ] && in=$read
        if [ $option = stdout ]; then
          "$taxamba" $command "$@" <"$in" >>"$path" 2>err
          code=$?
        else
          "$taxamba" $command "$@" <"$in" >/dev/null 2>err
          code=$?
        fi
        refused $command
        same "$read" before
        rm -f "$read" "o${place#*:}"
      done
    done
  done
  # Two outputs, whether the file is there or not.
  first_pair=yes
  for first in $(places $command "$own_outputs"); do
    for second in $own_outputs; do
      # output against the others; what its option would be called by default is no second file then
      [ $command = table ] && continue # it has one
      case $second:$first in output:* | *:stdout:* | *:$second:* | log:*.jsonl | ids:*.ids) continue ;; esac
      choose_kinds
      for kind in $kinds; do
        ending=${first#*:}
        path=o$ending
        case $kind in
        dot) path=./$path ;;
        folder) path=other/$path ;;
        symbolic) ln -s "o$ending" link && path=link ;;
        hard) echo old >"o$ending" && ln "o$ending" link && path=link ;;
        esac
        tool 2 $command --output o "--$second" "$path" "$queries"
        refused $command
        outputs_seen="$outputs_seen $command:$first:$second"
        rm -f link "o$ending"
      done
    done
  done
done
only_files other json rows before

for pair in train:output::log train:output:.checkpoint:log train:output:.lock:log embed:output::ids; do
  case " $outputs_seen " in *" $pair "*) ;; *) fault "not tried: $pair" ;; esac
done

# In place is for quantize alone; what is no regular file may be named as often as one likes.
for kind in $all_kinds; do
  name_as $kind '' model
  tool 0 quantize -q -m "$read" -o "$path"
  rm -f "$read" o
done
tool 0 classify -q -m "$model" -o /dev/null - <"$queries"
run 0 sh -c "cat '$queries' | '$taxamba' classify -q -m '$model' - | cat >piped"
run 0 sh -c "'$taxamba' classify -q -m '$model' -o /dev/null /dev/null </dev/null >/dev/null"
TAXAMBA_MODEL=o
export TAXAMBA_MODEL
cp "$model" o
tool 2 classify -o ./o "$queries" # the default model is read as well
refused classify
unset TAXAMBA_MODEL
same "$model" o
rm -f o
only_files other json rows before piped
