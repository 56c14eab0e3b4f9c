# A bulk sample's taxa against specimens: figures worked out by hand, every form of input, what is left out.
printf '#OTU ID\ta1\ta2\tb1\tneg\nx\t5\t1\t0\t0\ny\t0\t2\t3\t0\nz\t1\t0\t4\t9\nw\t0\t0\t2\t1\n' >counts.tsv
printf 'replicate\tsample\na1\tA\na2\tA\nb1\tB\n' >map.tsv
cat >predictions.tsv <<'END'
id	genus	species
x	G	G one
y	G	G_two
z	H	
END
cat >specimens.csv <<'END'
processid,sample,genus,species,bin_uri
p1,A,G,G one,B:1
p2,A,G,G one,B:1
p3,A,H,H three,B:3
p4,B,G,G two,B:2
p5,B,J,J four,
p6,C,J,J four,
p7,,J,J four,
END
compare="compare --otu-table counts.tsv --predictions predictions.tsv --samples map.tsv"
printf 'id,species\nr1,G one\nr2,J four\n' >known.csv
tool 0 $compare --known known.csv specimens.csv
is out <<'END'
2 sites
rank     mean   both  bulk-only  specimens-only  precision  recall      F1  Jaccard
genus    micro     3          1               1     0.7500  0.7500  0.7500   0.6000
genus    macro                                      0.7500  0.7500  0.7500   0.6667
species  micro     2          1               2     0.6667  0.5000  0.5714   0.4000
species  macro                                      0.7500  0.5000  0.5833   0.4167

reads against numbers of specimens, means of the sites (reads are not individuals)
rank     Spearman  Pearson of log(1 + x)  Bray-Curtis
genus     -0.8660                -0.6067       0.3968
species    0.5000                 0.2947       0.4167

species missed (unknown: the classifier cannot call it)
A: H three (unknown)
B: J four

species in the bulk sample only
A: G two
END
has err "1 of 4 sequences have no prediction and count as unassigned, such as 'w'" \
  "1 of 4 samples of the counts are not in --samples and are left out, such as 'neg'" \
  '1 specimens have no site' "1 sites have no counts and are left out, such as 'C'" '2 sites, 2 ranks'

# A sequence counts in a site if enough replicates have enough reads; its reads are those of all.
tool 0 $compare -q --min-replicates 2 -o kept specimens.csv
empty out
empty err
has kept.names.tsv 'species	A	G one	both	6	2	' 'species	B	G two	specimens	0	1	'
hasnot kept.names.tsv 'A	G two'
tool 0 $compare -q --min-reads 2 -o kept specimens.csv
has kept.names.tsv 'genus	A	H	specimens	0	1	' 'species	A	G one	both	6	2	'
only_files counts.tsv map.tsv predictions.tsv specimens.csv known.csv kept.lists.tsv kept.names.tsv \
  kept.abundance.tsv kept.json

# The tables, and JSON, have all of it.
tool 0 $compare -q --known known.csv -o all specimens.csv
is all.lists.tsv <<'END'
rank	site	both	bulk_only	specimens_only	precision	recall	F1	Jaccard
genus	A	2	0	0	1.000000	1.000000	1.000000	1.000000
genus	B	1	1	1	0.500000	0.500000	0.500000	0.333333
genus	all (micro)	3	1	1	0.750000	0.750000	0.750000	0.600000
genus	all (macro)				0.750000	0.750000	0.750000	0.666667
species	A	1	1	1	0.500000	0.500000	0.500000	0.333333
species	B	1	0	1	1.000000	0.500000	0.666667	0.500000
species	all (micro)	2	1	2	0.666667	0.500000	0.571429	0.400000
species	all (macro)				0.750000	0.500000	0.583333	0.416667
END
is all.names.tsv <<'END'
rank	site	taxon	in	reads	specimens	known
genus	A	G	both	8	2	
genus	A	H	both	1	1	
genus	B	G	both	3	1	
genus	B	H	bulk	4	0	
genus	B	J	specimens	0	1	
species	A	G one	both	6	2	yes
species	A	G two	bulk	2	0	no
species	A	H three	specimens	0	1	no
species	B	G two	both	3	1	no
species	B	J four	specimens	0	1	yes
END
has all.abundance.tsv 'genus	A	2	0			0.222222	reads are not individuals' \
  'genus	B	3	2	-0.866025	-0.606702	0.571429	reads' 'species	A	3	1	0.5'
tool 0 $compare -q --known known.csv --json specimens.csv
same out all.json
has out '"note":"reads are not individuals"' '"known":false' '"spearman":null'

