# train --teacher: a small model learns from the shared one; lists, files and what cannot teach.
table=$data/simulated_metadata.csv
# shellcheck disable=SC2086 # several words in $small
small="-q -t 1 -d 16 --n-layer 1 --d-state 8 --headdim 16 -e 1 --no-references"
small="$small --ranks order,family,genus,species"
printf '>u1\n%s\n>u2\n%s\n' "$(sed -n 2p "$queries")" "$(sed -n 4p "$queries")" >plain.fasta

# Each use adds one, on the command line as in a file; the settings of a run name them.
tool 0 train --print-config --teacher a --teacher b
has out '"teacher": "a\nb"' '"teacher-weight": 1' '"teacher-temperature": 1' '"teacher-embedding": 0'
printf '{"teacher":"%s","teacher-embedding":0.5}' "$model" >settings.json
tool 0 train $small --config settings.json -o m.safetensors "$table"
tool 0 classify --info --format jsonl -m m.safetensors
has out '"teachers":[{"file":"' '"crc32":"' '"teacher-embedding":0.5'
hasnot out projection

# Records without labels take part, and a note tells how many.
tool 0 train $small --no-quiet --teacher "$model" -o u.safetensors "$table" plain.fasta
has err '2 without any label, which are learnt from --teacher' 'teacher: ' 'teachers: 416 records read' \
  'species 46 of 46'

# What cannot teach: nothing there, no model, references alone, and a model that is to be written.
tool 1 train $small --teacher none.safetensors -o x "$table"
one_error train
has err none.safetensors
tool 4 train $small --teacher "$table" -o x "$table"
one_error train
tool 0 index -q -o r.tx "$table"
tool 4 train $small --teacher r.tx -o x "$table"
one_error train
tool 2 train $small --teacher "$model" --teacher u.safetensors -o u.safetensors "$table"
one_error train
has err '--teacher'
tool 2 train $small --teacher "$model" --teacher-temperature 0 -o x "$table"
one_error train
tool 2 train $small --teacher-weight 2 -o x "$table"
has err '--teacher-weight has no effect without --teacher'
tool 2 train --objective masked --teacher "$model" -o x "$table"
has err '--teacher has no effect with --objective masked'
