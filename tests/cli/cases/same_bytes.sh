# Neither threads nor batch nor the neighbours in the file change a byte.
tool 0 classify -q -m "$model" -t 1 --batch 1 "$queries"
mv out rows
tool 0 embed -q -m "$model" -t 1 --batch 1 "$queries"
mv out vectors
for threads in 1 2 5; do
  for batch in 1 3 64 1000; do
    tool 0 classify -q -m "$model" -t $threads --batch $batch "$queries"
    same out rows
  done
  tool 0 embed -q -m "$model" -t $threads --batch 7 "$queries"
  same out vectors
done
unwrap <"$queries" >flat.fasta
awk '/^>/ { header = $0; next } { line[NR] = header "\n" $0 }
  END { for (i = NR; i > 0; i--) if (line[i]) print line[i] }' flat.fasta >reversed.fasta
tool 0 classify -q -m "$model" reversed.fasta
sort out >sorted
sort rows | diff - sorted >/dev/null || fault 'the order of the records changes rows'
for threads in 1 3; do
  tool 0 classify -q -m "$model" -t $threads --strand both --offsets 0 --format jsonl "$queries"
  mv out both$threads
done
same both1 both3
# at every precision, which gives bytes of its own
for precision in bf16 int8; do
  tool 0 embed -q -m "$model" -t 1 --batch 1 --precision $precision "$queries"
  cmp -s out vectors && fault "--precision $precision changes nothing"
  mv out vectors_$precision
  for threads in 1 3; do
    tool 0 embed -q -m "$model" -t $threads --batch 5 --duplicates-cache 0 --precision $precision "$queries"
    same out vectors_$precision
  done
done
