# Lineages in headers, as the collections write them.
bases=ACGTTGCAACGTTGCATTGACCATGACCGATTTGACGATTCGATTGACCATGCATGCATTTGACCAGGATTCA
# style NAME RANKS-OPTION EXPECTED HEADER [HEADER]: the taxa of the ranks that references with these headers
# give to the first of them.
style() {
  name=$1
  ranks=$2
  wanted=$3
  shift 3
  number=0
  for header in "$@"; do
    number=$((number + 1))
    printf '>%s\n%s%s\n' "$header" "$bases" "$(echo ACGTA | cut -c "1-$number")"
  done >headers.fasta
  # shellcheck disable=SC2086 # an option and its value, or nothing
  tool 0 index -q $ranks -o refs.tx headers.fasta
  tool 0 classify -q -r refs.tx headers.fasta
  awk -F '\t' '
    NR == 1 { for (i = 2; i < NF; i++) if ($(i + 1) == $i "_confidence") { n++; at[n] = i; rank[n] = $i } }
    NR == 2 { for (i = 1; i <= n; i++) printf "%s%s=%s", (i > 1 ? ";" : ""), rank[i], $(at[i]); print "" }
  ' out >got
  printf '%s\n' "$wanted" >want
  cmp -s got want || fault "$name: $(cat got)"
}
style UNITE '' 'kingdom=Fungi;genus=Candida;species=Candida_albicans' \
  'Candida_albicans|AB1|SH1.09FU|refs|k__Fungi;g__Candida;s__Candida_albicans'
style SINTAX '' 'domain=Eukaryota;genus=Apis;species=Apis_mellifera' \
  'AB1;tax=d:Eukaryota,g:Apis,s:Apis_mellifera;'
style 'SINTAX behind a size' '' 'genus=Apis;species=Apis_mellifera' \
  'AB1;size=7;tax=g:Apis,s:Apis_mellifera;'
style 'subfamilies and superkingdoms' '' 'superkingdom=Eukaryota;family=Apidae;subfamily=Apinae;genus=Apis' \
  'AB1|sk__Eukaryota;f__Apidae;sf__Apinae;g__Apis'
style DADA2 '--ranks family,genus,species' 'family=Apidae;genus=Apis;species=Apis mellifera' \
  'Apidae;Apis;Apis mellifera;' 'Apidae;Bombus;Bombus terrestris;'
style 'BOLD 5' '--ranks kingdom,family,subfamily,genus,species,subspecies' \
  'kingdom=Animalia;family=Apidae;genus=Apis;species=Apis mellifera' \
  'AAA1-24|COI-5P|Costa Rica|Animalia,Apidae,None,Apis,Apis mellifera,None' \
  'AAA2-24|COI-5P|Peru, north|Animalia,Apidae,None,Bombus,Bombus terrestris,None'
style SILVA '--ranks domain,phylum,genus' 'domain=Bacteria;phylum=Firmicutes;genus=Bacillus' \
  'AB1.1.1470 Bacteria;Firmicutes;Bacillus' 'AB2.1.1470 Bacteria;Proteobacteria;Escherichia'
style 'the format by name' '--format positional --ranks family,genus' 'family=Apidae;genus=Apis' \
  'x|Apidae;Apis'

# What does not fit: the header is shown with the forms that are read.
printf '>x Apidae;Apis;Apis mellifera\n%s\n' "$bases" >headers.fasta
tool 3 index -o x.tx headers.fasta
one_error index
hint="the header 'x Apidae;Apis;Apis mellifera' (headers.fasta:1) has no lineage of a form that is read: "
has err 'the input has no label: references need ' "; $hint" '>A;B;C'
tool 3 eval -r refs.tx headers.fasta
one_error eval
has err 'no rank to score: ' "; $hint"
tool 3 calibrate -q -r refs.tx -o x.tx headers.fasta
one_error calibrate
has err 'the input has no label at a rank of the references; ' "$hint"
tool 3 train -o x.safetensors headers.fasta
has err 'no labelled record in headers.fasta: ' "; $hint"
tool 3 index -o x.tx --format positional --ranks family,genus headers.fasta
has err 'headers.fasta:1: record 1: "x": the header has no lineage of 2 names, one for each of the ranks'
tool 2 index -o x.tx --format positional headers.fasta
has err 'names by position need the names of their ranks'
absent x.tx

# Ranks were asked for, and no header has that many names: both numbers are told.
printf '>x|y|A,B,C,D\n%s\n' "$bases" >headers.fasta
tool 3 index -o x.tx --ranks family,genus,species headers.fasta
one_error index
has err "; the header 'x|y|A,B,C,D' (headers.fasta:1) has 4 names, and 3 ranks were asked for"
