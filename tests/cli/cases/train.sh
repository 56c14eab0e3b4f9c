# Training: what it writes, that threads do not matter, and that it can be read back.
table=$data/simulated_metadata.csv
set -- --d-model 16 --n-layer 1 --d-state 8 --headdim 8 --epochs 2
tool 0 train -o one.safetensors -t 1 "$@" "$table"
empty out
has err 'epoch 2/2: loss ' 'taxamba train '
figures='[0-9.]+ sequences/s, [0-9]+ MiB peak memory, [0-9.]+ s'
tail -n 1 err | grep -E "^taxamba train [0-9.]+: [0-9]+ records trained, $figures\$" >/dev/null ||
  { fault 'no closing line'; show; }
only_files one.safetensors one.safetensors.jsonl
grep -v '^{.*}$' one.safetensors.jsonl && fault 'a line of the log is no JSON object'
tool 0 train -q -o two.safetensors -t 2 --log log.jsonl "$@" "$table"
empty err
same one.safetensors two.safetensors
absent two.safetensors.jsonl
tool 0 train -q -o three.safetensors --seed 2 "$@" "$table"
cmp -s one.safetensors three.safetensors && fault 'the seed changes nothing'
tool 0 classify -q -m one.safetensors "$queries"
[ "$(wc -l <out)" -eq $(($(grep -c '^>' "$queries") + 1)) ] || fault 'the trained model does not classify'
# the other formats of labels
tool 0 train -q -o unite.safetensors "$@" "$data/simulated_unite.fasta"
tool 0 train -q -o sintax.safetensors "$@" "$data/simulated_sintax.fasta"
tool 0 train -q -o qiime.safetensors "$@" --taxonomy-file "$data/simulated_qiime2_taxonomy.tsv" \
  "$data/simulated_qiime2.fasta"
# a table and FASTA of two styles in one training; without --ranks the first file settles them
tool 0 train -o mixed.safetensors --ranks order,genus "$@" "$table" "$data/simulated_unite.fasta" \
  "$data/simulated_sintax.fasta"
has err "read $(($(wc -l <"$table") - 1 + $(cat "$data/simulated_unite.fasta" "$data/simulated_sintax.fasta" |
  grep -c '^>'))) records: "
tool 3 train -q -o no.safetensors "$@" "$table" "$data/simulated_unite.fasta"
one_error train
has err "'kingdom' is a rank that $table lacks: say which ranks are to be used"
for name in unite sintax qiime; do
  tool 0 classify -m $name.safetensors --info
  has out species
done
