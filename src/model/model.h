/* The immutable model behind <taxamba/model.h>, for infer, eval and train. */
#ifndef TX_MODEL_MODEL_H
#define TX_MODEL_MODEL_H

#include "base/text.h"
#include "model/safetensors.h"
#include "nn/network.h"
#include "nn/regression.h"
#include "seq/likeness.h"
#include "seq/tokenizer.h"
#include "taxon/taxonomy.h"

#include <taxamba/model.h>

/* The U8 section that holds the text of tx_taxonomy_write. */
#define TX_TAXONOMY_SECTION "taxamba.taxonomy"

struct tx_model {
  tx_dims dims;
  tx_tokenizer tokenizer;
  tx_taxonomy *taxonomy;
  tx_words modalities;      /* (dims.tower_count) names */
  const float **weights;    /* tx_layout_count pointers into the file or into dequantised */
  float *dequantised;       /* tensors that the file holds as BF16 or I8; NULL if there are none */
  /* effective training configuration, JSON object; borrowed from the file's metadata */
  const char *config;
  /* JSON object: version, command, data files with counts, seed, dates, best metric */
  const char *provenance;
  tx_precision stored;      /* precision of the file */
  tx_likeness likeness;     /* tells what is unlike the training records; none: its scores are NULL */
  tx_regression regression; /* what the outputs of its head of numbers are; none without one */
  tx_safetensors *file;
};

/* The contents of a model file. `weights` (flat, tx_layout_elements) are stored in `precision`, 0 for
   float32. `extra` sections (optimiser state of a checkpoint) follow, those of U8 and I8 last. `config` and
   `provenance` are JSON objects, NULL for empty ones. Of the extra metadata the key "taxamba.kind" replaces
   "model"; the other keys and the names of the sections must be new ones. A checkpoint is float32. */
typedef struct tx_model_parts {
  const tx_dims *dims;
  const tx_tokenizer *tokenizer;
  const tx_taxonomy *taxonomy;
  const tx_likeness *opt_likeness;     /* NULL or without scores: not written */
  const tx_regression *opt_regression; /* needed with a head of numbers, else not written */
  const float *weights;
  tx_precision precision;
  const char *config;
  const char *provenance;
  const tx_section *extra;
  size_t extra_count;
  const tx_metadata *extra_metadata;
  size_t extra_metadata_count;
  const volatile int *opt_stop; /* stop flag for a path that is not a regular file: see tx_output_open */
} tx_model_parts;

/* Writes a file that tx_model_open accepts; the same parts give the same bytes. An existing file is replaced
   at the end or not at all. TX_ERROR_NUMERIC when a weight is not finite, TX_ERROR_MODEL when the parts do
   not fit together, TX_ERROR_IO. */
tx_status tx_model_write(const char *path, const tx_model_parts *parts, tx_error *error);
/* Writes the same bytes into an open output that the caller commits. */
tx_status tx_model_put(tx_output *output, const tx_model_parts *parts, tx_error *error);

/* Sections and metadata that a copy of a model gets instead of those whose names begin with `prefix`. */
typedef struct tx_model_additions {
  const char *prefix;
  const tx_section *sections;
  size_t section_count;
  const tx_metadata *metadata;
  size_t metadata_count;
} tx_model_additions;
/* Writes a copy of the model, in its precision, into an output that the caller commits. TX_ERROR_MODEL: the
   model is a checkpoint. */
tx_status tx_model_put_copy(const tx_model *model, const tx_model_additions *additions, tx_output *output,
                            tx_error *error);
/* The same copy with another chain of the bases, in its precision. */
tx_status tx_model_put_unlike(const tx_model *model, const tx_likeness *likeness, tx_output *output,
                              tx_error *error);

/* The same as tx_model_open for `size` bytes in memory, which are borrowed until the close; `name` is for
   messages. */
tx_status tx_model_read(const char *name, const void *data, size_t size, tx_model **ret_model,
                        tx_error *error);

#endif
