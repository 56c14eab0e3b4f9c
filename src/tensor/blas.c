#include "tensor/blas.h"

#include <cblas.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char version[96];

static void start(void)
{
  /* "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ...": the first two words are enough. */
  const char *config = openblas_get_config(), *end = strchr(config, ' ');
  const size_t length = end ? strcspn(end + 1, " ") + (size_t)(end + 1 - config) : strlen(config);
  openblas_set_num_threads(1);
  snprintf(version, sizeof version, "%.*s %s", (int)length, config, openblas_get_corename());
}

const char *tx_blas_version(void)
{
  pthread_once(&once, start);
  return version;
}

void tx_blas_gemm(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, const float *a, size_t lda, const float *b, size_t ldb,
                  bool accumulate, float *c, size_t ldc)
{
  pthread_once(&once, start);
  cblas_sgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans, (blasint)m, (blasint)n,
              (blasint)k, 1.0f, a, (blasint)lda, b, (blasint)ldb, accumulate ? 1.0f : 0.0f, c, (blasint)ldc);
}
