# Ten million bases in one line, and many short records: neither breaks anything.
{
  printf '>long\n'
  awk 'BEGIN {
    srand(7)
    for (i = 0; i < 100000; i++) { s = ""; for (j = 0; j < 10; j++) s = s "ACGTTGCAAC"; printf "%s", s }
    print ""
  }'
} >long.fasta
[ "$(wc -c <long.fasta)" -gt 10000000 ] || fault 'the line is not long'
tool 0 classify -q -m "$model" long.fasta
[ "$(wc -l <out)" -eq 2 ] || fault 'not one row'
awk 'BEGIN { for (i = 1; i <= 20000; i++) printf ">short%d\nACGT\n", i }' >short.fasta
tool 0 classify -q -m "$model" short.fasta
[ "$(wc -l <out)" -eq 20001 ] || fault 'not 20000 rows'
# Of a long record only the ends that are read are kept, on any strand and with letters of any kind, and its
# fault is found behind them.
short=$(awk '/^>/ { if (n++) exit; next } { printf "%s", $0 }' "$queries")
peak() { sed -n 's/.* \([0-9]*\) MiB peak memory.*/\1/p' err; }
for strand in plus minus both; do
  { printf '>long\n%s\n' "$short"; tail -n 1 long.fasta;
    printf '%s\n>next\n%s\n' "$short" "$short"; } >ends.fasta
  { printf '>long\n%s' "$short"; tail -n 1 long.fasta | head -c 3000; tail -n 1 long.fasta | tail -c 3000;
    printf '%s\n>next\n%s\n' "$short" "$short"; } >cut.fasta
  tool 0 classify -q -m "$model" --strand $strand cut.fasta
  mv out cut
  tool 0 classify -m "$model" --strand $strand ends.fasta
  same out cut
  [ "$(peak)" -lt 150 ] || fault "$(peak) MiB for a long record on strand $strand"
done
{ cat ends.fasta; printf '>bad\nACGT\nMKVLEFPQ\n'; } >bad.fasta
tool 3 classify -q -m "$model" bad.fasta
one_error classify
has err 'bad.fasta' 'looks like protein'
