#include <taxamba/runtime.h>

#include <stdatomic.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/input.h"
#include "base/json.h"
#include "tensor/blas.h"

/* Here and not in base/, as only this layer may ask all modules that hold a library. */
const char *tx_libraries(void)
{
  static _Atomic(char *) known; /* written once; the thread that comes second throws its copy away */
  char *text = atomic_load(&known);
  tx_bytes bytes = {0};
  if (text) return text;
  tx_bytes_printf(&bytes, "htslib %s, zlib %s, cJSON %s, OpenBLAS on demand (%s)", tx_htslib_version(), tx_zlib_version(),
                  tx_cjson_version(), tx_blas_library());
  if (bytes.failed) {
    tx_bytes_free(&bytes);
    return "unknown";
  }
  if (atomic_compare_exchange_strong(&known, &text, bytes.data)) return bytes.data;
  tx_bytes_free(&bytes);
  return text;
}
