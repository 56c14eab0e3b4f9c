# Clusters of barcodes and of vectors: rows, tree, scores, what is refused, and the same bytes for any number
# of threads.
table=$data/simulated_metadata.csv
tool 0 embed -q -m "$model" -o v.npy "$table"
records=$(wc -l <v.npy.ids)

# Barcodes through the model and their vectors give the same.
tool 0 cluster -m "$model" -t 1 "$table"
has err ' records in ' ' clusters, '
mv out rows
[ "$(wc -l <rows)" -eq $((records + 1)) ] || fault 'not one line for each record'
cut -f 1 rows | tail -n +2 >ids
same ids v.npy.ids
[ "$(sed -n 1p rows)" = "id	cluster" ] || fault 'no header line'
[ "$(sed -n 2p rows | cut -f 2)" = 0 ] || fault 'the first record is not in cluster 0'
for threads in 1 3; do
  tool 0 cluster -q -t $threads --embeddings v.npy
  same out rows
done
cp v.npy.ids names.txt
tool 0 cluster -q -e v.npy --ids names.txt -o rows.tsv
empty out
same rows rows.tsv

# Numbers of clusters.
tool 0 cluster -q -e v.npy -k 7
[ "$(tail -n +2 out | cut -f 2 | sort -u | wc -l)" -eq 7 ] || fault 'not 7 clusters'
for method in average complete; do
  for metric in euclidean cosine; do
    tool 0 cluster -q -e v.npy -k 7 --method $method --metric $metric --scale zscore
    [ "$(tail -n +2 out | cut -f 2 | sort -u | wc -l)" -eq 7 ] || fault "not 7 clusters of $method"
  done
done
tool 0 cluster -q -e v.npy --threshold 1e299
[ "$(tail -n +2 out | cut -f 2 | sort -u)" = 0 ] || fault 'not one cluster below a large threshold'
tool 0 cluster -q -e v.npy --threshold 1e-30
few=$(tail -n +2 out | cut -f 2 | sort -u | wc -l)
[ "$few" -gt 100 ] || fault "$few clusters below a small threshold"

# The other methods.
for method in kmeans spectral; do
  tool 0 cluster -q -e v.npy -k 7 --method $method -t 1
  [ "$(tail -n +2 out | cut -f 2 | sort -u | wc -l)" -eq 7 ] || fault "not 7 clusters of $method"
  mv out one
  tool 0 cluster -q -e v.npy -k 7 --method $method -t 3
  same one out
done
# Fewer spectral clusters than the graph has parts are arbitrary, and said to be.
tool 0 cluster -e "$data/vectors/image.npy" -k 2 --method spectral
has err 'the graph of neighbours has 10 parts that nothing connects: with 2 clusters'
tool 0 cluster -e "$data/vectors/image.npy" -k 10 --method spectral
grep -q 'parts that nothing connects' err && fault 'as many clusters as parts are not arbitrary'
tool 0 cluster -q -e v.npy -k 40 --method kmeans --seed 2
mv out one
tool 0 cluster -q -e v.npy -k 40 --method kmeans --seed 3
cmp -s one out && fault '--seed changes nothing'
for method in hdbscan affinity; do
  tool 0 cluster -q -e v.npy --method $method --pca 10 -t 1
  mv out one
  tool 0 cluster -q -e v.npy --method $method --pca 10 -t 3
  same one out
  [ "$(tail -n +2 out | cut -f 2 | sort -u | wc -l)" -gt 3 ] || fault "$method finds hardly any cluster"
done
# HDBSCAN says how firmly a record belongs to its cluster: noise not at all, the core of each wholly.
tool 0 cluster -q -e v.npy --method hdbscan --pca 10
awk -F '\t' '
  NR == 1 { bad = $0 != "id\tcluster\tprobability"; next }
  NF != 3 || $3 < 0 || $3 > 1 || ($2 == -1) != ($3 == 0) { bad = 1 }
  $2 != -1 && $3 > most[$2] { most[$2] = $3 }
  $3 > 0 && $3 < 1 { some = 1 }
  END { for (c in most) if (most[c] != 1) bad = 1; exit bad || !some }' out ||
  fault 'probabilities of hdbscan'
tool 0 cluster -q -e v.npy --method kmeans -k 7
hasnot out probability
tool 0 cluster -q -e v.npy --method hdbscan --min-cluster-size 2 --selection leaf --labels "$table" \
  --rank species
has out 'all ' 'clustered '
tool 0 cluster -q -e v.npy --pca 0.9 --rescale l2 -k 7 --scores - -o rows.tsv
has out 'zscore+pca+l2'
tool 2 cluster -e v.npy --pca 1000
has err '1000 principal components of '
tool 2 cluster -e v.npy --method hdbscan -k 7
has err '--clusters has no effect with --method hdbscan'

# UMAP, alone and by the name of a protocol: scores with and without it.
tool 0 cluster -q -e v.npy -k 7 --umap 2 --umap-neighbours 10 -t 1
mv out one
tool 0 cluster -q -e v.npy -k 7 --umap 2 --umap-neighbours 10 -t 3
same one out
tool 0 cluster -q -e v.npy -k 7 --umap 2 --umap-neighbours 10 --seed 9
cmp -s one out && fault '--seed changes nothing of UMAP'
for protocol in bioscan5m barcodebert; do
  tool 0 cluster -q -e v.npy --labels "$table" --rank species --protocol $protocol
  [ "$(grep -c '^ward  *\(umap\|raw\) ' out)" -eq 2 ] || { fault 'not a row with and one without'; show; }
