/* The list of objectives. To add one: its functions in a file of its own, a line, a name and a word of help here, and a value in
   tx_objective (taxamba/train.h). A test compares them. */
#ifndef TX_OBJECTIVE_LIST_H
#define TX_OBJECTIVE_LIST_H

#include "objective/objective.h"

/* Value of tx_objective and functions. The first is the standard one. */
#define TX_OBJECTIVE_LIST(ENTRY) \
  ENTRY(TX_OBJECTIVE_TAXA, tx_objective_taxa) \
  ENTRY(TX_OBJECTIVE_NEXT_TOKEN, tx_objective_next_token) \
  ENTRY(TX_OBJECTIVE_MASKED, tx_objective_masked) \
  ENTRY(TX_OBJECTIVE_MASKED_AUTOENCODER, tx_objective_masked_autoencoder)

/* What can be added to the loss of an objective, in the order in which it is. */
#define TX_OBJECTIVE_ADDED_LIST(ENTRY) ENTRY(tx_objective_contrast)

/* The choices of --objective and what they are. */
#define TX_OBJECTIVE_NAMES "taxa|next-token|masked|masked-autoencoder"
#define TX_OBJECTIVE_HELP \
  "What is learnt: the taxa at the ranks, or, to pretrain an encoder on sequences whose labels are not looked at, each " \
  "next token (as BarcodeMamba does), tokens that are masked (as BarcodeBERT does), or tokens that are left out and " \
  "which a decoder names from the others (masked-autoencoder, as BarcodeMAE does, Safari et al. 2025). Options about " \
  "labels are left aside then."

#define TX_OBJECTIVE_DECLARE(value, functions) extern const tx_objective_functions functions;
TX_OBJECTIVE_LIST(TX_OBJECTIVE_DECLARE)
#undef TX_OBJECTIVE_DECLARE
#define TX_OBJECTIVE_DECLARE(functions) extern const tx_objective_functions functions;
TX_OBJECTIVE_ADDED_LIST(TX_OBJECTIVE_DECLARE)
#undef TX_OBJECTIVE_DECLARE

#endif
