/* Golden files for the tests: tensors by name, and comparison that NaN cannot pass. */
#ifndef TX_TESTS_GOLDEN_H
#define TX_TESTS_GOLDEN_H

#include "model/safetensors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static inline const tx_section *golden_section(const tx_safetensors *file, const char *prefix,
                                               const char *name)
{
  char full[128];
  const tx_section *section;
  snprintf(full, sizeof full, "%s%s", prefix, name);
  section = tx_safetensors_find(file, full);
  if (!section) fail_msg("no tensor %s", full);
  return section;
}

static inline const float *golden_floats(const tx_safetensors *file, const char *prefix, const char *name,
                                         size_t count)
{
  const tx_section *section = golden_section(file, prefix, name);
  assert_int_equal(section->dtype, TX_DTYPE_F32);
  assert_int_equal(section->size, count * sizeof(float));
  return section->data;
}

/* |got - reference| <= relative * (|reference| + scale), where scale is the root mean square of the
   reference: elements near zero of a tensor are sums that cancel, and their error is that of the terms. */
static inline void golden_compare(const char *what, const float *got, const float *reference, size_t count,
                                  double relative)
{
  double squares = 0, scale, worst = 0;
  for (size_t i = 0; i < count; i++) squares += (double)reference[i] * (double)reference[i];
  scale = sqrt(squares / (double)count);
  for (size_t i = 0; i < count; i++) {
    const double error = fabs((double)got[i] - (double)reference[i]),
                 bound = relative * (fabs((double)reference[i]) + scale);
    if (!(error <= bound))
      fail_msg("%s[%zu]: %.9g, expected %.9g (error %.3g, allowed %.3g)", what, i, (double)got[i],
               (double)reference[i], error, bound);
    if (bound > 0 && error / bound > worst) worst = error / bound;
  }
  if (getenv("TX_GOLDEN_VERBOSE")) printf("%-36s %.3f of the allowed error\n", what, worst);
}

#endif
