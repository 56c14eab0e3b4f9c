# An option that has no effect in this mode is refused when it is typed, whatever it was about: the rows of
# the tables are tried by unit/test_tools_rules, here is what only the whole program shows.
table=$data/simulated_metadata.csv
fasta=$data/simulated_unite.fasta
# idle COMMAND MESSAGE ARGUMENT...
idle() {
  command=$1
  message=$2
  shift 2
  tool 2 "$command" "$@"
  one_error "$command"
  has err "error: $message"
  empty out
}
idle eval '--min-confidence has no effect with --neighbours: leave one of them out' --neighbours -c 0.5 \
  -m "$model" "$table"
idle eval '--known-split has no effect without --known: leave it out or add --known FILE' \
  --known-split train -m "$model" "$table"
idle eval '--reference-split has no effect without --neighbours: ' --reference-split train \
  -m "$model" "$table"
for option in --strand=minus --offsets=2 --precision=int8 --batch=3 --min-bases=10 --duplicates-cache=0; do
  idle eval "${option%%=*} has no effect with --predictions: leave one of them out" \
    --predictions nowhere.tsv $option "$table"
done
idle eval '--crop has no effect with --predictions' --crop 100 --predictions p.tsv "$table"
idle classify '--output has no effect with --info: leave one of them out' --info -o x -m "$model"
idle classify "'$queries' is one argument too many: --info reads no sequences" --info -m "$model" "$queries"
idle classify '--format sintax has no effect with --info' --info -f sintax -m "$model"
idle embed '--ids has no effect with --format tsv: leave it out or add --format npy' --format tsv --ids x \
  -o y -m "$model" "$queries"
idle train '--mask-share has no effect with --objective taxa: leave it out or add --objective masked' \
  --mask-share 0.3 -o m "$table"
idle train '--bpe-symbols has no effect with --tokenizer kmer: leave it out or add --tokenizer bpe' \
  --tokenizer kmer --bpe-symbols 99 -o m "$table"
idle train '--contrast has no effect with --freeze-encoder: leave one of them out' --freeze-encoder \
  --contrast 0.3 --init "$model" -o m "$table"
idle index '--threads has no effect with --info: leave one of them out' --info -t 2 "$table"
idle index '--output has no effect with --audit: leave one of them out' --audit -o x "$table"
idle index '--amplicon has no effect with --info: leave one of them out' --info \
  --amplicon ACGTACGTAC,ACGTACGTAG "$table"
idle index '--info has no effect with --audit: leave one of them out' --audit --info "$table"
idle index '--json has no effect without --info: leave it out or add --info' --json -o x "$table"
idle classify '--error-rate has no effect, as the network answers: leave it out or add --references' \
  --error-rate 0.1 -m "$model" "$queries"
idle classify '--prior has no effect, as the network answers: leave it out or add --references' \
  --prior 1,1,1 \
  -m "$model" "$queries"
idle classify '--evidence full has no effect, as the network answers: leave it out or add --references' \
  --evidence full -m "$model" "$queries"
idle classify '--evidence has no effect with --info: leave one of them out' --info --evidence full -r x
idle classify '--model has no effect with --references and --look evidence: leave it out' \
  --look evidence -m "$model" -r x "$queries"
idle classify '--model has no effect with --references and --info: leave one of them out' --info -m "$model" \
  -r x
idle classify '--references has no effect with --look network: leave one of them out' --look network -r x \
  "$queries"
idle eval '--references has no effect with --look network: leave one of them out' --look network -r x "$table"
idle eval '--references has no effect with --neighbours: leave one of them out' --neighbours -r x "$table"
# What a value says that is the default changes nothing, in any mode.
tool 0 classify --info -t 0 --strand auto -m "$model"

# What the input decides.
for columns in id-column sequence-column split-column; do
  idle train "--$columns has no effect, as there is no table in the input: leave it out" --$columns zzz \
    -o m "$fasta"
  idle train "--$columns has no effect, as there is no table in the input" --$columns zzz \
    -o m "$fasta" "$data/simulated_sintax.fasta"
  idle eval "--$columns has no effect, as there is no table in the input" --$columns zzz -m "$model" "$fasta"
  idle eval "--$columns has no effect, as there is no table in the input" --$columns zzz -m "$model" \
    --neighbours --reference "$fasta" "$fasta"
  idle index "--$columns has no effect, as there is no table in the input: leave it out" --$columns zzz \
    -o m "$fasta"
  idle index "--$columns has no effect, as there is no table in the input" --$columns zzz \
    -o m "$fasta" "$data/simulated_sintax.fasta"
  for command in train index; do
    tool 3 $command --$columns zzz -o m "$table"
    has err zzz
  done
done
idle train '--split has no effect, as there is no split column in the input: leave it out' --split nosuch \
  -o m "$fasta"
idle train '--valid-split has no effect, as there is no split column in the input: leave it out' \
  --valid-split nosuch -o m "$fasta"
sed '1s/split/spalt/' "$table" >unsplit.csv
idle train '--split has no effect, as there is no split column' -q --split nosuch -o m unsplit.csv
tool 2 train --valid-fraction 0.3 -o m "$table"
has err 'error: --valid-fraction has no effect, as the input has validation records: leave it out'
set -- --d-model 16 --n-layer 1 --d-state 8 --headdim 8 --epochs 1 --ranks order,genus -t 1
tool 0 train "$@" --split train --id-column processid -o mixed.safetensors "$fasta" "$table"
only_files unsplit.csv mixed.safetensors mixed.safetensors.jsonl

# One file of settings serves many runs: there it is a note, and the model is that without them.
{
  echo '{"mask-share": 0.3, "preconditioner-frequency": 5, "optimiser": "adamw",'
  echo ' "split": "nosuch", "id-column": "zzz"}'
} >settings.json
tool 0 train "$@" --config settings.json -o noted.safetensors "$fasta"
has err 'note: left aside, as it has no effect with --objective taxa: --mask-share' \
  'note: left aside, as it has no effect with --optimiser adamw: --preconditioner-frequency' \
  'note: left aside, as there is no split column in the input: --split' \
  'note: left aside, as there is no table in the input: --id-column'
tool 0 train -q "$@" --optimiser adamw -o plain.safetensors "$fasta"
tool 0 classify -m noted.safetensors "$queries"
mv out noted
tool 0 classify -m plain.safetensors "$queries"
same noted out
idle train '--mask-share has no effect' "$@" --config settings.json --mask-share 0.4 -o m "$fasta"
# The one setting that is off by pretraining and not by default.
tool 0 train "$@" --objective masked --ranks '' -o masked.safetensors "$fasta"
has err 'pretraining looks at no labels: label smoothing is 0; a share of 0.5 is read as reverse complement'

# The environment.
for words in "classify -m $model $queries" --version 'help train'; do
  # shellcheck disable=SC2086 # one word each
  run 2 env TX_CPU=bogus "$taxamba" $words
  is err <<END
taxamba: error: the environment variable TX_CPU is 'bogus', which is none of \
scalar, avx2, avxvnni, avx512, avx512vnni, avx512bf16
END
done
for level in '' scalar avx512bf16; do # a level that the processor lacks is left aside
  run 0 env TX_CPU=$level "$taxamba" --version
done
