#include "tensor/blas.h"

#include "base/error.h"
#include "base/memory.h"

#include <cblas.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum {
  /* columns that LAPACK's reflections are gathered in: its own choice for a QR factorisation */
  QR_BLOCK = 32,
  /* Address space in MiB: the library (40) and the buffer that a call takes and OpenBLAS keeps for the next
     one (32 to 128). */
  NEEDED = 256,
  /* Side of a matrix whose QR factorisation takes that buffer: below 129 LAPACK works column by column,
     without. */
  FIRST_SIDE = 160
};

/* Debian's OpenBLAS has LAPACK but not its C interface: these are the Fortran routines. The last arguments of
   ssyevd are the lengths of the texts, which Fortran compilers pass out of sight. */
typedef struct library {
  void (*set_num_threads)(int count);
  char *(*get_config)(void);
  char *(*get_corename)(void);
  void (*ssyevd)(const char *jobs, const char *triangle, const blasint *n, float *a, const blasint *lda,
                 float *values, float *work, const blasint *work_size, blasint *integers,
                 const blasint *integers_size, blasint *info, size_t jobs_length, size_t triangle_length);
  void (*sgeqrf)(const blasint *m, const blasint *n, float *a, const blasint *lda, float *tau, float *work,
                 const blasint *work_size, blasint *info);
  void (*sorgqr)(const blasint *m, const blasint *n, const blasint *k, float *a, const blasint *lda,
                 const float *tau, float *work, const blasint *work_size, blasint *info);
  void (*dsyevr)(const char *jobs, const char *range, const char *triangle, const blasint *n, double *a,
                 const blasint *lda, const double *low, const double *high, const blasint *first,
                 const blasint *last, const double *tolerance, blasint *found, double *values,
                 double *vectors, const blasint *ldz, blasint *support, double *work,
                 const blasint *work_size, blasint *integers, const blasint *integers_size, blasint *info,
                 size_t jobs_length, size_t range_length, size_t triangle_length);
  void (*dgemm)(const char *transpose_a, const char *transpose_b, const blasint *m, const blasint *n,
                const blasint *k, const double *factor, const double *a, const blasint *lda, const double *b,
                const blasint *ldb, const double *kept, double *c, const blasint *ldc, size_t a_length,
                size_t b_length);
  void (*dgeqrf)(const blasint *m, const blasint *n, double *a, const blasint *lda, double *tau, double *work,
                 const blasint *work_size, blasint *info);
  void (*dorgqr)(const blasint *m, const blasint *n, const blasint *k, double *a, const blasint *lda,
                 const double *tau, double *work, const blasint *work_size, blasint *info);
  void (*dgeqp3)(const blasint *m, const blasint *n, double *a, const blasint *lda, blasint *pivots,
                 double *tau, double *work, const blasint *work_size, blasint *info);
} library;

_Static_assert(_Generic(&openblas_set_num_threads, void (*)(int) : 1, default : 0),
               "openblas_set_num_threads is of another type");
_Static_assert(_Generic(&openblas_get_config, char *(*)(void) : 1, default : 0),
               "openblas_get_config is of another type");
_Static_assert(_Generic(&openblas_get_corename, char *(*)(void) : 1, default : 0),
               "openblas_get_corename is of another type");

/* Found once under the lock and never changed after. */
static pthread_mutex_t load_lock = PTHREAD_MUTEX_INITIALIZER;
static bool loaded;
static library blas;
static char version[TX_BLAS_VERSION_SIZE];
/* Where the address space is limited: one call at a time, so that the one buffer that was had at first is
   enough. */
static bool one_at_a_time;
static pthread_mutex_t call_lock = PTHREAD_MUTEX_INITIALIZER;

const char *tx_blas_library(void)
{
  return TX_OPENBLAS_LIBRARY;
}

const char *tx_blas_version(void)
{
  return version;
}

static void begin_call(void)
{
  if (one_at_a_time) pthread_mutex_lock(&call_lock);
}

static void end_call(void)
{
  if (one_at_a_time) pthread_mutex_unlock(&call_lock);
}

