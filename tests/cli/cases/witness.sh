# The network as a witness of references: fitted where it knows more than they do, asked where that helps,
# refused without weights. Every reference stands here under the name of a sister species as well, so that the
# references cannot tell the two apart and the network can.
table=$data/simulated_metadata.csv
awk -F, -v OFS=, '
  NR == FNR { if ($(NF - 2) == "train" && $10 != "") { if (!($9 in first)) first[$9] = $10
      else if ($10 != first[$9] && !($9 in second)) second[$9] = $10 }
    next }
  FNR == 1 || $(NF - 2) == "train" { print }
  $(NF - 2) == "train" && $9 in second && ($10 == first[$9] || $10 == second[$9]) {
    $10 = $10 == first[$9] ? second[$9] : first[$9]; $1 = $1 "x"; print }' "$table" "$table" >doubtful.csv
tool 0 index -q --ranks family,genus,species -o in.safetensors --model "$model" doubtful.csv
tool 0 calibrate -r in.safetensors -s val,test -m "$model" -o own.tx "$table"
awk '/^the network/ { table = 1; next } table && $1 != "length" { rows++; asked += $3; yes += $NF == "yes"
    if ($NF == "yes" && !($5 < $4 && $6 > 2 * $7 - 1e-4 && $8 > $9)) exit 1 }
  END { exit rows != 6 || yes < 4 || asked < 100 }' out || { fault 'the table of the network'; show; }
cp out told
tool 0 index --info own.tx
has out 'as a witness, on records that it had not learned' ': helps'
tool 0 index --info --json own.tx
has out '"witness":{"network":"' '"helps":true' '"corrected":'

# both and auto are right where the references alone guess; evidence is as without a network.
tool 0 classify -q -r own.tx "$queries"
cp out alone
hasnot alone "	network	"
tool 0 classify -q -r own.tx --look evidence "$queries"
same out alone
tool 0 classify -q -r own.tx -m "$model" --look both "$queries"
cp out both
has both "	network	"
tool 0 classify -q -r own.tx -m "$model" "$queries"
has out "	network	"
tool 0 classify -q -r own.tx -m "$model" --look both -t 1 --batch 1 --duplicates-cache 0 "$queries"
same out both
tool 0 classify -q -r own.tx -m "$model" --look both -t 3 --batch 200 "$queries"
same out both
tool 0 classify -q -r own.tx -m "$model" --look both --strand both - <"$queries"
same out both
tool 0 eval -q -r own.tx -m "$model" --split test "$table"
accuracy() { awk '$1 == "species" && $2 == "known" { print $6 }' out; }
with=$(accuracy)
tool 0 eval -q -r own.tx --split test "$table"
awk -v with="$with" -v alone="$(accuracy)" 'BEGIN { exit !(with > alone + 0.2) }' ||
  fault "species right: $with with the network, $(accuracy) without"
tool 0 classify -q -r own.tx -m "$model" --look both --error-rate 0.05 --prior 6,2,1,1 "$queries"
has out novel_rank

# What the network said, in full; a record that it was not asked about has nothing of it.
tool 0 classify -q -r own.tx -m "$model" --look both --evidence full "$queries"
has out '"reason":"network"' '"references":' '"network":-'
awk '/"reason":"match"/ && !/"network":/ { plain++ } END { exit !plain }' out || fault 'all were asked'
tool 0 classify -q -r own.tx --evidence full "$queries"
hasnot out '"network":'

# In a model, where the network is the same; with another number of threads.
tool 0 calibrate -q -t 1 -m in.safetensors -s val,test -o out.safetensors "$table"
same out told
tool 0 classify -q -m out.safetensors --look both "$queries"
same out both
tool 0 classify --info -m out.safetensors
has out 'as a witness'
tool 0 classify -q -m out.safetensors --look evidence "$queries"
same out alone
tool 0 index -q -o added.tx --add own.tx --ranks genus,species "$data/simulated_sintax.fasta"
tool 0 classify -q -r added.tx -m "$model" --look both "$queries"

refused() {
  message=$1
  shift
  tool 2 classify "$@" "$queries"
  one_error classify
  has err "$message"
  empty out
}
refused 'fit them to labelled barcodes that it has not learned with taxamba calibrate' -r in.safetensors \
  -m "$model" --look both
refused 'with taxamba calibrate' -m in.safetensors --look both
tool 0 quantize -q -m "$model" -o small.safetensors
refused 'the references have no weights for this network' -r own.tx -m small.safetensors --look both
refused '--look both needs a network beside the references: add --model FILE' -r own.tx --look both
refused '--look both: the model has no references' -m "$model" --look both
refused '--precision has no effect' -m out.safetensors --look both --precision int8
tool 0 classify -r in.safetensors -m "$model" "$queries"
has err 'note: the network of the model is not asked: the references have no weights for it'

# A training fits the weights on its validation records; with few there are none.
small='--d-model 16 --n-layer 1 --d-state 16 --headdim 16 --epochs 1 --ranks family,genus,species'
tool 0 train $small -o trained.safetensors "$table"
has err 'the network as a witness of the references: fitted on 46 validation records; it helps at'
tool 0 classify -q -m trained.safetensors --look both "$queries"
awk -F, '$(NF - 2) != "val" || ++val < 20' "$table" >few.csv
tool 0 train $small -o again.safetensors few.csv
has err 'the network is no witness of the references: 19 validation records of 19 taxa are too few'
refused 'with taxamba calibrate' -m again.safetensors --look both
