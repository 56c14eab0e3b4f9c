/* Which network a model has. */
#ifndef TX_MODEL_FINGERPRINT_H
#define TX_MODEL_FINGERPRINT_H

#include "model/model.h"

/* CRC-32 of what the answers of the network depend on: its weights in the precision of the file, its sizes
   and its taxonomy. References in the model, provenance and configuration do not count. */
uint32_t tx_model_fingerprint(const tx_model *model);

#endif
