# Rows come out of a pipe while more input is still to come.
mkfifo pipe rows || skip 'no named pipes here'
"$taxamba" classify -q -m "$model" pipe >rows 2>err &
worker=$!
exec 4<rows 3>pipe || exit 1
unwrap <"$queries" | head -n 4 >&3
# the first record is known to be complete when the second begins
(exec 3>&- 4<&-; sleep 60; kill -TERM $worker) >/dev/null 2>&1 &
guard=$!
IFS= read -r header <&4
IFS= read -r row <&4
case $row in
query*) ;;
*) fault "no row came while the input was open: '$header' '$row'" ;;
esac
exec 3>&-
rest=$(wc -l <&4)
exec 4<&-
wait $worker || fault "exit code $? of the streaming run"
kill $guard 2>/dev/null
[ "$rest" -eq 1 ] || fault "$rest rows after the end of the input, not 1"
