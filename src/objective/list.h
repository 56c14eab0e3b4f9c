/* The list of objectives. A new objective needs its functions in a file of its own, a line here, a value of
   tx_objective (taxamba/train.h), and its name and description in settings/config.c. A test compares
   these. */
#ifndef TX_OBJECTIVE_LIST_H
#define TX_OBJECTIVE_LIST_H

#include "objective/objective.h"

/* ENTRY(value of tx_objective, its functions). The first is the default. */
#define TX_OBJECTIVE_LIST(ENTRY) \
  ENTRY(TX_OBJECTIVE_TAXA, tx_objective_taxa) \
  ENTRY(TX_OBJECTIVE_NEXT_TOKEN, tx_objective_next_token) \
  ENTRY(TX_OBJECTIVE_MASKED, tx_objective_masked) \
  ENTRY(TX_OBJECTIVE_MASKED_AUTOENCODER, tx_objective_masked_autoencoder) \
  ENTRY(TX_OBJECTIVE_MULTILABEL, tx_objective_multilabel) \
  ENTRY(TX_OBJECTIVE_ALIGN, tx_objective_align)

/* The terms that can be added to the loss of an objective, in the order in which they are added. */
#define TX_OBJECTIVE_ADDED_LIST(ENTRY) \
  ENTRY(tx_objective_contrast) \
  ENTRY(tx_objective_teacher) \
  ENTRY(tx_objective_strand) \
  ENTRY(tx_objective_traits)

#define TX_OBJECTIVE_DECLARE(value, functions) extern const tx_objective_functions functions;
TX_OBJECTIVE_LIST(TX_OBJECTIVE_DECLARE)
#undef TX_OBJECTIVE_DECLARE
#define TX_OBJECTIVE_DECLARE(functions) extern const tx_objective_functions functions;
TX_OBJECTIVE_ADDED_LIST(TX_OBJECTIVE_DECLARE)
#undef TX_OBJECTIVE_DECLARE

#endif
