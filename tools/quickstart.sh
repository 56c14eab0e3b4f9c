#!/bin/sh
# Installs what is missing (Debian packages), builds Taxamba in build/ and classifies a real metabarcoding
# run, data/samples: by the references of its mock community, then by the shipped model.
set -eu
cd "$(dirname "$0")/.."
. tools/packages.sh

# shellcheck disable=SC2086 # one word per package
need_packages $build_packages

echo "== building in build/ (the log is build/quickstart.log)"
mkdir -p build/quickstart
if ! { cmake -S . -B build -DTX_BUILD_TESTS=OFF &&
  cmake --build build -j "$(processors)"; } >build/quickstart.log 2>&1; then
  tail -n 30 build/quickstart.log >&2
  echo "quickstart: the build failed; the whole log is build/quickstart.log" >&2
  exit 1
fi

PATH=$PWD/build:$PATH
# Shows a command as it is typed, and runs it.
run() {
  printf '\n$ %s\n' "$1"
  eval "$1"
}
# Tab-separated text on standard input, in columns.
columns() {
  awk -F '\t' '
    { for (i = 1; i <= NF; i++) { cell[NR, i] = $i; if (length($i) > width[i]) width[i] = length($i) }
      if (NF > most) most = NF }
    END { for (r = 1; r <= NR; r++) { line = ""
            for (i = 1; i <= most; i++) line = line sprintf("%-" width[i] "s  ", cell[r, i])
            sub(/ +$/, "", line); print line } }'
}

out=build/quickstart
run "taxamba index -q --taxonomy-file data/samples/mock_taxonomy.tsv -o $out/mock.tx \\
    data/samples/mock_tpos1_expected.fasta"
run "taxamba classify -q -r $out/mock.tx -c 0.9 --size -o $out/rows.tsv \\
    --table $out/taxa.tsv --table $out/taxa.biom --table $out/taxa.krona \\
    data/samples/*_[12].fasta.gz"
printf '\nReads of each taxon in each sample (%s/taxa.tsv, some of its columns;' $out
printf ' the same for QIIME 2 and Krona: taxa.biom, taxa.krona):\n'
cut -f 1,2,4- $out/taxa.tsv | columns
printf '\nThree rows of %s/rows.tsv, some of their columns, with what speaks for the answer:\n' $out
awk -F '\t' -v OFS='\t' '
  NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
  NR == 1 || $1 ~ /^(tpos1_1_1|tpos1_1_7|14ben02_1_1);/ {
    print $1, $at["order"], $at["species"], NR == 1 ? "confidence" : $at["species_confidence"],
      $at["status"], $at["reason"], $at["reference"], $at["identity"] }' $out/rows.tsv | columns

run "taxamba classify -q -c 0.9 --size --rank order --table $out/orders.tsv \\
    data/samples/*_[12].fasta.gz"
printf '\nWithout references the shipped network answers, here per order (%s/orders.tsv):\n' $out
cut -f 1,4- $out/orders.tsv | columns

cat <<END

The program is $PWD/build/taxamba; cmake --install build installs it.
Next: README.md says what these tables tell, docs/cookbook.md has recipes, tools/check.sh runs all tests.
END
