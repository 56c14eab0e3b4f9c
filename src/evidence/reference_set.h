/* The reference set: references, the index of the search, the outcomes and the fitted weights. */
#ifndef TX_EVIDENCE_REFERENCE_SET_H
#define TX_EVIDENCE_REFERENCE_SET_H

#include "evidence/fit.h"

#include <taxamba/references.h>

struct tx_reference_set {
  tx_references *references;
  tx_search_index *index;
  tx_outcome_space space;
  tx_fitted_weights fitted;
  char *provenance; /* a JSON object; NULL is an empty one */
};

/* Makes the index and the space of outcomes; `references` belongs to the set, also when this fails. The
   weights are to be fitted (tx_evidence_fit) or read. TX_ERROR_MEMORY. */
tx_status tx_reference_set_create(tx_references *references, tx_reference_set **ret_set, tx_error *error);

#endif
