# Names: text that is not UTF-8, blanks, spellings that nearly agree, names that cannot match.
table=$data/simulated_metadata.csv
bases=ACGTTGCAACGTTGCATTGACCATGACCGATTTGACGATTCGATTGACCATGCATGCATTTGACCA
utf8() { iconv -f UTF-8 -t UTF-8 "$1" >/dev/null || fault "$1 is not UTF-8: $last"; }

# A hybrid with a multiplication sign, in Latin-1 and in UTF-8, is one species, in headers and tables.
printf '>b\327|x|k__A;g__Bus;s__Bus_\327ater\n%s\n' $bases >latin1.fasta
printf '>b\303\227|x|k__A;g__Bus;s__Bus_\303\227ater\n%s\n' $bases >utf8.fasta
printf 'id\tkingdom\tgenus\tspecies\tsequence\nb\327|x|\tA\tBus\tBus_\327ater\t%s\n' $bases >latin1.tsv
printf '\357\273\277id\tkingdom\tgenus\tspecies\tsequence\n' >utf8.tsv
printf 'b\303\227\tA\tBus\t\302\240Bus_\303\227ater\302\240 \t%s\n' $bases >>utf8.tsv
printf 'Feature ID\tTaxon\nb\tk__A; g__Bus; s__Bus_\327ater\n' >taxonomy.tsv
printf '>b\n%s\n' $bases >plain.fasta
for input in latin1.fasta utf8.fasta latin1.tsv utf8.tsv '--taxonomy-file taxonomy.tsv plain.fasta'; do
  tool 0 index -q -o r.tx $input
  case $input in
  latin1*) has err "warning: $input: not UTF-8, read as Latin-1 (Windows-1252): 1 line, the first is line " ;;
  --*) has err 'warning: taxonomy.tsv: not UTF-8' ;;
  *) empty err ;;
  esac
  for format in tsv jsonl sintax; do
    tool 0 classify -q -r r.tx --format $format latin1.fasta
    utf8 out
    has out "$(printf 'Bus_\303\227ater')" "$(printf 'b\303\227')"
  done
  tool 0 classify -q -r r.tx --evidence full latin1.fasta
  utf8 out
done
tool 0 embed -q -m "$model" -o v.npy latin1.fasta
utf8 v.npy.ids

# Blanks of any kind are one; near spellings are told once a rank, by index and by train.
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print; next }
  $(at["split"]) == "train" && ++count <= 120' "$table" >base.csv
awk -F, -v OFS=, '
  NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print; next }
  { count++ }
  count % 4 == 1 { sub(" ", " \302\240 ", $(at["species"])) }
  count % 4 == 2 { sub(" ", "\342\200\203", $(at["species"])) }
  { print }' base.csv >blanks.csv
tool 0 index -o blanks.tx blanks.csv
hasnot err 'nearly another one'
tool 0 index --info blanks.tx
has out 'species         42 taxa'
hasnot err 'nearly every record'
grep 'Simulalpha prima' base.csv | sed 's/Simulalpha prima/SIMULALPHA_prima/g' >near
cat base.csv near >near.csv
near="1 name is nearly another one, but for letter case, blanks or punctuation, as 'SIMULALPHA_prima' and "
tool 0 index -o near.tx near.csv
has err "note: rank species: $near'Simulalpha prima'"
[ "$(grep -c 'nearly another one' err)" -eq 1 ] || fault 'not one note'
small='--epochs 1 -d 16 --n-layer 1 --optimiser adamw'
tool 0 train -o m.safetensors $small near.csv
has err "note: rank species: $near'Simulalpha prima'"
# The audit finds them by the same function.
tool 0 index --audit near.tx
has out 'the names differ in letter case, blanks or punctuation'

# Ids in place of species.
awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
  NR > 1 { $(at["species"]) = $(at["processid"]) } { print }' base.csv >ids.csv
own='warning: nearly every record has a name of its own at rank species (120 names of 120 records, as '
tool 0 index -q -o ids.tx ids.csv
has err "$own"
tool 0 train -q -o m.safetensors --valid-fraction 0 $small ids.csv
has err "$own"

# '_' for a blank matches; names of another kind are told.
sed 's/Simul\([a-z]*\) \([a-z]\)/Simul\1_\2/g' base.csv >underscores.csv
tool 0 eval -q -r blanks.tx --split train blanks.csv
mv out scores
tool 0 eval -q -r blanks.tx --split train underscores.csv
same out scores
empty err
tool 0 classify -q -r blanks.tx blanks.csv
mv out rows.tsv
tool 0 eval -q -p rows.tsv --split train underscores.csv
empty err
sed 's/Simul\([a-z]*\) \([a-z]\)/S. \2/g' base.csv >short.csv
tool 0 eval -q -r blanks.tx --split train short.csv
has err "warning: no label at rank species is a known taxon: the labels have 'S. " "known is 'Simul"
[ "$(wc -l <err)" -eq 1 ] || fault 'not one warning'
tool 0 eval -q -p rows.tsv --split train short.csv
has err 'warning: no label at rank species is a known taxon'
"$taxamba" calibrate -q -r blanks.tx -o own.tx --split train short.csv >out 2>err
has err "warning: no label at rank species is a taxon of the references: the input has 'S. "

# Validation by names that training records do not have chooses nothing.
valid="warning: no validation label at rank species is a taxon of the training records: one is 'S. "
from='--valid-split train --valid-file'
tool 0 train -o m.safetensors $small $from short.csv base.csv
has err "$valid" ', genus-accuracy '
tool 2 train -o n.safetensors $small --metric species-accuracy $from short.csv base.csv
has err 'no validation label at that rank is a taxon of the training records'
tool 0 train -o m.safetensors $small --metric species-accuracy $from underscores.csv base.csv
hasnot err "warning"
tool 0 train -o n.safetensors $small --ranks species --epochs 2 --patience 1 $from short.csv base.csv
has err "$valid" 'there is no validation; the kept model has the lowest training loss' 'epoch 2/2'
