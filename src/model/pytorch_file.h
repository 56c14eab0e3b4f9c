/* The tensors of a checkpoint of PyTorch: the zip archive with a pickle that torch.save writes (.ckpt, .pt,
   .bin), or a safetensors file. Nothing of the pickle is executed (base/pickle.h). */
#ifndef TX_MODEL_PYTORCH_FILE_H
#define TX_MODEL_PYTORCH_FILE_H

#include "model/safetensors.h"

enum { TX_PYTORCH_DIMENSIONS = 4 };

/* A tensor of the state dict. All its elements lie within the file. */
typedef struct tx_pytorch_tensor {
  /* without the names of modules around the network: "model.", "module.", "_orig_mod." */
  const char *name;
  tx_dtype dtype;
  size_t dimensions;
  size_t shape[TX_PYTORCH_DIMENSIONS], stride[TX_PYTORCH_DIMENSIONS]; /* strides in elements */
  size_t count;
  const unsigned char *data; /* the first element */
} tx_pytorch_tensor;

typedef struct tx_pytorch_file tx_pytorch_file;

/* Reads the tensors of a file. TX_ERROR_IO; TX_ERROR_MODEL with the path: it is neither, is damaged, or its
   state dict has something else than tensors, which the message names; TX_ERROR_MEMORY. */
tx_status tx_pytorch_open(const char *path, tx_pytorch_file **ret_state, tx_error *error);
/* The same for `size` bytes in memory, which are borrowed until the close; `name` is for messages. */
tx_status tx_pytorch_read(const char *name, const void *data, size_t size, tx_pytorch_file **ret_state,
                          tx_error *error);
size_t tx_pytorch_count(const tx_pytorch_file *state);
/* The tensor of that index in the order of the file; NULL past the end. */
const tx_pytorch_tensor *tx_pytorch_at(const tx_pytorch_file *state, size_t index);
/* The tensor of that name, NULL if absent. */
const tx_pytorch_tensor *tx_pytorch_find(const tx_pytorch_file *state, const char *name);
/* Copies the elements of a tensor of floating-point numbers, in row-major order. False: they are integers. */
bool tx_pytorch_copy(const tx_pytorch_tensor *tensor, float *values);

/* A text that Taxamba has written into the file, NULL-terminated and owned by the state; NULL if absent. */
const char *tx_pytorch_text(const tx_pytorch_file *state, const char *key);
/* A whole number among the hyperparameters of the checkpoint (hyper_parameters[group][key], plain or of
   omegaconf), or -1. */
int64_t tx_pytorch_setting(const tx_pytorch_file *state, const char *group, const char *key);
/* The names of classes and functions in the pickle that do not make tensors; they are not looked up. NULL
   past the end. */
const char *tx_pytorch_other_name(const tx_pytorch_file *state, size_t index);
/* NULL is allowed. */
void tx_pytorch_close(tx_pytorch_file *state);

#endif
