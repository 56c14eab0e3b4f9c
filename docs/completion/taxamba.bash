# bash completion of taxamba; made by 'taxamba completion bash' from the option tables.
_taxamba()
{
  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} options= values=
  COMPREPLY=()
  if (( COMP_CWORD == 1 )); then
    COMPREPLY=($(compgen -W 'train embed classify eval quantize index calibrate cluster table compare sources import export report traits help man completion --help --version' -- "$word"))
    return
  fi
  case $command in
  train)
    case $previous in
    --objective) values='taxa next-token masked masked-autoencoder multilabel align' ;;
    --positives) return ;;
    --shared-width) return ;;
    --mask-share) return ;;
    --decoder-layers) return ;;
    --ranks) return ;;
    --format) values='auto table unite sintax taxonomy plain positional rdp midori silva obitools taxid species' ;;
    --taxdump) return ;;
    --id-column) return ;;
    --sequence-column) return ;;
    --split-column) return ;;
    --where) return ;;
    --taxa-column) return ;;
    --split) return ;;
    --valid-split) return ;;
    --valid-fraction) return ;;
    --second-prefix) return ;;
    --second-weight) return ;;
    --amplicon) return ;;
    --min-bases) return ;;
    --tokenizer) values='char kmer bpe' ;;
    -k|--k) return ;;
    --stride) return ;;
    --bpe-symbols) return ;;
    --bpe-longest) return ;;
    --max-bases) return ;;
    --pad-to) return ;;
    -d|--d-model) return ;;
    -l|--n-layer) return ;;
    --d-state) return ;;
    --headdim) return ;;
    --expand) return ;;
    --d-conv) return ;;
    --mlp-width) return ;;
    --positions) return ;;
    --dropout) return ;;
    -e|--epochs) return ;;
    -b|--batch) return ;;
    --shard) return ;;
    --precision) values='float32 bf16' ;;
    --optimiser) values='adamw kl-shampoo kl-soap' ;;
    --learning-rate) return ;;
    --encoder-rate) return ;;
    --final-learning-rate) return ;;
    --warmup) return ;;
    --weight-decay) return ;;
    --beta1) return ;;
    --beta2) return ;;
    --epsilon) return ;;
    --preconditioner-frequency) return ;;
    --preconditioner-limit) return ;;
    --preconditioner-block) return ;;
    --preconditioner-beta1) return ;;
    --preconditioner-beta2) return ;;
    --preconditioner-epsilon) return ;;
    --preconditioner-clamp) return ;;
    --clip) return ;;
    --label-smoothing) return ;;
    --hierarchical-smoothing) return ;;
    --class-weights) return ;;
    --rank-weights) return ;;
    --balance) return ;;
    --noise-robustness) return ;;
    --contrast) return ;;
    --contrast-temperature) return ;;
    --contrast-decay) return ;;
    --contrast-memory) return ;;
    --teacher-weight) return ;;
    --teacher-temperature) return ;;
    --teacher-embedding) return ;;
    --ema) return ;;
    --reverse-complement) return ;;
    --strand-share) return ;;
    --strand-weight) return ;;
    --trait-columns) return ;;
    --trait-id-column) return ;;
    --trait-transform) values='none log' ;;
    --trait-weight) return ;;
    --trait-huber) return ;;
    --substitution) return ;;
    --crop) return ;;
    --crop-minimum) return ;;
    --crop-lengths) return ;;
    --metric) return ;;
    --patience) return ;;
    --seed) return ;;
    -t|--threads) return ;;
    --checkpoint-minutes) return ;;
    esac
    options='--output --resume --overwrite --config --log --print-config --objective --vectors --vector-ids --positives --shared-width --mask-share --decoder-layers --init --add --freeze-encoder --ranks --format --taxonomy-file --taxdump --whole-id --id-column --sequence-column --split-column --where --missing-names --skip-bad --taxa-column --split --valid-split --valid-file --valid-fraction --second-labels --second-prefix --second-weight --amplicon --min-bases --no-references --tokenizer --k --stride --bpe-symbols --bpe-longest --max-bases --pad-to --pool-padding --d-model --n-layer --d-state --headdim --expand --d-conv --mlp-width --positions --both-strands --dropout --epochs --batch --shard --precision --optimiser --learning-rate --encoder-rate --final-learning-rate --warmup --weight-decay --beta1 --beta2 --epsilon --preconditioner-frequency --preconditioner-limit --preconditioner-block --preconditioner-beta1 --preconditioner-beta2 --preconditioner-epsilon --preconditioner-clamp --normalise-updates --clip --label-smoothing --hierarchical-smoothing --class-weights --rank-weights --balance --noise-robustness --contrast --contrast-temperature --contrast-decay --contrast-memory --teacher --teacher-weight --teacher-temperature --teacher-embedding --ema --no-random-offset --reverse-complement --strand-share --strand-weight --traits --trait-columns --trait-id-column --trait-zero-missing --trait-transform --trait-weight --trait-huber --substitution --crop --crop-minimum --crop-lengths --metric --patience --seed --threads --checkpoint-minutes --quiet --help --help-all' ;;
  embed)
    case $previous in
    --precision) values='stored float32 bf16 int8' ;;
    --strand) values='auto plus minus both' ;;
    --offsets) return ;;
    --min-bases) return ;;
    -t|--threads) return ;;
    --batch) return ;;
    --duplicates-cache) return ;;
    -f|--format) values='auto npy tsv' ;;
    --modality) return ;;
    --id-column) return ;;
    --sequence-column) return ;;
    --where) return ;;
    esac
    options='--model --precision --strand --offsets --min-bases --threads --batch --duplicates-cache --output --ids --format --normalize --modality --vectors --vector-ids --whole-id --xsize --id-column --sequence-column --where --skip-bad --quiet --help --help-all' ;;
  classify)
    case $previous in
    --precision) values='stored float32 bf16 int8' ;;
    --strand) values='auto plus minus both' ;;
    --offsets) return ;;
    --min-bases) return ;;
    -t|--threads) return ;;
    --batch) return ;;
    --duplicates-cache) return ;;
    -f|--format) values='tsv jsonl sintax qiime2' ;;
    --evidence) values='brief full' ;;
    -c|--min-confidence) return ;;
    --look) values='auto evidence network both' ;;
    --error-rate) return ;;
    --prior) return ;;
    --id-column) return ;;
    --sequence-column) return ;;
    --where) return ;;
    --table-format) values='auto tsv biom biom-hdf5 phyloseq krona kraken' ;;
    --rank) return ;;
    --count-rows) values='auto sequences samples' ;;
    esac
    options='--model --precision --strand --offsets --min-bases --threads --batch --duplicates-cache --output --format --evidence --min-confidence --info --references --look --error-rate --prior --whole-id --xsize --id-column --sequence-column --where --skip-bad --quiet --table --table-format --rank --sample-from --size --otu-table --count-rows --help --help-all' ;;
  eval)
    case $previous in
    --predictions-format) values='auto table jsonl sintax qiime2 blast6 kraken' ;;
    --prediction-ranks) return ;;
    -s|--split) return ;;
    --reference-split) return ;;
    --known-split) return ;;
    --amplicon) return ;;
    --window) return ;;
    --crop) return ;;
    -c|--min-confidence) return ;;
    --bootstrap) return ;;
    --seed) return ;;
    --ranks) return ;;
    --format) values='auto table unite sintax taxonomy plain positional rdp midori silva obitools taxid species' ;;
    --taxdump) return ;;
    --id-column) return ;;
    --sequence-column) return ;;
    --split-column) return ;;
    --where) return ;;
    --taxa-column) return ;;
    --baseline-split) return ;;
    --precision) values='stored float32 bf16 int8' ;;
    --strand) values='auto plus minus both' ;;
    --offsets) return ;;
    --min-bases) return ;;
    -t|--threads) return ;;
    --batch) return ;;
    --duplicates-cache) return ;;
    --look) values='auto evidence network both' ;;
    --error-rate) return ;;
    --prior) return ;;
    --benchmark) values='none bioscan5m canadian-invertebrates' ;;
    --stages) return ;;
    --cache) return ;;
    --knn) return ;;
    --protocol) values='none bioscan5m barcodebert both' ;;
    --key-split) return ;;
    --seen-split) return ;;
    --unseen-split) return ;;
    esac
    options='--predictions --predictions-format --prediction-taxonomy --prediction-ranks --neighbours --split --reference --reference-split --known --known-split --amplicon --window --crop --min-confidence --bootstrap --seed --json --ranks --format --taxonomy-file --taxdump --whole-id --id-column --sequence-column --split-column --where --missing-names --skip-bad --taxa-column --baseline-split --model --precision --strand --offsets --min-bases --threads --batch --duplicates-cache --references --look --error-rate --prior --quiet --benchmark --metadata --stages --audit-leaks --leaks-list --baselines --cache --knn --protocol --retrieval --vectors --vector-ids --key-split --seen-split --unseen-split --labelled-only --help --help-all' ;;
  quantize)
    case $previous in
    --precision) values='float32 bf16 int8' ;;
    esac
    options='--model --output --precision --quiet --help --help-all' ;;
  index)
    case $previous in
    -s|--split) return ;;
    --ranks) return ;;
    --amplicon) return ;;
    --format) values='auto table unite sintax taxonomy plain positional rdp midori silva obitools taxid species' ;;
    --taxdump) return ;;
    --id-column) return ;;
    --sequence-column) return ;;
    --split-column) return ;;
    --where) return ;;
    -t|--threads) return ;;
    --seed) return ;;
    esac
    options='--output --add --model --info --audit --json --split --ranks --amplicon --format --taxonomy-file --taxdump --whole-id --id-column --sequence-column --split-column --where --missing-names --skip-bad --threads --seed --quiet --help --help-all' ;;
  calibrate)
    case $previous in
    -s|--split) return ;;
    --ranks) return ;;
    --format) values='auto table unite sintax taxonomy plain positional rdp midori silva obitools taxid species' ;;
    --taxdump) return ;;
    --id-column) return ;;
    --sequence-column) return ;;
    --split-column) return ;;
    --where) return ;;
    -t|--threads) return ;;
    --seed) return ;;
    esac
    options='--references --model --output --split --ranks --format --taxonomy-file --taxdump --whole-id --id-column --sequence-column --split-column --where --missing-names --skip-bad --threads --seed --quiet --help --help-all' ;;
  cluster)
    case $previous in
    --scale) values='auto none zscore average l2' ;;
    --pca) return ;;
    --protocol) values='none bioscan5m barcodebert' ;;
    --umap) return ;;
    --umap-neighbours) return ;;
    --umap-min-dist) return ;;
    --umap-metric) values='euclidean cosine' ;;
    --rescale) values='none zscore average l2' ;;
    --method) values='ward average complete kmeans hdbscan spectral affinity' ;;
    --metric) values='euclidean cosine' ;;
    -k|--clusters) return ;;
    --threshold) return ;;
    --min-cluster-size) return ;;
    --min-samples) return ;;
    --max-cluster-share) return ;;
    --selection) values='eom leaf' ;;
    --damping) return ;;
    --seed) return ;;
    --max-matrix) return ;;
    --rank) return ;;
    --missing) values='class omit' ;;
    --precision) values='stored float32 bf16 int8' ;;
    --strand) values='auto plus minus both' ;;
    --offsets) return ;;
    --min-bases) return ;;
    -t|--threads) return ;;
    --batch) return ;;
    --duplicates-cache) return ;;
    --id-column) return ;;
    --sequence-column) return ;;
    --where) return ;;
    esac
    options='--embeddings --ids --scale --pca --protocol --umap --umap-neighbours --umap-min-dist --umap-metric --rescale --method --metric --clusters --threshold --min-cluster-size --min-samples --max-cluster-share --selection --damping --seed --max-matrix --labels --rank --missing --missing-names --output --tree --scores --json --model --precision --strand --offsets --min-bases --threads --batch --duplicates-cache --whole-id --xsize --id-column --sequence-column --where --skip-bad --quiet --help --help-all' ;;
  table)
    case $previous in
    --table-format) values='auto tsv biom biom-hdf5 phyloseq krona kraken' ;;
    --rank) return ;;
    --count-rows) values='auto sequences samples' ;;
    -c|--min-confidence) return ;;
    esac
    options='--table --table-format --rank --sample-from --size --otu-table --count-rows --min-confidence --quiet --help --help-all' ;;
  compare)
    case $previous in
    --count-rows) values='auto sequences samples' ;;
    --min-reads) return ;;
    --min-replicates) return ;;
    --predictions-format) values='auto table jsonl sintax qiime2 blast6 kraken' ;;
    --prediction-ranks) return ;;
    -c|--min-confidence) return ;;
    --ranks) return ;;
    --site-column) return ;;
    --id-column) return ;;
    --where) return ;;
    esac
    options='--otu-table --count-rows --sequences --samples --min-reads --min-replicates --predictions --predictions-format --prediction-taxonomy --prediction-ranks --min-confidence --ranks --site-column --id-column --where --missing-names --model --references --known --output --json --quiet --help --help-all' ;;
  sources)
    case $previous in
    --trust) values='first second' ;;
    --ranks) return ;;
    --first-prefix) return ;;
    --first-suffix) return ;;
    --second-prefix) return ;;
    --second-suffix) return ;;
    --id-column) return ;;
    --sequence-column) return ;;
    --where) return ;;
    -t|--threads) return ;;
    -f|--format) values='summary tsv jsonl' ;;
    esac
    options='--trust --trusted-only --ranks --first-prefix --first-suffix --second-prefix --second-suffix --id-column --sequence-column --where --missing-names --sequences --model --references --threads --format --output --quiet --help --help-all' ;;
  import)
    case $previous in
    --rank) return ;;
    --max-bases) return ;;
    --stride) return ;;
    esac
    options='--output --labels --rank --max-bases --stride --no-padding --quiet --help --help-all' ;;
  export)
    case $previous in
    esac
    options='--model --output --quiet --help --help-all' ;;
  report)
    case $previous in
    --tsv) return ;;
    --title) return ;;
    --name) return ;;
    --series) return ;;
    --rank) return ;;
    -c|--min-confidence) return ;;
    --shortest) return ;;
    --longest) return ;;
    -s|--split) return ;;
    --known-split) return ;;
    --format) values='auto table unite sintax taxonomy plain positional rdp midori silva obitools taxid species' ;;
    --taxdump) return ;;
    --id-column) return ;;
    --sequence-column) return ;;
    --split-column) return ;;
    --where) return ;;
    esac
    options='--output --json --tsv --title --name --series --rank --min-confidence --size --sample-from --barcodes --shortest --longest --model --truth --split --known --known-split --audit --format --taxonomy-file --taxdump --whole-id --id-column --sequence-column --split-column --where --missing-names --skip-bad --quiet --help --help-all' ;;
  traits)
    case $previous in
    --column) return ;;
    --agreement) return ;;
    --specimen-column) return ;;
    --structure-column) return ;;
    --value-column) return ;;
    --annotator-column) return ;;
    --taxon-column) return ;;
    --rank) return ;;
    --split) values='auto column random' ;;
    --split-column) return ;;
    --unseen) return ;;
    --seed) return ;;
    --transform) values='none log' ;;
    --scale) values='none zscore' ;;
    --leave) values='record taxon' ;;
    --tolerance) return ;;
    --level) values='80 90 95 99' ;;
    --bootstrap) return ;;
    --precision) values='stored float32 bf16 int8' ;;
    --strand) values='auto plus minus both' ;;
    --offsets) return ;;
    --min-bases) return ;;
    -t|--threads) return ;;
    --batch) return ;;
    --duplicates-cache) return ;;
    --id-column) return ;;
    --sequence-column) return ;;
    --where) return ;;
    esac
    options='--traits --column --agreement --specimen-column --structure-column --value-column --annotator-column --taxon-column --zero-missing --embeddings --ids --labels --rank --missing-names --split --split-column --unseen --seed --head --transform --scale --leave --tolerance --level --bootstrap --output --scores --json --model --precision --strand --offsets --min-bases --threads --batch --duplicates-cache --whole-id --xsize --id-column --sequence-column --where --skip-bad --quiet --help --help-all' ;;
  help|man) values='train embed classify eval quantize index calibrate cluster table compare sources import export report traits' ;;
  completion) values=bash ;;
  esac
  if [[ -n $values ]]; then
    COMPREPLY=($(compgen -W "$values" -- "$word"))
  elif [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -o filenames -F _taxamba taxamba
