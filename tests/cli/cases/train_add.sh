# Training from a model with another table: which taxa are lost, and --add, which keeps them.
table=$data/simulated_metadata.csv
settings='-q -t 1 --d-model 16 --n-layer 1 --optimiser adamw --batch 64 --valid-fraction 0'
# One order, and the others with one genus of it; the columns id, sequence and ranks of the training records.
awk -F, 'BEGIN { OFS = "," }
  NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
  NR == 1 || $at["split"] == "train" {
    print $at["processid"], $at["dna_barcode"], $at["order"], $at["family"], $at["genus"], $at["species"] }' \
  "$table" >all.csv
awk -F, 'NR == 1 || $3 == "Simuloptera"' all.csv >first.csv
genus=$(awk -F, 'NR > 1 && $5 != "" { print $5; exit }' first.csv)
awk -F, -v genus="$genus" 'NR == 1 || $3 != "Simuloptera" || $5 == genus' all.csv >second.csv
ranks='--ranks order,family,genus,species'
# shellcheck disable=SC2086 # several words
tool 0 train $settings $ranks --epochs 2 -o first.safetensors first.csv

# shellcheck disable=SC2086
tool 0 train ${settings#-q} $ranks --epochs 1 --no-references -o second.safetensors \
  --init first.safetensors second.csv
has err 'lost: ' ' taxa of rank family that first.safetensors has, such as ' ' taxa of rank species that '
[ "$(grep -c 'note: lost: ' err)" -eq 3 ] || fault 'not three ranks with losses'
# shellcheck disable=SC2086
tool 0 train ${settings#-q} $ranks --epochs 1 --learning-rate 0 -o both.safetensors \
  --init first.safetensors --add second.csv
hasnot err 'lost: '
has err 'taken: encoder' 'heads order (' ' new)' ', species ('
# The references of both are in it.
tool 0 classify -q -m both.safetensors first.csv
[ "$(grep -c 'unlike' out)" -eq 0 ] || fault 'references of the first table are gone'
awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } $at["status"] == "ok" &&
  $at["identity"] < 100 { n++ } END { exit n > 0 }' out || fault 'not all records are references'

# A table without some of the ranks; a rank that the model does not have.
cut -d , -f 1,2,5,6 second.csv >narrow.csv
# shellcheck disable=SC2086
tool 0 train $settings --epochs 1 --add --no-references -o narrow.safetensors --init first.safetensors \
  narrow.csv
tool 0 classify -m narrow.safetensors --info
has out 'order' 'family' 'genus' 'species'

# Where it has no effect.
tool 2 train --add -o no.safetensors first.csv
has err '--add has no effect without --init: leave it out or add --init FILE'
tool 2 train --add --init first.safetensors --objective masked -o no.safetensors first.csv
has err '--add has no effect'
