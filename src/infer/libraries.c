#include <taxamba/runtime.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/gzip.h"
#include "base/hdf5.h"
#include "base/json.h"
#include "base/unpack.h"
#include "seq/cram.h"
#include "tensor/blas.h"

static char text[512];

static void write_text(void)
{
  static const tx_unpack_format *const formats[] = {&tx_bzip2_format, &tx_xz_format, &tx_zstd_format};
  const char *hdf5 = tx_hdf5_version();
  size_t used = (size_t)snprintf(text, sizeof text, "htslib %s, zlib %s, ", tx_htslib_version(),
                                 tx_zlib_version());
  for (size_t i = 0; i < sizeof formats / sizeof *formats && used < sizeof text; i++)
    if (formats[i]->version)
      used += (size_t)snprintf(text + used, sizeof text - used, "%s %.*s, ", formats[i]->name,
                               (int)strcspn(formats[i]->version(), ","), formats[i]->version());
  if (used < sizeof text)
    snprintf(text + used, sizeof text - used, "cJSON %s, %s%sOpenBLAS on demand (%s)", tx_cjson_version(),
             hdf5 ? hdf5 : "", hdf5 ? ", " : "", tx_blas_library());
}

/* Defined here and not in base/, as only this layer may include all modules that use a library. */
const char *tx_libraries(void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, write_text);
  return text;
}
