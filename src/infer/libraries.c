#include <taxamba/runtime.h>

#include <pthread.h>
#include <stdio.h>

#include "base/gzip.h"
#include "base/hdf5.h"
#include "base/input.h"
#include "base/json.h"
#include "tensor/blas.h"

static char text[256];

static void write_text(void)
{
  const char *hdf5 = tx_hdf5_version();
  snprintf(text, sizeof text, "htslib %s, zlib %s, cJSON %s, %s%sOpenBLAS on demand (%s)",
           tx_htslib_version(), tx_zlib_version(), tx_cjson_version(), hdf5 ? hdf5 : "", hdf5 ? ", " : "",
           tx_blas_library());
}

/* Defined here and not in base/, as only this layer may include all modules that use a library. */
const char *tx_libraries(void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, write_text);
  return text;
}
