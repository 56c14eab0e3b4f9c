# Every CPU level calls the same taxa with the shipped model; confidences may differ in the last digits.
LC_ALL=C
shipped=$source/models/simulated.safetensors
tool 0 classify -q -m "$shipped" "$queries"
mv out best
for level in ${levels:-scalar}; do
  TX_CPU=$level
  export TX_CPU
  tool 0 classify -q -m "$shipped" "$queries"
  # Names and places of numbers must agree; numbers (the columns *_confidence) within a ten-thousandth and the
  # rounding.
  awk -F '\t' -v level="$level" '
    FNR == 1 && NR > 1 { second = 1 }
    !second { first[FNR] = $0; rows = FNR; next }
    FNR == 1 { for (i = 1; i <= NF; i++) number[i] = $i ~ /_confidence$/ }
    {
      fields = split(first[FNR], was, "\t")
      if (fields != NF) { print level ": line " FNR " has " NF " fields, not " fields; bad = 1 }
      for (i = 1; i <= NF; i++) {
        off = $i - was[i]
        if (number[i] && FNR > 1 && ($i == "") == (was[i] == "") ? off > 0.0002 ||
            off < -0.0002 : $i != was[i]) {
          print level ": line " FNR ", field " i ": " $i ", not " was[i]
          bad = 1
        }
      }
    }
    END { if (FNR != rows) { print level ": " FNR " lines, not " rows; bad = 1 } exit bad }' best out \
    >differences ||
    { fault "level $level differs from the best"; head -n 20 differences; }
  [ "$(wc -l <out)" -gt 2 ] || fault "level $level wrote no rows"
done
TX_CPU=no-such-level
tool 2 classify -q -m "$shipped" "$queries"
has err "TX_CPU is 'no-such-level', which is none of scalar, "
unset TX_CPU
only_files best differences
