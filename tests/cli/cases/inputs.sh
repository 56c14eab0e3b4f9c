# The same barcodes in every guise give the same rows.
unwrap <"$queries" >flat.fasta
tool 0 classify -q -m "$model" flat.fasta
mv out rows
[ "$(wc -l <rows)" -eq $(($(grep -c '^>' "$queries") + 1)) ] || fault 'not one row per record'
grep '^>' "$queries" | sed 's/^>//; s/ .*//' >ids
column id rows | diff - ids >/dev/null || fault 'ids or their order differ'

sed 's/$/\r/' flat.fasta >crlf.fasta
awk '/^>/ { print; next } { print tolower($0) }' flat.fasta >lower.fasta
awk '/^>/ { print; next } { gsub("T", "U"); print }' flat.fasta >rna.fasta
awk '/^>/ { print; next } { for (i = 1; i <= length($0); i += 7) print substr($0, i, 7) }' \
  flat.fasta >narrow.fasta
awk '/^>/ { print; next } { print "--" substr($0, 1, 9) "-.-" substr($0, 10) "--" }' flat.fasta >aligned.fasta
awk '/^>/ { print "@" substr($0, 2); next } { print; print "+"; gsub(".", "I"); print }' \
  flat.fasta >reads.fastq
gzip -c flat.fasta >flat.bin
gzip -c reads.fastq >reads.txt
head -c -1 flat.fasta >unended.fasta
for file in "$queries" crlf.fasta lower.fasta rna.fasta narrow.fasta aligned.fasta reads.fastq flat.bin \
  reads.txt unended.fasta; do
  tool 0 classify -q -m "$model" "$file"
  same out rows
  run 0 sh -c "\"$taxamba\" classify -q -m \"$model\" <\"$file\""
  same out rows
  run 0 sh -c "cat \"$file\" | \"$taxamba\" classify -q -m \"$model\" -"
  same out rows
done
if command -v bgzip >/dev/null 2>&1; then
  bgzip -c flat.fasta >flat.bgz
  tool 0 classify -q -m "$model" flat.bgz
  same out rows
fi

# Several files, of several kinds, one of them a pipe.
head -n 20 flat.fasta >first.fasta
tail -n +21 flat.fasta | head -n 20 >second.fasta
tail -n +41 flat.fasta >third.fasta
gzip -f first.fasta
run 0 sh -c "\"$taxamba\" classify -q -m \"$model\" first.fasta.gz - third.fasta <second.fasta"
same out rows

# Nobody types barcodes: a terminal and no file is a usage error, not a wait.
if command -v script >/dev/null 2>&1 && script -qec true /dev/null </dev/null >/dev/null 2>&1; then
  run 2 script -qec "\"$taxamba\" classify -m \"$model\"" /dev/null
  has out 'no input: name a file'
fi
