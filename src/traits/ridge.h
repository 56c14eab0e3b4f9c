/* Ridge regression with a free intercept, its penalty chosen by leave-one-out (Hoerl & Kennard 1970; the
   closed form of the errors is Allen's PRESS, 1974). */
#ifndef TX_TRAITS_RIDGE_H
#define TX_TRAITS_RIDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

/* 10^-3 ... 10^4 in half decades. */
enum { TX_RIDGE_PENALTIES = 15 };
double tx_ridge_penalty(size_t index);

typedef struct tx_ridge_data {
  const double *const *x; /* (count) rows of width numbers */
  const double *y;        /* (count) */
  size_t count, width;
  /* (count) NULL: records are left out one by one; else those of one number together. Below count */
  const int32_t *opt_groups;
  bool zscore; /* columns are divided by their standard deviations; one that does not vary counts as 0 */
  const volatile int *stop; /* may be NULL */
} tx_ridge_data;

typedef struct tx_ridge {
  double *weights; /* (width), of the columns as they are; there is room for one more */
  double intercept;
  double penalty;
  double loo_error;               /* the least of these: */
  double loo[TX_RIDGE_PENALTIES]; /* mean square of the leave-one-out errors at each penalty */
} tx_ridge;

/* Fits; the least penalty wins a tie. Loads OpenBLAS. Everything in double, on the calling thread. Errors:
   TX_ERROR_DATA for fewer than three rows; TX_ERROR_NUMERIC when LAPACK fails; those of tx_blas_load;
   TX_ERROR_MEMORY; TX_STOPPED. */
tx_status tx_ridge_fit(const tx_ridge_data *data, tx_ridge *ret_ridge, tx_error *error);
double tx_ridge_predict(const tx_ridge *ridge, const double *x, size_t width);
void tx_ridge_free(tx_ridge *ridge);

#endif
