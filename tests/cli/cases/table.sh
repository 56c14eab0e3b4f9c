# Tables of taxa by samples: classify --table, and table on the rows that classify has written.
samples=$source/data/samples
tool 0 index -q --taxonomy-file "$samples/mock_taxonomy.tsv" -o mock.tx "$samples/mock_tpos1_expected.fasta"

# reads FILE COLUMN [ROW]: the sum of a column, or its value in a row
reads() {
  awk -F '\t' -v name="$2" -v row="${3:-}" '
    NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i; next }
    row == "" || $1 == row { sum += $at }
    END { print sum + 0 }' "$1"
}
# The sum of the first words of lines.
sum() {
  awk '{ sum += $1 } END { print sum + 0 }'
}
equal() {
  [ "$1" = "$2" ] || { fault "$1 is not $2: $3"; show; }
}

# The run of data/samples in one command: every format, and rows beside them.
tool 0 classify -q -r mock.tx -c 0.9 --size --sample-from file -o rows.tsv --table taxa.tsv \
  --table taxa.biom --table taxa.phyloseq.tsv --table '{sample}.krona' --table all.kreport \
  "$samples"/*_[12].fasta.gz
empty out
for name in 14ben01_1 14ben01_2 14ben02_1 14ben02_2 tnegtag_1 tnegtag_2 tpos1_1 tpos1_2; do
  size=$(gzip -dc "$samples/$name.fasta.gz" | sed -n 's/^>.*;size=//p' | sum)
  equal "$(reads taxa.tsv $name)" "$size" "reads of $name"
  equal "$(reads taxa.phyloseq.tsv $name)" "$size" "reads of $name for phyloseq"
  equal "$(sum <$name.krona)" "$size" "reads of $name for Krona"
done
equal "$(head -n 1 taxa.tsv | cut -f 4- | tr '\t' ' ')" \
  "14ben01_1 14ben01_2 14ben02_1 14ben02_2 tnegtag_1 tnegtag_2 tpos1_1 tpos1_2" "the order of samples"
# most of the mock community is named, and always one of its species; the control is not
[ "$(reads taxa.tsv tpos1_1 'Hydropsyche pellucidula')" -gt 10000 ] || fault "no Hydropsyche in the mock"
[ "$(reads taxa.tsv tpos1_2 'Phoxinus phoxinus')" -gt 100 ] || fault "no fish in the mock"
[ "$(reads taxa.tsv tnegtag_1 'Hydropsyche pellucidula')" -lt 10 ] || fault "too many reads in the control"
equal "$(awk -F '\t' '$4 == "R" || $4 == "U" { print $2 }' all.kreport | sum)" 71256 "reads of the report"
equal "$(column sample rows.tsv | sort -u | paste -s -d ' ')" \
  "14ben01_1 14ben01_2 14ben02_1 14ben02_2 tnegtag_1 tnegtag_2 tpos1_1 tpos1_2" "samples of the rows"
equal "$(column size rows.tsv | sum)" 71256 "sizes of the rows"
only_files mock.tx rows.tsv taxa.tsv taxa.biom taxa.phyloseq.tsv taxa.phyloseq.tax.tsv all.kreport \
  14ben01_1.krona 14ben01_2.krona 14ben02_1.krona 14ben02_2.krona tnegtag_1.krona tnegtag_2.krona \
  tpos1_1.krona tpos1_2.krona
# A line of Krona's text: a number, then names.
if grep -vE '^[0-9]+(	[^	]+)*$' ./*.krona; then fault "not Krona's grammar"; fi

# The same from the rows, from a file and from standard input, and for every number of threads.
tool 0 table --size --table again.tsv rows.tsv
has err '2672 records, 71256 reads'
same again.tsv taxa.tsv
run 0 sh -c "gzip -c rows.tsv | '$taxamba' table -q --size -"
same out taxa.tsv
tool 0 classify -q -t 3 --batch 7 -r mock.tx -c 0.9 --size --table again.biom "$samples"/*_[12].fasta.gz
same again.biom taxa.biom
# Without a column of samples the file is the sample; a record counts once without --size.
tool 0 classify -q -r mock.tx -c 0.9 -o tpos1_1.rows.tsv "$samples/tpos1_1.fasta.gz"
tool 0 table -q tpos1_1.rows.tsv
equal "$(reads out tpos1_1.rows)" 748 "records of one file"
# A threshold that only the rows see, and a rank.
tool 0 table -q -c 1 --size rows.tsv
equal "$(cut -f 1 out | paste -s -d ' ')" "taxon unclassified" "rows that reach 1"
tool 0 table -q --rank order --size rows.tsv
equal "$(reads out tpos1_2)" "$(reads taxa.tsv tpos1_2)" "reads at the order"
equal "$(cut -f 2 out | sed 1d | sort -u | paste -s -d ' ')" " order" "ranks of the rows"
tool 0 classify -q -r mock.tx --rank genus --table - "$samples/tpos1_1.fasta.gz"
has out "Hydropsyche	genus	Trichoptera;Hydropsychidae;Hydropsyche"

# ASVs with their counts; the sums are those of the table.
counts=$samples/asv_table.tsv
tool 0 classify -r mock.tx -c 0.9 --otu-table "$counts" --table asv.tsv "$samples/asv.fasta.gz"
hasnot err note
for name in 14ben02_1 tpos1_1; do
  equal "$(reads asv.tsv $name)" "$(reads "$counts" $name)" "reads of $name in the ASV table"
done
gzip -dc "$samples/asv.fasta.gz" | unwrap | sed -n 1,10p >few.fasta
printf '>other\nCCTTTATTTTATTTTCGGTATCTGATCAGGTCTCGTAGGATCATCACTTAGATTTATTATTCGAATAG\n' >>few.fasta
tool 0 classify -r mock.tx --otu-table "$counts" --table asv.tsv few.fasta
has err 'note: 1 records are not in' 'note: 61 rows of'

# Samples by id and by a list; a file without records has a column.
printf '>a;sample=S1;size=4\n' >ids.fasta
sed -n 2p few.fasta >>ids.fasta
printf '>S2.17\nACGT\n' >>ids.fasta
tool 0 classify -q -r mock.tx --sample-from id --size --table - ids.fasta
equal "$(head -n 1 out)" "taxon	rank	lineage	S1	S2" "samples of ids"
equal "$(reads out S1) $(reads out S2)" "4 1" "reads of ids"
printf 'id\tsample\na\tleft\nS2.17\tright\n' >list.tsv
tool 0 classify -q -r mock.tx --sample-from list.tsv -o - ids.fasta
equal "$(column sample out | paste -s -d ' ')" "left right" "samples of a list"
: >none.fasta
tool 0 classify -q -r mock.tx --table - ids.fasta none.fasta
equal "$(head -n 1 out)" "taxon	rank	lineage	ids	none" "an empty file"
printf '>x\nACGT\n' >bad.fasta
tool 3 classify -q -r mock.tx --sample-from id --table t.tsv ids.fasta bad.fasta
one_error classify
has err "id 'x' names no sample"
absent t.tsv
tool 3 classify -q -r mock.tx --sample-from list.tsv --table t.tsv bad.fasta
has err "id 'x' is not in list.tsv"
cp ids.fasta ids.fa
tool 2 classify -q -r mock.tx --table t.tsv ids.fasta ids.fa
has err "another file has the same sample name 'ids'"

# Refusals come before the work, and nothing is left behind.
for bad in x.csv '{sample}.tsv' -; do
  tool 2 classify -q -r mock.tx --table "$bad" --table-format auto -o x --rank nowhere ids.fasta
  one_error classify
done
tool 2 classify -q -r mock.tx --rank nowhere --table t.tsv -
has err "no rank 'nowhere'; the ranks are order, family, genus, species"
tool 2 classify -q -r mock.tx --rank genus ids.fasta
has err '--rank has no effect without --table'
tool 2 classify -q -r mock.tx --table t.tsv --otu-table list.tsv --size ids.fasta
has err '--size has no effect with --otu-table'
tool 3 table -q ids.fasta
has err 'ids.fasta'
tool 3 table -q taxa.tsv
has err 'no column id'
# refused TEXT WHAT...: a table that cannot be added up
refused() {
  printf '%b' "$1" >bad.tsv
  shift
  tool 3 table -q bad.tsv
  has err "$@"
}
refused 'id\tgenus\tgenus_confidence\nr\tA\t2\n' "bad.tsv:2: confidence '2' is no number"
refused 'id\tgenus\tsize\nr\tA\t0\n' "bad.tsv:2: size '0' is no whole number from 1 to 2^53 - 1"
refused 'id\tgenus\tsize\nr\tA\t0x10\n' "bad.tsv:2: size '0x10' is no whole number"
refused 'id\tlength\tnote\nr\t600\tgood\n' 'no column of a rank'
refused 'id\tgenus\tspecies\tgenus\nr\tA\tA b\tA\n' "two columns 'genus'"
refused 'id\tgenus\tsample\nr\tA\t\n' 'bad.tsv:2: ' "the column 'sample' is empty"
# Other columns are no ranks, and words for "no name" are no names.
printf 'id\tlength\tgenus\tspecies\nr\t600\tApis\tNA\ns\t500\tApis\t\n' >other.tsv
tool 0 table -q --table other.out.tsv other.tsv
printf 'Apis\tgenus\tApis\t2\n' >expected
tail -n +2 other.out.tsv | cmp -s - expected || { fault 'other columns'; cat other.out.tsv; }
# Standard output is closed before all is read: the tables are not written, and that is no success.
echo old >old.tsv
{ "$taxamba" classify -q -r mock.tx -o - --table old.tsv "$data"/samples/*_[12].fasta.gz 2>err
  echo $? >code; } | true
[ "$(cat code)" = 1 ] || { fault "exit code $(cat code), not 1"; show; }
has err 'standard output was closed early: the other files are not written'
[ "$(cat old.tsv)" = old ] || fault 'a table of a run that failed'
printf 'id\tgenus\nr\tA\n' >genera.tsv
tool 3 table -q rows.tsv genera.tsv
has err 'its ranks are not those of the first file'
tool 1 table -q nothing.tsv
tool 2 table -q --table rows.tsv rows.tsv
has err 'is the same file as'
cp taxa.phyloseq.tsv here.tax.tsv
tool 2 table -q --table here.tsv --table-format phyloseq here.tax.tsv
has err 'is the same file as'
# ... also where the name is that of a sample that an input names
printf 'id\tgenus\tsample\nr\tA\tnames\n' >names.tsv
cp names.tsv before.tsv
tool 2 table -q --table '{sample}.tsv' --table-format krona names.tsv
has err 'is the same file as'
same names.tsv before.tsv
if [ -e /dev/full ]; then
  tool 1 table -q --table /dev/full --table-format tsv rows.tsv
  one_error table
  run 1 sh -c "'$taxamba' table -q rows.tsv >/dev/full"
  one_error table
  tool 1 table -q --table new.tsv --table /dev/full --table-format biom rows.tsv
  absent new.tsv
fi
tool 1 table -q --table no/folder.tsv rows.tsv
run 0 sh -c "'$taxamba' table -q rows.tsv | head -n 1 >/dev/null"
