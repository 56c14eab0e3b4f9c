# Columns of tables: the order of ranks, columns of other ranks, columns that could be meant as well.
bases=ACGTTGCAACGTTGCATTGACCATGACCGATTTGACGATTCGATTGACCATGCATGCATTTGACCA
ranks() { sed -n '/^ranks/,$ s/^  \([a-z_]*\)  .*/\1/p' out | tr '\n' ' '; }
order() { # HEADER RANKS TEXT...: the ranks that index reads from a table with that header
  wanted=$2
  printf '%s\tsequence\n' "$1" >order.tsv
  printf '%s\t%s\n' "$(echo "$1" | tr '[:lower:]' '[:upper:]')" $bases >>order.tsv
  shift 2
  tool 0 index -o order.tx order.tsv
  [ $# -eq 0 ] || has err "$@"
  grep 'note: order.tsv' err >notes
  [ "$(wc -l <notes)" -eq $# ] || { fault "not $# notes about the table"; cat notes; }
  tool 0 index --info order.tx
  [ "$(ranks)" = "$wanted " ] || fault "ranks $(ranks), not $wanted"
}
order 'id	domain	kingdom	genus' 'domain kingdom genus'
order 'id	kingdom	domain	genus' 'kingdom domain genus'
order 'id	species	genus	family' 'family genus species' \
  'note: order.tsv: the columns of the ranks are not in the order of a taxonomy: they are read as family, '
order 'id	kingdom	domain	species	genus_name' 'kingdom domain genus species' \
  'are read as kingdom, domain, genus, '
order 'id	superfamily	family	Subgenus	species	bin_uri' 'family species' \
  'note: order.tsv: columns of other ranks that are not read: superfamily, Subgenus, bin_uri'
order 'processid	process_id	genus	genus_name' 'genus' \
  "note: order.tsv: column 'processid' is read as the id, not 'process_id'" \
  "note: order.tsv: column 'genus' is read as the genus, not 'genus_name'"
order 'processid	sampleid	genus	nuc' 'genus' "column 'sequence' is read as the sequence, not 'nuc'"
printf 'processid\tprocessid\tgenus\tsequence\na\tb\tG\t%s\n' $bases >twice.tsv
tool 3 index -q -o x.tx twice.tsv
has err "twice.tsv: the header has two columns 'processid'"

# Ranks that the user names.
for given in species,genus genus,tribe 'phylum,domain,class'; do
  tool 2 index -o x.tx --ranks "$given" order.tsv
  one_error index
  has err "ranks '$given': '" 'name them from the top down'
done
tool 2 eval -m "$model" --ranks species,genus "$data/simulated_metadata.csv"
has err "'genus' is above 'species'"

# A blank file is an empty one.
printf ' \n\t\n\n' >blank.csv
tool 3 index -o x.tx blank.csv
has err 'error: blank.csv: is empty'

# eval reads the ranks that the references have, whatever they are called, and says which it lacks.
awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print }
  NR > 1 && $(at["split"]) == "train" && ++count <= 120 {
    $(at["subfamily"]) = "S" $(at["order"]); print }' \
  "$data/simulated_metadata.csv" | sed '1s/subfamily/superfamily/' >super.csv
sed '1s/superfamily/x/' super.csv >lacks.csv
tool 0 index -q -o super.tx --ranks order,superfamily,species super.csv
tool 0 eval -r super.tx --split train super.csv
has out 'superfamily  all         120'
hasnot err 'is not scored'
hasnot out genus
tool 0 eval -r super.tx --split train lacks.csv
has err 'note: rank superfamily is not scored: the model has it, and the labels do not'
tool 0 index -o more.tx --add super.tx super.csv
hasnot err 'the input has no rank'
