#!/bin/sh
# What --error-rate promises and what comes, on taxa held out of the references.
#   error_rate.sh TAXAMBA FASTA FOLDER
# FASTA: labelled barcodes with SINTAX headers, one line per sequence, such as the train.fasta that
# evidence.sh leaves in its folder. For each seed, some orders, families, genera and species are held out
# whole, and single records of other species; the rest are the references. FOLDER gets the work files.
# Environment: SEEDS (numbers), PARTS (parts of a barcode, as in evidence.sh), RATE (0.05), PRIOR (shares of
# known species, new species, genus, family and order, for --prior and the sums), and OPTIONS of classify.
# Prints for each seed and part the share of wrong lineages among those called and the mean number of called
# ranks, the kinds weighted by PRIOR; then the same over all seeds.
set -eu
taxamba=${1:?usage: error_rate.sh TAXAMBA FASTA FOLDER}
fasta=${2:?}
work=${3:?}
rate=${RATE:-0.05}
prior=${PRIOR:-.60,.22,.10,.05,.03}
options="--prior $prior ${OPTIONS:-}"
mkdir -p "$work"

# Splits FASTA into references and queries (1: seed, 2: FASTA, 3: references, 4: queries).
hold_out() {
  awk -v seed="$1" -v references="$3" -v queries="$4" '
    function taxon(letter) {
      return match($0, "[=,]" letter ":[^,;]*") ? substr($0, RSTART + 3, RLENGTH - 3) : ""
    }
    function is_held(name, share) { # decided once for each name
      if (!(name in lot)) lot[name] = rand()
      return lot[name] < share
    }
    BEGIN { srand(seed) }
    /^>/ {
      n++; header[n] = $0
      o[n] = taxon("o"); f[n] = taxon("f"); g[n] = taxon("g"); s[n] = taxon("s")
      records[o[n]]++; records[s[n]]++
      if (!((o[n], f[n]) in parts)) { parts[o[n], f[n]]; children[o[n]]++ }
      if (!((f[n], g[n]) in parts)) { parts[f[n], g[n]]; children[f[n]]++ }
      if (!((g[n], s[n]) in parts)) { parts[g[n], s[n]]; children[g[n]]++ }
      next
    }
    { bases[n] = $0 }
    END {
      for (i = 1; i <= n; i++) {
        held = o[i] != "" && records[o[i]] * 25 < n && is_held("o" o[i], 0.2)
        held = held || (f[i] != "" && children[o[i]] > 1 && is_held("f" f[i], 0.06))
        held = held || (f[i] != "" && children[f[i]] > 1 && is_held("g" g[i], 0.10))
        held = held || (children[g[i]] > 1 && is_held("s" s[i], 0.12))
        if (!held && records[s[i]] > 1 && !(s[i] in taken)) { taken[s[i]]; held = rand() < 0.4 }
        print header[i] "\n" bases[i] > (held ? queries : references)
      }
    }' "$2"
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

# Lines "seed part kind records called wrong ranks" from references and rows; kind 1: a known species, ...
count() {
  awk -v seed="$1" -v part="$2" '
    function taxon(text, letter) {
      return match(text, "[=,]" letter ":[^,;]*") ? substr(text, RSTART + 3, RLENGTH - 3) : ""
    }
    BEGIN { m = split("species genus family order", rank, " ") }
    NR == FNR {
      if (/^>/) for (r = 1; r <= m; r++) known[rank[r], taxon($0, substr(rank[r], 1, 1))]
      next
    }
    FNR == 1 { FS = "\t"; $0 = $0; for (i = 1; i <= NF; i++) column[$i] = i; next }
    {
      kind = 1; called = 0
      while (kind <= m) {
        name = taxon($1, substr(rank[kind], 1, 1))
        if (name != "" && ((rank[kind], name) in known)) break
        kind++
      }
      for (r = 1; r <= m && !called; r++) if ($column[rank[r]] != "") called = r
      truth = called ? taxon($1, substr(rank[called], 1, 1)) : ""
      if (called && truth == "") next # nobody knows
      records[kind]++
      if (!called) next
      calls[kind]++
      depth[kind] += m + 1 - called
      if ($column[rank[called]] != truth) wrong[kind]++
    }
    END { for (k = 1; k <= m + 1; k++) print seed, part, k, records[k] + 0, calls[k] + 0, wrong[k] + 0,
                                             depth[k] + 0 }' "$3" "$4"
}

# Weighted sums of such lines.
sums() {
  awk -v prior="$prior" '
    BEGIN { split(prior, share, ",") }
    $4 > 0 {
      key = $1 " | " $2; if (!(key in seen)) { seen[key]; order[++n] = key }
      called[key] += share[$3] * $5 / $4; wrong[key] += share[$3] * $6 / $4
      ranks[key] += share[$3] * $7 / $4; total[key] += share[$3]
    }
    END { for (i = 1; i <= n; i++) { k = order[i]
            printf "| %s | %.1f %% | %.1f %% | %.3f |\n", k, 100 * wrong[k] / called[k],
                   100 * called[k] / total[k], ranks[k] / total[k] } }'
}

seeds=${SEEDS:-1 2 3 4 5}
parts=${PARTS:-full last313 random250 last150}
: >"$work/counts"
for seed in $seeds; do
  rm -f "$work/references.fasta" "$work/queries.fasta"
  hold_out "$seed" "$fasta" "$work/references.fasta" "$work/queries.fasta"
  "$taxamba" index -q -o "$work/references.tx" --seed "$seed" "$work/references.fasta"
  for kind in $parts; do
    part "$work/queries.fasta" "$kind" >"$work/part.fasta"
    # shellcheck disable=SC2086 # the options are words
    "$taxamba" classify -q -r "$work/references.tx" --error-rate "$rate" $options "$work/part.fasta" \
      >"$work/rows.tsv"
    count "$seed" "$kind" "$work/references.fasta" "$work/rows.tsv" >>"$work/counts"
  done
done
echo "| seed | part | wrong | called | called ranks |"
echo "|---|---|---|---|---|"
sums <"$work/counts"
awk '{ $1 = "all"; key = $1 " " $2 " " $3; if (!(key in n)) { n[key]; order[++count] = key }
       a[key] += $4; b[key] += $5; c[key] += $6; d[key] += $7 }
     END { for (i = 1; i <= count; i++) { k = order[i]; print k, a[k], b[k], c[k], d[k] } }' \
  "$work/counts" | sums
