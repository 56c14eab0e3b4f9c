/* Labelled records as examples of each length that a set has weights for: whole, and cut. */
#ifndef TX_EVIDENCE_CALIBRATION_EXAMPLES_H
#define TX_EVIDENCE_CALIBRATION_EXAMPLES_H

#include "evidence/calibration_records.h"
#include "evidence/split_fit.h"
#include "evidence/trials.h"

/* What a record tells about taxa that only a network knows. */
typedef struct tx_record_splits {
  tx_split_example *examples;
  size_t count;
} tx_record_splits;

/* Makes the examples, with the threads of a pool. Zero-initialise, and fill the first members, which are
   borrowed. */
typedef struct tx_calibration_maker {
  const tx_reference_set *set;
  const tx_calibration_records *records;
  tx_pool *pool;
  uint64_t seed;                     /* of the cuts */
  const volatile int *opt_stop;
  const tx_witness_voice *opt_voice; /* a network that is asked about each example */
  bool splits;                       /* it knows taxa that the references lack: */
  double coverage[2];                /* tx_split_coverage */
  double **said;                     /* (threads) */
  tx_record_splits *opt_record_splits; /* (records) of the length in hand */
  size_t at;                         /* index of the length in hand */
  tx_search **searches;              /* (threads) */
  tx_sequence_buffer *cuts;          /* (threads) */
} tx_calibration_maker;

/* Makes the scratch of the threads. TX_ERROR_MEMORY; it is to be cleared in any case. */
tx_status tx_calibration_maker_init(tx_calibration_maker *maker, tx_error *error);
void tx_calibration_maker_clear(tx_calibration_maker *maker);
/* Appends the examples of the records at the length in hand. items: the record of each example of the list.
   Those for tx_calibration_maker_split are made anew. The errors are those of tx_examples_make. */
tx_status tx_calibration_maker_run(tx_calibration_maker *maker, tx_outcome_examples *examples,
                                   uint32_t *items, tx_error *error);
/* Fits the weights of the taxa that only the network knows, if there are any, on the examples of the last
   run. taxa: (records) number of the taxon of each. TX_ERROR_MEMORY. */
tx_status tx_calibration_maker_split(const tx_calibration_maker *maker, const uint32_t *taxa,
                                     tx_split_scores scores[TX_SPLIT_GROUPS], tx_error *error);

#endif
