/* Computes strands of records with the model, several at a time: tokens, network, lineage. A model of both
   strands reads the two strands of a record together. */
#ifndef TX_INFER_WORK_H
#define TX_INFER_WORK_H

#include "infer/classifier.h"

/* Maximum sequences and tokens of a pack. A strand with more tokens, or with more offsets than sequences, is
   a pack of its own. */
enum { TX_PACK_SEQUENCES = 16, TX_PACK_TOKENS = 2048 };

/* The bases of a strand, at least one. */
typedef struct tx_strand_codes {
  const uint8_t *codes;
  size_t count;
} tx_strand_codes;

/* Outcomes of an answer by references, about which the network is asked. Everything is borrowed. */
typedef struct tx_hearing {
  const tx_witness_map *map;
  tx_outcome *outcomes; /* (count) gets `heard` and `log_probability` */
  size_t count;
} tx_hearing;

/* The result of one strand of a record, or of both together. */
typedef struct tx_strand_answer {
  tx_record_status status;
  /* TX_ERROR_MEMORY: too long for the memory. TX_ERROR_NUMERIC: an output of the model is not finite.
     Otherwise TX_OK */
  tx_status fault;
  tx_decoded_lineage lineage; /* set with status OK, if there is a decoder and neither of the next two */
  double way_round; /* logit of the head of the strand, set with status OK if the model has it */
  const tx_hearing *opt_hearing; /* set by the caller: filled in place of the lineage */
  /* likewise, also beside a hearing: (classes of all ranks) the logarithms of the probabilities of each head,
     one after the other, owned by the caller */
  double *opt_log_probabilities;
  float *opt_nodes;   /* (classifier->nodes) probabilities of the taxa, owned by the caller; NULL for none */
  float *embedding;   /* (D) owned by the caller; filled with status OK if options->embed */
} tx_strand_answer;

/* Scratch of one thread, and the pack being filled. It grows to the longest record processed and does not
   allocate after that. */
typedef struct tx_predict_work tx_predict_work;

tx_status tx_predict_work_create(const tx_classifier *classifier, tx_predict_work **ret_work,
                                 tx_error *error);
void tx_predict_work_free(tx_predict_work *work);

/* Adds the strands that the model reads together (tx_dims_strands of them) to the pack, at every offset at
   which each of them has a token. If they do not fit, the pack is run first. The caller sets
   answer->embedding; the other members are filled when the pack is run, and `answer` must not move until
   then. The answer depends on the codes alone, not on other contents of the pack, earlier packs or the order
   of the two strands. */
void tx_predict_work_add(const tx_classifier *classifier, tx_predict_work *work,
                         const tx_strand_codes *strands, tx_strand_answer *answer);
/* Runs the pack and empties it. */
void tx_predict_work_run(const tx_classifier *classifier, tx_predict_work *work);

#endif
