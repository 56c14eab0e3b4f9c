/* A group set-up of tests that call OpenBLAS, which is loaded on demand. */
#ifndef TX_TESTS_LOAD_BLAS_H
#define TX_TESTS_LOAD_BLAS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tensor/blas.h"

static inline int load_blas(void **state)
{
  tx_error error;
  (void)state;
  if (tx_blas_load("test without it", &error) != TX_OK) fail_msg("%s", error.message);
  return 0;
}

#endif
