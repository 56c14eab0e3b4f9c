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
   weights): later changes of the file have no effect. tx_predict and tx_classifier_create pack its weights
   for a precision.
   name: a shipped model such as "coi-arthropoda" (NAME.safetensors of the installed models, else of the build
   tree), even if the working folder has a file of that name ("./coi-arthropoda" opens that file); else a
   path. A shipped model's name has no '/' and no ending. NULL or "": the default model: $TAXAMBA_MODEL
   (likewise), else coi-arthropoda.
   Errors: TX_ERROR_IO, TX_ERROR_MODEL. */
TX_API tx_status tx_model_open(const char *name, tx_model **ret_model, tx_error *error);
/* The path of the file that tx_model_open opens for this name. A new string; the caller frees it.
   TX_ERROR_IO: there is no default model. */
TX_API tx_status tx_model_path(const char *name, char **ret_path, tx_error *error);
TX_API void tx_model_close(tx_model *model);

/* The path or name that tx_model_open(NULL) uses. Static storage, or that of the environment. */
TX_API const char *tx_model_default_path(void);

/* The precision of the model's file; never TX_PRECISION_STORED. */
TX_API tx_precision tx_model_stored_precision(const tx_model *model);

/* The size of the model's file in bytes. */
TX_API size_t tx_model_file_size(const tx_model *model);

/* The taxonomy of the model. Borrowed from it. */
TX_API const tx_taxonomy *tx_model_taxonomy(const tx_model *model);
/* D: the number of floats of an embedding. */
TX_API size_t tx_model_width(const tx_model *model);
/* Offsets at which a barcode can be read (the stride for k-mers, 1 for char and BPE). */
TX_API size_t tx_model_offsets(const tx_model *model);

/* Whether the model reads every record on both strands and averages their embeddings (taxamba train
   --both-strands), so that a barcode and its reverse complement get the same answer. */
TX_API bool tx_model_both_strands(const tx_model *model);
/* Whether the model has learnt to tell a barcode from its reverse complement (taxamba train --strand-share).
*/
TX_API bool tx_model_tells_strand(const tx_model *model);
/* Whether a record may have several taxa at a rank by the model (TX_OBJECTIVE_MULTILABEL). */
TX_API bool tx_model_is_multilabel(const tx_model *model);
/* The lengths of records in bases that its training has shown to the network, by its settings. Returns false
   for a model that does not have them (an imported one). */
TX_API bool tx_model_trained_lengths(const tx_model *model, size_t *ret_shortest, size_t *ret_longest);

/* Traits (numbers measured on specimens) that a head of the model predicts (taxamba train --traits). */
TX_API size_t tx_model_trait_count(const tx_model *model);
/* The column that it learnt from. Borrowed from the model. */
TX_API const char *tx_model_trait_name(const tx_model *model, size_t trait);
/* Whether it predicts the logarithm. */
TX_API bool tx_model_trait_is_log(const tx_model *model, size_t trait);
/* The prediction of a trait, or of its logarithm, from an embedding (tx_model_width), which must not be
   scaled to length 1. */
TX_API double tx_model_trait(const tx_model *model, size_t trait, const double *embedding);

/* The space that the DNA shares with vectors of other modalities (taxamba train --objective align). Its
   width; 0 if the model has none. */
TX_API size_t tx_model_shared_width(const tx_model *model);
/* The other modalities; 0 if the model has no shared space. */
TX_API size_t tx_model_modalities(const tx_model *model);
/* The number of the modality of this name; tx_model_modalities if there is none. */
TX_API size_t tx_model_modality(const tx_model *model, const char *name);
/* The name of a modality, borrowed from the model, and the width of its vectors. */
TX_API const char *tx_model_modality_name(const tx_model *model, size_t modality);
TX_API size_t tx_model_modality_width(const tx_model *model, size_t modality);
/* The place of a vector of the modality (tx_model_modality_width) in the shared space: projected
   (tx_model_shared_width), of any length. */
TX_API void tx_model_project(const tx_model *model, size_t modality, const float *vector, float *projected);

/* Writes the model with its weights in another precision; a higher one does not restore lost precision.
   Taxonomy, tokenizer, configuration, provenance, and sections and metadata that this version does not know
   are copied; if the precision changes, the old one is added at the front of the list "converted_from" of the
   provenance. The precision of the file (or TX_PRECISION_STORED) makes a copy. An existing file, also the
   model's own, is replaced at the end or not at all.
   Errors: TX_ERROR_IO, TX_ERROR_MODEL (a checkpoint), TX_ERROR_NUMERIC (a weight is too large for bf16),
   TX_ERROR_USAGE. */
TX_API tx_status tx_model_convert(const tx_model *model, tx_precision precision, const char *path,
                                  const volatile int *opt_stop, tx_error *error);

/* Describes the model, for people (json false) or as one JSON object: format, precision and size of the file,
   tokenizer, sizes, ranks with their numbers of taxa, configuration, provenance. A new string; the caller
   frees it. */
TX_API tx_status tx_model_describe(const tx_model *model, bool json, char **ret_text, tx_error *error);

#ifdef __cplusplus
}
#endif
#endif
