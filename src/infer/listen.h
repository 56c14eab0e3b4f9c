/* The network as a witness of answers by references. */
#ifndef TX_INFER_LISTEN_H
#define TX_INFER_LISTEN_H

#include "base/pool.h"
#include "infer/work.h"

/* The codes of one record as the network reads them. Zero-initialise; one per thread. */
typedef struct tx_listen_codes {
  uint8_t *codes[2];
  size_t capacity[2];
} tx_listen_codes;
void tx_listen_codes_free(tx_listen_codes *codes);

/* Adds a barcode, on the strand that resembles the references, to the pack of the network; the answer is
   filled when the pack is run. answer->opt_hearing says what is to be heard. TX_ERROR_MEMORY. */
tx_status tx_listen_add(const tx_classifier *classifier, tx_predict_work *work, tx_listen_codes *codes,
                        const tx_sequence *sequence, tx_strand_answer *answer);

/* The network of a model as a voice for a fit, with the scratch of each thread of a pool. */
typedef struct tx_listener tx_listener;
/* The model, the references and the pool are borrowed. *ret_listener is NULL if the network knows no taxon
   of the references. TX_ERROR_MEMORY, TX_ERROR_MODEL. */
tx_status tx_listener_create(const tx_model *model, const tx_reference_set *references, tx_pool *pool,
                             tx_listener **ret_listener, tx_error *error);
void tx_listener_free(tx_listener *listener);
/* Borrowed from the listener. */
const tx_witness_voice *tx_listener_voice(const tx_listener *listener);

#endif
