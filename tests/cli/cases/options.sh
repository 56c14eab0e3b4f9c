# Every way of writing an option means the same, and options may stand anywhere.
tool 0 classify -q -m "$model" -t 2 -c 0.5 "$queries"
empty err
mv out plain
for way in 1 2 3 4 5; do
  case $way in
  1) set -- "$queries" --model "$model" --threads 2 --min-confidence 0.5 --quiet ;;
  2) set -- --model="$model" --threads=2 "$queries" --min-confidence=0.5 --quiet ;;
  3) set -- -q -m"$model" -t2 -c0.5 "$queries" ;;
  4) set -- -qm "$model" -t 9 -t 2 -c.5 -- "$queries" ;;
  5) set -- --no-quiet --quiet -m "$model" --min-confidence 5e-1 "$queries" ;;
  esac
  tool 0 classify "$@"
  same out plain
done
cp "$queries" ./--odd
tool 0 classify -q -c 0.5 -m "$model" -- --odd
same out plain
TAXAMBA_MODEL=$model
export TAXAMBA_MODEL
tool 0 classify -q -c 0.5 "$queries"
same out plain
tool 0 classify -c 0.5 "$queries"
figures='[0-9.]+ sequences/s, [0-9]+ MiB peak memory, [0-9.]+ s'
grep -E "^taxamba classify [0-9.]+: [0-9]+ records \([0-9]+ called\), $figures\$" err >last_line ||
  fault 'no closing line'
tail -n 1 err >last_err
same last_line last_err
