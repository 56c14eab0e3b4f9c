# Two sources of labels: NEON's tables, columns of ranks, what stands, and what speaks for either side.
neon="$source/tests/golden/sources"
tool 0 sources -q -f tsv "$neon/bet_parataxonomistID.csv" "$neon/bet_expertTaxonomistIDProcessed.csv"
same out "$neon/two_sources_expected.tsv"
empty err
tool 0 sources -q "$neon/bet_parataxonomistID.csv" "$neon/bet_expertTaxonomistIDProcessed.csv"
is out <<'END'
9 individuals; where both have a label, that of the second stands
agree                               1
genus agrees                        1
compatible                          1
disagree                            1
first only                          2
second only                         2
second conflicts with itself        1

rank        both     same    kappa  first only  second only  disagreements
genus          4        3   0.6364           2            2              1
species        3        1   0.2500           2            3              1

2 disagreements, each at the highest rank where the names differ
END
tool 0 sources -q -f jsonl "$neon/bet_parataxonomistID.csv" "$neon/bet_expertTaxonomistIDProcessed.csv"
has out '"qualifier":"cf. species"' '"kappa":0.25}' '"used":"Ophonus puncticeps","ID_status":"second"' \
  '"differing_rank":"genus"' '"trusted":"second"'

# Every state, by columns of ranks; '_' is a blank; a row twice is no conflict.
cat >two.csv <<'END'
id,genus,species,old_genus,old_species,sequence
a,G,G one,G,G_one,ACGT
b,G,G one,G,G two,
c,G,G one,G,,
d,G,G one,H,H one,
e,G,,G,sp.,
f,,,G,G one,
g,G,,,,
h,,,NA,,
i,G,G one,H,H one,
i,G,G one,G,G one,
j,G,G one,,,
j,H,H one,G,G one,
j,H,H one,G,G one,
k,G,G one,H,H one,
k,H,H one,G,G one,
l,,L one,L,,
END
tool 0 sources -q -f tsv --second-prefix old_ two.csv
is out <<'END'
id	first	second	state	used
a	G one	G_one	agree	G_one
b	G one	G two	genus agrees	G two
c	G one	G	compatible	G
d	G one	H one	disagree	H one
e	G	G	agree	G
f		G one	second only	G one
g	G		first only	G
h			neither	
i	G one	H one|G one	second conflicts with itself	
j	G one|H one	G one	first conflicts with itself	
k	G one|H one	H one|G one	both conflict with themselves	
l	L one	L	no common rank	L
END
tool 0 sources -q -f tsv --trust first --second-prefix old_ -o stands.tsv two.csv
has out 'c	G one	G	compatible	G one' 'f		G one	second only	G one'
has stands.tsv 'id	genus	species	ID_status	state	other_genus	other_species	dna_barcode' \
  'a	G	G one	first	agree	G	G one	ACGT' 'f	G	G one	second	second only			' \
  'i			none	second conflicts with itself			'
tool 0 sources -q -f tsv --trust first --trusted-only --second-prefix old_ -o first.tsv two.csv
has out 'f		G one	second only	' 'd	G one	H one	disagree	G one'
has first.tsv 'f			none	second only	G	G one	'
tool 0 sources -q --where id!=i --where id!=j --where id!=k --second-prefix old_ --ranks species two.csv
has out 'disagree                            2' 'species        3        1'
sed 's/,old_/,/g; s/genus,species,//' two.csv | cut -d, -f1,4- >second.csv
printf 'one\n' >missing
tool 3 sources -q --ranks class two.csv second.csv
has err "no column 'class'"
tool 3 sources -q --second-suffix _field two.csv
has err "neither 'genus_field' nor another rank" 'by --second-prefix or --second-suffix'

# Refusals.
tool 2 sources
one_error sources
tool 2 sources two.csv
has err 'add --second-prefix'
tool 2 sources two.csv two.csv two.csv
has err 'one table too many'
tool 2 sources -o - two.csv two.csv
one_error sources
tool 2 sources --second-prefix old_ -o two.csv two.csv
has err 'two.csv'
printf 'id,genus\n,G\n' >no_id.csv
tool 3 sources no_id.csv two.csv
has err "no id in column 'id'"

# Evidence, on simulated records whose species is known. The library of references and the network have
# learned from other specimens. Of the disagreements in which one side is right, the evidence must name it
# more often than the first source, which is trusted more, is right, and than a coin: the lower ends of
# bootstrap intervals of both differences are above 0.
table="$data/simulated_two_sources.csv"
both="--first-prefix expert_ --second-prefix field_ --trust first --where split!=train"
both="$both --sequences $data/simulated_metadata.csv -m $data/../models/simulated.safetensors"
both="$both -r $data/../models/simulated.safetensors"
tool 0 sources -t 2 -f tsv $both "$table"
has err "492 sequences of"
cp out rows.tsv
tool 0 sources -q -t 1 -f tsv $both "$table"
same out rows.tsv
tool 0 sources -q $both "$table"
has out 'heads       species     19       6        0        8     0' \
  'neighbours  all         17       7        1       18     0' \
  'most of it  all         32      10        1        0     0'
tool 0 sources -q -f jsonl $both "$table"
has out '"heads":{"supports":"' '"neighbours":{"supports":"' '"references":{"supports":"' \
  '"alignment":{"supports":"' '"knows_first":true,"first":' '"disagreements":43,"evidence":{"heads":{"first":'
run 0 awk -F '[,\t]' '
  FNR == 1 && NR == 1 { for (i = 1; i <= NF; i++) if ($i == "genus") g = i; next }
  NR == FNR { genus[$1] = $g; species[$1] = $(g + 1); next }
  FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
  $at["rank"] != "" {
    truth = $at["rank"] == "genus" ? genus[$1] : species[$1]
    split($at["first"], a, " "); split($at["second"], b, " ")
    one = $at["rank"] == "genus" ? a[1] : $at["first"]; two = $at["rank"] == "genus" ? b[1] : $at["second"]
    if (one != truth && two != truth) next
    right = one == truth ? "first" : "second"
    n++
    over_first[n] = ($at["evidence"] == right) - (right == "first")
    over_coin[n] = ($at["evidence"] == right) - 0.5
    first += right == "first"; evidence += $at["evidence"] == right
  }
  function lowest(values,    r, i, sum, count, sums, at_least) {
    # the 2.5 % quantile of the mean over 1000 resamples
    for (r = 0; r < 1000; r++) {
      sum = 0
      for (i = 0; i < n; i++) { state = (state * 16807) % 2147483647; sum += values[1 + state % n] }
      sums[r] = sum / n
    }
    at_least = 2
    for (r = 0; r < 1000; r++) {
      count = 0
      for (i = 0; i < 1000; i++) count += sums[i] <= sums[r]
      if (count >= 25 && sums[r] < at_least) at_least = sums[r]
    }
    return at_least
  }
  END {
    state = 20260101
    printf "%d disagreements, first right %.3f, evidence right %.3f\n", n, first / n, evidence / n
    low = lowest(over_first); low_coin = lowest(over_coin)
    printf "at least %.3f over the first, %.3f over a coin\n", low, low_coin
    exit !(n >= 30 && low > 0 && low_coin > 0)
  }' "$data/simulated_metadata.csv" rows.tsv
