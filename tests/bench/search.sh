#!/bin/sh
# A random search over settings of taxamba train, chosen by the validation figure of each run alone.
# usage: tests/bench/search.sh [-n TRIALS] [-s SEED] [-b TAXAMBA] -w SPACE -o FOLDER -- TRAIN-ARGUMENT...
#   SPACE    a text file, one option a line: its long name without dashes, then the values to draw from,
#            separated by blanks. '#' starts a comment. A value '-' leaves the option out, 'on' gives a flag
#            without a value, 'off' its --no- form. An option of the space must not be among the arguments
#            too: what is typed there counts.
#   FOLDER   gets trial_N.safetensors, its log and settings, results.tsv (best first) and best.json (for
#            taxamba train --config).
# The same command goes on where it was stopped: complete trials are kept, an interrupted one resumes from its
# checkpoint. More trials (-n) can be asked for later; those before stay as they are.
set -eu

trials=12 seed=1 taxamba=taxamba space='' folder=''
usage() { sed -n '2,9s/^# \{0,1\}//p' "$0"; }
fail() { echo "search.sh: $*" >&2; exit 2; }
while [ $# -gt 0 ]; do
  case $1 in
    -n) trials=$2; shift 2 ;;
    -s) seed=$2; shift 2 ;;
    -b) taxamba=$2; shift 2 ;;
    -w) space=$2; shift 2 ;;
    -o) folder=$2; shift 2 ;;
    -h | --help) usage; exit 0 ;;
    --) shift; break ;;
    *) fail "unknown argument '$1' (-h shows the usage)" ;;
  esac
done
if [ -z "$space" ] || [ -z "$folder" ] || [ $# -eq 0 ]; then
  fail "a space (-w), a folder (-o) and the arguments of taxamba train (after --) are needed"
fi
[ -r "$space" ] || fail "cannot read the space '$space'"
case $trials$seed in *[!0-9]*) fail "-n and -s take whole numbers" ;; esac
command -v "$taxamba" >/dev/null || fail "there is no program '$taxamba' (-b names it)"
mkdir -p "$folder"

# Trial N draws the same values wherever and in whatever order trials run: a small generator, seeded by seed,
# trial and line.
draw() {
  awk -v seed="$seed" -v trial="$1" '
    { sub(/#.*/, "") }
    NF > 1 {
      x = (seed * 7919 + trial * 104729 + NR * 1299709 + 12345) % 2147483647
      for (i = 0; i < 5; i++) x = (x * 16807) % 2147483647
      value = $(2 + x % (NF - 1))
      if (value == "-") next
      if (value == "on") print "--" $1
      else if (value == "off") print "--no-" $1
      else print "--" $1 "=" value
    }' "$space"
}

# A figure of a finished run, from the last line of its log.
figure() { sed -n 's/^{"event":"end".*"'"$2"'":\([-+.e0-9]*\).*/\1/p' "$1" | tail -n 1; }

trial=1
while [ "$trial" -le "$trials" ]; do
  model=$folder/trial_$trial.safetensors
  settings=$(draw "$trial")
  if [ -e "$folder/trial_$trial.done" ]; then
    [ "$(cat "$folder/trial_$trial.done")" = "$settings" ] ||
      fail "$folder holds a search of another space or seed: choose another folder"
    trial=$((trial + 1))
    continue
  fi
  resume=''
  [ ! -e "$model.checkpoint" ] || resume=--resume
  echo "search.sh: trial $trial of $trials: $(echo "$settings" | tr '\n' ' ')"
  # The drawn values go through a file of settings, where one that has no effect beside the others (k with
  # bpe) is left aside.
  # shellcheck disable=SC2086 # one word per option; values have no blanks
  "$taxamba" train "$@" $settings --print-config -o "$model" > "$folder/trial_$trial.json"
  "$taxamba" train "$@" --config "$folder/trial_$trial.json" $resume --quiet --log "$model.jsonl" -o "$model"
  echo "$settings" > "$folder/trial_$trial.done"
  trial=$((trial + 1))
done

# Whether the figure is better when it is lower is in its name. Equal ones are ordered by the validation loss.
trial=1
while [ "$trial" -le "$trials" ]; do
  log=$folder/trial_$trial.safetensors.jsonl
  printf '%s\t%s\t%s\t%s\n' "$(figure "$log" best_metric)" "$(figure "$log" best_loss)" "$trial" \
    "$(tr '\n' ' ' < "$folder/trial_$trial.done")"
  trial=$((trial + 1))
done > "$folder/results.unsorted"
metric=$(sed -n 's/.*"metric": *"\([^"]*\)".*/\1/p' "$folder/trial_1.json")
objective=$(sed -n 's/.*"objective": *"\([^"]*\)".*/\1/p' "$folder/trial_1.json")
case ${metric:-$objective} in loss | perplexity | next-token) order=-g ;; *) order=-gr ;; esac
{ printf 'validation\tloss\ttrial\tsettings\n';
  sort -s -k1,1"${order#-}" -k2,2g "$folder/results.unsorted"; } > "$folder/results.tsv"
rm "$folder/results.unsorted"
best=$(sed -n 2p "$folder/results.tsv" | cut -f3)
cp "$folder/trial_$best.json" "$folder/best.json"
cat "$folder/results.tsv"
echo "search.sh: trial $best is best on the validation records:" \
  "$folder/trial_$best.safetensors, settings in $folder/best.json"
