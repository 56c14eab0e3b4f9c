/* The modalities of a model that is being opened. */
#ifndef TX_MODEL_MODEL_SHARED_H
#define TX_MODEL_MODEL_SHARED_H

#include "model/model.h"

/* The metadata with the names of the modalities of the towers, separated by commas. */
#define TX_MODALITIES_KEY "taxamba.modalities"

/* Reads the names of the modalities, after the sizes. TX_ERROR_MODEL when they are not as many as there are
   towers. */
tx_status tx_model_read_modalities(const char *path, tx_model *model, tx_error *error);

#endif
