# Equal barcodes are computed once, in whatever letters they are written; no byte of the output shows it.
unwrap <"$queries" | head -n 60 >plain.fasta
{
  cat plain.fasta
  awk '/^>/ { print $0 "_lower"; next } { print tolower($0) }' plain.fasta
  awk '/^>/ { print $0 "_rna"; next } { gsub("T", "U"); print }' plain.fasta
  awk '/^>/ { print $0 "_gaps"; next }
    { print "--" substr($0, 1, 100) "-" substr($0, 101, 200) "..."; print substr($0, 301) }' plain.fasta
} >copies.fasta
records=$(grep -c '^>' plain.fasta)
for strand in plus minus both; do
  tool 0 classify -m "$model" -t 1 --strand $strand --duplicates-cache 0 copies.fasta
  hasnot err duplicates
  mv out rows
  called=$(column status rows | grep -c '^ok$' || :) # of the wrong strand they are unlike
  for threads in 1 2 4; do
    for batch in 1 64; do
      tool 0 classify -m "$model" -t $threads --batch $batch --strand $strand copies.fasta
      same out rows
      has err "($called called, $((3 * records)) duplicates), "
    done
  done
done
[ "$called" -eq $((4 * records)) ] || fault "of either strand $called are called"
tool 0 embed -q -m "$model" -t 1 --duplicates-cache 0 copies.fasta
mv out vectors
tool 0 embed -m "$model" -t 2 --duplicates-cache 1 copies.fasta
same out vectors
has err "$((3 * records)) duplicates), "
tool 2 classify -m "$model" --duplicates-cache 65537 copies.fasta
one_error classify
has err 'duplicates-cache'
tool 2 embed -m "$model" --duplicates-cache -1 copies.fasta
one_error embed
