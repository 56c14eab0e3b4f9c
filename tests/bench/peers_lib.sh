# shellcheck shell=sh
# What peers.sh and peers_unite.sh share: vsearch on references with SINTAX labels, its calls as tables that
# taxamba eval reads.

# "o:x,f:y(0.9)..." to the table that taxamba eval reads (a confidence of 1 where there is a call); taxa had _
# for spaces.
columns() { # field with the taxa
  awk -F'\t' -v field="$1" '
    BEGIN {
      printf "id\torder\torder_confidence\tfamily\tfamily_confidence\tgenus\tgenus_confidence\t"
      print "species\tspecies_confidence\tstrand\tstatus"
    }
    {
      split("", taxon); n = split($field, parts, ",")
      for (i = 1; i <= n; i++) {
        name = substr(parts[i], 3); sub(/\([0-9.]*\)$/, "", name); sub(/;$/, "", name); gsub(/_/, " ", name)
        taxon[substr(parts[i], 1, 1)] = name
      }
      sub(/;.*/, "", $1); line = $1
      m = split("o f g s", letters, " ")
      for (i = 1; i <= m; i++)
        line = line "\t" taxon[letters[i]] "\t" (taxon[letters[i]] == "" ? "" : "1.0000")
      print line "\t+\tok"
    }'
}

# vsearch --sintax without a cut-off. Arguments: references queries folder; writes sintax.tsv in the folder.
sintax() {
  vsearch --quiet --threads 2 --randseed 1 --sintax "$2" --db "$1" --sintax_cutoff 0 \
    --tabbedout "$3/sintax.txt"
  columns 2 < "$3/sintax.txt" > "$3/sintax.tsv"
}

# vsearch --usearch_global, the best of 8 hits in 256 candidates. Arguments: references queries folder; writes
# global.tsv in the folder.
global() {
  vsearch --quiet --threads 2 --usearch_global "$2" --db "$1" --id 0.5 --maxaccepts 8 --maxrejects 256 \
    --top_hits_only --maxhits 1 --userout "$3/global.txt" --userfields query+target
  sed 's/;tax=\(.*\);$/\t\1/' "$3/global.txt" | awk -F'\t' '{ print $1 "\t" $3 }' |
    columns 2 > "$3/global.tsv"
}
