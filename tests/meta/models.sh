#!/bin/sh
# Every shipped model opens by its name, is small enough to ship and has a card that the index links.
#   models.sh PROGRAM SOURCE_FOLDER
set -eu
taxamba=${1:?usage: models.sh PROGRAM SOURCE}
source=${2:?}
faults=0
fault() { echo "FAULT: $*"; faults=$((faults + 1)); }
cd "$source/models"
for file in *.safetensors; do
  name=${file%.safetensors}
  [ "$(wc -c < "$file")" -le 10000000 ] || fault "$file is larger than 10 MB"
  [ -s "$name.md" ] || fault "$file has no card $name.md"
  grep -q "($name.md)" README.md || fault "README.md does not link $name.md"
  "$taxamba" classify -m "$source/models/$file" --info >/dev/null || fault "$file cannot be opened"
  # settings are kept as they were given: train a model to ship from the folder of its data
  ! head -c 100000 "$file" | grep -aqE '(valid-file|taxonomy-file|taxdump|init)\\?": *\\?"/' ||
    fault "$file names a file by the folders of the machine that trained it"
done
for card in *.md; do
  [ "$card" = README.md ] || [ -e "${card%.md}.safetensors" ] || fault "$card is the card of no model"
done
for name in $(sed -n 's/^| `\([a-z-]*\)` .*/\1/p' README.md); do
  (cd / && env -u TAXAMBA_MODEL "$taxamba" classify -m "$name" --info >/dev/null) ||
    fault "-m $name does not find the model"
done
[ "$faults" -eq 0 ]
