/* The immutable model behind <taxamba/model.h>, for infer, eval and train. */
#ifndef TX_MODEL_MODEL_H
#define TX_MODEL_MODEL_H

#include "model/safetensors.h"
#include "nn/network.h"
#include "seq/tokenizer.h"
#include "taxon/taxonomy.h"

#include <taxamba/model.h>

struct tx_model {
  tx_dims dims;
  tx_tokenizer tokenizer;
  tx_taxonomy *taxonomy;
  const float **weights;    /* tx_layout_count pointers into the map */
  void *packed;             /* tx_network_pack of the weights, made at load */
  const char *config;       /* effective training configuration, JSON object; borrowed from the map's metadata */
  const char *provenance;   /* JSON object: version, command, data files with counts, seed, dates, best metric */
  tx_safetensors *file;
};

/* What a model file is made of. `weights` (flat, tx_layout_elements). `extra` sections (optimiser state of a checkpoint) follow. */
typedef struct tx_model_parts {
  const tx_dims *dims;
  const tx_tokenizer *tokenizer;
  const tx_taxonomy *taxonomy;
  const float *weights;
  const char *config;
  const char *provenance;
  const tx_section *extra;
  size_t extra_count;
  const tx_metadata *extra_metadata;
  size_t extra_metadata_count;
} tx_model_parts;

tx_status tx_model_write(const char *path, const tx_model_parts *parts, tx_error *error);

#endif
