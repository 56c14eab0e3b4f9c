# Ten million bases in one line, and many short records: neither breaks anything.
{ printf '>long\n'; awk 'BEGIN { srand(7); for (i = 0; i < 100000; i++) { s = ""; for (j = 0; j < 10; j++) s = s "ACGTTGCAAC"; printf "%s", s } print "" }'; } >long.fasta
[ "$(wc -c <long.fasta)" -gt 10000000 ] || fault 'the line is not long'
tool 0 classify -q -m "$model" long.fasta
[ "$(wc -l <out)" -eq 2 ] || fault 'not one row'
awk 'BEGIN { for (i = 1; i <= 20000; i++) printf ">short%d\nACGT\n", i }' >short.fasta
tool 0 classify -q -m "$model" short.fasta
[ "$(wc -l <out)" -eq 20001 ] || fault 'not 20000 rows'
