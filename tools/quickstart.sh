#!/bin/sh
# Installs what is missing (Debian packages), builds Taxamba in build/ and classifies the shipped barcodes
# with the shipped model.
set -eu
cd "$(dirname "$0")/.."
. tools/packages.sh

# shellcheck disable=SC2086 # one word per package
need_packages $build_packages

echo "== building in build/ (the log is build/quickstart.log)"
mkdir -p build
if ! { cmake -S . -B build -DTX_BUILD_TESTS=OFF &&
  cmake --build build -j "$(processors)"; } >build/quickstart.log 2>&1; then
  tail -n 30 build/quickstart.log >&2
  echo "quickstart: the build failed; the whole log is build/quickstart.log" >&2
  exit 1
fi

echo "== build/taxamba classify -m models/simulated.safetensors --error-rate 0.05 \\"
echo "     -o build/quickstart.tsv data/simulated_queries.fasta"
build/taxamba classify -m models/simulated.safetensors --error-rate 0.05 \
  -o build/quickstart.tsv data/simulated_queries.fasta

echo
echo "The first and the last rows of build/quickstart.tsv, some of its columns" \
  "(barcodes and names are simulated):"
awk -F '\t' '
  NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i }
  { row[NR] = sprintf("%-8s %-12s %-19s %10s  %-6s %-9s %-6s  %-10s  %s", $column["id"], $column["genus"],
                      $column["species"], NR == 1 ? "confidence" : $column["species_confidence"],
                      $column["strand"], $column["status"], $column["reason"], $column["reference"],
                      $column["identity"]); sub(/ +$/, "", row[NR]) }
  END { for (i = 1; i <= NR; i++) if (i <= 13 || i > NR - 2) print row[i]; else if (i == 14) print "..." }' \
    build/quickstart.tsv
echo
echo "Next: build/taxamba --help, docs/cookbook.md, and tools/check.sh, which runs all tests."
