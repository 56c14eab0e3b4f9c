# classify -f qiime2: three columns, a prefix at each rank down to the lowest one called.
samples=$source/data/samples
tool 0 index -q --taxonomy-file "$samples/mock_taxonomy.tsv" -o mock.tx "$samples/mock_tpos1_expected.fasta"
tool 0 classify -q --xsize -r mock.tx -c 0.9 -f qiime2 "$samples/asv.fasta.gz"
[ "$(wc -l <out)" -eq 67 ] || fault "not a row per record"
[ "$(head -n 1 out)" = "Feature ID	Taxon	Confidence" ] || fault "another header"
lineage='(Unassigned|o__[A-Za-z]+(; f__[A-Za-z]*(; g__[A-Za-z]*(; s__[A-Za-z ]+)?)?)?)'
if sed 1d out | grep -vE "^[^	]+	$lineage	[01]\.[0-9]{4}\$"; then fault "not a taxonomy"; fi
has out 'ASV1	o__Trichoptera; f__Hydropsychidae; g__Hydropsyche; s__Hydropsyche pellucidula	0.9' \
  'Unassigned	0.0000'
tool 2 classify --info -f qiime2
has err '--format qiime2 has no effect with --info'
