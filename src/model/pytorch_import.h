/* The part of tx_pytorch_import that touches no file, for the tests. */
#ifndef TX_MODEL_PYTORCH_IMPORT_H
#define TX_MODEL_PYTORCH_IMPORT_H

#include "model/pytorch_file.h"

#include <taxamba/pytorch.h>

/* Checks that a checkpoint is a network that tx_pytorch_import takes: sizes, tokenizer, classes and weights.
   `name` is for messages. The errors are those of tx_pytorch_import. */
tx_status tx_pytorch_check(const char *name, tx_pytorch_file *file, const tx_pytorch_options *options,
                           tx_error *error);

#endif
