# Records longer than what is read of them, and much longer than the references.
table=$data/simulated_metadata.csv
tool 0 index -q -o refs.tx "$table"
unwrap <"$queries" | awk '
  /^>/ { header = $0; next }
  { gsub("[-.]", "") }
  length > 655 { print header; print }' | head -n 16 >short.fasta
# A barcode somewhere in 6,000 other bases; every second record is the reverse complement.
awk '
  function bases(count,   text) {
    text = ""
    while (count-- > 0) text = text substr("ACGT", 1 + int(4 * rand()), 1)
    return text
  }
  function turned(text,   other, i) {
    other = ""
    for (i = length(text); i > 0; i--) other = other substr("TGCAN", index("ACGTN", substr(text, i, 1)), 1)
    return other
  }
  BEGIN { srand(1) }
  /^>/ { print; next }
  { gsub("[^ACGTacgtUu]", "N"); gsub("[Uu]", "T"); $0 = toupper($0); before = int(6000 * rand())
    $0 = bases(before) $0 bases(6000 - before); print(++n % 2 ? $0 : turned($0)) }' short.fasta >long.fasta
# columns FILE NAME...: those columns of a table.
columns() {
  awk -F '\t' -v names="$*" '
    FNR == 1 { count = split(names, name, " "); for (i = 1; i <= NF; i++) at[$i] = i }
    { for (i = 2; i <= count; i++) printf "%s%s", $at[name[i]], i < count ? "\t" : "\n" }' "$1"
}
tool 0 classify -r refs.tx short.fasta
hasnot err 'longer'
mv out short
tool 0 classify -r refs.tx long.fasta
has err 'note: 8 records are much longer than the references: the part that resembles one was looked for'
mv out long
columns short id genus species reason reference >wanted
columns long id genus species reason reference >got
same wanted got
columns long strand status >got
columns short strand status | awk -F '\t' 'BEGIN { OFS = FS }
  NR > 1 && NR % 2 { $1 = $1 == "+" ? "-" : "+" } { print }' | is got
tool 0 classify -q -t 3 --batch 1 -r refs.tx long.fasta
same long out
tool 0 classify -q --format jsonl -r refs.tx long.fasta
[ "$(grep -c '"part":{"from":[0-9]*,"to":[0-9]*},"reference"' out)" -eq 8 ] || fault 'no parts'
tool 0 classify -q --format jsonl -r refs.tx short.fasta
hasnot out '"part"'

# The network reads the first bases.
tool 0 classify -m "$model" --look network long.fasta
has err 'classify: note: 8 records are longer than what is read of them (' ' bases)'
tool 0 embed -m "$model" long.fasta
has err 'embed: note: 8 records are longer than what is read of them ('
tool 0 classify -m "$model" --look network short.fasta
hasnot err 'longer'
# Of references, both ends; gaps are no bases.
awk 'BEGIN { printf ">long\n"; for (i = 0; i < 53000; i++) printf "NNNNNNNNNA"; print ""
  printf ">gaps\n"; for (i = 0; i < 53000; i++) printf "----------"; print "ACGT" }' >longest.fasta
tool 0 classify -r refs.tx longest.fasta
has err 'note: 1 records are longer than what is read of them (524288 bases)'
