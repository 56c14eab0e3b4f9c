# Progress: one line that rewrites itself, whenever standard error is a terminal, and nothing elsewhere.
command -v script >/dev/null 2>&1 || exit 77
probe=$(script -qec 'echo ok' /dev/null </dev/null 2>/dev/null | tr -d '\r')
[ "$probe" = ok ] || exit 77
table=$data/simulated_metadata.csv

# The first records, and the others when a line is due.
cat >feed.sh <<'END'
head -n "$2" "$1"
sleep 0.6
tail -n "+$(($2 + 1))" "$1"
END
# on_terminal COMMAND: its output on a terminal goes to the file out.
on_terminal() {
  last=$1
  script -qec "$1" /dev/null </dev/null >out 2>/dev/null
  tr -d '\r' <out >text
}
erase=$(printf '\r\033[K')
shown() {
  grep -F -e "$1" out >/dev/null || { fault "no progress '$1': $last"; show; }
  grep -F -e "$erase" out >/dev/null || { fault "the progress is not erased: $last"; show; }
}
silent() {
  if grep -F -e "$erase" out >/dev/null; then fault "progress: $last"; show; fi
}
queries_feed="sh feed.sh '$queries' 40"
on_terminal "$queries_feed | '$taxamba' classify -m '$model' -o rows.tsv -"
shown ' records, '
grep -F 'taxamba classify ' text | grep -q 'records (' || fault 'no closing line'
on_terminal "$queries_feed | '$taxamba' classify -m '$model' - >rows.tsv"
shown ' records, '
on_terminal "$queries_feed | '$taxamba' embed -m '$model' -o v.npy -"
shown ' records, '
on_terminal "sh feed.sh '$table' 400 | '$taxamba' eval -m '$model' --look network -"
shown ' records, '
on_terminal "sh feed.sh '$table' 400 | '$taxamba' index -o r.tx -"
shown ' records read'
shown 'fitting the weights of the answer'
# The rows themselves go to the terminal; --quiet; a file or a pipe as standard error.
on_terminal "$queries_feed | '$taxamba' classify -m '$model' -"
silent
on_terminal "$queries_feed | '$taxamba' classify -q -m '$model' -o rows.tsv -"
silent
empty out
on_terminal "$queries_feed | '$taxamba' classify -m '$model' -o rows.tsv - 2>err"
silent
[ "$(wc -l <err)" -eq 1 ] || fault 'more than the closing line in a file'
# A warning takes the place of the line.
printf '>x\nACGTACGTACGTI\n' >odd.fasta
cat odd.fasta "$queries" >odd_queries.fasta
on_terminal "sh feed.sh odd_queries.fasta 40 | '$taxamba' classify -m '$model' -o rows.tsv -"
shown ' records, '
grep -q 'warning: standard input: letters that are no bases' text || fault "no warning: $last"
if tr '\r' '\n' <out | grep 'taxamba.*taxamba'; then fault 'a warning behind a line of progress'; fi
