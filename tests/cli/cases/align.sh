# A space that the DNA shares with images and texts: training on the simulated vectors, the model that comes
# of it, its places, retrieval by model and by files, and what is refused. That it is learnt is seen beside
# the same network before training, chance and the most common species, with intervals.
table=$data/simulated_metadata.csv
vectors=$data/vectors/image.npy,$data/vectors/text.npy
network='--tokenizer kmer -k 4 -d 32 -l 1 --shared-width 32 -b 64 --threads 2'

# figure FILE QUERY KEY RANK COLUMN: of the micro accuracy of the nearest key
figure() {
  awk -F '\t' -v query="$2" -v key="$3" -v rank="$4" -v column="$5" 'NR == 1 {
      for (i = 1; i <= NF; i++) place[$i] = i }
    $1 == query && $2 == key && $3 == "micro" && $4 == 1 && $5 == rank { print $place[column] }' "$1"
}
# above A B: A is a larger number
above() {
  awk -v a="$1" -v b="$2" 'BEGIN { exit !(a + 0 > b + 0) }' || fault "$1 is not above $2: $3"
}

tool 0 train --objective align --vectors "$vectors" $network --epochs 1 --learning-rate 0 \
  -o before.safetensors "$table"
tool 0 train --objective align --vectors "$vectors" $network --epochs 10 -o after.safetensors "$table"
has err 'image: 389 of 414 training records have one of its 589 vectors (width 32)' \
  'the networks that made the vectors stay as they are'
for name in before after; do
  tool 0 eval -q --retrieval -m $name.safetensors --vectors "$vectors" --bootstrap 200 "$table"
  mv out $name.tsv
done
[ "$(cut -f 1,2 after.tsv | sort -u | wc -l)" -eq 24 ] || fault 'not 21 combinations and two baselines'
for pair in 'dna image' 'image dna' 'dna text' 'text dna'; do
  set -- $pair
  low=$(figure after.tsv "$1" "$2" genus seen_low)
  above "$low" "$(figure before.tsv "$1" "$2" genus seen_high)" "$pair, genus, before training"
  above "$low" "$(figure after.tsv baseline chance genus seen_high)" "$pair, genus, chance"
  above "$low" "$(figure after.tsv baseline most-common genus seen_high)" "$pair, genus, the most common"
  above "$(figure after.tsv "$1" "$2" species seen_low)" \
    "$(figure after.tsv baseline chance species seen_high)" "$pair, species, chance"
  above "$(figure after.tsv "$1" "$2" genus unseen_low)" \
    "$(figure after.tsv baseline most-common genus unseen_high)" "$pair, genus of unseen species"
done

# The model and its description.
tool 0 classify --info -m after.safetensors
has out 'shared space' '32 numbers: dna, image (from 32), text (from 16)'
tool 0 classify --info --format jsonl -m after.safetensors
has out '"shared_space":{"width":32,"modalities":[{"name":"image","width":32},{"name":"text","width":16}]}'
tool 2 classify -m after.safetensors "$queries"
has err 'the model has no ranks'
tool 0 quantize -m after.safetensors --precision int8 -o small.safetensors
tool 0 eval -q --retrieval -m small.safetensors --vectors "$vectors" "$table"

# Places in files give the same scores as the model.
tool 0 embed -q -m after.safetensors --modality dna --normalize -o places.npy "$table"
mv places.npy dna.npy
mv places.npy.ids dna.npy.ids
for name in image text; do
  tool 0 embed -q -m after.safetensors --modality $name --vectors "$data/vectors/$name.npy" -o $name.npy
done
tool 0 eval -q --retrieval --vectors dna.npy,image.npy,text.npy --bootstrap 200 "$table"
same out after.tsv
tool 0 eval -q --retrieval --json --vectors dna.npy,image.npy "$table"
has out '{"keys":414,"seen":92,"unseen":56,"resamples":0,"retrieval":[{"query":"baseline","key":"chance"'
tool 0 embed -q -m after.safetensors "$queries"
[ "$(head -n 1 out | wc -w)" -eq 33 ] || fault 'without --modality the embedding is that of the encoder'

# What is refused.
printf 'a\nb\n' >short.ids
tool 3 train --objective align --vectors "$data/vectors/image.npy" --vector-ids short.ids -o x "$table"
has err 'short.ids: 2 names for the 589 rows of the array'
tool 2 train --objective align -o x "$table"
has err '--objective align needs the vectors of another modality'
tool 2 train --vectors "$vectors" -o x "$table"
has err '--vectors has no effect'
tool 2 eval --retrieval "$table"
has err '--retrieval needs the vectors'
tool 2 eval --retrieval -m "$model" --vectors image.npy "$table"
has err 'no space that it shares'
tool 2 embed -m after.safetensors --modality image "$queries"
has err '--modality image needs the vectors'
tool 2 embed -m after.safetensors --modality sound --vectors image.npy
has err "no modality 'sound'"
tool 2 embed -m "$model" --modality dna "$queries"
has err 'no space that it shares'
tool 2 export -m after.safetensors -o x.ckpt
has err 'is not exported'
head -c 5000 image.npy >cut.npy
tool 3 eval --retrieval --vectors cut.npy --vector-ids image.npy.ids "$table"
has err 'cut.npy: the array ends in row'
