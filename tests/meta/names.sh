#!/bin/sh
# No name means two things: each tag of a struct, enum or union, and each typedef of a function, is defined
# once in the whole tree, in whatever folder. Two files with a type of one name compile silently as long as
# neither sees the other.
#   names.sh SOURCE_FOLDER
set -u
cd "${1:?usage: names.sh SOURCE_FOLDER}" || exit 1
found=$(find src tools include -name '*.[ch]' -exec grep -nHE \
  -e '^(typedef )?(struct|enum|union) tx_[a-z0-9_]+ \{|^typedef [^{]*\(\*tx_[a-z0-9_]+\)' \
  -e '^typedef [^({]* tx_[a-z0-9_]+;' {} + |
  sed -nE 's/^([^:]*:[0-9]*):(typedef )?(struct|enum|union) (tx_[a-z0-9_]+) \{.*/\4 \1/p
           s/^([^:]*:[0-9]*):typedef [^{]*\(\*(tx_[a-z0-9_]+)\).*/\2 \1/p' | sort)
printf '%s\n' "$found" | awk '
  { count[$1]++; places[$1] = places[$1] " " $2 }
  END {
    for (name in count) {
      names++
      if (count[name] > 1) { print name " is defined in" places[name]; faults++ }
    }
    print "names: " names " types checked, " faults + 0 " defined twice"
    exit names == 0 || faults > 0
  }'
