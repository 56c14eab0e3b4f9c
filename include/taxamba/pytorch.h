/* Networks of PyTorch: reading published checkpoints of BarcodeMamba, and writing weights for its code. Which
   names, shapes and settings: docs/model-format.md. */
#ifndef TAXAMBA_PYTORCH_H
#define TAXAMBA_PYTORCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/model.h>
#include <taxamba/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a checkpoint does not say. Zero: the setting of BarcodeMamba. */
typedef struct tx_pytorch_options {
  uint64_t max_bases; /* bases read of a barcode, at most 8192; 0: what the checkpoint says, else 660 */
  uint64_t stride;    /* bases from one k-mer to the next; 0: what the checkpoint says, else k */
  /* The barcode is read as it is. Without it, shorter ones are padded on the left with N to max_bases, and
     the mean is taken over all positions, those of the padding included. */
  bool no_padding;
  /* A text file with the name of each class, one a line, in the order of the classifier's outputs; NULL: a
     classifier without names is left out. */
  const char *opt_labels;
  const char *opt_rank; /* the rank of the classes; NULL: species */
  /* Lines for the user, each valid during the call; NULL: none. */
  void (*note)(void *context, const char *line);
  void *note_context;
  const volatile int *opt_stop; /* for outputs that are no regular files: see tx_model_convert */
} tx_pytorch_options;

/* Reads a checkpoint (.ckpt, .pt: zip with a pickle, of which nothing is executed; or .safetensors) and
   writes a model file, which embeds like the published code: the difference is that of rounding. A file that
   tx_pytorch_export has written gives the model with its taxonomy and tokenizer again. The messages name the
   tensor.
   Errors: TX_ERROR_IO; TX_ERROR_MODEL: a damaged file, a state dict that is not of this network;
   TX_ERROR_DATA: the labels; TX_ERROR_NUMERIC: weights that are not finite; TX_ERROR_USAGE;
   TX_ERROR_MEMORY. */
TX_API tx_status tx_pytorch_import(const char *checkpoint, const tx_pytorch_options *options,
                                   const char *model_path, tx_error *error);

/* Writes the weights of a model as float32 under the names of the published code: a zip archive with a pickle
   where the path ends in .ckpt or .pt, else safetensors. Tokenizer and taxonomy go with them as text.
   Errors: TX_ERROR_USAGE: the model reads both strands, which that code does not; TX_ERROR_MODEL: a
   checkpoint of a training; TX_ERROR_IO, TX_ERROR_MEMORY. */
TX_API tx_status tx_pytorch_export(const tx_model *model, const char *path, const volatile int *opt_stop,
                                   tx_error *error);

#ifdef __cplusplus
}
#endif
#endif
