/* The structure behind <taxamba/classifier.h>, shared by all threads of a run. */
#ifndef TX_INFER_CLASSIFIER_H
#define TX_INFER_CLASSIFIER_H

#include "infer/cache.h"
#include "evidence/answer.h"
#include "infer/decode.h"
#include "model/model.h"
#include "nn/inference.h"

#include <taxamba/classifier.h>

struct tx_classifier {
  const tx_model *model; /* NULL when the references answer alone */
  const tx_reference_set *opt_references; /* they answer; NULL: the network does */
  tx_predict_options options;
  bool listens;       /* its network is a witness of the references */
  tx_witness_map map; /* then */
  tx_joint joint;     /* then; without a taxonomy where only taxa of the references are named */
  /* packed for the precision and the CPU features; NULL when the references answer alone */
  tx_inference_weights *opt_weights;
  /* NULL when lineages are neither requested nor needed to choose a strand */
  tx_lineage_decoder *opt_decoder;
  size_t nodes;         /* taxa of all ranks, if the network calls sets of them and is to do so; else 0 */
  int32_t *opt_parents; /* (nodes) then */
  tx_cache *opt_cache;            /* NULL when duplicates are computed again */
};

/* The strands that are read: AUTO replaced. The model may be NULL where there are references. */
tx_strand tx_strand_read(const tx_model *model, const tx_predict_options *options);
/* Whether the network answers. */
bool tx_classifier_computes(const tx_classifier *classifier);
/* Floats of an embedding; 0 without a network. */
size_t tx_classifier_width(const tx_classifier *classifier);
/* Most bases of a record that are read; 0: all. */
size_t tx_classifier_bases(const tx_classifier *classifier);
/* That of the predictions. */
const tx_taxonomy *tx_classifier_taxonomy(const tx_classifier *classifier);
/* Returns the precision of its computations; never TX_PRECISION_STORED. */
tx_precision tx_classifier_precision(const tx_classifier *classifier);

#endif
