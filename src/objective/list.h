/* The list of objectives. To add one: its functions in a file of its own, a line here, a value in
   tx_objective (taxamba/train.h), and its name and a word of help in settings/config.c. A test compares
   them. */
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

#define TX_OBJECTIVE_DECLARE(value, functions) extern const tx_objective_functions functions;
TX_OBJECTIVE_LIST(TX_OBJECTIVE_DECLARE)
#undef TX_OBJECTIVE_DECLARE
#define TX_OBJECTIVE_DECLARE(functions) extern const tx_objective_functions functions;
TX_OBJECTIVE_ADDED_LIST(TX_OBJECTIVE_DECLARE)
#undef TX_OBJECTIVE_DECLARE

#endif
