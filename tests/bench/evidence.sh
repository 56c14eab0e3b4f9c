#!/bin/sh
# Classification by references beside vsearch, on whole barcodes and on parts of them.
#   evidence.sh TAXAMBA TABLE FOLDER
# TABLE has the columns of BIOSCAN-5M. References are its split train, queries its splits test and
# test_unseen.
# FOLDER gets the work files. Prints Markdown tables. VSEARCH names the peer.
set -eu
taxamba=${1:?usage: evidence.sh TAXAMBA TABLE FOLDER}
table=${2:?}
work=${3:?}
vsearch=${VSEARCH:-vsearch}
repeats=${REPEATS:-8}
mkdir -p "$work"
cd "$work"

# FASTA of one split with SINTAX headers: >ID;tax=o:...,f:...,g:...,s:...;
# shellcheck disable=SC2016 # awk
split() {
  case $table in *.gz) gzip -dc "$table" ;; *) cat "$table" ;; esac | awk -v wanted="$1" '
    function fields(line,    n, at, text, c, quoted) {
      n = 1; text = ""; quoted = 0
      for (at = 1; at <= length(line); at++) {
        c = substr(line, at, 1)
        if (c == "\"") quoted = !quoted
        else if (c == "," && !quoted) { field[n++] = text; text = "" }
        else text = text c
      }
      field[n] = text
    }
    { sub(/\r$/, ""); fields($0) }
    NR == 1 { for (i in field) column[field[i]] = i; next }
    field[column["split"]] == wanted && field[column["dna_barcode"]] != "" {
      lineage = ""
      m = split("order family genus species", ranks, " ")
      for (r = 1; r <= m; r++) {
        name = field[column[ranks[r]]]
        gsub(/[ ,;:]/, "_", name)
        if (name != "") lineage = lineage (lineage == "" ? "" : ",") substr(ranks[r], 1, 1) ":" name
      }
      if (lineage == "") next
      printf ">%s;tax=%s;\n%s\n", field[column["processid"]], lineage, field[column["dna_barcode"]]
    }'
}

# Part of each sequence: full, firstN, lastN, or randomN (by a linear congruence from the record number).
part() {
  awk -v kind="$2" '
    /^>/ { print; next }
    { n = kind; sub(/[a-z]*/, "", n); n += 0; at = 1; record++
      if (n && length($0) > n) {
        if (kind ~ /^last/) at = length($0) - n + 1
        if (kind ~ /^random/) at = (record * 7919 + 13) % (length($0) - n + 1) + 1
        print substr($0, at, n)
      } else print }' "$1"
}

split train >train.fasta
split test >test.fasta
split test_unseen >unseen.fasta
"$taxamba" index -q -o references.tx train.fasta

# The accuracy of "known" at a rank with its interval, from the report of eval.
accuracy() { awk -v rank="$1" '$1 == rank && $2 == "known" { printf "%.1f (%s)", 100 * $6, $7 }' "$2" |
  awk '{ split($2, e, /[(-]|\)/); printf "%s (%.1f-%.1f)", $1, 100 * e[2], 100 * e[3] }'; }
