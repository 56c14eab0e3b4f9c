#include <taxamba/precision.h>

const char *tx_precision_name(tx_precision precision)
{
  static const char *const names[] = {"stored", "float32", "bf16", "int8"};
  return (unsigned)precision <= TX_PRECISION_INT8 ? names[precision] : "unknown";
}
