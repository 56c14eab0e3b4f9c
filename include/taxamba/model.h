/* Trained models: one safetensors file with weights, configuration, taxonomy, tokenizer and provenance. */
#ifndef TAXAMBA_MODEL_H
#define TAXAMBA_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <taxamba/precision.h>
#include <taxamba/status.h>
#include <taxamba/taxonomy.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Immutable; may be used by any number of threads at once. */
typedef struct tx_model tx_model;

/* "stored", "float32", "bf16", "int8". Static storage. */
TX_API const char *tx_precision_name(tx_precision precision);

/* Maps a model file and validates it in full (checksum, shapes, taxonomy, finite weights) before use. A file of any precision can be
   opened to compute in any.
   path NULL or "": the default model: $TAXAMBA_MODEL, else the installed one, else the one of the build tree.
   Errors: TX_ERROR_IO, TX_ERROR_MODEL, TX_ERROR_USAGE (no such precision). */
TX_API tx_status tx_model_open(const char *path, tx_precision precision, tx_model **ret_model, tx_error *error);
TX_API void tx_model_close(tx_model *model);

/* The path that tx_model_open(NULL) takes. Static storage. */
TX_API const char *tx_model_default_path(void);

/* The precision it computes in, and that of its file; never TX_PRECISION_STORED. */
TX_API tx_precision tx_model_precision(const tx_model *model);
TX_API tx_precision tx_model_stored_precision(const tx_model *model);

/* Borrowed from the model. */
TX_API const tx_taxonomy *tx_model_taxonomy(const tx_model *model);
/* D: the number of floats of an embedding. */
TX_API size_t tx_model_width(const tx_model *model);
/* Offsets at which a barcode can be read (1 for char, the stride for k-mers). */
TX_API size_t tx_model_offsets(const tx_model *model);

/* What the model is, for people (json false) or as one JSON object: format, tokenizer, sizes, ranks with their numbers of
   taxa, configuration, provenance. A new string; the caller frees it. */
TX_API tx_status tx_model_describe(const tx_model *model, bool json, char **ret_text, tx_error *error);

#ifdef __cplusplus
}
#endif
#endif
