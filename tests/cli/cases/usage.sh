# A wrong option is exit code 2 and one line that names the word.
tool 2 clasify x
is err <<'END'
taxamba: error: unknown command 'clasify' (did you mean 'classify'?); see 'taxamba --help'
END
tool 2 xyzzy
is err <<'END'
taxamba: error: unknown command 'xyzzy'; see 'taxamba --help'
END
tool 2 classify --thread 2 "$queries"
is err <<'END'
taxamba classify: error: unknown option '--thread' (did you mean '--threads'?); see 'taxamba classify --help'
END
tool 2 classify --xyzzy=3
is err <<'END'
taxamba classify: error: unknown option '--xyzzy=3'; see 'taxamba classify --help'
END
tool 2 classify -Z
is err <<'END'
taxamba classify: error: unknown option '-Z' in '-Z'; see 'taxamba classify --help'
END
tool 2 classify -threads 2
has err "taxamba classify: error: unknown option '-threads' (did you mean '--threads'?)"
tool 2 classify --model
has err "option '--model' needs a value (FILE)"
tool 2 classify -q -t
has err "option '-t' needs a value (N)"
tool 2 classify --quiet=yes
has err "option '--quiet' takes no value"
tool 2 classify --no-quiet=yes
has err "option '--no-quiet' takes no value"
tool 2 classify --no-model
has err "unknown option '--no-model'"
for value in -1 1025 2x '' 99999999999999999999999 1.5 ' 2'; do
  tool 2 classify --threads "$value" "$queries"
  one_error classify
  has err "--threads: '$value' is not a whole number from 0 to 1024"
done
for value in 1.01 -0.1 nan inf 0,5 0x1; do
  tool 2 classify --min-confidence "$value" "$queries"
  one_error classify
  has err "--min-confidence: '$value' is not a number from 0 to 1"
done
tool 2 classify --format csv
has err "--format: 'csv' is not one of tsv, jsonl, sintax"
tool 2 classify --strand=left
has err "--strand: 'left' is not one of auto, plus, minus, both"
tool 2 classify -m "$model" - -
has err "standard input ('-') can be read only once"
tool 2 classify -m "$model" --offsets 7 "$queries"
has err '--offsets 7 is too many: this model can read a barcode from 6'
tool 2 train x.csv
has err 'add --output'
tool 2 train -o m.safetensors
has err 'no file to train on'
tool 2 eval -m "$model"
has err 'no labelled file to score against'
tool 2 eval --predictions a --neighbours b
has err '--neighbours has no effect with --predictions: leave one of them out'
tool 2 eval --reference a b
has err '--reference has no effect without --neighbours: leave it out or add --neighbours'
tool 2 eval --known a b
has err '--known has no effect without --predictions: leave it out or add --predictions FILE'
tool 2 embed -m "$model" --format npy "$queries"
has err 'the npy format needs a file'
tool 2 embed -m "$model" --ids x "$queries"
has err '--ids has no effect without --output: leave it out or add --output FILE'
tool 2 embed -m "$model" -o x --ids x "$queries"
has err "--output 'x' is the same file as --ids 'x'"
only_files
