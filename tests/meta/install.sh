#!/bin/sh
# Installs into an empty folder and uses the result as a stranger would: through pkg-config (shared and
# static) and through find_package, then the installed program itself with the installed model.
#   install.sh SOURCE_FOLDER BUILD_FOLDER CMAKE CC READELF NM SETTINGS      (the last three for binaries.sh)
set -eu
source=${1:?usage: install.sh SOURCE BUILD CMAKE CC READELF NM SETTINGS}
build=${2:?}
cmake=${3:?}
cc=${4:?}
readelf=${5:?}
nm=${6:?}
settings=${7?}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix

"$cmake" --install "$build" --prefix "$prefix" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
pc=$(find "$prefix" -name taxamba.pc)
lib=$(dirname "$(dirname "$pc")")
PKG_CONFIG_PATH=$(dirname "$pc")
export PKG_CONFIG_PATH

sh "$source/tests/meta/binaries.sh" "$readelf" "$nm" "$settings" "$prefix/bin/taxamba" "$lib/libtaxamba.so"

# shellcheck disable=SC2046 # the flags are words
"$cc" -std=c11 "$source/tests/meta/consumer/consumer.c" -o "$work/shared" \
  $(pkg-config --cflags --libs taxamba)
LD_LIBRARY_PATH=$lib "$work/shared"
# The static library with the shared ones that it needs: "pkg-config --static" would ask for the static
# libraries of htslib as well, which Debian's libhts-dev does not bring. Those of compressed formats are
# linked if the library has them.
needed=$(pkg-config --print-requires-private taxamba | tr '\n' ' ')
grep -q -e -lbz2 "$pc" && bzip2=-lbz2 || bzip2=
# shellcheck disable=SC2046
"$cc" -std=c11 "$source/tests/meta/consumer/consumer.c" -o "$work/static" $(pkg-config --cflags taxamba) \
  "$lib/libtaxamba.a" \
  $(pkg-config --libs $needed) $bzip2 -pthread -lm
"$work/static"

"$cmake" -S "$source/tests/meta/consumer" -B "$work/consumer" -DCMAKE_PREFIX_PATH="$prefix" \
  -DCMAKE_C_COMPILER="$cc" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
"$cmake" --build "$work/consumer" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
"$work/consumer/consumer_taxamba"
"$work/consumer/consumer_static"

"$prefix/bin/taxamba" --version
for page in "$source"/docs/man/*.1; do
  [ -e "$page" ] || continue
  [ -e "$prefix/share/man/man1/${page##*/}" ] || { echo "man page not installed: ${page##*/}"; exit 1; }
done
docs=$(dirname "$(find "$prefix" -name LICENSE | grep -v samples)")
for page in README.md docs/cookbook.md docs/trust.md models/coi-arthropoda.md models/README.md \
  data/README.md data/samples/tpos1_1.fasta.gz docs/workflows/snakemake/Snakefile; do
  [ -s "$docs/$page" ] || { echo "not installed: $page"; exit 1; }
done
TAXAMBA_MODEL=$prefix/share/taxamba/models/coi-arthropoda.safetensors
export TAXAMBA_MODEL
rows=$("$prefix/bin/taxamba" classify "$source/data/simulated_queries.fasta" 2>"$work/log" | wc -l) ||
  { cat "$work/log"; exit 1; }
records=$(grep -c '^>' "$source/data/simulated_queries.fasta")
[ "$rows" -eq $((records + 1)) ] ||
  { echo "the installed program wrote $rows rows for $records records"; cat "$work/log"; exit 1; }
echo "install: shared, static, pkg-config, CMake package, program and model are usable"
