/* Learning the symbols of a BPE tokenizer from the training records. */
#ifndef TX_DATASET_SYMBOLS_H
#define TX_DATASET_SYMBOLS_H

#include "dataset/dataset.h"

/* Learns from the bases of the training part, as they were read: forward strand, labelled or not. If there
   are more than TX_BPE_TRAINING_BASES, an evenly spaced sample of the records is used, which bounds the
   memory. `hooks` may be NULL; hooks->message receives a note on the result. */
tx_status tx_learn_symbols(const tx_dataset *dataset, size_t symbols, size_t longest,
                           const tx_train_hooks *hooks, tx_bpe **ret_bpe, tx_error *error);

#endif