ece() { awk -v rank="$1" '$1 == rank && $2 == "all" { printf "%.3f", $NF }' "$2"; }
# Share of queries whose best hit (query TAB target) has their taxon at a rank, in percent, over all queries.
share() { awk -F '\t' -v letter="$1" -v total="$3" '
    function taxon(text) {
      if (!match(text, "[=,]" letter ":[^,;]*")) return ""
      return substr(text, RSTART + 3, RLENGTH - 3)
    }
    !($1 in seen) { seen[$1]; right += taxon($1) != "" && taxon($1) == taxon($2) }
    END { printf "%.1f", 100 * right / total }' "$2"; }
# AUROC of a score (higher: new) and the share of unseen at or below the score that calls 95 % of the seen.
# Lines: 0 or 1 (unseen), score.
novelty() { sort -k2,2g | awk '
    { label[NR] = $1; score[NR] = $2; if ($1) unseen++; else seen++ }
    END {
      for (i = 1; i <= NR; i = j) {
        for (j = i; j <= NR && score[j] == score[i]; j++) ;
        a = b = 0
        for (k = i; k < j; k++) if (label[k]) a++; else b++
        area += a * (below + b / 2)
        below += b; named += a
        if (!done && below >= 0.95 * seen) { at = named; done = 1 }
      }
      printf "%.3f | %.1f", area / (seen * unseen), 100 * at / unseen
    }'; }

echo "| part | species, seen | usearch_global | sintax | genus, unseen | usearch_global | sintax |"
echo "|---|---|---|---|---|---|---|"
parts=${PARTS:-"full first313 last313 random250 last250 last150"}
for kind in $parts; do
  part test.fasta "$kind" >"test.$kind.fasta"
  part unseen.fasta "$kind" >"unseen.$kind.fasta"
  cat "test.$kind.fasta" "unseen.$kind.fasta" >"all.$kind.fasta"
  for set in test unseen all; do
    "$taxamba" eval -q -r references.tx --bootstrap 1000 "$set.$kind.fasta" >"$set.$kind.eval"
    "$taxamba" classify -q -r references.tx "$set.$kind.fasta" >"$set.$kind.tsv"
    [ "$set" = all ] && continue
    "$vsearch" --usearch_global "$set.$kind.fasta" --db train.fasta --id 0.5 --maxaccepts 64 \
      --maxrejects 512 --maxhits 1 --blast6out "$set.$kind.b6" --quiet --threads 2
    "$vsearch" --sintax "$set.$kind.fasta" --db train.fasta --tabbedout "$set.$kind.sintax" --quiet \
      --threads 1
    sed 's/([0-9.]*)//g; s/\t/\t=/' "$set.$kind.sintax" | cut -f 1,2 >"$set.$kind.calls"
  done
  seen=$(grep -c '>' "test.$kind.fasta") unseen=$(grep -c '>' "unseen.$kind.fasta")
  printf '| %s | %s | %s | %s | %s | %s | %s |\n' "$kind" "$(accuracy species "test.$kind.eval")" \
    "$(share s "test.$kind.b6" "$seen")" "$(share s "test.$kind.calls" "$seen")" \
    "$(accuracy genus "unseen.$kind.eval")" "$(share g "unseen.$kind.b6" "$unseen")" \
    "$(share g "unseen.$kind.calls" "$unseen")"
done

echo
printf '| part | AUROC of novelty | unseen named | by identity: AUROC | unseen named '
echo '| ECE order / family / genus / species | --error-rate 0.05: wrong | called ranks |'
echo "|---|---|---|---|---|---|---|---|"
for kind in $parts; do
  ours=$({ awk -F '\t' 'NR > 1 { print 0, $(NF - 5) == "" ? 1 : $(NF - 5) }' "test.$kind.tsv"
    awk -F '\t' 'NR > 1 { print 1, $(NF - 5) == "" ? 1 : $(NF - 5) }' "unseen.$kind.tsv"; } | novelty)
  theirs=$({ awk '{ print 0, 100 - $3 }' "test.$kind.b6"
    awk '{ print 1, 100 - $3 }' "unseen.$kind.b6"; } | novelty)
  # The last taxon called of each record is right or wrong.
  promise=$("$taxamba" classify -q -r references.tx --error-rate 0.05 "all.$kind.fasta" | awk -F '\t' '
    NR == 1 { next }
    { n = 0; last = ""
      for (r = 1; r <= 4; r++) if ($(2 * r) != "") { n = r; last = $(2 * r) }
      letter = substr("ofgs", n, 1)
      depth += n; records++
      if (!n || !match($1, "[=,]" letter ":[^,;]*")) next
      called++
      wrong += substr($1, RSTART + 3, RLENGTH - 3) != last }
    END { printf "%.1f %% | %.2f", 100 * wrong / called, depth / records }')
  printf '| %s | %s | %s | %s / %s / %s / %s | %s |\n' "$kind" "$ours" "$theirs" \
    "$(ece order "all.$kind.eval")" "$(ece family "all.$kind.eval")" "$(ece genus "all.$kind.eval")" \
    "$(ece species "all.$kind.eval")" "$promise"
done

# Speed on one thread, parsing and output included.
seconds() { start=$(date +%s.%N); "$@" >/dev/null 2>&1; date +%s.%N | awk -v s="$start" '{ print $1 - s }'; }
echo
echo "| part | records/s, one thread | sintax |"
echo "|---|---|---|"
for kind in full last313; do
  i=0
  : >many.fasta
  while [ $i -lt "$repeats" ]; do cat "test.$kind.fasta" >>many.fasta; i=$((i + 1)); done
  own=$(seconds "$taxamba" classify -q -r references.tx -t 1 --duplicates-cache 0 many.fasta)
  other=$(seconds "$vsearch" --sintax "test.$kind.fasta" --db train.fasta --tabbedout /dev/null --threads 1)
  awk -v k="$kind" -v n="$(grep -c '>' many.fasta)" -v m="$(grep -c '>' "test.$kind.fasta")" -v a="$own" \
    -v b="$other" 'BEGIN { printf "| %s | %.0f | %.0f |\n", k, n / a, m / b }'
done
