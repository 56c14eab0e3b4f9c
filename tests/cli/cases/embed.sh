# Vectors as .npy with ids, as text, and of length 1.
tool 0 embed -m "$model" -o v.npy "$queries"
empty out
has err 'taxamba embed ' ' called), '
records=$(grep -c '^>' "$queries")
[ "$(wc -l <v.npy.ids)" -eq "$records" ] || fault 'not one id per record'
grep '^>' "$queries" | sed 's/^>//; s/ .*//' >ids
same ids v.npy.ids
[ "$(od -An -tx1 -N 6 v.npy | tr -d ' \n')" = 934e554d5059 ] || fault 'no NumPy magic'
header=$(head -c 128 v.npy | tr -d '\000' | tail -c 118)
case $header in
*"'descr': '<f4'"*"'fortran_order': False"*"'shape': ($records, 32)"*) ;;
*) fault "the header of the array: $header" ;;
esac
tool 0 embed -q -m "$model" -o w.npy --ids names.txt "$queries"
same v.npy w.npy
same ids names.txt
absent w.npy.ids
tool 0 embed -q -m "$model" "$queries"
cut -f 1 out >first
same ids first
mv out text
tool 0 embed -q -m "$model" -o text.tsv -f tsv "$queries"
same text text.tsv
absent text.tsv.ids
tool 0 embed -q -m "$model" -n "$queries"
awk -F '\t' '{ s = 0; for (i = 2; i <= NF; i++) s += $i * $i
  if ($2 != "nan" && (s < 0.99999 || s > 1.00001)) { print NR, s; exit } }' out >odd
[ ! -s odd ] || { fault 'a vector is not of length 1'; cat odd; }
printf '>a\nACGT\n' >short.fasta
tool 0 embed -q -m "$model" short.fasta
[ "$(cut -f 2 out | tr 'A-Z' 'a-z')" = nan ] || { fault 'a record without a call is not NaN'; show; }
only_files v.npy v.npy.ids w.npy names.txt text text.tsv ids first odd short.fasta
