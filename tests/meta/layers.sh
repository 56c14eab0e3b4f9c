#!/bin/sh
# Checks the sources against the rules of docs/architecture.md: who may include whom, one includer per
# third-party library, who may start threads, no printing or exit in the library, no long files, lines or
# lists of parameters, nothing unexpected in the root, no machine's paths.
#   layers.sh SOURCE_FOLDER
set -u
cd "${1:?usage: layers.sh SOURCE_FOLDER}" || exit 1
report=$(mktemp) || exit 1
trap 'rm -f "$report"' EXIT

fault() { printf '%s\n' "$*" >>"$report"; }

# Modules that a module may include, itself aside.
allowed() {
  case $1 in
  base) ;;
  seq | tensor) echo base ;;
  taxon) echo base ;;
  labelled) echo taxon seq base ;;
  nn) echo tensor base ;;
  model) echo nn seq taxon tensor base ;;
  search) echo seq taxon base ;;
  cluster) echo search tensor seq taxon base ;;
  evidence) echo search model labelled seq taxon base ;;
  infer) echo evidence search model nn tensor seq taxon base ;;
  eval) echo cluster search labelled model nn tensor seq taxon base ;;
  suite) echo eval cluster search model tensor seq base ;;
  traits) echo eval tensor base ;;
  sources) echo labelled taxon base ;;
  out) echo evidence model nn tensor seq taxon base ;;
  report) echo out eval cluster labelled seq taxon base ;;
  settings) echo seq base ;;
  dataset) echo settings nn tensor labelled taxon seq base ;;
  optim) echo nn tensor base ;;
  objective) echo settings dataset optim nn tensor labelled taxon seq base ;;
  train) echo settings objective optim dataset evidence search infer eval \
    labelled model nn tensor seq taxon base ;;
  *) echo "?" ;;
  esac
}

# Prints FILE:LINE TARGET for every include of the given kind, '"' or '<', in the given files.
includes() {
  kind=$1
  shift
  grep -nE "^[[:space:]]*#[[:space:]]*include[[:space:]]*$kind" /dev/null "$@" |
    sed -E "s/^([^:]*:[0-9]*):[^\"<]*[\"<]([^\">]*)[\">].*/\1 \2/"
}

for folder in src/*/; do
  module=${folder#src/}
  module=${module%/}
  set -- "$folder"*.[ch]
  [ -e "$1" ] || continue
  permitted=$(allowed "$module")
  [ "$permitted" = "?" ] && fault "$1: module '$module' is not in the layer table"
  includes '"' "$@" | while read -r place target; do
    other=${target%%/*}
    case " $module $permitted " in
    *" $other "*) ;;
    *) fault "$place: $module may not include $target" ;;
    esac
    [ -e "src/$target" ] || fault "$place: $target is not in src/"
  done
  # The network and its kernels know no public header but statuses, precisions and the limits of a taxonomy.
  case $module in
  nn | tensor)
    includes '<taxamba/' "$@" | while read -r place target; do
      case $target in
      taxamba/status.h | taxamba/taxonomy.h | taxamba/precision.h) ;;
      *) fault "$place: $module may not include $target" ;;
      esac
    done
    ;;
  esac
done

includes '"' $(ls tools/*.[ch] 2>/dev/null) | while read -r place target; do
  [ -e "tools/$target" ] || fault "$place: tools may include the public headers only, not $target"
done

# header pattern, then the files that may include it
only_in() {
  pattern=$1
  shift
  grep -rlE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($pattern)" src tools include 2>/dev/null |
    while read -r file; do
    case " $* " in
    *" $file "*) ;;
    *) fault "$file: only $* may include $pattern" ;;
    esac
  done
}
only_in 'htslib/' src/seq/cram.c
only_in 'zlib\.h' src/base/gzip.c
only_in 'bzlib' src/base/unpack_bzip2.c
only_in 'lzma' src/base/unpack_xz.c
only_in 'zstd' src/base/unpack_zstd.c
only_in 'hdf5\.h' src/base/hdf5.c src/base/hdf5_write.c
only_in 'cjson/|cJSON' src/base/json.c
only_in 'cblas|openblas|f77blas|lapack' src/tensor/blas.c
only_in 'immintrin|x86intrin|xmmintrin' \
  $(ls src/tensor/*_avx2.c src/tensor/*_avxvnni.c src/tensor/*_avx512*.c 2>/dev/null) src/base/cpu.c

# Calls, comments and strings aside: strip them, then look for whole words.
strip() {
  awk '{
    line = $0; out = ""
    while (length(line)) {
      if (inside) {
        at = index(line, "*/"); if (!at) { line = ""; break }
        line = substr(line, at + 2); inside = 0; continue
      }
      if (match(line, /"([^"\\]|\\.)*"|\/\*|\/\//)) {
        out = out substr(line, 1, RSTART - 1); token = substr(line, RSTART, RLENGTH)
        line = substr(line, RSTART + RLENGTH)
        if (token == "/*") inside = 1; else if (token == "//") line = ""; else out = out "\"\""
      } else { out = out line; line = "" }
    }
    print FILENAME ":" FNR ":" out
  }' "$@"
}
sources=$(ls src/*/*.c src/*/*.h 2>/dev/null)
stripped=$(mktemp) || exit 1
trap 'rm -f "$report" "$stripped"' EXIT
strip $sources >"$stripped"
no_call() {
  words=$1
  reason=$2
  shift 2
  grep -E "(^|[^A-Za-z0-9_>.])($words)[[:space:]]*\(" "$stripped" | cut -d: -f1,2 |
    while IFS= read -r place; do
    case " $* " in
    *" ${place%%:*} "*) ;;
    *) fault "$place: $reason" ;;
    esac
  done
}
no_call 'printf|fprintf|vprintf|vfprintf|puts|fputs|putchar|perror' 'the library does not print'
no_call 'exit|_exit|_Exit|abort|quick_exit|assert' 'the library does not end the process'
no_call 'pthread_create' 'only base/pool.c and infer/pipeline.c start threads' src/base/pool.c \
  src/infer/pipeline.c
