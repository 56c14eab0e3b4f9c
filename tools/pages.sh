#!/bin/sh
# Writes the man pages and the shell completion anew from the option tables of a built program.
#   tools/pages.sh PROGRAM
set -eu
program=${1:?usage: tools/pages.sh PROGRAM}
docs=$(dirname "$0")/../docs
mkdir -p "$docs/man" "$docs/completion"
"$program" man >"$docs/man/taxamba.1"
for command in train embed classify eval quantize index calibrate cluster table compare sources import \
  export report traits; do
  "$program" man "$command" >"$docs/man/taxamba-$command.1"
done
"$program" completion bash >"$docs/completion/taxamba.bash"
