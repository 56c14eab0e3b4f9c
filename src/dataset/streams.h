/* Purposes of the random streams of a run: the last number in the name of a stream. The other
   numbers are the epoch or step and the record, so that a resumed run needs no stored state. The numbers
   determine the results of a seed: a number is never used again for another purpose. */
#ifndef TX_DATASET_STREAMS_H
#define TX_DATASET_STREAMS_H

enum {
  TX_STREAM_HOLD_OUT = 1,
  TX_STREAM_ORDER = 2,
  TX_STREAM_AUGMENT = 3,
  TX_STREAM_DROPOUT = 4,
  TX_STREAM_STRAND = 5,
  TX_STREAM_MASK = 16,
  TX_STREAM_VALID_MASK = 17,
  TX_STREAM_VALID_CROP = 18
};

#endif
