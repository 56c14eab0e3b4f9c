# Every kind of input that is no barcode file: its exit code and a message that says what and where.
tool 1 classify -m "$model" nowhere.fasta
is err <<'END'
taxamba classify: error: nowhere.fasta: cannot open: No such file or directory
END
tool 1 classify -m "$model" "$queries" nowhere.fasta # before hours go into the first file
one_error classify
empty out
tool 1 embed -m "$model" nowhere.fasta
has err 'taxamba embed: error: nowhere.fasta: cannot open'
mkdir folder
tool 1 classify -m "$model" folder
is err <<'END'
taxamba classify: error: folder: is a directory
END
if [ "$(id -u)" -ne 0 ]; then
  cp "$queries" locked.fasta
  chmod 000 locked.fasta
  tool 1 classify -m "$model" locked.fasta
  has err 'locked.fasta: cannot open: Permission denied'
fi

bad() { # bad FILE TEXT...
  file=$1
  shift
  tool 3 classify -m "$model" "$file"
  one_error classify
  has err "$file" "$@"
  run 3 sh -c "\"$taxamba\" classify -m \"$model\" <\"$file\""
  has err 'standard input' "$@"
  tool 3 embed -m "$model" -o vectors.npy "$file"
  one_error embed
  absent vectors.npy
  absent vectors.npy.ids
}
: >empty.fasta
# No record is no fault: the header, and a warning. Other files are read.
tool 0 classify -m "$model" empty.fasta
[ "$(wc -l <out)" -eq 1 ] || fault 'not just the header'
has err 'taxamba classify: warning: empty.fasta: is empty: there is no record in it' '0 records'
tool 0 classify -q -m "$model"
[ "$(wc -l <out)" -eq 1 ] || fault 'not just the header'
has err 'standard input: is empty'
tool 0 embed -q -m "$model" -o none.npy empty.fasta
[ "$(wc -c <none.npy.ids)" -eq 0 ] || fault 'there are names'
rm -f none.npy none.npy.ids
tool 0 classify -q -m "$model" "$queries"
mv out whole
gzip -c empty.fasta >empty.gz
tool 0 classify -q -m "$model" empty.fasta "$queries" empty.gz
same out whole
[ "$(grep -c 'is empty' err)" -eq 2 ] || fault 'not two warnings'
rm -f whole
head -c 3000 "$model" | tail -c 2000 >junk.bin
bad junk.bin
printf '\001\002\003\004\000\000\000' >binary.bin
bad binary.bin 'binary'
printf 'a title\n>a\nACGT\n' >text.fasta
bad text.fasta ':1:' "'>'"
printf '>a\nACGTACGT\n>b protein\nMKVLAAGIVGLLLAQWERF\n' >protein.fasta
bad protein.fasta ':4:' 'record 2' 'b'
# Letters that are no bases, few of them, are read as N: the answers are those of a file with N there.
sed -n 1,4p "$queries" | awk '/^>/ { print; next } { print substr($0, 1, 20) "I?!j" substr($0, 25) }' \
  >odd.fasta
sed 's/I?!j/NNNN/' odd.fasta >n.fasta
for command in 'classify' 'embed'; do
  tool 0 $command -q -m "$model" n.fasta
  cp out expected
  tool 0 $command -m "$model" odd.fasta
  same out expected
  grep -v "^taxamba $command 0" err >warnings
  [ "$(wc -l <warnings)" -eq 1 ] || fault "not one warning: $last"
  has warnings 'odd.fasta: letters that are no bases were read as N: ' "the first is 'I' in line 2"
done
printf 'id,genus,species,dna_barcode\na,G,G a,ACGTI' >odd.csv
printf '%s?TT\n' ACGTTGCAACGTTGCATTGACCATGACCGATTTGACGATTCGATTGACCATGCATGCATTTGACCA >>odd.csv
tool 0 index -o odd.tx odd.csv
has err "odd.csv: letters that are no bases were read as N: 2 in 1 sequence, the first is 'I' in line 2"
printf 'id,genus,species,dna_barcode\na,G,G a,ACGT1\n' >digit.csv
tool 3 index -o digit.tx digit.csv
has err "digit.csv:2: record 1: \"a\": column 'dna_barcode': '1' is no nucleotide letter"
rm -f odd.tx warnings expected
printf '@a\nACGTACGT\n+\nIIII\n' >unequal.fastq
bad unequal.fastq 'record 1'
printf '@a\nACGTACGT\n+\n' >cut.fastq
bad cut.fastq 'record 1'
gzip -c "$queries" >whole.gz
head -c 2000 whole.gz >cut.gz
bad cut.gz
cp whole.gz flipped.gz
flip flipped.gz 3000
bad flipped.gz

# Rows before the fault are there on standard output; a file is not.
{ head -n 40 "$queries"; printf '>bad\nMKVLQQ\n'; } >late.fasta
tool 3 classify -q -m "$model" late.fasta
[ "$(wc -l <out)" -ge 2 ] || fault 'the rows before the fault are missing'
echo old >rows.tsv
tool 3 classify -q -m "$model" -o rows.tsv late.fasta
is rows.tsv <<'END'
old
END
