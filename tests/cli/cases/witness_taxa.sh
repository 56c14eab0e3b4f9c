# Taxa that the references lack and the network knows: named with weights that a calibration has fitted, and
# only then. The references are those of the shipped simulated model but for one species, and half as long.
table=short.csv
awk -F, -v OFS=, 'FNR > 1 { $12 = substr($12, 1, 320) } { print }' "$data/simulated_metadata.csv" >$table
network=$here/../../models/simulated.safetensors
lacking='Simulalpha tertia'
ranks='order,family,genus,species'
awk -F, -v lacking="$lacking" 'FNR == 1 || ($(NF - 2) == "train" && $10 != lacking)' "$table" >less.csv
awk -F, -v lacking="$lacking" '$(NF - 2) == "test" && $10 == lacking { print ">" $1 "\n" $12 }' "$table" \
  >own.fasta
awk -F, '$(NF - 2) == "test" { print ">" $1 "\n" $12 }' "$table" >test.fasta
[ "$(grep -c '>' own.fasta)" -eq 2 ] || fault 'not two records of the species'
tool 0 index -q --ranks "$ranks" -o less.tx less.csv
tool 0 calibrate -q -r less.tx -s val,test -m "$network" -o heard.tx "$table"
has out 'its taxa that the references lack:' '  lowest  '
cp out told

# Without the network it is a new species; with it, that species, and no longer new.
tool 0 classify -q -r heard.tx own.fasta
hasnot out "$lacking"
has out '	novel	species	'
tool 0 classify -q -r heard.tx -m "$network" --look both own.fasta
awk -F'\t' -v lacking="$lacking" '
  NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i
    next }
  $at["genus"] != "Simulalpha" || $at["species"] != lacking || $at["reason"] != "network_only" ||
    $at["novel_rank"] != "" || $at["novel_probability"] > 0.5 || $at["reference"] == "" ||
    $at["species_confidence"] > $at["genus_confidence"] || $at["species_confidence"] < 0.5 { exit 1 }
  END { exit NR != 3 }' out || { fault 'the species is not named'; show; }
tool 0 classify -q -r heard.tx -m "$network" own.fasta # auto, as it helps
has out "$lacking" network_only
tool 0 classify -q -r heard.tx -m "$network" --look both --evidence full own.fasta
has out '"reason":"network_only"' \
  "\"kind\":\"known\",\"rank\":\"species\",\"taxon\":\"$lacking\",\"only\":\"network\""
tool 0 classify -q -r heard.tx -m "$network" --look both --error-rate 0.0001 own.fasta
hasnot out "$lacking"
tool 0 eval -q -r heard.tx -m "$network" --look both --split test --ranks species "$table"
awk '$1 == "species" && $2 == "all" { with = $6 } END { exit !(with > 0.97) }' out || { fault 'eval'; show; }
tool 0 index --info heard.tx
has out 'that the references lack: where they may be' 'lowest: '
tool 0 index --info --json heard.tx
has out '"only_network":{"lowest":{"helps":true'

# The same bytes for all threads, batches and strands, and for another order of the references.
tool 0 classify -q -r heard.tx -m "$network" --look both test.fasta
cp out both
tool 0 classify -q -r heard.tx -m "$network" --look both -t 1 --batch 1 --duplicates-cache 0 test.fasta
same out both
tool 0 classify -q -r heard.tx -m "$network" --look both -t 3 --batch 200 test.fasta
same out both
(head -n 1 less.csv && tail -n +2 less.csv | sort -r) >back.csv
tool 0 index -q --ranks "$ranks" -o back.tx back.csv
tool 0 calibrate -q -t 1 -r back.tx -s val,test -m "$network" -o back_heard.tx "$table"
same out told
tool 0 classify -q -r back_heard.tx -m "$network" --look both test.fasta
same out both

# A reference of the species: it is named after that, as any other.
awk -F, -v lacking="$lacking" 'FNR == 1 || ($(NF - 2) == "train" && $10 == lacking)' "$table" >more.csv
tool 0 index -q --ranks "$ranks" -o added.tx --add heard.tx more.csv
tool 0 classify -q -r added.tx -m "$network" --look both own.fasta
has out "$lacking" '	match	'
hasnot out network_only

# No such weights, no such names: nothing is hidden that the network does not know, where it knows no more.
tool 0 calibrate -q -r added.tx -s val,test -m "$network" -o again.tx "$table"
hasnot out 'its taxa that the references lack'
tool 0 index --info --json again.tx
hasnot out only_network
