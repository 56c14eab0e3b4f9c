# A signal ends a run with 130 and leaves no half-written file.
mkfifo pipe || skip 'no named pipes here'
echo old >rows.tsv
for command in classify embed; do
  "$taxamba" $command -m "$model" -o rows.tsv pipe >out 2>err &
  worker=$!
  exec 3>pipe
  cat "$queries" >&3
  sleep 0.5
  kill -TERM $worker
  sleep 0.2
  cat "$queries" >&3 2>/dev/null # wakes a reader that was waiting
  exec 3>&-
  wait $worker
  code=$?
  last="$command with a signal"
  [ $code -eq 130 ] || { fault "exit code $code, not 130"; show; }
  is err <<END
taxamba $command: interrupted
END
  is rows.tsv <<'END'
old
END
done
only_files pipe rows.tsv
