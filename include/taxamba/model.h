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

/* Reads a model file into memory, closes it, and validates it in full (checksum, shapes, taxonomy, finite
   weights): what happens to the file afterwards does not show. What computes with it packs its weights for a
   precision (tx_predict_options, tx_classifier_create).
   name: a shipped model such as "coi-arthropoda" (NAME.safetensors of the installed models, else of the build
   tree), also where there is a file of that name, which "./coi-arthropoda" names; else a path. A shipped
   model's name has no '/' and no ending. NULL or "": the default model: $TAXAMBA_MODEL (likewise), else
   coi-arthropoda.
   Errors: TX_ERROR_IO, TX_ERROR_MODEL. */
TX_API tx_status tx_model_open(const char *name, tx_model **ret_model, tx_error *error);
/* The file that tx_model_open takes for this name. A new string; the caller frees it. TX_ERROR_IO: there is
   no default model. */
TX_API tx_status tx_model_path(const char *name, char **ret_path, tx_error *error);
TX_API void tx_model_close(tx_model *model);

/* The path or name that tx_model_open(NULL) takes. Static storage, or that of the environment. */
TX_API const char *tx_model_default_path(void);

/* The precision of its file; never TX_PRECISION_STORED. */
TX_API tx_precision tx_model_stored_precision(const tx_model *model);

/* Bytes of its file. */
TX_API size_t tx_model_file_size(const tx_model *model);

/* Borrowed from the model. */
TX_API const tx_taxonomy *tx_model_taxonomy(const tx_model *model);
/* D: the number of floats of an embedding. */
TX_API size_t tx_model_width(const tx_model *model);
/* Offsets at which a barcode can be read (the stride for k-mers, 1 for char and BPE). */
TX_API size_t tx_model_offsets(const tx_model *model);

/* Whether it reads every record on both strands and averages their embeddings (taxamba train --both-strands),
   so that a barcode and its reverse complement get the same answer. */
TX_API bool tx_model_both_strands(const tx_model *model);

/* Writes the model with its weights in another precision; nothing is regained by going to a higher one.
   Taxonomy, tokenizer, configuration, provenance, and sections and metadata that this version does not know
   go along; where the precision changes, the provenance gets the old one in front of its list
   "converted_from". The precision of the file (or TX_PRECISION_STORED) copies. An existing file, the model's
   own too, is replaced at the end or not at all.
   Errors: TX_ERROR_IO, TX_ERROR_MODEL (a checkpoint), TX_ERROR_NUMERIC (a weight is too large for bf16),
   TX_ERROR_USAGE. */
TX_API tx_status tx_model_convert(const tx_model *model, tx_precision precision, const char *path,
                                  const volatile int *opt_stop, tx_error *error);

/* What the model is, for people (json false) or as one JSON object: format, precision and size of the file,
   tokenizer, sizes, ranks with their numbers of taxa, configuration, provenance. A new string; the caller
   frees it. */
TX_API tx_status tx_model_describe(const tx_model *model, bool json, char **ret_text, tx_error *error);

#ifdef __cplusplus
}
#endif
#endif