no_call 'open|openat|creat|fopen|freopen|mkstemp|tmpfile' \
  'files are opened in base/, where outputs appear whole' \
  src/base/file.c src/base/temporary.c src/base/lock.c src/base/input.c src/base/runtime.c
no_call 'strcpy|strcat|sprintf|gets|strtok|rand|srand|atoi|atof' \
  'an unsafe or stateful function of the C library'

# Parameters: of functions, and of pointers to functions. Kernels on plain arrays have many by their nature.
strip $(ls src/*/*.[ch] include/taxamba/*.h tools/*.[ch] 2>/dev/null | grep -v '^src/tensor/') | awk '
  {
    match($0, /^[^:]*:[0-9]*:/); place = substr($0, 1, RLENGTH - 1); text = substr($0, RLENGTH + 1)
    file = place; sub(/:.*/, "", file)
    if (file != last) { depth = parens = continued = 0; last = file; before = ""; pointer = "" }
    if (continued || text ~ /^[ \t]*#/) { continued = text ~ /\\$/; next }
    if (text ~ /^extern "" \{/) next
    while (match(text, /[(){},;]/)) {
      before = before substr(text, 1, RSTART - 1)
      token = substr(text, RSTART, 1); text = substr(text, RSTART + 1)
      if (token == "(" && ++parens == 1) {
        counted = depth <= 0 || (pointer && before ~ /^[ \t]*$/)
        name = pointer; if (match(before, /[a-z0-9_]+[ \t]*$/)) name = substr(before, RSTART)
        start = place; commas = 0; pointer = ""
      } else if (token == "," && parens == 1) commas++
      else if (token == ")" && --parens == 0) {
        if (counted && commas >= 7)
          print start ": " name " has " commas + 1 " parameters (at most 7): take a struct"
        pointer = before ~ /^\*/ && !commas ? substr(before, 2) : ""
      } else if (!parens && token == "{") depth++
      else if (!parens && token == "}") depth--
      before = ""
    }
    before = before text
  }' >>"$report"

ls src/*/*.[ch] tools/*.[ch] include/taxamba/*.h data/*.c tests/*/*.[ch] docs/examples/*.c 2>/dev/null |
  xargs awk '
    function end() { if (lines > 600) print file ": " lines " lines; split it (at most 600)" }
    FNR == 1 { end(); file = FILENAME }
    { lines = FNR }
    length($0) > 110 { printf "%s:%d: %d columns (at most 110)\n", FILENAME, FNR, length($0) }
    END { end() }' >>"$report"

# Scripts, CMake files and documents: 110 columns too, in characters rather than bytes. In documents the rows
# of tables, lines with a URL and the output of programs (blocks of ```console but for their "$ " lines) are
# exempt.
find . -type d \( -name 'build*' -o -name .git \) -prune -o -type f \
  \( -name '*.sh' -o -name '*.cmake' -o -name CMakeLists.txt -o -name '*.md' \) -print | sed 's|^\./||' |
  LC_ALL=C xargs awk '
    FNR == 1 { fenced = console = 0 }
    FILENAME ~ /\.md$/ {
      if ($0 ~ /^ *```/) { console = !fenced && $0 ~ /^ *```console/; fenced = !fenced }
      if (/^[|]/ || /https?:\/\// || (console && !/^[$] /)) next
    }
    { line = $0; gsub(/[\200-\277]/, "", line) }
    length(line) > 110 { printf "%s:%d: %d columns (at most 110)\n", FILENAME, FNR, length(line) }' \
    >>"$report"

if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
  entries=$(git ls-files | cut -d/ -f1 | sort -u)
else
  entries=$(ls | grep -v '^build')
fi
for entry in $entries; do
  case $entry in
  CMakeLists.txt | README.md | LICENSE | include | src | tools | tests | data | models | docs | .*) ;;
  *) fault "$entry: not one of the entries of the root folder" ;;
  esac
done

# Paths of one person's machine; /tmp, /dev and /usr are everybody's.
grep -rnE '(^|[^A-Za-z0-9_./~$})-])/(home|root|work|Users|opt|mnt|srv|farm)/[A-Za-z0-9_.]' \
  CMakeLists.txt README.md src include tools tests data models docs 2>/dev/null |
  grep -vE '^(Binary|tests/meta/layers\.sh)' | cut -c1-160 |
    while IFS= read -r line; do fault "path of a machine: $line"; done
grep -rnE 'march=native|ffast-math' --include=CMakeLists.txt --include='*.cmake' . 2>/dev/null |
  grep -v '^./build' |
  while IFS= read -r line; do fault "build flag: $line"; done

# Scripts that the documents call by their path.
grep -rhoE '(tests/bench|tools)/[a-z0-9_]+\.sh' README.md docs --include=*.md | sort -u |
  while read -r script; do
  [ -x "$script" ] || fault "$script: named in the documents, and not executable"
done

count=$(wc -l <"$report")
cat "$report"
echo "layers: $(echo "$sources" | wc -w) library files checked, $count faults"
[ "$count" -eq 0 ]
