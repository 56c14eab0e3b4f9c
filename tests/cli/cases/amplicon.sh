# References cut to the stretch between two primers.
table=$data/simulated_metadata.csv
primers=AAATTGATCAAGTAAAACAT,ATATTCAAAAAAACCTGAAG
tool 0 index -o a.tx --amplicon "$primers" "$table"
empty out
has err 'note: amplicon: ' ' records have the sites of both primers, ' ' were cut by their likeness to these'
tool 0 index --info a.tx
has out 'median length     210 bases' "split train, amplicon $primers, records 414"
tool 0 classify -q -r a.tx "$queries"

# The order of the records, their strands and the number of threads make no difference, nor do small letters.
mkdir other
awk -F, 'function complement(bases,  i, out) {
    for (i = length(bases); i > 0; i--)
      out = out substr("TGCA", index("ACGT", substr(bases, i, 1)), 1)
    return out
  }
  BEGIN { OFS = "," }
  NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print; next }
  NR % 2 && $(at["dna_barcode"]) !~ /[^ACGT]/ { $(at["dna_barcode"]) = complement($(at["dna_barcode"])) }
  { line[NR] = $0 }
  END { for (i = NR; i > 1; i--) print line[i] }' "$table" >other/simulated_metadata.csv
tool 0 index -q -t 1 -o b.tx --amplicon "$primers" other/simulated_metadata.csv
empty err
same a.tx b.tx
tool 0 index -q -t 3 -o b.tx --amplicon "$primers" other/simulated_metadata.csv
same a.tx b.tx
# Only the input is cut, not what it is added to.
tool 0 index -o b.tx --add a.tx --ranks genus "$data/simulated_sintax.fasta"
tool 0 index --info b.tx
has out 'records 69' "amplicon $primers, records 414"
tool 0 index -q -o b.tx --amplicon AAATTGATCAAGTAAAACAN,ATATTCAAAAAAACCTGAIG "$table"

# What is no pair of primers, and primers of another marker.
no_amplicon() {
  tool "$1" index -q -o x.tx --amplicon "$2" "$table"
  one_error index
  has err "$3"
  empty out
  absent x.tx
}
no_amplicon 2 ACGTACGTAC 'an amplicon needs two primers, FORWARD,REVERSE, not 1'
no_amplicon 2 ACGTACGTAC,ACGT 'the reverse primer has 4 letters: from 10 to 64 are possible'
no_amplicon 2 ACGTACGTAC,ACGTACGT5C 'letter 9 of the reverse primer is no nucleotide'
no_amplicon 2 ACGTNNNNNNAC,ACGTACGTAC 'the forward primer has 6 letters that stand for a single base'
tool 3 index -q -o x.tx --amplicon GGGGGCCCCCGGGGGCCCCCG,CCGCCGCCGCGGCGCGCCGCC "$table"
one_error index
has err '414 have no site of the primers'
absent x.tx
only_files a.tx b.tx other