static bool is_limited(int resource)
{
  struct rlimit limit;
  return getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

/* Whether so much address space can be allocated. The block is not written to, so that it uses no memory. */
static bool has_memory(void)
{
  void *probe = tx_malloc_aligned((size_t)NEEDED << 20, 1);
  free(probe);
  return probe != NULL;
}

/* A pointer to data may become one to a function by POSIX, not by ISO C: hence the copy. */
static bool find(void *handle, const char *name, size_t size, void *function)
{
  void *symbol = dlsym(handle, name);
  memcpy(function, &symbol, size);
  return symbol != NULL;
}

static tx_status find_all(void *handle, library *found, const char *advice, tx_error *error)
{
  const struct routine {
    const char *name;
    void *pointer;
    size_t size;
  } routines[] = {{"openblas_set_num_threads", &found->set_num_threads, sizeof found->set_num_threads},
                  {"openblas_get_config", &found->get_config, sizeof found->get_config},
                  {"openblas_get_corename", &found->get_corename, sizeof found->get_corename},
                  {"ssyevd_", &found->ssyevd, sizeof found->ssyevd},
                  {"sgeqrf_", &found->sgeqrf, sizeof found->sgeqrf},
                  {"sorgqr_", &found->sorgqr, sizeof found->sorgqr},
                  {"dsyevr_", &found->dsyevr, sizeof found->dsyevr},
                  {"dgemm_", &found->dgemm, sizeof found->dgemm},
                  {"dgeqrf_", &found->dgeqrf, sizeof found->dgeqrf},
                  {"dorgqr_", &found->dorgqr, sizeof found->dorgqr},
                  {"dgeqp3_", &found->dgeqp3, sizeof found->dgeqp3}};
  for (size_t i = 0; i < sizeof routines / sizeof *routines; i++)
    if (!find(handle, routines[i].name, routines[i].size, routines[i].pointer))
      return tx_fail(error, TX_ERROR_IO,
                     "%s is not an OpenBLAS with LAPACK in it: it has no %s; install one, or %s",
                     TX_OPENBLAS_LIBRARY, routines[i].name, advice);
  return TX_OK;
}

/* Makes the first call, in which OpenBLAS allocates its buffer, while there is memory for it. */
static tx_status call_first(tx_error *error)
{
  float *a = tx_calloc_aligned(FIRST_SIDE * FIRST_SIDE + tx_blas_qr_scratch(FIRST_SIDE), sizeof *a);
  if (!a) return tx_fail_memory(error, "OpenBLAS");
  for (size_t i = 0; i < FIRST_SIDE; i++) a[i * FIRST_SIDE + i] = 1;
  tx_blas_qr(FIRST_SIDE, a, a + FIRST_SIDE * FIRST_SIDE);
  free(a);
  return TX_OK;
}

/* Loads OpenBLAS; the caller holds the lock. The handle is never closed, not even that of a library without
   the routines: other users of OpenBLAS in the process might be computing with it. */
static tx_status load(const char *advice, tx_error *error)
{
  const bool limited = is_limited(RLIMIT_AS) || is_limited(RLIMIT_DATA);
  const char *config, *end;
  tx_status status;
  void *handle;
  if (!has_memory())
    return tx_fail(error, TX_ERROR_MEMORY,
                   "out of memory: OpenBLAS needs %d MiB of address space; raise the limit (ulimit -v), or "
                   "%s",
                   NEEDED, advice);
  handle = dlopen(TX_OPENBLAS_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (!handle)
    return tx_fail(error, TX_ERROR_IO, "cannot load OpenBLAS: %s; install it, or %s", dlerror(), advice);
  status = find_all(handle, &blas, advice, error);
  if (status != TX_OK) return status;
  blas.set_num_threads(1);
  /* "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ...": the first two words are enough. */
  config = blas.get_config();
  end = strchr(config, ' ');
  snprintf(version, sizeof version, "%.*s %s",
           (int)(end ? strcspn(end + 1, " ") + (size_t)(end + 1 - config) : strlen(config)), config,
           blas.get_corename());
  one_at_a_time = limited;
  return limited ? call_first(error) : TX_OK;
}

tx_status tx_blas_load(const char *advice, tx_error *error)
{
  tx_status status = TX_OK;
  pthread_mutex_lock(&load_lock);
  if (!loaded) status = load(advice, error);
  if (status == TX_OK) loaded = true;
  pthread_mutex_unlock(&load_lock);
  return status;
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
  const blasint size = (blasint)n, work_size = (blasint)eigen_work(n),
                integers_size = (blasint)eigen_integers(n);
  blasint *integers = (blasint *)(void *)scratch, info = 0;
  float *values = scratch + integers_floats, *work = values + n;
  begin_call();
  blas.ssyevd("V", "L", &size, a, &size, values, work, &work_size, integers, &integers_size, &info, 1, 1);
  end_call();
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
  begin_call();
  blas.sgeqrf(&size, &size, a, &size, tau, work, &work_size, &info);
  blas.sorgqr(&size, &size, &size, a, &size, tau, work, &work_size, &info);
  end_call();
}

/* What dsyevr recommends of doubles and integers for blocks of up to 64 columns. */
static size_t range_work(size_t n)
{
  return 70 * n + 1;
}

static size_t range_integers(size_t n)
{
  return 10 * n + 1;
}

size_t tx_blas_symmetric_scratch(size_t n)
{
  const size_t integers = range_integers(n) + 2 * n;
  return n + range_work(n) + integers * sizeof(blasint) / sizeof(double) + 1;
}

bool tx_blas_symmetric(size_t n, double *a, size_t first, size_t count, double *values, double *vectors,
                       double *scratch)
{
  const blasint size = (blasint)n, from = (blasint)(first + 1), to = (blasint)(first + count),
                work_size = (blasint)range_work(n), integers_size = (blasint)range_integers(n);
  const double none = 0;
  double *all = scratch, *work = all + n;
  blasint *integers = (blasint *)(void *)(work + range_work(n)), *support = integers + integers_size,
          found = 0, info = 0;
  begin_call();
  blas.dsyevr("V", "I", "L", &size, a, &size, &none, &none, &from, &to, &none, &found, all, vectors, &size,
              support, work, &work_size, integers, &integers_size, &info, 1, 1, 1);
  end_call();
  for (size_t i = 0; i < count; i++) values[i] = all[i];
  return info == 0 && (size_t)found == count;
}

void tx_blas_multiply(const tx_blas_product *p)
{
  /* By columns, as Fortran has them, these are the transposes: c' = b' a'. */
  const blasint m = (blasint)p->n, n = (blasint)p->m, k = (blasint)p->k, lda = (blasint)p->ldb,
                ldb = (blasint)p->lda, ldc = (blasint)p->ldc;
  const double kept = p->add ? 1 : 0;
  begin_call();
  blas.dgemm(p->transpose_b ? "T" : "N", p->transpose_a ? "T" : "N", &m, &n, &k, &p->factor, p->b, &lda, p->a,
             &ldb, &kept, p->c, &ldc, 1, 1);
  end_call();
}

size_t tx_blas_orthonormal_scratch(size_t rows)
{
  return rows + rows * QR_BLOCK;
}

void tx_blas_orthonormal(size_t rows, size_t n, double *x, double *scratch)
{
  const blasint length = (blasint)n, count = (blasint)rows, work_size = (blasint)(rows * QR_BLOCK);
  double *tau = scratch, *work = scratch + rows;
  blasint info = 0; /* these two fail for wrong arguments only */
  begin_call();
  blas.dgeqrf(&length, &count, x, &length, tau, work, &work_size, &info);
  blas.dorgqr(&length, &count, &count, x, &length, tau, work, &work_size, &info);
  end_call();
}

static size_t pivots_work(size_t n)
{
  return 2 * n + (n + 1) * QR_BLOCK;
}

size_t tx_blas_pivots_scratch(size_t n, size_t m)
{
  return m + pivots_work(n) + n * sizeof(blasint) / sizeof(double) + 1;
}

void tx_blas_pivots(size_t n, size_t m, double *x, size_t *pivots, double *scratch)
{
  const blasint rows = (blasint)m, columns = (blasint)n, work_size = (blasint)pivots_work(n);
  double *tau = scratch, *work = tau + m;
  blasint *order = (blasint *)(void *)(work + pivots_work(n)), info = 0; /* fails for wrong arguments only */
  memset(order, 0, n * sizeof *order);
  begin_call();
  blas.dgeqp3(&rows, &columns, x, &rows, order, tau, work, &work_size, &info);
  end_call();
  for (size_t i = 0; i < m; i++) pivots[i] = (size_t)order[i] - 1;
}