# Every form of the predictions, BIN among the ranks; each sample a site of its own; lineages of the counts.
{
  printf '{"id":"x","lineage":[{"rank":"genus","taxon":"G","confidence":0.9}]}\n'
  printf '{"id":"y","lineage":[]}\n'
} >rows.jsonl
tool 0 compare -q --otu-table counts.tsv -p rows.jsonl -c 0.95 --samples map.tsv specimens.csv
has out 'genus  micro     0          0               4'
printf 'id\tbin\nx\tB:1\ny\tB:9\n' >bins.tsv
tool 0 compare -q --otu-table counts.tsv -p bins.tsv --samples map.tsv specimens.csv
has out 'bin   micro     1          2               2' 'A: B:9' 'B: B:2'
printf '#OTU ID\tA\tB\ttaxonomy\nx\t5\t1\tk:Z,g:G,s:G_one\ny\t1\t0\tk:Z,g:H,s:\n' >named.tsv
tool 0 compare -q --otu-table named.tsv specimens.csv
has out 'genus    micro     3          0               1' 'B: G two, J four'
tool 0 compare -q --otu-table named.tsv --where sample!=B specimens.csv
has out '1 sites'
printf '"","ACGTACGTACGTACGTACGTAA","ACGTACGTACGTACGTACGTCC"\n"a1",5,0\n"a2",1,2\n"b1",0,3\n' >dada2.csv
printf '>x\nACGTACGTacgtACGTACGTAA\n>y;size=2\nACGTACGTACGTACGTACGTCC\n' >asv.fasta
tool 0 compare -q --otu-table dada2.csv --sequences asv.fasta -p predictions.tsv --samples map.tsv \
  specimens.csv
has out 'species  micro     2          1               2'
printf '"","x","y"\n"a1",5,0\n"b1",0,3\n' >phyloseq.csv
tool 0 compare -q --otu-table phyloseq.csv -p predictions.tsv --samples map.tsv specimens.csv
has out 'species  micro     2          0               2'
tool 0 $compare -q -r "$data/../models/simulated.safetensors" specimens.csv
has out 'J four (unknown)'

# A summary shows twelve names of a site, the table all of them.
{
  cat specimens.csv
  for n in 10 11 12 13 14 15 16 17 18 19 20 21; do printf 'n%s,A,N,N number %s,\n' $n $n; done
} >many.csv
tool 0 $compare -q many.csv
has out 'A: H three, N number 10' 'N number 20 and 1 more'
hasnot out 'number 21'

# Refusals.
tool 2 compare specimens.csv
one_error compare
has err 'add --otu-table FILE'
tool 2 compare --otu-table counts.tsv -p predictions.tsv
has err 'no table of specimens'
tool 3 compare --otu-table counts.tsv specimens.csv
has err 'the counts have no lineages of their sequences'
tool 3 compare --otu-table counts.tsv -p predictions.tsv specimens.csv
has err "no site is on both sides: the counts have 'a1', the specimens 'A'" 'become sites by --samples'
tool 2 $compare --ranks genus,order specimens.csv
one_error compare
has err "'order' is above 'genus'"
tool 3 $compare --ranks bin specimens.csv
has err "no rank 'bin' in the predictions"
tool 3 $compare --site-column place specimens.csv
has err "'place'" 'the columns are processid, sample'
tool 3 compare --otu-table dada2.csv -p predictions.tsv --samples map.tsv specimens.csv
has err 'none of the 2 sequences of the counts has a prediction'
sed 's/a2/a1/; s/	A$/	Q/' map.tsv >twice.tsv
printf 'a1\tB\n' >>twice.tsv
tool 3 compare --otu-table counts.tsv -p predictions.tsv --samples twice.tsv specimens.csv
has err "replicate 'a1' is of a second sample"
tool 3 compare --otu-table counts.tsv -p predictions.tsv --samples specimens.csv specimens.csv
has err "expected columns 'replicate' and 'sample'"
tool 2 $compare --min-replicates 0 specimens.csv
one_error compare
tool 2 $compare -o all --json specimens.csv
one_error compare
tool 2 compare --otu-table all.json -p predictions.tsv -o all specimens.csv
has err 'all.json'
printf ',A,B\nq,1,2\n' >unclear.csv
tool 3 compare --otu-table unclear.csv -p predictions.tsv specimens.csv
has err 'unclear.csv: are the rows sequences or samples?' 'say it with --count-rows'
tool 3 compare --otu-table unclear.csv --count-rows sequences -p predictions.tsv specimens.csv
has err "none of the 1 sequences of the counts has a prediction: 'q'"

# vsearch itself, if it is there.
if command -v vsearch >/dev/null; then
  printf '>r1;sample=A;size=3\nACGTTTGACCATGGATCCAAGTTCAGGACTTACCAGGATT\n' >reads.fasta
  printf '>r2;sample=B;size=4\nACGTTTGACCATGGATCCAAGTTCAGGACTTACCAGGATT\n' >>reads.fasta
  printf '>x;tax=g:G,s:G_one\nACGTTTGACCATGGATCCAAGTTCAGGACTTACCAGGATT\n' >db.fasta
  run 0 vsearch --quiet --usearch_global reads.fasta --db db.fasta --id 0.97 --minseqlength 20 --sizein \
    --otutabout live.tsv --biomout live.biom --mothur_shared_out live.shared
  for table in live.tsv live.biom; do
    tool 0 compare -q --otu-table $table specimens.csv
    has out 'species  micro     1          1               3'
  done
  tool 0 compare -q --otu-table live.shared -p predictions.tsv specimens.csv
  has out 'species  micro     1          1               3'
fi
