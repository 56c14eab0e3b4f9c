/* The numbers that a network is stored and computed in. */
#ifndef TAXAMBA_PRECISION_H
#define TAXAMBA_PRECISION_H

#include <taxamba/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The number format of the operands of the network's large products. Sums, norms, the state-space part and
   the answers are float32 at every precision. */
typedef enum tx_precision {
  TX_PRECISION_STORED,  /* the precision of the model file */
  TX_PRECISION_FLOAT32,
  TX_PRECISION_BF16,    /* weights and activations rounded to bfloat16, sums in float32 */
  /* 8-bit numbers with a scale per row of the weights and per row and block of the activations, sums in whole
     numbers */
  TX_PRECISION_INT8
} tx_precision;

/* The name of a precision: "stored", "float32", "bf16", "int8"; "unknown" for any other value. Static
   storage. */
TX_API const char *tx_precision_name(tx_precision precision);

#ifdef __cplusplus
}
#endif
#endif
