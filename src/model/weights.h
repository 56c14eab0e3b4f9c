/* The weights of a model file in each precision (docs/model-format.md): the type in which each tensor is
   stored, reading, writing. */
#ifndef TX_MODEL_WEIGHTS_H
#define TX_MODEL_WEIGHTS_H

#include "model/model.h"

#define TX_SCALE_SUFFIX ".scale"
#define TX_SCALE_NAME_SIZE (TX_TENSOR_NAME_SIZE + sizeof TX_SCALE_SUFFIX)

/* The type in which a tensor is stored: the precision of the file for two dimensions, F32 for the others. */
tx_dtype tx_weights_dtype(tx_precision stored, const tx_tensor_info *info);
/* Writes the name of the section with the scales of an I8 tensor. */
void tx_weights_scale_name(const tx_tensor_info *info, char name[TX_SCALE_NAME_SIZE]);

/* Whether no weight is infinite or NaN. */
bool tx_weights_finite(const float *weights, size_t count);

/* Fills weights and dequantised of a model that has its dims, its file and its stored precision. */
tx_status tx_weights_read(const char *path, tx_model *model, tx_error *error);

/* Weights as sections of a file. */
typedef struct tx_encoded {
  tx_section *wide; /* elements of four bytes: F32 tensors and scales, in the order of the layout */
  size_t wide_count;
  tx_section *narrow; /* elements of two bytes or one, in the order of the layout */
  size_t narrow_count;
  void *memory[4]; /* memory of the sections */
} tx_encoded;

/* Encodes flat weights, which the sections may point to. TX_ERROR_NUMERIC when one is too large for bf16. */
tx_status tx_weights_encode(const tx_dims *dims, const float *weights, tx_precision precision,
                            tx_encoded *ret_encoded, tx_error *error);
/* Frees the sections, also after a failure. */
void tx_encoded_free(tx_encoded *encoded);

#endif
