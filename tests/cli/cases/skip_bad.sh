# --skip-bad: malformed records are left out and counted; without it they are errors; a damaged file is one
# in any case.
table=$data/simulated_metadata.csv
head -n 200 "$table" >sound.csv
# Rows with too few fields, a digit among the letters, an open quote, a control character in a name.
awk -F, -v OFS=, '
  NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print; next }
  { print }
  NR == 20 { print "too,few" }
  NR == 40 { $(at["processid"]) = "digit"; $(at["dna_barcode"]) = "ACGT1"; print }
  NR == 60 { print "\"open,x" }
  NR == 80 { $(at["species"]) = "Aus \033bus"; print }
  NR == 90 { print "few"; print "few"; print "few" }' sound.csv >bad.csv
tool 3 index -q -o bad.tx bad.csv
one_error index
has err 'bad.csv:21: record 20: row has 2 fields'
tool 0 index -q -o sound.tx sound.csv
tool 0 index -o bad.tx --skip-bad bad.csv
grep warning: err | cut -c 1-80 >warnings
is warnings <<'WARNINGS'
taxamba index: warning: 7 malformed records were left out; the first:
taxamba index: warning: bad.csv:21: record 20: row has 2 fields, the header 23
taxamba index: warning: bad.csv:42: record 41: "digit": column 'dna_barcode': '1
taxamba index: warning: bad.csv:63: a quote is opened here and not closed: end t
taxamba index: warning: bad.csv:84: record 83: a control character in column 'sp
taxamba index: warning: bad.csv:95: record 94: row has 1 field, the header 23
WARNINGS
tool 0 index --info bad.tx
grep -v file out >bad.info
tool 0 index --info sound.tx
grep -v file out >sound.info
diff bad.info sound.info >difference || { fault 'other references'; cat difference; }

# Every other command that reads records.
tool 3 train -q -o m.safetensors --epochs 1 bad.csv
small='-d 16 --n-layer 1 --optimiser adamw --epochs 1'
tool 0 train -o m.safetensors --skip-bad $small bad.csv
has err 'taxamba train: warning: 7 malformed records were left out; the first:' \
  'warning: bad.csv:21: record 20: '
tool 0 train -q -o e.safetensors --skip-bad --objective next-token -d 16 --n-layer 1 --epochs 1 bad.csv
has err 'warning: 6 malformed records were left out' # the name is not read
tool 0 eval -q --references sound.tx --skip-bad --split train,val,test bad.csv
has err 'warning: 7 malformed records were left out'
has out 'references: 174 records'
tool 0 calibrate -q -r sound.tx -o own.tx --skip-bad --split train,val,test bad.csv
has err 'warning: 7 malformed records were left out'
tool 3 classify -q -m "$model" bad.csv
tool 0 classify -q -m "$model" --skip-bad bad.csv
has err 'warning: 6 malformed records were left out' 'bad.csv:21: record 20: row has 2 fields'
[ "$(wc -l <out)" -eq 201 ] || fault 'not a row for each sound record'
tool 0 embed -q -m "$model" --skip-bad bad.csv
[ "$(wc -l <out)" -eq 200 ] || fault 'not a vector for each sound record'

# FASTA, FASTQ and standard input; several files have one count.
bases=ACGTTGCAACGTTGCATTGACCATGACCGATTTGACGATTCGATTGACCATGCATGCATTTGACCA
printf '%s\n' '>a' $bases '>' $bases '>b' MKVLMKVL '>c' $bases >bad.fasta
quality=$(echo $bases | tr 'ACGT' '@III')
printf '@a\n%s\n+\n%s\n@b\n%s\n+\nII\n@c\n%s\n+\n%s\n' $bases $quality $bases $bases $quality >bad.fastq
tool 0 classify -q -m "$model" --skip-bad bad.fasta bad.fastq
cut -f 1 out >ids
is ids <<'IDS'
id
a
c
a
c
IDS
has err 'warning: 3 malformed records were left out:' 'bad.fasta:3: record 2: a record without a name' \
  'bad.fasta:6: record 3: "b": ' 'bad.fastq:8: record 2: "b": quality and sequence differ in length'
run 0 sh -c "\"$taxamba\" classify -q -m \"$model\" --skip-bad <bad.fastq"
has err 'warning: 1 malformed record was left out:' 'standard input:8: record 2: "b": '
[ "$(wc -l <out)" -eq 3 ] || fault 'not two rows'

# Headers without a lineage, and lines of a taxonomy.
{ head -n 40 "$data/simulated_sintax.fasta"; echo '>plain'; echo $bases; } >lost.fasta
tool 3 index -q -o lost.tx lost.fasta
tool 0 index -q -o lost.tx --skip-bad lost.fasta
has err 'warning: 1 malformed record was left out:' '"plain": no lineage in the header'
printf '>%s\n%s\n' a $bases b $bases c $bases >three.fasta
printf 'a\tg__A;s__A a\nb no tab\nb\tq:B\nb\tg__B;s__B b\nc\tg__B;g__B\n' >three.tsv
tool 3 index -q -o three.tx --taxonomy-file three.tsv three.fasta
tool 0 index -o three.tx --skip-bad --taxonomy-file three.tsv three.fasta
has err 'warning: 4 malformed records were left out:' 'three.tsv:2: no tab' 'three.tsv:3: bad lineage' \
  'three.tsv:5: bad lineage' '"c" has no line in three.tsv' 'read 2 records'

# Not of one record: a damaged file, text that is no sequence.
gzip -c bad.csv | head -c 4000 >cut.csv.gz
tool 3 index -q -o cut.tx --skip-bad cut.csv.gz
gzip -c bad.fasta | head -c 60 >cut.gz
tool 3 classify -q -m "$model" --skip-bad cut.gz
has err 'error: cut.gz'
printf 'title\n>a\nACGT\n' >title.fasta
tool 3 classify -q -m "$model" --skip-bad title.fasta
tool 2 classify --info --skip-bad
has err '--skip-bad has no effect with --info'
