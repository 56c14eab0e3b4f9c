# Classification by references: what README and trust.md promise, every format, strands, strangers, and bad
# input.
table=$data/simulated_metadata.csv
tool 0 index -q -o refs.tx "$table"

# cells COLUMN...: these columns of the rows that `ids` names.
cells() {
  awk -F '\t' -v ids=" $ids " -v wanted="$*" '
    NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; n = split(wanted, names, " "); next }
    index(ids, " " $1 " ") {
      line = $1
      for (i = 1; i <= n; i++) line = line "|" $(column[names[i]])
      print line
    }' out
}

# README: a species without a reference is cut at the genus; a read of the other strand; one too short.
ids='query01 query03 query04 query10 query37'
tool 0 classify -q -m "$source/models/simulated.safetensors" --error-rate 0.05 "$queries"
cells genus species strand status reason novel_rank reference identity >got
cat >expected <<'END'
query01|Simulalpha|Simulalpha tertia|+|ok|match||SIM0178-26|99.85
query03|Simulepsilon||+|ok|novel|species|SIM0435-26|94.27
query04|Simultheta|Simultheta secunda|+|ok|match||SIM0068-26|99.70
query10|Simulbeta|Simulbeta prima|-|ok|match||SIM0136-26|99.24
query37|||.|too_short||||
END
same got expected
tool 0 classify -q -r refs.tx --error-rate 0.05 "$queries"
cells genus species strand status reason novel_rank reference identity >got
same got expected

# trust.md: the row that it explains column by column, and a match.
ids='query02 query03'
tool 0 classify -q -r refs.tx "$queries"
cells genus species reason novel_rank reference identity aligned runner_up runner_up_identity >got
cat >expected <<'END'
query02|Simulgamma|Simulgamma secunda|match||SIM0387-26|99.70|660|Simulgamma prima|94.12
query03|Simulepsilon|Simulepsilon prima|novel|species|SIM0435-26|94.27|646|Simulepsilon secunda|93.64
END
same got expected
cells order family strand status >got
is got <<'END'
query02|Simuloptera|Simulalphidae|+|ok
query03|Simuloptera|Simuldeltidae|+|ok
END
# (three decimals: the last may differ between processors)
cells genus_confidence species_confidence novel_probability |
  sed 's/\(0\.[0-9][0-9][0-9]\)[0-9]/\1/g' >got
is got <<'END'
query02|0.999|0.999|0.000
query03|0.999|0.000|0.999
END
cp out rows

# The same bytes for threads, batches, the cache and a pipe; the reverse complements but for the strand.
tool 0 classify -q -r refs.tx -t 3 --batch 2 --duplicates-cache 0 "$queries"
same out rows
gzip -c "$queries" | tool 0 classify -q -r refs.tx -
same out rows
# (in capital letters, without gaps and IUPAC codes, which the helper does not know)
unwrap <"$queries" | awk '/^>/ { print; next }
  { line = toupper($0); gsub("U", "T", line); gsub("[-.]", "", line); gsub("[^ACGT]", "N", line); print line }
' >flat.fasta
reverse_complement <flat.fasta >reverse.fasta
tool 0 classify -q -r refs.tx flat.fasta
cp out rows
tool 0 classify -q -r refs.tx reverse.fasta
awk -F '\t' -v OFS='\t' '
  { for (i = 1; i <= NF; i++) if ($i == "+") $i = "-"; else if ($i == "-") $i = "+" } 1' out >turned
same turned rows
tool 0 classify -q -r refs.tx --strand plus reverse.fasta
ids=query01
cells status >got
is got <<'END'
query01|unlike
END

# Strangers have no name; JSON lines tell the same.
awk 'BEGIN {
  srand(1)
  print ">random"
  for (i = 0; i < 600; i++) printf "%s", substr("ACGT", int(rand() * 4) + 1, 1)
  print "\n>polya"
  for (i = 0; i < 300; i++) printf "A"
  print ""
}' >strange.fasta
tool 0 classify -q -r refs.tx -f jsonl strange.fasta
is out <<'END'
{"id":"random","status":"unlike","strand":".","lineage":[]}
{"id":"polya","status":"unlike","strand":".","lineage":[]}
END
tool 0 classify -q -r refs.tx -f jsonl "$queries"
has out '"reason":"novel","novel_rank":"species","novel_probability":0.99' \
  '"reference":{"id":"SIM0435-26","identity":94.27,"aligned":646}' \
  '"runner_up":{"taxon":"Simulepsilon secunda"'
