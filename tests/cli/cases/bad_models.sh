# A model that is damaged, foreign or newer is exit code 4, whatever the command.
bad() { # bad FILE TEXT...
  file=$1
  shift
  for command in classify embed eval; do
    if [ $command = eval ]; then set -- "$data/simulated_metadata.csv" "$@"; else set -- "$queries" "$@"; fi
    input=$1
    shift
    tool 4 $command -m "$file" "$input"
    one_error $command
    has err "$file: " "$@"
    empty out
  done
  tool 4 classify --info -m "$file"
}
tool 1 classify -m nowhere.safetensors "$queries"
one_error classify
has err 'nowhere.safetensors'
mkdir folder
tool 1 classify -m folder "$queries"
has err 'folder: is a directory'
size=$(wc -c <"$model")
for part in 1 7 100 $((size / 2)) $((size - 1)); do
  head -c "$part" "$model" >cut.safetensors
  bad cut.safetensors
done
: >empty.safetensors
bad empty.safetensors 'empty'
bad "$queries" 'not a model'
for place in 3 20 200 $((size / 2)) $((size - 5)); do
  cp "$model" flipped.safetensors
  flip flipped.safetensors "$place"
  bad flipped.safetensors
done
has err 'checksum mismatch'
{ cat "$model"; printf x; } >longer.safetensors
bad longer.safetensors
# edited FILE SCRIPT: the model FILE changed by sed to another of the same length, otherwise whole: the
# checksum is that of the file with zeros in its place, as gzip computes it.
edited() {
  sed "$2"'; s/"taxamba\.crc32":"[0-9a-f]*"/"taxamba.crc32":"00000000"/' "$1" >zeros
  sum=$(gzip -c zeros | tail -c 8 | head -c 4 | od -An -tx1 | awk '{ print $4 $3 $2 $1 }')
  sed "s/\"taxamba\\.crc32\":\"00000000\"/\"taxamba.crc32\":\"$sum\"/" zeros >edited.safetensors
  cmp -s "$1" edited.safetensors && fault "nothing was edited: $2"
  [ "$(wc -c <edited.safetensors)" -eq "$(wc -c <"$1")" ] || fault "another length: $2"
}
edited "$model" 's/"taxamba\.format":"1"/"taxamba.format":"9"/'
bad edited.safetensors 'newer Taxamba (format 9; ' 'update Taxamba'
# The same in fewer bits, and what only those can have wrong.
for precision in bf16 int8; do
  tool 0 quantize -q -m "$model" -o whole.safetensors --precision $precision
  size=$(wc -c <whole.safetensors)
  head -c $((size / 2)) whole.safetensors >cut.safetensors
  bad cut.safetensors 'truncated'
  cp whole.safetensors flipped.safetensors
  flip flipped.safetensors $((size * 2 / 3))
  bad flipped.safetensors 'checksum mismatch'
  edited whole.safetensors 's/"taxamba\.format":"2"/"taxamba.format":"3"/'
  bad edited.safetensors 'newer Taxamba (format 3; ' 'update Taxamba'
  edited whole.safetensors 's/"taxamba\.format":"2"/"taxamba.format":"1"/'
  bad edited.safetensors "'emb.weight' have the wrong shape or type"
  edited whole.safetensors 's/"taxamba\.precision":/"taxamba.precisian":/'
  bad edited.safetensors 'it has no taxamba.precision'
  edited whole.safetensors "s/\"taxamba\\.precision\":\"$precision\"/\"taxamba.precision\":\"int2\"/"
  bad edited.safetensors "of precision 'int2'"
  edited whole.safetensors 's/"taxamba\.kind":"model"/"taxamba.kind":"madel"/'
  bad edited.safetensors "of kind 'madel'"
done
edited whole.safetensors 's/"emb\.weight\.scale"/"emb.weight.scalx"/'
bad edited.safetensors "the scales 'emb.weight.scale' are missing"
edited whole.safetensors 's/"heads\.0\.bias":{"dtype":"F32"/"heads.0.bias":{"dtype":"I32"/'
bad edited.safetensors "'heads.0.bias' have the wrong shape or type"
bad "$source/tests/golden/mamba2_encoder.safetensors" 'not a Taxamba model'
TAXAMBA_MODEL=$PWD/cut.safetensors
export TAXAMBA_MODEL
tool 4 classify "$queries"
has err "$PWD/cut.safetensors"
