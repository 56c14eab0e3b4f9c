#!/bin/sh
# Classification by references beside vsearch and megablast, on whole barcodes and on parts of them.
#   evidence.sh TAXAMBA TABLE FOLDER
# TABLE has the columns of BIOSCAN-5M. References are its split train, queries its splits test and
# test_unseen. FOLDER gets the work files. Prints Markdown tables.
# Environment: VSEARCH, BLASTN, MAKEBLASTDB, the peers (without blastn its columns are '-'); PARTS, the parts
# of a barcode; REPEATS, how often the queries are repeated for the speed; PROMISE, options of classify beside
# --error-rate 0.05.
set -eu
taxamba=${1:?usage: evidence.sh TAXAMBA TABLE FOLDER}
table=${2:?}
work=${3:?}
vsearch=${VSEARCH:-vsearch}
blastn=${BLASTN:-blastn}
makeblastdb=${MAKEBLASTDB:-makeblastdb}
repeats=${REPEATS:-8}
# absolute, since the work is done in FOLDER
case $taxamba in */*) taxamba=$(cd "$(dirname "$taxamba")" && pwd)/$(basename "$taxamba") ;; esac
table=$(cd "$(dirname "$table")" && pwd)/$(basename "$table")
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

# Part of each sequence: full, firstN, lastN, or randomN, whose place the number of the record decides.
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
# Share of queries whose best hit has their taxon at a rank, in percent of the queries whose taxon at that
# rank some reference has; no hit is wrong. Arguments: letter of the rank, queries, hits (query TAB target).
share() {
  cat train.fasta "$2" | awk -F '\t' -v letter="$1" -v references="$(grep -c '>' train.fasta)" '
    function taxon(text) {
      if (!match(text, "[=,]" letter ":[^,;]*")) return ""
      return substr(text, RSTART + 3, RLENGTH - 3)
    }
    NR == FNR {
      if (!/^>/) next
      record++
      name = taxon($0)
      if (name == "") next
      if (record <= references) known[name]
      else if (name in known) { wanted[substr($0, 2)] = name; total++ }
      next
    }
    $1 in wanted && !($1 in seen) { seen[$1]; right += taxon($2) == wanted[$1] }
    END { printf "%.1f", 100 * right / total }' - "$3"
}
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

# The best hits of megablast in "$1.b6n"; none without blastn and for most of the parts.
megablast() {
  case $kind in full | last150) ;; *) return 0 ;; esac
  [ "$blast" = yes ] || return 0
  "$blastn" -task megablast -query "$1.fasta" -db blast -outfmt 6 -max_target_seqs 5 -num_threads 2 \
    >"$1.b6n" 2>/dev/null
}
megablast_share() { if [ -e "$2.b6n" ]; then share "$1" "$2.fasta" "$2.b6n"; else printf -- -; fi; }
# Lines for novelty from the distances in a table of hits; a query without a hit has 100.
distances() { # label queries hits
  awk -F '\t' -v label="$1" 'NR == FNR { if (!($1 in hit)) hit[$1] = 100 - $3; next }
    /^>/ { name = substr($0, 2); print label, name in hit ? hit[name] : 100 }' "$3" "$2"
}
# Lines for novelty from rows of classify; a row without an answer has 1.
chances() { # label rows
  awk -F '\t' -v label="$1" '
    NR == 1 { for (i = 1; i <= NF; i++) if ($i == "novel_probability") at = i; next }
    { print label, $at == "" ? 1 : $at }' "$2"
}

blast=no
rm -f ./*.b6n
if command -v "$blastn" >/dev/null && command -v "$makeblastdb" >/dev/null; then
  "$makeblastdb" -in train.fasta -dbtype nucl -out blast >/dev/null
  blast=yes
fi
printf '| part | species, seen | usearch_global | sintax | megablast '
echo '| genus, unseen | usearch_global | sintax | megablast |'
echo "|---|---|---|---|---|---|---|---|---|"
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
      --threads 1 --randseed 1
    sed 's/([0-9.]*)//g; s/\t/\t=/' "$set.$kind.sintax" | cut -f 1,2 >"$set.$kind.calls"
    megablast "$set.$kind"
  done
  printf '| %s | %s | %s | %s | %s ' "$kind" "$(accuracy species "test.$kind.eval")" \
    "$(share s "test.$kind.fasta" "test.$kind.b6")" "$(share s "test.$kind.fasta" "test.$kind.calls")" \
    "$(megablast_share s "test.$kind")"
  printf '| %s | %s | %s | %s |\n' "$(accuracy genus "unseen.$kind.eval")" \
    "$(share g "unseen.$kind.fasta" "unseen.$kind.b6")" \
    "$(share g "unseen.$kind.fasta" "unseen.$kind.calls")" "$(megablast_share g "unseen.$kind")"
done

echo
printf '| part | AUROC of novelty | unseen named | by identity: AUROC | unseen named '
echo '| ECE order / family / genus / species | --error-rate 0.05: wrong | called ranks |'
echo "|---|---|---|---|---|---|---|---|"
for kind in $parts; do
  ours=$({ chances 0 "test.$kind.tsv"; chances 1 "unseen.$kind.tsv"; } | novelty)
  theirs=$({ distances 0 "test.$kind.fasta" "test.$kind.b6"
    distances 1 "unseen.$kind.fasta" "unseen.$kind.b6"; } | novelty)
  # The last taxon called of each record is right or wrong.
  # shellcheck disable=SC2086 # the options are words
  promise=$("$taxamba" classify -q -r references.tx --error-rate 0.05 ${PROMISE:-} "all.$kind.fasta" |
    awk -F '\t' '
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

# Mean confidence at a rank and the share that is right, in percent, of the rows that have a name and a label.
calibration() { # rank letter rows
  awk -F '\t' -v rank="$1" -v letter="$2" '
    NR == 1 { for (i = 1; i <= NF; i++) if ($i == rank) at = i; next }
    $at != "" && match($1, "[=,]" letter ":[^,;]*") {
      n++; sum += $(at + 1); right += substr($1, RSTART + 3, RLENGTH - 3) == $at
    }
    END { printf "%.1f | %.1f", 100 * sum / n, 100 * right / n }' "$3"
}
echo
echo "| part | species, seen: mean confidence | right | genus, unseen: mean confidence | right |"
echo "|---|---|---|---|---|"
for kind in $parts; do
  printf '| %s | %s | %s |\n' "$kind" "$(calibration species s "test.$kind.tsv")" \
    "$(calibration genus g "unseen.$kind.tsv")"
done

# Speed on one thread, parsing and output included: the best of three turns.
seconds() { start=$(date +%s.%N); "$@" >/dev/null 2>&1; date +%s.%N | awk -v s="$start" '{ print $1 - s }'; }
least() { printf '%s\n' "$@" | sort -g | head -n 1; }
echo
echo "| part | records/s, one thread | sintax |"
echo "|---|---|---|"
for kind in full last313; do
  [ -e "test.$kind.fasta" ] || continue
  i=0
  : >many.fasta
  while [ $i -lt "$repeats" ]; do cat "test.$kind.fasta" >>many.fasta; i=$((i + 1)); done
  own='' other=''
  for _ in 1 2 3; do
    own="$own $(seconds "$taxamba" classify -q -r references.tx -t 1 --duplicates-cache 0 many.fasta)"
    other="$other $(seconds "$vsearch" --sintax many.fasta --db train.fasta --tabbedout /dev/null \
      --threads 1)"
  done
  # shellcheck disable=SC2086 # several words
  awk -v k="$kind" -v n="$(grep -c '>' many.fasta)" -v a="$(least $own)" -v b="$(least $other)" \
    'BEGIN { printf "| %s | %.0f | %.0f |\n", k, n / a, n / b }'
done
