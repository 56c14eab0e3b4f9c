/* Learning the symbols of a BPE tokenizer from the training records. */
#ifndef TX_DATASET_SYMBOLS_H
#define TX_DATASET_SYMBOLS_H

#include "dataset/dataset.h"

/* From the bases of the training part alone, as they were read: forward strand, labelled or not. Of more than
   TX_BPE_TRAINING_BASES an even share of the records is taken, so that memory has a bound. `hooks` may be
   NULL; gets a note of what was learned. */
tx_status tx_learn_symbols(const tx_dataset *dataset, size_t symbols, size_t longest,
                           const tx_train_hooks *hooks, tx_bpe **ret_bpe, tx_error *error);

#endif
