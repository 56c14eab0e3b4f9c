# The committed man pages and the completion are those that the option tables make.
tool 0 man
same out "$source/docs/man/taxamba.1"
for command in train embed classify eval quantize index calibrate cluster table compare sources import \
  export traits; do
  tool 0 man $command
  same out "$source/docs/man/taxamba-$command.1"
  if command -v groff >/dev/null 2>&1; then
    groff -man -ww -z "$source/docs/man/taxamba-$command.1" >complaints 2>&1
    empty complaints
  fi
done
tool 0 completion bash
same out "$source/docs/completion/taxamba.bash"
if command -v bash >/dev/null 2>&1; then
  cat >complete.bash <<'END'
. "$1"
shift
COMP_WORDS=(taxamba "$@")
COMP_CWORD=$(($# + 0))
_taxamba
printf '%s\n' "${COMPREPLY[@]}"
END
  cp "$source/docs/completion/taxamba.bash" completion.bash
  run 0 bash complete.bash ./completion.bash cl
  is out <<'END'
classify
cluster
END
  run 0 bash complete.bash ./completion.bash classify --for
  is out <<'END'
--format
END
  run 0 bash complete.bash ./completion.bash classify --format j
  is out <<'END'
jsonl
END
  run 0 bash complete.bash ./completion.bash train --no-r
  is out <<'END'
--no-references
--no-random-offset
END
fi
