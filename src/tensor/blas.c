#include "tensor/blas.h"

#include <cblas.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* Debian's OpenBLAS has LAPACK but not its C interface: these are the Fortran routines. The last arguments are the lengths of the
   texts, which Fortran compilers pass out of sight. */
void ssyevd_(const char *jobs, const char *triangle, const blasint *n, float *a, const blasint *lda, float *values, float *work,
             const blasint *work_size, blasint *integers, const blasint *integers_size, blasint *info, size_t jobs_length,
             size_t triangle_length);
void sgeqrf_(const blasint *m, const blasint *n, float *a, const blasint *lda, float *tau, float *work, const blasint *work_size,
             blasint *info);
void sorgqr_(const blasint *m, const blasint *n, const blasint *k, float *a, const blasint *lda, const float *tau, float *work,
             const blasint *work_size, blasint *info);

enum { QR_BLOCK = 32 /* columns that LAPACK's reflections are gathered in: its own choice for a QR factorisation */ };

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

static size_t eigen_work(size_t n)
{
  return 1 + 6 * n + 2 * n * n;
}

static size_t eigen_integers(size_t n)
{
  return 3 + 5 * n;
}

size_t tx_blas_eigen_scratch(size_t n)
{
  const size_t per_float = sizeof(blasint) / sizeof(float);
  return n + eigen_work(n) + eigen_integers(n) * per_float;
}

bool tx_blas_eigenvectors(size_t n, float *a, float *scratch)
{
  /* The integers come first, where the scratch is aligned for whatever size they have. */
  const size_t integers_floats = eigen_integers(n) * (sizeof(blasint) / sizeof(float));
  const blasint size = (blasint)n, work_size = (blasint)eigen_work(n), integers_size = (blasint)eigen_integers(n);
  blasint *integers = (blasint *)(void *)scratch, info = 0;
  float *values = scratch + integers_floats, *work = values + n;
  pthread_once(&once, start);
  ssyevd_("V", "L", &size, a, &size, values, work, &work_size, integers, &integers_size, &info, 1, 1);
  return info == 0;
}

size_t tx_blas_qr_scratch(size_t n)
{
  return n + n * QR_BLOCK;
}

void tx_blas_qr(size_t n, float *a, float *scratch)
{
  const blasint size = (blasint)n, work_size = (blasint)(n * QR_BLOCK);
  float *tau = scratch, *work = scratch + n;
  blasint info = 0; /* these two fail for wrong arguments only */
  pthread_once(&once, start);
  sgeqrf_(&size, &size, a, &size, tau, work, &work_size, &info);
  sorgqr_(&size, &size, &size, a, &size, tau, work, &work_size, &info);
}
