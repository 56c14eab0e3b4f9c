/* Strands of records through the model, several at once: tokens, network, lineage. A model of both strands
   reads the two of a record as one. */
#ifndef TX_INFER_WORK_H
#define TX_INFER_WORK_H

#include "infer/classifier.h"

/* Most sequences and tokens that go through the network together; a strand with more tokens goes alone, one
   with more offsets too. */
enum { TX_PACK_SEQUENCES = 16, TX_PACK_TOKENS = 2048 };

/* The bases of a strand, >= 1. */
typedef struct tx_strand_codes {
  const uint8_t *codes;
  size_t count;
} tx_strand_codes;

/* What one strand of a record gave, or both as one. */
typedef struct tx_strand_answer {
  tx_record_status status;
  /* TX_ERROR_MEMORY: too long for the memory. TX_ERROR_NUMERIC: the model's answer is not finite. Else
     TX_OK */
  tx_status fault;
  tx_decoded_lineage lineage; /* with status OK, if there is a decoder */
  float *embedding;   /* (D) the caller's; filled with status OK if options->embed */
} tx_strand_answer;

/* Scratch of one thread, and the pack that it is filling. It grows to the longest record seen and allocates
   no more after that. */
typedef struct tx_predict_work tx_predict_work;

tx_status tx_predict_work_create(const tx_classifier *classifier, tx_predict_work **ret_work,
                                 tx_error *error);
void tx_predict_work_free(tx_predict_work *work);

/* Adds as many strands as the model reads as one (tx_dims_strands), at every offset at which each of them has
   a token, to the pack, which is run first if there is no room for them. The answer's embedding is set by the
   caller; the rest is filled when the pack is run, and stays in place until then. The answer depends on the
   codes alone, never on the rest of the pack or on those before, nor on the order of two strands. */
void tx_predict_work_add(const tx_classifier *classifier, tx_predict_work *work,
                         const tx_strand_codes *strands, tx_strand_answer *answer);
/* Runs the pack, which is empty then. */
void tx_predict_work_run(const tx_classifier *classifier, tx_predict_work *work);

#endif