done
tool 2 cluster -e v.npy --protocol bioscan5m --umap 3
has err '--umap has no effect with --protocol bioscan5m'
tool 2 cluster -e v.npy --seed 3
has err '--seed has no effect without k-means and UMAP'

# The tree has each record once and balanced parentheses.
tool 0 cluster -q -e v.npy -k 2 --tree tree.nwk -o rows.tsv
tr '(,' '\n\n' <tree.nwk | sed -n "s/^'\{0,1\}\([A-Za-z0-9-]\{1,\}\)'\{0,1\}:.*/\1/p" | sort >leaves
sort ids | diff - leaves >/dev/null || fault 'the leaves of the tree are not the records'
[ "$(tr -cd '(' <tree.nwk | wc -c)" -eq $((records - 1)) ] || fault 'not one join less than records'
[ "$(tr -cd ')' <tree.nwk | wc -c)" -eq $((records - 1)) ] || fault 'parentheses are not balanced'
[ "$(tail -c 2 tree.nwk)" = ';' ] || fault 'the tree does not end in ;'

# Scores.
tool 0 cluster -q -e v.npy --labels "$table" --rank genus,species
has out 'records without a label count as one class' 'AMI' 'silhouette'
[ "$(grep -c '^ward  *raw  *\(genus\|species\)  *all ' out)" -eq 2 ] || { fault 'not a row per rank'; show; }
ami=$(awk '$3 == "species" { print $9 }' out)
awk -v ami="$ami" 'BEGIN { exit !(ami > 0.5 && ami <= 1) }' || { fault "the AMI is $ami"; show; }
classes=$(awk '$3 == "species" { print $7 }' out)
[ "$classes" = "$(awk '$3 == "species" { print $8 }' out)" ] ||
  { fault 'not as many clusters as classes'; show; }
tool 0 cluster -q -e v.npy --labels "$table" --rank species --missing omit
has out 'records without a label are left out'
[ "$(awk '$3 == "species" { print $7 }' out)" -eq $((classes - 1)) ] ||
  { fault 'a missing label is a class of those left out'; show; }
tool 0 cluster -q -e v.npy --labels "$table" --rank species --json -o rows.tsv
has out '"davies_bouldin":' '"silhouette_l1":0.'
has out '"missing_labels":"class"' '"method":"ward","space":"raw"' '"rank":"species"' '"ami":0.'
[ "$(tail -n +2 rows.tsv | cut -f 2 | sort -u | wc -l)" -eq "$classes" ] || fault 'other clusters than scored'
tool 0 cluster -q -e v.npy --labels "$table" --rank species -o - --scores scores.txt
has out 'cluster'
has scores.txt AMI
tool 0 cluster -q -e v.npy -k 3 -o rows.tsv --scores -
[ "$(tail -n 1 out | awk '{ print $8 }')" = 3 ] || { fault 'the scores have not 3 clusters'; show; }
# Labels need no sequences, and records that they lack are not scored.
cut -d , -f 1,9,10 "$table" | sed 5,9d >labels.csv
tool 0 cluster -e v.npy --labels labels.csv
has err "note: 5 of $records records are not among the labels and are not scored"
has out " $((records - 5)) "

# Rows without a vector.
printf '>a\nACGT\n>b\nACG\n' >short.fasta
cat "$queries" >>short.fasta
tool 0 cluster -m "$model" -k 2 short.fasta
has err 'note: 4 of ' ' have no vector and are not clustered'
[ "$(sed -n 2,3p out)" = "a	NA
b	NA" ] || { fault 'records without a vector are clustered'; show; }

# What is refused.
tool 2 cluster -e v.npy -k "$((records + 1))"
has err 'clusters cannot be made of'
tool 2 cluster -e v.npy -k many
has err "--clusters: 'many' is neither a number from 1, nor true, nor silhouette"
tool 2 cluster -e v.npy -k true
has err 'add --labels FILE'
tool 2 cluster -e v.npy "$queries"
has err 'one argument too many'
tool 2 cluster -e v.npy -l "$table" -o - --scores -
has err 'cannot both go to standard output'
tool 2 cluster -e v.npy --json
has err '--json has no effect'
i=0
while [ $i -lt 12 ]; do i=$((i + 1)); sed "s/^>/>copy${i}_/" "$queries"; done >many.fasta
tool 2 cluster -m "$model" -k 4 --method average --max-matrix 1 many.fasta many.fasta
has err "MiB, more than the limit of 1 MiB: raise it (--max-matrix)"
tool 0 cluster -q -m "$model" -k 4 --method average --max-matrix 100 many.fasta
printf '>a\nACGT\n' >one.fasta
tool 3 cluster -m "$model" one.fasta
has err 'clustering needs at least two'
head -n 3 v.npy.ids >few.ids
tool 3 cluster -e v.npy --ids few.ids
one_error cluster
has err "few.ids: 3 names for the $records rows of the array"
head -c 1000 v.npy >cut.npy
tool 3 cluster -e cut.npy --ids v.npy.ids
has err 'cut.npy: the array ends in row '
tool 3 cluster -e "$queries" --ids v.npy.ids
has err 'the file is no NumPy array'
tool 3 cluster -e v.npy --labels "$data/simulated_unite.fasta"
printf 'id\tgenus\nx\tApis\n' >other.tsv
tool 3 cluster -e v.npy --labels other.tsv
has err 'none of the points is among the labels'
printf '%s\tgenus\n%s\tApis\n%s\tBombus\n' id "$(head -n 1 v.npy.ids)" "$(head -n 1 v.npy.ids)" >twice.tsv
tool 3 cluster -e v.npy --labels twice.tsv
one_error cluster
has err 'twice.tsv:3: record 2: ' 'has another genus than in a row before'
