# Traits: from barcodes and from vectors, scores and rows, agreement, what is refused, and what is shown on
# the simulated traits.
table=$data/simulated_metadata.csv
traits=$data/simulated_traits.tsv
shipped=$here/../../models/simulated.safetensors

# Barcodes through the shipped model, labels of the table.
tool 0 traits -m "$shipped" -t 1 --traits "$traits" --column body_length_mm,hind_leg_mm --tolerance 1 \
  -l "$table" -o rows.tsv "$table"
has err '630 records with a vector, 8 of them without a measurement; 0 specimens of the table have no record'
has out 'body_length_mm: 581 records measured: 380 for training, 46 for calibration, 136 in the test' \
  '99 % infinite (needs 99 records)' 'RMSE of the called taxon' 'unseen'
[ "$(wc -l <rows.tsv)" -eq 1261 ] || fault 'not a row for each record and trait'
[ "$(sed -n 1p rows.tsv)" = 'id	trait	predicted	low	high	measured	split' ] || fault 'no header line'
awk -F '\t' 'NR > 1 && !($4 < $3 && $3 < $5)' rows.tsv >wrong
empty wrong
cut -f 6 rows.tsv | grep -c '^NA$' >missing
[ "$(cat missing)" -gt 50 ] || fault 'no missing measurements'

# The ridge is better than the mean of the training, on all test records and on seen species: the 95 %
# interval of the gain is above 0.
for trait in body_length_mm hind_leg_mm; do
  sed -n "/^$trait:/,/^\$/p" out | grep '^gain over the mean of training' >gain
  sed 's/gain over the mean of training//; s/(\([-0-9.]*\) to \([-0-9.]*\))/\1 \2/g' gain |
    awk '!($1 > 0 && $2 > 0 && $4 > 0 && $5 > 0)' >wrong
  empty wrong
  [ -s gain ] || fault "no gain of $trait"
done
# On unseen species too, with the penalty chosen for them; their few taxa leave the interval wide.
tool 0 traits -q -m "$shipped" --traits "$traits" --column hind_leg_mm --leave taxon -l "$table" "$table"
has out 'leave-one-taxon-out RMSE'
grep '^gain over the mean of training' out | sed 's/([^)]*)//g' | awk '{ exit !($NF > 0) }' ||
  fault 'no gain on unseen species'
mv out leave

# Vectors give the same, for any number of threads, but know no called taxon.
tool 0 embed -q -m "$shipped" -o v.npy "$table"
tool 0 traits -q -e v.npy --traits "$traits" --column hind_leg_mm --leave taxon -l "$table"
grep -v called leave >want
same want out
tool 0 traits -q -e v.npy --traits "$traits" --column body_length_mm,hind_leg_mm -l "$table" -o again.tsv \
  --scores scores.txt
empty out
same rows.tsv again.tsv

# Where records are labelled to the family only, it is better than the mean of the family, on species that
# training has.
tool 0 traits -q -e v.npy --traits "$traits" --column body_length_mm -l "$table" --rank order,family
grep '^gain over the given taxon' out |
  sed 's/gain over the given taxon//; s/(\([-0-9.]*\) to \([-0-9.]*\))/\1 \2/g' | awk '{ exit !($5 > 0) }' ||
  fault 'no gain over the mean of the family'

# Random groups follow the seed; without labels there is no taxon.
tool 0 traits -q -e v.npy --traits "$traits" --column body_length_mm --split random --json --bootstrap 0
mv out one
has one '"random_groups":true' '"method":"ridge"' '"sets":{"all":{' '"half_widths":{"80":'
hasnot one seen
tool 0 traits -q -e v.npy --traits "$traits" --column body_length_mm --json --bootstrap 0
same one out
tool 0 traits -q -e v.npy --traits "$traits" --column body_length_mm --seed 2 --json --bootstrap 0
cmp -s one out && fault '--seed changes nothing'
tool 0 traits -q -e v.npy --traits "$traits" --column body_length_mm --transform log --scale zscore \
  -l "$table" --level 80 -o - --scores s.txt
has s.txt 'ridge regression of the logarithm' 'mean width of 80 % intervals'
tool 3 traits -q -e v.npy --traits "$traits" --column body_length_mm --split column
has err 'no record has a split'

# Agreement of columns, of their means, and of annotators of a long table.
measurements=$here/../golden/traits/measurements.csv
tool 0 traits -q --traits "$measurements" --agreement AnnotatorA_length,AnnotatorB_length
is out <<'EOT'
AnnotatorA_length against AnnotatorB_length: 23 specimens with both
RMSE 0.0208546, MAE 0.0163043, R2 0.970863 (the second is the truth)
bias 0.0104783 (first - second), 95 % limits of agreement -0.0256569 to 0.0466134
share within 0.1: 1.0000
EOT
tool 0 traits -q --traits "$measurements" --json --tolerance 0.01 \
  --agreement 'AnnotatorA_length+AnnotatorB_length+AnnotatorC_length,System_length'
has out '"pairs":24,"rmse":0.0110991428598,' '"r2":0.990144392333,'
cat >long.csv <<'EOT'
combinedID,structure,dist_cm,user_name
a,ElytraLength,0.5,ann
a,ElytraLength,0.54,bob
a,ElytraWidth,0.2,ann
b,ElytraLength,0.6,ann
b,ElytraLength,0.6,ann
b,ElytraLength,0.62,bob
c,ElytraLength,0.7,ann
c,ElytraLength,0.8,ann
c,ElytraLength,0.7,bob
d,ElytraLength,0,ann
d,ElytraLength,0.3,bob
EOT
tool 0 traits --traits long.csv --structure-column structure --annotator-column user_name --zero-missing \
  --agreement ElytraLength@ann,ElytraLength@bob
has out '2 specimens with both' 'bias -0.03 '
has err '11 rows of 4 specimens, 1 values repeated, zeros are no values' \
  'warning: 1 specimens have different values in several rows, which are not used; the first is '"'c'"
tool 0 traits -q --traits long.csv --structure-column structure --annotator-column user_name \
  --agreement ElytraLength,ElytraLength@ann
has out '3 specimens with both'

# What is refused.
tool 2 traits -e v.npy --column a
has err 'add --traits FILE'
tool 2 traits -e v.npy --traits "$traits"
has err 'add --column NAME'
tool 2 traits -e v.npy --traits "$traits" --column body_length_mm -o -
has err 'cannot both go to standard output'
tool 2 traits -e v.npy --traits "$traits" --column body_length_mm "$table"
has err 'one argument too many'
tool 2 traits --traits "$traits" --agreement body_length_mm
has err 'instead of two'
tool 2 traits --traits "$traits" --agreement body_length_mm,hind_leg_mm --level 80
has err '--level has no effect with --agreement'
tool 3 traits -e v.npy --traits "$traits" --column wing_mm
has err "'wing_mm'" 'body_length_mm, hind_leg_mm'
tool 3 traits --traits long.csv --structure-column structure --agreement Elytra,ElytraWidth
has err "no row has the structure 'Elytra'"
printf 'id\tx\na\t1\nb\tlong\n' >bad.tsv
tool 3 traits -q -e v.npy --traits bad.tsv --column x
has err "bad.tsv:3: record 2: column 'x' has 'long', which is no number"
printf 'id\tx\nnobody\t1\n' >none.tsv
tool 3 traits -q -e v.npy --traits none.tsv --column x
has err 'no record has a value and a vector'
