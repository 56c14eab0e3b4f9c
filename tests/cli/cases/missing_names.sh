# Names that stand for no label: the usual ones and the user's own.
table=$data/simulated_metadata.csv
awk -F, 'BEGIN { OFS = "," }
  NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print; next }
  $(at["split"]) != "train" || NR % 3 { next }
  NR % 2 { $(at["species"]) = "uncultured insect" }
  NR % 5 == 0 { $(at["genus"]) = "Genus TBD 7"; $(at["species"]) = "NOT YET named" }
  { print }' "$table" >references.csv
tool 0 index -o plain.tx references.csv
has err "names stand for no label, the first is '"
tool 0 index --info plain.tx
has out 'genus           27 taxa'
{ echo '# ours'; echo; echo ' not yet NAMED '; echo 'genus tbd*'; } >ours.txt
tool 0 index -o ours.tx --missing-names ours.txt references.csv
tool 0 index --info ours.tx
has out 'genus           20 taxa'
hasnot out 'TBD'
tool 0 train --epochs 1 -d 16 --n-layer 1 --optimiser adamw -o m.safetensors --missing-names ours.txt \
  references.csv
has err 'names stand for no label' 'genus 20 ('
tool 0 eval -q -r ours.tx --split train --missing-names ours.txt references.csv
has out 'references: '

no_names() { # CODE FILE TEXT...
  code=$1
  file=$2
  shift 2
  tool "$code" index -o x.tx --missing-names "$file" references.csv
  one_error index
  has err "$@"
  absent x.tx
}
no_names 1 nowhere.txt nowhere.txt
: >empty.txt
no_names 3 empty.txt 'empty.txt: no name: expected one a line'
printf 'a\0b\n' >binary.txt
no_names 3 binary.txt 'binary.txt: a NUL byte'
# It is an input, which an output may not replace.
tool 2 index -o ours.txt --missing-names ours.txt references.csv
one_error index
