# Pages of reports in a real browser: no message of its console, marks, labels and stops of the Tab key.
command -v chromium >/dev/null 2>&1 || skip "no chromium (Debian's package chromium)"

# browse PAGE OPTION...: loads it without a network, output in dom, messages in console
browse() {
  page=$1
  shift
  timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
    --disable-background-networking --user-data-dir="$PWD/profile" --enable-logging=stderr --log-level=0 \
    --virtual-time-budget=2000 "$@" "file://$PWD/$page" >dom 2>console
}
echo '<!DOCTYPE html><title>probe</title><p>here</p><script>console.log("heard")</script>' >probe.html
browse probe.html --dump-dom
grep -q heard console || browse probe.html --dump-dom # a first start may be slow
if ! grep -q here dom || ! grep -q heard console; then skip "chromium does not run here"; fi

# equal VALUE VALUE WHAT
equal() {
  [ "$1" = "$2" ] || fault "'$1' is not '$2': $3"
}
# occurrences of a text in the document, which may be several in a line
count() {
  grep -oF -e "$1" dom | wc -l
}

{
  printf 'id\tgenus\tgenus_confidence\tspecies\tspecies_confidence\tstatus\treason\tnovel_rank\t'
  printf 'novel_probability\tsample\n'
  printf 'r1\tG\t0.99\tG a\t0.97\tok\tmatch\t\t0.01\tS1\n'
  printf 'r2\tG\t0.99\tG b\t0.50\tok\tmatch\t\t0.01\tS1\n'
  printf 'r3\t\t\t\t\tunlike\t\t\t\tS1\n'
  printf 'r4"><img src=x onerror=console.log(1)>\tG\t0.99\tG a\t0.97\tok\tnovel\tspecies\t0.9\t<b>S2</b>\n'
} >sample.tsv
printf '>r1\nACGTACGTAC\n>r2\nACGTACGTAC\n' >reads.fasta
tool 0 report -q -o sample.html --barcodes reads.fasta sample.tsv
browse sample.html --dump-dom
if grep -E 'CONSOLE|Refused' console; then fault "messages of the console: sample"; fi
equal "$(count '<h2')" 2 "parts"
equal "$(count '<figure')" 6 "figures"
equal "$(count '<img')" 0 "images, which a name asks for"
equal "$(count '<script')" 0 "scripts"
# S1: G a, G b, unclassified; S2: G a. 2 bars of taxa, 3 records to look at, one bar of lengths, and the tree:
# G, G a, G b, unclassified
equal "$(count 'class="mark')" 14 "marks"
equal "$(count 'role="img"')" 14 "marks with a role"
equal "$(count '<details>')" 6 "tables of numbers"
# every mark, the table of each figure, the tree, and the inputs
equal "$(count 'tabindex="0"')" $((14 + 6 + 1 + 1)) "stops of the Tab key"
for text in 'aria-label="S1, G a: 1 reads, 33.3 %"' \
  'aria-label="&lt;b&gt;S2&lt;/b&gt;, G a: 1 reads, 100.0 %"' \
  'share of reads' 'length in bases' 'role="note"' '<caption>Top taxa</caption>'; do
  [ "$(count "$text")" -ge 1 ] || [ "$(count "$(echo "$text" | sed 's/&lt;/</g; s/&gt;/>/g')")" -ge 1 ] ||
    fault "'$text' is not in the page"
done

cat >log.jsonl <<'LOG'
{"event":"start","config":{}}
{"event":"epoch","epoch":1,"train_loss":2,"valid_loss":1.5,"accuracy":{"genus":0.5},"learning_rate":0.003}
{"event":"epoch","epoch":2,"train_loss":1,"valid_loss":1.2,"accuracy":{"genus":0.7},"learning_rate":0.001}
LOG
printf 'id,genus,species,dna_barcode\nr1,G,G a,ACGTA\nr2,G,G a,ACGTA\nr4,G,G b,ACGTA\n' >table.csv
tool 0 report -q -o eval.html -t table.csv sample.tsv log.jsonl
browse eval.html --dump-dom
if grep -E 'CONSOLE|Refused' console; then fault "messages of the console: evaluation"; fi
# 2 ranks; reliability and risk at .97 and .50; one length, one size of class (r4 has another id and no
# label); one confusion; tree G, G a; 2 losses and an accuracy in 2 epochs
equal "$(count '<figure')" 9 "figures of an evaluation"
equal "$(count 'class="mark')" $((2 + 2 + 2 + 1 + 1 + 1 + 2 + 4 + 2)) "marks of an evaluation"
equal "$(count 'aria-label="Accuracy per rank. accuracy against rank, 1 series"')" 1 "names of a plot"

# It is drawn: pictures are not of one colour, and light and dark differ, as do wide and narrow.
shoot() {
  browse eval.html --hide-scrollbars --window-size="$1",1200 --blink-settings=preferredColorScheme="$2" \
    --screenshot="$PWD/$3"
  [ -s "$3" ] && [ "$(wc -c <"$3")" -gt 15000 ] || fault "no picture: $3"
}
shoot 1200 1 light.png
shoot 1200 0 dark.png
shoot 400 1 narrow.png
if cmp -s light.png dark.png; then fault "dark is as light"; fi
browse eval.html --no-pdf-header-footer --print-to-pdf="$PWD/page.pdf"
[ -s page.pdf ] || fault "no print"
rm -rf profile
