# A model in fewer bits: smaller, as good, the same when it is done twice; errors leave nothing behind.
size() { wc -c <"$1"; }
tool 0 quantize -m "$model" -o int8.safetensors
empty out
[ "$(wc -l <err)" -eq 1 ] || fault 'not one closing line'
sizes="$(size "$model") to $(size int8.safetensors) bytes"
grep -E "^taxamba quantize [0-9.]+: float32 to int8, $sizes, [0-9]+ MiB peak memory, [0-9.]+ s$" err \
  >/dev/null ||
  { fault 'no closing line with the sizes'; show; }
tool 0 quantize -q -m "$model" -o bf16.safetensors --precision bf16
empty err
[ "$(($(size bf16.safetensors) * 10))" -lt "$(($(size "$model") * 6))" ] ||
  fault 'bf16 is not about half the size'
[ "$(($(size int8.safetensors) * 10))" -lt "$(($(size "$model") * 4))" ] ||
  fault 'int8 is not about a quarter of the size'

# Twice is once; in place; through a link; copies say so.
cp int8.safetensors once.safetensors
tool 0 quantize -m int8.safetensors -o int8.safetensors
has err 'note: the weights are int8 already: this is a copy'
same once.safetensors int8.safetensors
ln -s once.safetensors link.safetensors
tool 0 quantize -q -m link.safetensors -o link.safetensors
[ -h link.safetensors ] || fault 'the link was replaced'
same once.safetensors int8.safetensors
tool 0 quantize -q -m "$model" -o copy.safetensors --precision float32
same "$model" copy.safetensors
tool 0 quantize -m int8.safetensors -o back.safetensors --precision float32
has err 'note: float32 has more digits than int8, but what was lost is not regained' 'int8 to float32, '
tool 0 classify --info -m back.safetensors
has out 'format            1 (model)' 'precision         float32 (' 'converted from    int8, float32'
tool 0 classify --info -m int8.safetensors
has out 'format            2 (model)' "precision         int8 ($(size int8.safetensors) bytes)" \
  'converted from    float32'
tool 0 classify --info --format jsonl -m bf16.safetensors
has out '"precision":"bf16","bytes":' '"converted_from":["float32"]'
TAXAMBA_MODEL=$model
export TAXAMBA_MODEL
tool 0 quantize -q -o default.safetensors
unset TAXAMBA_MODEL
same once.safetensors default.safetensors

# Used as any model is; --precision chooses what is computed with. Nearly every record keeps its genus.
tool 0 classify -q -m "$model" "$queries"
column genus out >genera
for options in '-m int8.safetensors' '-m bf16.safetensors' '-m int8.safetensors --precision float32' \
  '-m back.safetensors --precision int8' \
  "-m $model --precision stored"; do
  tool 0 classify -q $options "$queries"
  column genus out >others
  [ "$(diff genera others | grep -c '^>')" -le 2 ] || { fault "other genera: $options"; diff genera others; }
  tool 0 embed -q $options "$queries"
  tool 0 eval -q $options "$data/simulated_metadata.csv"
  has out 'heads: '
done
tool 0 classify -q -m int8.safetensors --precision float32 "$queries"
mv out rows
tool 0 classify -q -m back.safetensors "$queries"
same rows out

# Wrong options.
tool 2 quantize -m "$model"
one_error quantize
has err 'a model needs a file: add --output FILE.safetensors'
tool 2 quantize -m "$model" -o -
has err 'a model needs a file'
tool 2 quantize -m "$model" -o x "$model"
has err "$model' is one argument too many: the model is named by --model"
tool 2 quantize -m "$model" -o x --precision int4
has err "--precision: 'int4' is not one of float32, bf16, int8"
tool 2 quantize -m "$model" -o x --threads 2
has err "unknown option '--threads'"
tool 2 classify -m "$model" --precision fp16 "$queries"
has err "--precision: 'fp16' is not one of stored, float32, bf16, int8"

# What is no model.
tool 1 quantize -m nowhere.safetensors -o x
one_error quantize
has err 'nowhere.safetensors: cannot open'
head -c 1000 int8.safetensors >cut.safetensors
tool 4 quantize -m cut.safetensors -o x
one_error quantize
has err 'cut.safetensors: truncated'
tool 4 quantize -m "$queries" -o x
has err 'not a model'
absent x

# Where nothing can be written.
tool 1 quantize -m "$model" -o nowhere/x.safetensors
one_error quantize
has err 'nowhere/x.safetensors'
mkdir folder
tool 1 quantize -m "$model" -o folder
has err 'folder'
if [ "$(id -u)" -ne 0 ]; then
  mkdir locked
  chmod 500 locked
  tool 1 quantize -m "$model" -o locked/x.safetensors
  has err 'locked/x.safetensors'
  chmod 400 copy.safetensors
  tool 1 quantize -m "$model" -o copy.safetensors
  has err 'copy.safetensors'
  same "$model" copy.safetensors
fi
if [ -c /dev/full ]; then
  tool 1 quantize -m "$model" -o /dev/full
  one_error quantize
  has err '/dev/full' 'No space left on device'
fi
only_files int8.safetensors bf16.safetensors once.safetensors link.safetensors copy.safetensors \
  back.safetensors default.safetensors cut.safetensors \
  genera others rows folder locked
