# One set of barcodes with its lineages in the headers of several styles: every command reads the same labels.
sintax=$data/simulated_sintax.fasta
table=$data/simulated_metadata.csv
mkdir taxdump
# convert STYLE: the FASTA with its headers in that style; taxid also writes the taxdump.
convert() {
  awk -v style="$1" '
    function node(path, parent, rank, name) {
      if (!(path in taxid)) {
        taxid[path] = ++last
        printf "%d\t|\t%d\t|\t%s\t|\n", last, (parent == "" ? 1 : taxid[parent]), rank >"taxdump/nodes.dmp"
        printf "%d\t|\t%s\t|\t\t|\tscientific name\t|\n", last, name >"taxdump/names.dmp"
      }
      return taxid[path]
    }
    BEGIN {
      split("kingdom phylum class order family genus species", ranks, " ")
      for (i = 1; i <= 7; i++) of[substr(ranks[i], 1, 1)] = ranks[i]
      if (style == "taxid") node("", "", "no rank", "root")
    }
    !/^>/ { print; next }
    {
      split($0, part, /;tax=|;$/)
      count = split(part[2], fields, ",")
      out = path = ""
      for (i = 1; i <= count; i++) {
        rank = of[substr(fields[i], 1, 1)]
        name = substr(fields[i], 3)
        if (style == "rdp") out = out ";" name ";" rank
        if (style == "gtdb") out = out (i > 1 ? ";" : "") substr(rank, 1, 1) "__" name
        if (style == "obitools") out = out " " rank "_name=" name ";"
        if (style == "json") out = out (i > 1 ? "," : "") "\"" rank "_name\":\"" name "\""
        if (style == "taxid") { last_taxid = node(path ";" name, path, rank, name); path = path ";" name }
      }
      if (style == "rdp") out = "\tLineage=Root;rootrank" out
      if (style == "gtdb") out = " " out " [location=1..660] [len=660]"
      if (style == "obitools") out = " count=1;" out " some words"
      if (style == "json") out = " {" out "}"
      if (style == "crabs") {
        out = "\tname\t7"
        for (i = 1; i <= 7; i++) {
          found = match("," part[2], "," substr(ranks[i], 1, 1) ":[^,]*")
          out = out "\t" (found ? substr("," part[2], RSTART + 3, RLENGTH - 3) : "NA")
        }
      }
      if (style == "taxid") out = "|kraken:taxid|" last_taxid
      print part[1] out
    }' "$sintax"
}
tool 0 index -q -o sintax.tx "$sintax"
tool 0 classify -q -r sintax.tx "$queries"
mv out sintax.rows
tool 0 eval -q -r sintax.tx --json "$sintax"
mv out sintax.eval
tool 0 index -q -o refs.tx --ranks family,genus,species "$table"
tool 0 calibrate -q -r refs.tx -o own.tx "$sintax"
mv out sintax.calibration
for style in rdp gtdb obitools json taxid; do
  convert $style >$style.fasta
  dump=
  [ $style = taxid ] && dump='--taxdump taxdump'
  # shellcheck disable=SC2086 # an option and its value, or nothing
  tool 0 index -q $dump -o $style.tx $style.fasta
  tool 0 classify -q -r $style.tx "$queries"
  # the ids of kraken have the taxid
  sed -E 's/\|kraken:taxid\|[0-9]+//' out >rows
  same rows sintax.rows
done
# the other commands read as index does: tried with the style that needs most
tool 0 eval -q -r sintax.tx --json --taxdump taxdump taxid.fasta
same out sintax.eval
tool 0 calibrate -q --taxdump taxdump -r refs.tx -o own.tx taxid.fasta
same out sintax.calibration
tool 0 train -q -o model.safetensors --taxdump taxdump --d-model 16 --n-layer 1 --d-state 8 --headdim 8 \
  --epochs 2 taxid.fasta
tool 0 classify --info -m model.safetensors
has out 'species'

# Taxids that are not there are counted; without a taxdump they are no labels.
sed -E '1s/taxid\|[0-9]+/taxid|999999/' taxid.fasta >unknown.fasta
tool 0 index -q -o x.tx --taxdump taxdump unknown.fasta
has err 'index: warning: 1 records have a taxid that is not in the taxdump' 'the first is 999999'
tool 0 train -q -o x.safetensors --taxdump taxdump --d-model 16 --n-layer 1 --d-state 8 --headdim 8 \
  --epochs 1 unknown.fasta
has err 'train: warning: 1 records have a taxid that is not in the taxdump'
rm x.tx
tool 3 index -o x.tx taxid.fasta
one_error index
has err 'taxid.fasta:1: record 1: ' 'the header has a taxid (' \
  ') and no names: they need the folder of a taxdump'
tool 1 index -o x.tx --taxdump absent taxid.fasta
one_error index
has err 'absent/nodes.dmp: '
mkdir broken
cp taxdump/names.dmp broken/names.dmp
head -n 3 taxdump/nodes.dmp | tail -n 2 >broken/nodes.dmp
tool 3 index -o x.tx --taxdump broken taxid.fasta
one_error index
has err 'broken/nodes.dmp: 1, the parent of 2, is missing'
tool 2 index --info sintax.tx --taxdump taxdump
has err '--taxdump has no effect with --info'
# Ranks that the lineages cannot have; names of which there are more than ranks.
tool 2 index -o x.tx --ranks clan,genus rdp.fasta
has err "rdp.fasta: its lineages have no rank 'clan'; possible are realm, superkingdom, domain, "
printf '>A;B;C;\nACGT\n>A;B;C;D;\nACGT\n' >more.fasta
tool 3 index -o x.tx --ranks order,family,genus more.fasta
has err 'more.fasta:3: record 2: "A;B;C;D;": the header has no lineage of 3 names'
absent x.tx
# A prefix that is not known is left aside, and told once.
sed 's/;p:/;u:Unknown,p:/; s/,p:/,x:Unknown,p:/' "$sintax" >prefix.fasta
tool 0 index -q -o prefix.tx prefix.fasta
has err "index: warning: $(grep -c '^>' prefix.fasta) fields of lineages are left aside, because their rank" \
  " is not known; the first is 'x:Unknown'"
tool 0 classify -q -r prefix.tx "$queries"
same out sintax.rows
# A table of CRABS, which has no header line; its first rank is the superkingdom.
convert crabs | unwrap | sed -E 's/^>//' | paste - - >crabs.tsv
tool 0 index -q -o crabs.tx crabs.tsv
tool 0 classify -q -r crabs.tx "$queries"
sed '1s/superkingdom/kingdom/g' out >rows
same rows sintax.rows
