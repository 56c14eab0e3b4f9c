/* What the outputs of a head of kind REGRESSION are: numbers of a record, z-scaled. */
#ifndef TX_NN_REGRESSION_H
#define TX_NN_REGRESSION_H

#include <stdbool.h>
#include <stddef.h>

enum { TX_REGRESSION_MAX = 16, TX_REGRESSION_NAME_SIZE = 128 };

/* The number is mean + deviation * output, or the exponential of that. */
typedef struct tx_regression_output {
  char name[TX_REGRESSION_NAME_SIZE]; /* no control characters */
  bool log;
  double mean, deviation; /* finite; deviation above 0 */
} tx_regression_output;

typedef struct tx_regression {
  size_t count; /* as many as the head has outputs; 0: there is no such head */
  tx_regression_output outputs[TX_REGRESSION_MAX];
} tx_regression;

#endif
