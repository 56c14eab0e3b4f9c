# The same records give the same rows, whatever they come in: plain or compressed, in one member or several,
# with either line end, wrapped or not, as FASTA or FASTQ, from a file or a pipe.
unwrap <"$queries" | awk '/^>/ { print; next } { gsub("[-.]", ""); print }' >flat.fasta
tool 0 classify -q -m "$model" flat.fasta
mv out wanted
gzip -c flat.fasta >one.gz
head -n 20 flat.fasta >first.fasta
tail -n +21 flat.fasta >second.fasta
{ gzip -c first.fasta; gzip -c second.fasta; } >members.gz
{ gzip -c first.fasta; gzip -c </dev/null; gzip -c second.fasta; } >empty_member.gz
{ cat one.gz; head -c 1000 /dev/zero; } >padded.gz
awk '{ printf "%s\r\n", $0 }' flat.fasta >crlf.fasta
gzip -c crlf.fasta >crlf.gz
awk '/^>/ { print; next } { while (length > 60) { print substr($0, 1, 60); $0 = substr($0, 61) } print }' \
  flat.fasta >wrapped.fasta
awk '/^>/ { print; next } { print tolower($0) }' flat.fasta >lower.fasta
awk '/^>/ { sub(">", "@"); print; next } { print; print "+"; gsub(".", "I"); print }' flat.fasta >reads.fastq
gzip -c reads.fastq >reads.fastq.gz
if command -v bgzip >/dev/null 2>&1; then
  bgzip -c flat.fasta >blocks.gz
  bgzip -c reads.fastq >reads_blocks.gz
fi
for file in one.gz members.gz empty_member.gz padded.gz crlf.fasta crlf.gz wrapped.fasta lower.fasta \
  reads.fastq reads.fastq.gz \
  blocks.gz reads_blocks.gz; do
  [ -e "$file" ] || continue
  tool 0 classify -q -m "$model" "$file"
  empty err
  same wanted out
  run 0 sh -c "cat $file | \"$taxamba\" classify -q -m \"$model\" -"
  empty err
  same wanted out
done
tool 0 classify -q -m "$model" first.fasta second.fasta
same wanted out

# Labelled tables, and a training from them.
table=$data/simulated_metadata.csv
tool 0 eval -q -m "$model" "$table"
mv out wanted
gzip -c "$table" >table.csv.gz
awk '{ printf "%s\r\n", $0 }' "$table" >crlf.csv
for file in table.csv.gz crlf.csv; do
  tool 0 eval -q -m "$model" "$file"
  same wanted out
  run 0 sh -c "cat $file | \"$taxamba\" eval -q -m \"$model\" -"
  same wanted out
done

# What stands behind gzip data is told, and does not count.
{ cat one.gz; echo 'not gzip'; } >trailing.gz
tool 0 classify -q -m "$model" trailing.gz
is err <<'END'
taxamba classify: warning: trailing.gz: what follows the gzip data is no gzip and was left out
END
head -c 3000 one.gz >cut.gz
tool 3 classify -q -m "$model" cut.gz
one_error classify
has err 'cut.gz' 'truncated or corrupt gzip data'
# bgzip that ends without its last, empty block was perhaps cut.
size=$(wc -c <"$here/../fuzz/corpus/reader/bgzip.fasta.gz")
head -c $((size - 28)) "$here/../fuzz/corpus/reader/bgzip.fasta.gz" >cut_blocks.gz
tool 0 classify -q -m "$model" --min-bases 1 "$here/../fuzz/corpus/reader/bgzip.fasta.gz"
empty err
mv out wanted
tool 0 classify -q -m "$model" --min-bases 1 cut_blocks.gz
same wanted out
has err 'warning: cut_blocks.gz: bgzip data without the empty block that ends it'
