# What the command-line cases share. A case is a script in cases/; it runs in an empty folder of its own with
# these set:
#   taxamba  the program          model   a trained model      here  tests/cli
#   data     the simulated data   queries $data/simulated_queries.fasta
# A failed check prints what was expected and what came, and the case goes on; the end of the case tells how
# many failed.

# The faults stand in a file, so that one found in a part of a pipe, which is a process of its own, counts.
fault_list=$PWD.faults
: >"$fault_list"

fault() {
  printf 'FAULT: %s\n' "$*" | tee -a "$fault_list"
}

show() {
  for shown in out err; do
    [ -s "$shown" ] &&
      { printf -- "--- %s of the last command\n" "$shown"; head -c 3000 "$shown" | head -n 40; }
  done
  printf -- '---\n'
}

# run CODE COMMAND...: runs it with its streams in the files out and err, and checks the exit code.
run() {
  expected=$1
  shift
  last="$*"
  "$@" >out 2>err
  code=$?
  [ "$code" -eq "$expected" ] || { fault "exit code $code, not $expected: $last"; show; }
  if [ -s err ] &&
    grep -E 'runtime error:|AddressSanitizer|LeakSanitizer|ThreadSanitizer' err >/dev/null 2>&1; then
    fault "a sanitizer reports an error: $last"
    show
  fi
}

# tool CODE ARGUMENT...: the program under test, from standard input that is empty unless redirected by a pipe
# or '<'.
tool() {
  expected_code=$1
  shift
  run "$expected_code" "$taxamba" "$@"
}

# has STREAM TEXT...: every text stands in out or err (or any file).
has() {
  stream=$1
  shift
  for text in "$@"; do
    grep -F -e "$text" "$stream" >/dev/null || { fault "'$text' is not in $stream: $last"; show; }
  done
}

# hasnot STREAM TEXT
hasnot() {
  if grep -F -e "$2" "$1" >/dev/null; then fault "'$2' is in $1: $last"; show; fi
}

# is FILE: its text is exactly that on standard input.
is() {
  cat >expected
  cmp -s expected "$1" || { fault "$1 is not as expected: $last"; diff expected "$1" | head -n 40; }
}

# empty FILE
empty() {
  [ ! -s "$1" ] || { fault "$1 is not empty: $last"; show; }
}

# One line on stderr, in the form of an error of a command.
one_error() {
  [ "$(wc -l <err)" -eq 1 ] || { fault "not one line on stderr: $last"; show; }
  has err "taxamba $1: error: "
}

# same FILE FILE
same() {
  cmp -s "$1" "$2" || { fault "$1 and $2 differ: $last"; diff "$1" "$2" | head -n 10; }
}

absent() {
  [ ! -e "$1" ] || fault "$1 is there: $last"
}

# No temporary file stays behind: nothing but the names given.
only_files() {
  for file in * .[!.]*; do
    [ -e "$file" ] || continue
    case " $* out err expected " in
    *" $file "*) ;;
    *) fault "left behind: $file ($last)" ;;
    esac
  done
}

skip() {
  printf 'SKIPPED: %s\n' "$*"
  exit 77
}

# flip FILE OFFSET: changes one byte.
flip() {
  old=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
  printf "\\$(printf '%03o' $((old ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

# Reverse complement of one-line FASTA.
reverse_complement() {
  awk '/^>/ { print; next }
    {
      line = ""
      for (i = length($0); i > 0; i--) {
        c = substr($0, i, 1); p = index("ACGTN", c); line = line substr("TGCAN", p, 1)
      }
      print line
    }'
}

# One line per sequence.
unwrap() {
  awk '/^>/ { if (NR > 1) print line; print; line = ""; next } { line = line $0 } END { print line }'
}

# A column of the last table by its name: column NAME FILE
column() {
  awk -F '\t' -v name="$1" '
    NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i; next } { print $at }' "$2"
}
