# Ids: the first word of the header, or all of it; the size in them.
bases=$(sed -n 2p "$queries")
printf '>%b\n%s\n' 'a;size=3 one\ttwo' "$bases" 'b;size=5;' "$bases" size=7 "$bases" 'd;size=0' AC >q.fasta
printf '@a;size=3 one\ttwo\n%s\n+\n%s\n' "$bases" "$bases" >q.fastq
{
  printf 'id\tsequence\n'
  printf '%s\t%s\n' 'a;size=3 one two' "$bases" 'b;size=5;' "$bases" size=7 "$bases" 'd;size=0' AC
} >q.tsv

# ids COMMAND...: the ids of its rows, one a line
ids() {
  tool 0 "$@"
  cut -f 1 out >ids
}
ids classify -q -m "$model" q.fasta
printf 'id\na;size=3\nb;size=5;\nsize=7\nd;size=0\n' | is ids
ids classify -q -m "$model" --whole-id q.fasta
printf 'id\na;size=3 one two\nb;size=5;\nsize=7\nd;size=0\n' | is ids
ids classify -q -m "$model" --xsize q.fasta
printf 'id\na\nb\nsize=7\nd;size=0\n' | is ids
ids classify -q -m "$model" --xsize --whole-id q.fasta
printf 'id\na one two\nb\nsize=7\nd;size=0\n' | is ids
cp ids whole
ids classify -q -m "$model" --xsize q.tsv
same whole ids
ids classify -q -m "$model" --whole-id q.fastq
printf 'id\na;size=3 one two\n' | is ids
tool 0 classify -q -m "$model" --format jsonl --whole-id q.fasta
has out '{"id":"a;size=3 one two",'
ids embed -q -m "$model" --whole-id --xsize q.fasta
sed 1d whole | is ids

# References keep them without the lineage, and labels are found as before.
printf '>r1 first;tax=g:Apis,s:Apis_mellifera;\n%s\n>r2;tax=g:Bombus,s:Bombus_terrestris; last\n%sACGTA\n' \
  "$bases" "$bases" >r.fasta
tool 0 index -q --whole-id -o r.tx r.fasta
tool 0 classify -q -r r.tx --format jsonl q.fasta
has out '"reference":{"id":"r1 first"'
# A taxonomy beside the sequences has the first words, whatever the ids are.
printf '>r1 first\n%s\n>r2\tsecond\n%sACGTA\n' "$bases" "$bases" >r.fasta
printf 'r1\tg__Apis; s__Apis mellifera\nr2\tg__Bombus; s__Bombus terrestris\n' >t.tsv
tool 0 index -q --whole-id --taxonomy-file t.tsv -o r.tx r.fasta
tool 0 classify -q -r r.tx --format jsonl q.fasta
has out '"reference":{"id":"r1 first"' '"taxon":"Apis mellifera"'
