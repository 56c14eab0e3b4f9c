# Reads of BAM and CRAM, by samtools from six of the simulated queries, give the rows of the same FASTA; what
# is compressed otherwise than by gzip, too.
corpus=$here/../fuzz/corpus/reader
unwrap <"$queries" | awk '
  BEGIN { split("query01,query02;size=7,pair/1,pair/2,query05,query06", name, ",") }
  /^>/ { next }
  ++n == 5 { print ">nothing"; $0 = substr($0, 1, 101) }
  { gsub("[-.]", ""); print ">" name[n]; print }
  n == 6 { exit }' >wanted.fasta
tool 0 classify -q -m "$model" wanted.fasta
mv out wanted
for file in unaligned.bam unaligned_raw.bam unaligned.cram unaligned_3_1.cram; do
  tool 0 classify -q -m "$model" "$corpus/$file"
  empty err
  same wanted out
  run 0 sh -c "cat '$corpus/$file' | \"$taxamba\" classify -q -m \"$model\" -"
  empty err
  same wanted out
done
tool 0 embed -q -m "$model" wanted.fasta
mv out vectors
tool 0 embed -q -m "$model" "$corpus/unaligned.cram"
same vectors out

# Of aligned reads one alignment counts, on the strand of the read.
tool 0 classify -q -m "$model" "$corpus/aligned.bam"
cut -f 1 out >ids
printf 'id\nplus\nminus\nloose\n' | is ids
sed -n 3p out | cut -f 2- >got
sed -n 3p wanted | cut -f 2- | is got
has err 'aligned.bam: 2 secondary and supplementary alignments were left out'
for file in aligned.cram aligned_several.cram; do
  tool 3 classify -q -m "$model" "$corpus/$file"
  one_error classify
  has err "$file: record 1: the reads of this CRAM file are aligned" 'samtools fastq --reference'
done

# What is cut, anywhere.
for file in unaligned.bam unaligned_raw.bam unaligned.cram; do
  for part in 30 150 800; do
    head -c "$part" "$corpus/$file" >cut
    tool 3 classify -q -m "$model" cut
    one_error classify
    has err 'cut: ' ' truncated or corrupt '
  done
done
# Without its end a file may be complete.
size=$(wc -c <"$corpus/unaligned.cram")
head -c $((size - 38)) "$corpus/unaligned.cram" >cut
tool 0 classify -q -m "$model" cut
same wanted out
has err 'warning: cut: CRAM data without the container that ends it: the file may have been cut'

# They are training and reference data as FASTA is: with a taxonomy beside them.
printf '%s\t%s\n' query01 'g__Simulalpha; s__Simulalpha tertia' pair/1 g__Simulepsilon pair/2 g__Simultheta \
  'query02;size=7' 'g__Simulgamma; s__Simulgamma secunda' nothing '' query05 g__Simulkappa \
  query06 g__Simulnu >t.tsv
tool 0 index -q --taxonomy-file t.tsv -o r.tx "$corpus/unaligned.bam"
tool 0 classify -q -r r.tx --format jsonl "$corpus/unaligned.cram"
has out '"taxon":"Simulgamma secunda"'

# Other compressed formats.
tool 0 classify -q -m "$model" --min-bases 1 "$corpus/plain.fasta"
mv out wanted
for format in bz2 xz zst; do
  "$taxamba" --version | grep -q -F "$(echo "$format" | sed 's/bz2/bzip2/; s/zst/zstd/') " || continue
  tool 0 classify -q -m "$model" --min-bases 1 "$corpus/plain.fasta.$format"
  empty err
  same wanted out
  run 0 sh -c "cat '$corpus/plain.fasta.$format' | \"$taxamba\" classify -q --min-bases 1 -m \"$model\" -"
  same wanted out
  head -c 40 "$corpus/plain.fasta.$format" >cut
  tool 3 classify -q -m "$model" cut
  one_error classify
  has err 'cut: truncated or corrupt '
done
