# Smoothing down the tree, weights of classes and ranks, balanced draws, averaged weights: together, for any
# number of threads.
table=$data/simulated_metadata.csv
set -- -q --no-references --ranks order,family,genus,species --d-model 16 --n-layer 1 --d-state 8 \
  --headdim 8 --epochs 1
recipe='--hierarchical-smoothing 0.02 --class-weights 0.5 --rank-weights 1,1,1,2 --balance 0.5 --ema 0.99'
# shellcheck disable=SC2086
tool 0 train -o one.safetensors -t 1 "$@" $recipe "$table"
# shellcheck disable=SC2086
tool 0 train -o two.safetensors -t 2 "$@" $recipe "$table"
same one.safetensors two.safetensors
tool 0 classify -m one.safetensors --info --format jsonl
has out '"hierarchical-smoothing"' '"ema"'
tool 2 train -o none.safetensors "$@" --hierarchical-smoothing 0.02,0.02 "$table"
one_error train
has err '--hierarchical-smoothing has 2 numbers' '4 ranks'
tool 2 train -o none.safetensors "$@" --rank-weights 1,2 "$table"
has err '--rank-weights has 2 numbers'
tool 2 train -o none.safetensors "$@" --rank-weights 1,x,1,1 "$table"
has err "--rank-weights: 'x'"
tool 2 train -o none.safetensors "$@" --hierarchical-smoothing 0.4 "$table"
has err 'less than 1'
tool 2 train -o none.safetensors "$@" --ema 1 "$table"
has err '--ema'
absent none.safetensors
