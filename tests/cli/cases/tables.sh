# Tables as they are downloaded: names of columns, quotes, conditions for rows.
table=$data/simulated_metadata.csv
# As the export of BOLD: tabs, no quoting, nuc, several markers, stray quotes.
awk -F, '
  NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i
    print "processid\tcollection_notes\torder\tfamily\tgenus\tspecies\tmarker_code\tnuc"; next }
  $(at["split"]) == "train" && NR % 3 == 0 {
    note = NR % 7 == 0 ? "\"5\" tube" : NR % 7 == 1 ? "ends with \"" : NR % 7 == 2 ? "\"" : ""
    row = $(at["processid"]) "\t" note "\t" $(at["order"]) "\t" $(at["family"]) "\t" $(at["genus"]) "\t" \
      $(at["species"])
    print row "\tCOI-5P\t" $(at["dna_barcode"])
    if (NR % 4 == 0) print row "\t28S\tACGATCGATTTAGCTACGATCGGGATATCGATCAGCTACTACGACGATCAGCGACTACGACTACG"
  }' "$table" >bold.tsv
tool 0 index -o all.tx bold.tsv
has err 'read 173 records'
tool 0 index -o coi.tx --where marker_code=COI-5P bold.tsv
has err 'read 135 records'
tool 0 index -q -o not.tx --where 'marker_code!=28S' bold.tsv
same coi.tx not.tx
tool 0 index -q -o two.tx --where marker_code=COI-5P --where 'order!=Simuloptera' bold.tsv
tool 0 index --info two.tx
hasnot out 'order           3 taxa'
tool 0 train -q --epochs 1 -d 16 --n-layer 1 --optimiser adamw -o m.safetensors --where marker_code=COI-5P \
  --valid-fraction 0.1 bold.tsv
tool 0 eval -q --references coi.tx --where marker_code=28S bold.tsv
has out 'references: 38 records'

# Older names of columns; a quoted TSV, as R writes it; a CSV with quotes inside a field.
sed -e '1s/nuc$/nucleotides/; 1s/genus/genus_name/; 1s/species/species_name/; 1s/processid/sampleid/' \
  -e '/28S/d' bold.tsv >old.tsv
tool 0 index -q -o old.tx old.tsv
tool 0 index --info old.tx
has out 'genus           20 taxa' 'species         45 taxa'
printf '"id"\t"genus"\t"sequence"\n"a"\t"G"\t"%s"\n' \
  ACGTTGCAACGTTGCATTGACCATGACCGATTTGACGATTCGATTGACCATGCATGCATTTGACCA >r.tsv
tool 0 index -q -o r.tx r.tsv
tool 0 index --info r.tx
has out 'genus           1 taxon'

# Conditions that say nothing.
no_condition() { # CODE CONDITION TEXT...
  condition=$2
  code=$1
  shift 2
  tool "$code" index -o x.tx --where "$condition" bold.tsv
  one_error index
  has err "$@"
  absent x.tx
}
no_condition 2 COI-5P "the condition 'COI-5P' is not of the form COLUMN=VALUE"
no_condition 2 '!=x' 'names no column'
no_condition 2 marker_code==COI-5P 'has two equals signs'
no_condition 3 marker=COI-5P "there is no column 'marker'; the columns are processid, "
tool 3 index -o x.tx --where marker_code=16S bold.tsv
has err 'warning: bold.tsv: none of the 173 rows meets the conditions' 'error: no reference in the input'
tool 0 classify -q -r coi.tx --where marker_code=16S bold.tsv
has err 'none of the 173 rows meets the conditions'
tool 2 index -o x.tx --where genus=G "$data/simulated_sintax.fasta"
has err "a condition for the column 'genus' is given, but FASTA and FASTQ have no columns"

# classify and embed read tables too, mixed with FASTA; a row without a sequence has a row.
tool 0 classify -q -m "$model" "$queries"
mv out whole
awk '/^>/ { if (id) print id "," bases; id = substr($1, 2); bases = ""; next } { bases = bases $0 }
  BEGIN { print "name,sequence" } END { print id "," bases }' "$queries" >queries.csv
tool 0 classify -q -m "$model" queries.csv
same out whole
tool 0 classify -q -m "$model" --sequence-column sequence --id-column name --where name=query02 \
  queries.csv
[ "$(wc -l <out)" -eq 2 ] || fault 'not one row'
tool 0 embed -q -m "$model" "$queries"
mv out vectors
tool 0 embed -q -m "$model" queries.csv
same out vectors
tool 0 classify -q -r coi.tx queries.csv "$queries"
[ "$(wc -l <out)" -eq "$((2 * $(wc -l <whole) - 1))" ] || fault 'not the rows of both files'
for command in classify embed; do
  tool 2 $command -m "$model" --where genus=G "$queries"
  has err "a condition for the column 'genus' is given, but FASTA and FASTQ have no columns"
  tool 2 $command -m "$model" --id-column name "$queries"
  has err '--id-column has no effect, as the first file is no table'
  tool 3 $command -m "$model" --sequence-column dna queries.csv
  has err "there is no column 'dna'; the columns are name, sequence"
done
