#!/bin/sh
# Trains the small model that the cases classify with.
#   setup.sh PROGRAM SOURCE_FOLDER WORK_FOLDER
set -eu
taxamba=${1:?usage: setup.sh PROGRAM SOURCE_FOLDER WORK_FOLDER}
source=${2:?}
work=${3:?}
mkdir -p "$work"
cd "$work"
rm -f model.safetensors*
# Without references: what is tested with it is the network.
"$taxamba" train --no-references -o model.safetensors --tokenizer kmer --d-model 32 --n-layer 1 \
  --d-state 16 --headdim 16 --epochs 14 --patience 0 --batch 8 --learning-rate 0.004 \
  --dropout 0 --crop 0 --contrast 0 --ema 0 --ranks order,family,genus,species \
  "$source/data/simulated_metadata.csv"