tool 0 classify -q -r refs.tx -f sintax "$queries"
has out 's:Simulalpha tertia(0.9999)'

# All of the evidence: the JSON line and what was weighed, the same bytes for threads, batches and the cache.
tool 0 classify -q -r refs.tx --evidence full strange.fasta
is out <<'END'
{"id":"random","status":"unlike","strand":".","lineage":[],"length":600,"outcomes":[],"candidates":[]}
{"id":"polya","status":"unlike","strand":".","lineage":[],"length":300,"outcomes":[],"candidates":[]}
END
tool 0 classify -q -r refs.tx --evidence full "$queries"
grep '"id":"query37"' out >got
is got <<'END'
{"id":"query37","status":"too_short","strand":".","lineage":[],"length":24,"outcomes":[],"candidates":[]}
END
has out '"length":660,"outcomes":[{"kind":"known","rank":"species","taxon":"Simulgamma secunda",' \
  '{"kind":"new species of","rank":"genus","taxon":"Simulepsilon","probability":0.9' \
  '{"kind":"none","rank":null,"taxon":null,"probability":0.0' \
  '"candidates":[{"id":"SIM0387-26","lineage":{' \
  '"genus":"Simulgamma","species":"Simulgamma secunda"},"identity":99.70,"aligned":660,"mismatches":2,' \
  '"codon_substitutions":' '"score":'
cp out full
tool 0 classify -q -r refs.tx --evidence full -f jsonl -t 3 --batch 2 --duplicates-cache 0 "$queries"
same out full
tool 0 classify -q -r refs.tx -f jsonl "$queries"
sed 's/,"length":[0-9]*,"outcomes":.*/}/' full >without
same out without
tool 2 classify -r refs.tx --evidence full -f tsv "$queries"
one_error classify
has err '--evidence full writes JSON lines: leave --format out, or use --format jsonl'
tool 2 classify -r refs.tx --evidence all "$queries"
one_error classify

# The prior: five kinds of species, genus, family, order and none for the ranks that have more than one taxon.
tool 2 classify -r refs.tx --prior 1,2 "$queries"
one_error classify
has err '--prior has 2 numbers; these references need'
tool 2 classify -r refs.tx --prior 1,x,1 "$queries"
has err 'is no list of numbers above 0'
# With many new taxa --error-rate cuts higher.
tool 0 classify -q -r refs.tx --error-rate 0.02 "$queries"
cp out rows
called() { awk -F '\t' -v rank="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == rank) at = i; next }
  $at != "" { n++ } END { print n + 0 }' "$2"; }
tool 0 classify -q -r refs.tx --error-rate 0.02 --prior .1,.3,.2,.2,.1,.1 "$queries"
[ "$(called species out)" -lt "$(called species rows)" ] || fault 'many new taxa cut nothing'
[ "$(called family out)" -le "$(called family rows)" ] || fault 'many new taxa call more families'
tool 0 classify -q -r refs.tx --prior .1,.3,.2,.2,.1,.1 "$queries"
[ "$(called species out)" -ge "$(called species rows)" ] || fault 'the prior alone cuts'
tool 0 eval -q -r refs.tx --split test_unseen "$table"
has out 'references: 56 records'

# References of one species: what is like it from afar is no sure match.
sed -n 1,2p "$table" >one.csv
tool 0 index -q -o one.tx one.csv
tool 0 classify -q -r one.tx "$queries"
awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
  $at["identity"] > 0 && $at["identity"] < 95 { far++; sure += $at["species_confidence"] > 0.9 }
  END { exit far < 30 || sure > 0 }' out || fault 'sure of a species by 83 % identity'
rm -f one.csv one.tx

# Bad input and bad files.
tool 0 classify -r refs.tx /dev/null
has err 'warning: /dev/null: is empty'
printf '>p\nMKLVEFPQ\n' >protein.fasta
tool 3 classify -r refs.tx protein.fasta
one_error classify
gzip -c "$queries" | head -c 900 >cut.fasta.gz
tool 3 classify -q -r refs.tx -o x.tsv cut.fasta.gz
one_error classify
absent x.tsv
head -c 1000 refs.tx >half.tx
tool 4 classify -r half.tx "$queries"
one_error classify
tool 4 classify -r "$model" "$queries"
has err 'without references'
tool 2 classify -r refs.tx -o refs.tx "$queries"
one_error classify
if [ -w /dev/full ]; then
  tool 1 classify -q -r refs.tx -o /dev/full "$queries"
  one_error classify
fi
