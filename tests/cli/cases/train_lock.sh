# One training at a time writes an output; a checkpoint is not given up by oversight; model and checkpoint
# change together; what killed runs leave behind is no obstacle and goes away.
table=$data/simulated_metadata.csv
settings='--epochs 200 --patience 0 --d-model 16 --n-layer 1 --headdim 8 --batch 64 --threads 1'
settings="$settings --checkpoint-minutes 0"

# begin OPTION...: starts a long training into m and waits until it is under way. Its process is $worker.
begin() {
  "$taxamba" train -q -o m $settings "$@" "$table" >begun.out 2>begun.err &
  worker=$!
  tries=0
  until grep '"event":"\(start\|resume\)"' m.jsonl >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -le 600 ] && kill -0 $worker 2>/dev/null ||
      { fault 'the training does not begin'; cat begun.err; return; }
    sleep 0.1
  done
}

# finish SIGNAL: ends it.
finish() {
  kill -"$1" $worker
  wait $worker
  code=$?
}

begin
ln -s m link
for output in m ./m link; do
  tool 1 train -o $output $settings "$table"
  one_error train
  has err 'another run is writing it' "process $worker on "
  tool 1 train -o $output --resume $settings "$table"
  has err 'another run is writing it'
done
tool 0 classify -q -m "$model" -o rows "$queries" # another output is free
[ "$(grep -c '"event":"start"' m.jsonl)" -eq 1 ] || fault 'the log is mixed'
finish TERM
last='the first training'
[ $code -eq 130 ] || fault "exit code $code, not 130"
absent m.lock

# The checkpoint: neither resumed nor given up.
cp m.checkpoint mark
tool 2 train -o m $settings "$table"
one_error train
has err 'm.checkpoint' '--resume' '--overwrite'
same m.checkpoint mark
tool 2 train -o m --resume --overwrite $settings "$table"
has err 'give one of them'
same m.checkpoint mark

# Killed outright: the lock file and the temporaries it leaves hold nobody up, and the next run removes them.
rm -f m.jsonl
begin --overwrite
finish KILL
[ -e m.lock ] || fault 'the killed run left no lock file: this tests nothing'
cp "$model" .m.tmp.$worker.0123abcd
cp "$model" .m.checkpoint.tmp.$worker.89abcdef
rm -f m.jsonl
begin --resume
absent .m.tmp.$worker.0123abcd
finish TERM
absent m.lock
only_files m m.checkpoint m.jsonl link rows mark begun.out begun.err

# A disk that holds the model but not the checkpoint: both stay old.
rm -f m.jsonl m.checkpoint
begin
finish TERM
echo old >m
cp m.checkpoint mark
blocks=$(($(wc -c <mark) / 512 - 1))
run 1 sh -c "trap '' XFSZ; ulimit -f $blocks; exec '$taxamba' train -q -o m --resume $settings '$table'"
one_error train
has err 'm.checkpoint: cannot write: File too large'
same m.checkpoint mark
echo old | is m
[ "$(grep -c '"event":"epoch"' m.jsonl)" -gt 0 ] || fault 'no epoch was finished: this tests nothing'
absent m.lock
only_files m m.checkpoint m.jsonl link rows mark begun.out begun.err
