# Reads of either strand: the strand is found, told, and does not matter to the answer.
# letters that are no certain base would need more care to turn round
unwrap <"$queries" | awk '/^>/ { print; next }
  { line = toupper($0); gsub("U", "T", line); gsub("[-.]", "", line); gsub("[^ACGT]", "N", line); print line }
' >flat.fasta
reverse_complement <flat.fasta >reverse.fasta
tool 0 classify -q -m "$model" --strand plus flat.fasta
mv out plus
tool 0 classify -q -m "$model" --strand minus reverse.fasta
mv out minus
sed 's/	+	/	.	/' plus >plus_plain
sed 's/	-	/	.	/' minus >minus_plain
same plus_plain minus_plain
[ "$(column strand minus | sort -u | tr -d '\n.')" = '-' ] || fault 'strand minus is not told'
[ "$(column strand plus | sort -u | tr -d '\n.')" = '+' ] || fault 'strand plus is not told'

tool 0 classify -q -m "$model" --strand both flat.fasta
mv out both_forward
tool 0 classify -q -m "$model" --strand both reverse.fasta
mv out both_reverse
tr '+-' '.' <both_forward >a
tr '+-' '.' <both_reverse >b
cut -f 1-9 a >a9
cut -f 1-9 b >b9
same a9 b9
# whichever is chosen, it is the other strand of the other file
column strand both_forward | tr '+-' '-+' >turned
column strand both_reverse >told
same turned told
plus_count=$(grep -c '^+' turned || :)
minus_count=$(grep -c '^-' turned || :)
[ "$minus_count" -gt $((plus_count * 3)) ] ||
  fault "few records are found on their strand: $minus_count of $((plus_count + minus_count))"
