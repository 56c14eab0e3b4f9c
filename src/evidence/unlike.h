/* The chain of the bases of <taxamba/calibrate.h> on its way into a copy of a model. */
#ifndef TX_EVIDENCE_UNLIKE_H
#define TX_EVIDENCE_UNLIKE_H

#include "seq/likeness.h"

#include <taxamba/calibrate.h>

struct tx_unlike {
  tx_likeness likeness; /* points to scores */
  int8_t scores[TX_LIKENESS_WORDS];
};

#endif
