/* The sizes of the network and its heads in a model file: the metadata taxamba.dims. */
#ifndef TX_MODEL_MODEL_DIMS_H
#define TX_MODEL_MODEL_DIMS_H

#include "base/bytes.h"
#include "base/json.h"
#include "nn/network.h"

#include <taxamba/status.h>

/* Fills *dims, which must be zero. The caller checks the bounds with tx_dims_fault. The message of an error
   does not name the file. */
tx_status tx_dims_read(const tx_json *json, tx_dims *dims, tx_error *error);

/* Appends the sizes as one JSON object. */
void tx_dims_write(const tx_dims *dims, tx_bytes *out);

#endif
