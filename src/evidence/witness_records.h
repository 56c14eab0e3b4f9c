/* Weights of the network's word from labelled records, for the weights of the evidence that a set has. */
#ifndef TX_EVIDENCE_WITNESS_RECORDS_H
#define TX_EVIDENCE_WITNESS_RECORDS_H

#include "evidence/calibration_examples.h"

/* The examples of a fit at one length: those that a network was asked about. items: the record of each of
   `examples` from `held` on; those before are held-out references. evidence (TX_CALIBRATION_FOLDS): weights
   by which the examples of a fold are judged. TX_ERROR_MEMORY. */
typedef struct tx_witness_examples {
  const tx_outcome_space *space;
  const tx_calibration_records *records;
  const tx_outcome_examples *examples;
  size_t held;
  const uint32_t *items;
  const tx_outcome_weights *const *evidence;
  const double *prior;
  const tx_reliability *reliability;
  const tx_calibration_maker *maker; /* that made the examples */
} tx_witness_examples;
tx_status tx_witness_fit_examples(const tx_witness_examples *task, tx_witness_length *ret_length,
                                  tx_error *error);

/* Fits the weights of the maker's set to its records at all lengths, by the voice of the maker. The set is
   not changed. The errors are those of tx_examples_make. */
tx_status tx_witness_fit_records(tx_calibration_maker *maker, tx_witness *ret_witness, tx_error *error);

#endif
