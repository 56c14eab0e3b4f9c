# A model against a labelled file: the same scores as by way of its predictions.
table=$data/simulated_metadata.csv
tool 0 eval -m "$model" "$table"
has err 'taxamba eval ' ' called), '
has out 'heads: ' 'species  known'
sed 's/heads/predictions/' out >by_model
# FASTA of split test, classified
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
  $at["split"] == "test" { print ">" $at["processid"]; print $at["dna_barcode"] }' "$table" >test.fasta
[ -s test.fasta ] || fault 'no record of split test in the simulated table'
tool 0 classify -q -m "$model" -o predictions.tsv test.fasta
tool 0 eval -q --predictions predictions.tsv -m "$model" "$table"
same out by_model
for options in '-c 0.8' '--offsets 0' '--strand both'; do
  tool 0 classify -q -m "$model" $options -o predictions.tsv test.fasta
  tool 0 eval -q --predictions predictions.tsv -m "$model" "$table"
  mv out by_predictions
  tool 0 eval -q -m "$model" -t 3 $options "$table"
  sed 's/heads/predictions/' out >by_model
  same by_model by_predictions
done
tool 0 eval -q --predictions predictions.tsv -m "$model" --bootstrap 100 -t 1 "$table"
mv out by_predictions
tool 0 eval -q -m "$model" --strand both --bootstrap 100 -t 3 "$table"
sed 's/heads/predictions/' out >by_model
same by_model by_predictions
has out '; 95 % intervals from 100 resamples, seed 1'
tool 0 eval -q -m "$model" --json "$table"
has out '"ece":' '"reliability":[{"count":'
[ "$(wc -l <out)" -eq 1 ] || fault 'not one line of JSON'
has out '{"title":"heads","records":' '"known":{"queries":'
awk -F '"accuracy":' '/"rank":"genus"/ {
  sub(".*\"rank\":\"genus\"", "")
  n = split($0, part, "\"accuracy\":")
  if (part[2] + 0 < 0.5) print part[2]
}' out >poor
[ ! -s poor ] || { fault 'the model is poor at genus'; cat poor; }

# Nearest neighbours: a set against itself is right wherever it has labels.
tool 0 eval -q -m "$model" --neighbours --split train "$table"
has out '1-nearest neighbour: ' 
awk 'NR > 2 && $6 < 0.95 { print }' out >poor
[ ! -s poor ] || { fault 'neighbours of a set in itself'; cat poor; }
tool 0 eval -q -m "$model" --neighbours "$table"
mv out one
tool 0 eval -q -m "$model" --neighbours -t 1 "$table"
same out one
hasnot out 'ECE'
tool 0 eval -q -m "$model" --neighbours --bootstrap 50 --seed 3 "$table"
has out '1-nearest neighbour: ' '; 95 % intervals from 50 resamples, seed 3' '95%-interval'
tool 0 eval -q -m "$model" --neighbours --reference "$table" --reference-split train --split test "$table"
same out one
tool 0 eval -m "$model" --neighbours --split test_unseen "$table"
has err ' references, '
awk '$1 == "species" && $2 == "known" && $3 != 0 { print }' out >odd
[ ! -s odd ] || { fault 'an unseen species counts as known'; cat odd; }
tool 2 eval -m "$model" --neighbours "$data/simulated_sintax.fasta"
has err '--neighbours needs --reference FILE'
tool 2 eval -m "$model" --neighbours -
has err 'standard input can be read once'
tool 3 eval -m "$model" --neighbours --reference-split nowhere "$table"
has err 'no reference'
tool 0 eval -q -m "$model" --neighbours --reference "$data/simulated_unite.fasta" \
  "$data/simulated_sintax.fasta"
has out '1-nearest neighbour: '
tool 0 eval -q -m "$model" "$data/simulated_sintax.fasta"
has out 'heads: '
