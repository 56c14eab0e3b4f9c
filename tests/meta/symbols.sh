#!/bin/sh
# Every symbol that the libraries define for others starts with tx_.
#   symbols.sh NM SHARED_LIBRARY STATIC_LIBRARY
set -u
nm=${1:?usage: symbols.sh NM SHARED STATIC}
faults=0

check() {
  what=$1
  symbols=$2
  [ -n "$symbols" ] || { echo "$what: no symbols found"; faults=1; return; }
  foreign=$(printf '%s\n' "$symbols" | grep -vE '^tx_' | sort -u)
  [ -z "$foreign" ] || { echo "$what: symbols without the tx_ prefix:"; printf '%s\n' "$foreign" |
    head -20; faults=1; }
  echo "$what: $(printf '%s\n' "$symbols" | wc -l) symbols"
}

shared=$("$nm" -D --defined-only "$2" | awk 'NF >= 3 { sub(/@.*/, "", $3); print $3 }' |
  grep -vE '^(_init|_fini|__bss_start|_edata|_end)$')
static=$("$nm" -g --defined-only "$3" 2>/dev/null | awk 'NF == 3 { print $3 }')
check "$2" "$shared"
check "$3" "$static"

# Hidden visibility works: functions of the library's inside are not exported.
printf '%s\n' "$shared" | grep -qx 'tx_fail' && { echo "$2: tx_fail is exported, so visibility is not hidden";
  faults=1; }
exit $faults
