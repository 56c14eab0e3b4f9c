# The workflow of docs/workflows/snakemake with three samples gives what one command gives.
command -v snakemake >/dev/null 2>&1 || skip "Snakemake is not installed"
samples=$source/data/samples
HOME=$PWD/home
export HOME
mkdir home
tool 0 index -q --taxonomy-file "$samples/mock_taxonomy.tsv" -o mock.tx "$samples/mock_tpos1_expected.fasta"
run 0 snakemake -q -s "$source/docs/workflows/snakemake/Snakefile" --cores 1 --config references=mock.tx \
  taxamba="$taxamba" \
  samples="$samples/tpos1_1.fasta.gz $samples/tpos1_2.fasta.gz $samples/tnegtag_1.fasta.gz"
tool 0 classify -q -r mock.tx -c 0.9 --size --table taxa.tsv --table taxa.biom --table taxa.krona \
  "$samples/tpos1_1.fasta.gz" "$samples/tpos1_2.fasta.gz" "$samples/tnegtag_1.fasta.gz"
for table in taxa.tsv taxa.biom taxa.krona; do same results/$table $table; done
