# Sequences that are unlike what a network has learnt get no name, whichever way the model was made.
barcodes=$data/simulated_metadata.csv
tool 0 classify --info -m "$model"
grep -q '^unlike  *below' out || fault 'the model does not tell what is unlike it'

# Random bases, one base, a barcode read backwards, another that is complemented only, and a barcode as it is:
# of either strand the last is named alone.
awk 'BEGIN { s = 7
  print ">random"
  for (i = 0; i < 400; i++) { s = s * 16807 % 2147483647; printf "%s", substr("ACGT", s % 4 + 1, 1) }
  print "\n>a"; for (i = 0; i < 300; i++) printf "A"
  print "" }' >strangers.fasta
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "dna_barcode") at = i; next }
  NR == 9 { s = $at; n = length(s); back = ""; other = ""
    for (i = n; i > 0; i--) back = back substr(s, i, 1)
    for (i = 1; i <= n; i++) other = other substr("TGCAN", index("ACGTN", substr(s, i, 1)), 1)
    print ">backwards\n" back "\n>complement\n" other "\n>barcode\n" s }' "$barcodes" >>strangers.fasta
for strand in plus both; do
  tool 0 classify -q -m "$model" --strand $strand strangers.fasta
  column status out >told
  printf 'unlike\nunlike\nunlike\nunlike\nok\n' >expected
  same expected told
  awk -F '\t' 'NR > 1 && $NF == "unlike" { for (i = 2; i < NF; i++) if ($i != "" && $i != ".") exit 1 }' \
    out ||
    fault "a row that is unlike has a name ($strand)"
done
# The embedding needs no name.
tool 0 embed -q -m "$model" -o strangers.npy strangers.fasta
[ "$(wc -c <strangers.npy)" -eq $((5 * 32 * 4 + 128)) ] || fault 'embed leaves out what has no name'

# Of other precision it is the same; a model that lacks it gets it from its training records.
tool 0 quantize -q -m "$model" --precision int8 -o int8.safetensors
tool 0 classify -q -m int8.safetensors strangers.fasta
column status out >told
same expected told
ranks=order,family,genus,species # those that it was trained on
tool 0 calibrate -q -m "$model" -o again.safetensors --ranks $ranks "$barcodes"
grep -q '^unlike: [0-9]* records; 0.5 % of them' out || fault 'calibrate does not tell what it has done'
tool 0 classify --info -m "$model"
grep '^unlike' out >before
tool 0 classify --info -m again.safetensors
grep '^unlike' out >after
same before after
tool 0 calibrate -q -m again.safetensors -s train -o third.safetensors --ranks $ranks "$barcodes"
cmp -s again.safetensors third.safetensors || fault 'the same records give another file'

# Too few records; nothing is left of the file.
head -100 "$barcodes" >few.csv
tool 3 calibrate -q -m "$model" -o few.safetensors few.csv
one_error calibrate
has err 'are not enough to tell what is unlike them: 200 are needed'
[ ! -e few.safetensors ] || fault 'a file is left'
