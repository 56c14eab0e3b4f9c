/* The outputs of a head of kind REGRESSION as text of a model file, under the key "taxamba.regression". */
#ifndef TX_MODEL_MODEL_REGRESSION_H
#define TX_MODEL_MODEL_REGRESSION_H

#include "base/bytes.h"
#include "base/json.h"
#include "nn/regression.h"

#define TX_REGRESSION_KEY "taxamba.regression"

/* Appends {"outputs":[{"name":"...","transform":"none","mean":1,"deviation":1}, ...]}. */
void tx_regression_write(const tx_regression *regression, tx_bytes *out);
/* Reads that. TX_ERROR_MODEL for anything else. */
tx_status tx_regression_read(const tx_json *json, tx_regression *regression, tx_error *error);

#endif
