# OpenBLAS is loaded by trainings with KL-Shampoo and KL-SOAP, by some ways of clustering and by nothing else,
# starts no threads, and says clearly when it cannot be had. A checkpoint knows whose kernels made it.
table=$data/simulated_metadata.csv
set -- --no-references --d-model 16 --n-layer 1 --d-state 8 --headdim 8 --patience 0 --batch 32

library=$("$taxamba" --version | sed -n 's/.*OpenBLAS on demand (\(.*\)).*/\1/p')
[ -n "$library" ] || fault "--version does not name OpenBLAS"

# with PATH-FOLDER CODE ARGUMENT...: the program where the loader looks into that folder first
with() {
  folder=$1 code_wanted=$2
  shift 2
  run "$code_wanted" env LD_LIBRARY_PATH="$PWD/$folder" "$taxamba" "$@"
}
case $library in
/*) ;; # the folder of the loader's own search does not matter for a whole path
*)
  mkdir damaged foreign
  : >"damaged/$library"
  zlib=$(ldd "$taxamba" | sed -n 's/.*libz\.so[^ ]* => \([^ ]*\).*/\1/p')
  cp "$zlib" "foreign/$library"
  for optimiser in kl-soap kl-shampoo; do
    [ $optimiser = kl-soap ] && folder=damaged || folder=foreign
    with $folder 1 train -q -o none.safetensors --optimiser $optimiser --epochs 1 "$@" "$table"
    one_error train
    has err "$library" '--optimiser adamw'
    absent none.safetensors
  done
  with damaged 0 train -q -o none.safetensors --optimiser adamw --epochs 1 "$@" "$table"
  rm -f none.safetensors*
  with damaged 0 classify -q -m "$model" "$queries"
  with damaged 0 --version
  ;;
esac

# start CORE OPTION...: begins a training, and stops it when it has loaded OpenBLAS and saved a checkpoint
start() {
  core=$1
  shift
  rm -f part.safetensors*
  OPENBLAS_NUM_THREADS=7 OPENBLAS_CORETYPE=$core "$taxamba" train -t 1 -o part.safetensors \
    --epochs 10 "$@" "$table" >out 2>err &
  worker=$!
  last='the training that is stopped'
  threads=
  waited=0
  while kill -0 $worker 2>/dev/null && [ $waited -lt 2000 ] && [ -z "$threads" ]; do
    sleep 0.02
    waited=$((waited + 1))
    [ -e part.safetensors.checkpoint ] && grep -q openblas /proc/$worker/maps 2>/dev/null &&
      threads=$(sed -n 's/^Threads:[^0-9]*//p' /proc/$worker/status)
  done
  kill -TERM $worker 2>/dev/null
  wait $worker
  code=$?
  [ $code -eq 130 ] || { fault "exit code $code, not 130"; show; }
}
start Nehalem "$@" --optimiser kl-soap
[ "$threads" = 1 ] || grep -aqE '__(asan|tsan)_init' "$taxamba" ||
  fault "a training of one thread has ${threads:-no count of} threads"
has err 'eigenvectors by OpenBLAS '
mkdir kept
cp part.safetensors* kept
# resume CORE: goes on from the kept checkpoint
resume() {
  rm -f part.safetensors*
  cp kept/* .
  run 0 env OPENBLAS_CORETYPE="$1" "$taxamba" train -o part.safetensors --optimiser kl-soap --epochs 10 \
    --resume $sizes "$table"
}
sizes="$*"
resume Nehalem
hasnot err 'the checkpoint was made with'
if grep -q 'by OpenBLAS .* Nehalem$' err; then
  resume Prescott
  [ "$(grep -c 'the checkpoint was made with OpenBLAS .* Nehalem, this is OpenBLAS .* Prescott: ' err)" \
    -eq 1 ] ||
    { fault 'nothing is said about other kernels'; show; }
else
  echo 'this OpenBLAS has one kind of kernels only'
fi
