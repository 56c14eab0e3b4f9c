# The search of tests/bench/search.sh: seeded, resumable, chosen by the validation figure of the logs.
cat > space << 'END'
learning-rate 0.001 0.003 # the peak
dropout       0 0.1
random-offset on off
ema           - 0.9
END
set -- --ranks order,species --d-model 16 --n-layer 1 --d-state 8 --headdim 8 --epochs 1 \
  -t 1 "$data/simulated_metadata.csv"
search() { sh "$source/tests/bench/search.sh" -b "$taxamba" "$@" > out 2> err; }
search -n 2 -s 3 -w space -o found -- "$@" || fault "search.sh failed: $(cat err)"
has out 'trial 1 of 2' 'trial 2 of 2' 'best on the validation records'
[ "$(head -n 1 found/results.tsv | cut -f1,3)" = "$(printf 'validation\ttrial')" ] ||
  fault 'results.tsv has other columns'
[ "$(wc -l < found/results.tsv)" -eq 3 ] || fault 'results.tsv does not have two trials'
best=$(sed -n 2p found/results.tsv | cut -f3)
grep -q "\"best_metric\":$(sed -n 2p found/results.tsv | cut -f1)" "found/trial_$best.safetensors.jsonl" ||
  fault 'the figure is not that of the log'
same "found/trial_$best.json" found/best.json
# Elsewhere the same seed finds the same; here, more trials go on.
search -n 1 -s 3 -w space -o again -- "$@" || fault "search.sh failed: $(cat err)"
same found/trial_1.safetensors again/trial_1.safetensors
search -n 3 -s 3 -w space -o found -- "$@" || fault "search.sh failed: $(cat err)"
hasnot out 'trial 1 of 3'
hasnot out 'trial 2 of 3'
has out 'trial 3 of 3'
# best.json is for --config.
tool 0 train --config found/best.json -q -t 1 -o best.safetensors "$data/simulated_metadata.csv"
same best.safetensors "found/trial_$(sed -n 2p found/results.tsv | cut -f3).safetensors"
search -n 1 -s 4 -w space -o found -- "$@" && fault 'another seed in the same folder was taken'
has err 'another space or seed'
search -n 1 -w none -o found -- "$@" && fault 'a missing space was taken'
has err "cannot read the space"
search -n 1 -w space -- "$@" && fault 'no folder was taken'
has err 'are needed'
