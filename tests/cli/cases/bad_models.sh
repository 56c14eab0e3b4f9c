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
# A file of a later format, otherwise whole: the checksum is that of the file with zeros in its place, as gzip computes it.
sed 's/"taxamba\.format":"1"/"taxamba.format":"9"/; s/"taxamba\.crc32":"[0-9a-f]*"/"taxamba.crc32":"00000000"/' "$model" >newer.safetensors
sum=$(gzip -c newer.safetensors | tail -c 8 | head -c 4 | od -An -tx1 | awk '{ print $4 $3 $2 $1 }')
sed "s/\"taxamba\\.crc32\":\"00000000\"/\"taxamba.crc32\":\"$sum\"/" newer.safetensors >summed && mv summed newer.safetensors
[ "$(wc -c <newer.safetensors)" -eq "$size" ] || fault 'the format version or the checksum was not found in the header'
bad newer.safetensors 'newer Taxamba' 'update Taxamba'
bad "$source/tests/golden/mamba2_encoder.safetensors" 'not a Taxamba model'
TAXAMBA_MODEL=$PWD/cut.safetensors
export TAXAMBA_MODEL
tool 4 classify "$queries"
has err "$PWD/cut.safetensors"
