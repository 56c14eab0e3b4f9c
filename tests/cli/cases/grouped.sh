# A set of more than 30,000 references, in which near-copies are grouped: neither the order of the records,
# nor threads, batches and the way the set was made show in the file and the answers.
awk -v records=30600 '
  function random(n) { seed = (seed * 16807) % 2147483647; return int(seed / 2147483647 * n) }
  function mutate(text, changes,    i, at) {
    for (i = 0; i < changes; i++) {
      at = random(length(text)) + 1
      text = substr(text, 1, at - 1) substr("ACGT", random(4) + 1, 1) substr(text, at + 1)
    }
    return text
  }
  BEGIN {
    seed = 7
    for (i = 0; i < 90; i++) root = root substr("ACGT", random(4) + 1, 1)
    for (i = 0; i < records; i++) {
      genus = int(i / 510); species = int(i / 51)
      if (i % 510 == 0) of_genus = mutate(root, 40)
      if (i % 51 == 0) of_species = mutate(of_genus, 12)
      lineage = "f:F" int(genus / 10) ",g:G" genus (i % 7 ? ",s:S" species : "")
      # each has its number in its last bases, so that none is equal to another
      number = ""
      for (n = i; length(number) < 9; n = int(n / 4)) number = number substr("ACGT", n % 4 + 1, 1)
      printf ">r%d;tax=%s;\n%s%s\n", i, lineage, mutate(of_species, i % 3), number
    }
  }' >all.fasta
awk 'NR % 2 { head = $0; next } { print head "\t" $0 }' all.fasta >lines
awk '{ line[NR] = $0 } END { for (i = NR; i > 0; i--) print line[i] }' lines | tr '\t' '\n' >backwards.fasta
head -n 60000 all.fasta >most.fasta
tail -n 1200 all.fasta >rest.fasta
awk 'NR % 101 == 1' lines | tr '\t' '\n' >queries.fasta

mkdir other
mv backwards.fasta other/all.fasta
tool 0 index -q -t 1 -o a.tx all.fasta
tool 0 index -q -t 3 -o b.tx other/all.fasta
same a.tx b.tx
tool 0 index --info --json a.tx
representatives=$(sed -n 's/.*"representatives":\([0-9]*\).*/\1/p' out)
if [ "${representatives:-0}" -lt 600 ] || [ "$representatives" -ge 30600 ]; then
  fault "$representatives representatives"
fi
tool 0 index --info a.tx
has out "representatives   $representatives; the others are near-copies of them"

# Each finds itself, whether it is a representative or a near-copy.
tool 0 classify -q -t 1 --batch 1 -r a.tx queries.fasta
awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
  { n++; split($1, id, ";"); found += $c["reference"] == id[1] && $c["identity"] == "100.00" }
  END { print (n > 300 && found == n ? "all" : found " of " n) }' out >got
is got <<'END'
all
END
cp out rows
tool 0 classify -q -t 3 --batch 7 --duplicates-cache 0 -r a.tx queries.fasta
same out rows

# Added in two steps: the same references, with the weights of the first step.
tool 0 index -q -o c.tx most.fasta
tool 0 index -q --add c.tx -o d.tx rest.fasta
tool 0 index --info --json d.tx
has out "\"references\":30600" "\"representatives\":$representatives,"
