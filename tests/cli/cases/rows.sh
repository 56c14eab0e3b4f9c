# The rows of records without a call, and the formats.
unwrap <"$queries" | head -n 2 | tail -n 1 >bases
{
  printf '>short some words\nACGTACGT\n>nothing\n\n'
  printf '>unknown\nNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNN\n>good\n'
  cat bases
} >input.fasta
tool 0 classify -m "$model" input.fasta
has err 'taxamba classify ' ': 4 records (1 called), '
tool 0 classify -q -m "$model" input.fasta
head -n 4 out >three
is three <<END
id	order	order_confidence	family	family_confidence	genus	genus_confidence	\
species	species_confidence	strand	status
short									.	too_short
nothing									.	no_bases
unknown									.	no_bases
END
tail -n 1 out >good
grep -E '^good	[A-Z][^	]*	[01]\.[0-9]{4}	.*	[+]	ok$' good >/dev/null ||
  { fault 'the row of a good record'; cat good; }
tool 0 classify -q -m "$model" --min-bases 8 input.fasta
[ "$(column status out | tr '\n' ' ')" = 'ok no_bases no_bases ok ' ] || { fault 'min-bases'; show; }
tool 0 classify -q -m "$model" --format jsonl input.fasta
[ "$(wc -l <out)" -eq 4 ] || fault 'not 4 lines of JSON'
grep -v '^{.*}$' out >odd && fault 'a line is no JSON object'
has out '"id":"short"' '"too_short"' '"no_bases"'
tool 0 classify -q -m "$model" --format sintax input.fasta
[ "$(wc -l <out)" -eq 4 ] || fault 'not 4 lines of SINTAX'
tail -n 1 out | grep -E '^good	o:[^(]*\([01]\.[0-9]{4}\),f:' >/dev/null ||
  { fault 'the SINTAX line of a good record'; show; }

# A threshold cuts from below, never in the middle, and keeps what reaches it.
tool 0 classify -q -m "$model" "$queries"
mv out whole
for least in 0.3 0.7 0.95 1; do
  tool 0 classify -q -m "$model" -c $least "$queries"
  awk -F '\t' -v least=$least 'NR == FNR { whole[FNR] = $0; next } FNR == 1 { next }
    { n = split(whole[FNR], w, "\t"); deepest = 0
      for (i = 2; i < NF - 1; i += 2) if (w[i] != "" && w[i + 1] + 0 >= least + 0) deepest = i
      for (i = 2; i < NF - 1; i += 2) if ($i != (i <= deepest ? w[i] : "")) { print FNR ": " $0; exit } }' \
        whole out >odd
  [ ! -s odd ] || { fault "the cut at $least"; cat odd; }
done

# What the model is.
tool 0 classify -m "$model" --info
empty err
has out species genus
tool 0 classify -m "$model" --info --format jsonl
[ "$(wc -l <out)" -eq 1 ] || fault 'not one line of JSON'
has out '"ranks"'
