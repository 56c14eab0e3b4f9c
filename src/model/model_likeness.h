/* The chain of the bases in a model file. */
#ifndef TX_MODEL_MODEL_LIKENESS_H
#define TX_MODEL_MODEL_LIKENESS_H

#include "model/safetensors.h"
#include "seq/likeness.h"

/* I8 (TX_LIKENESS_WORDS) scores; F32 (lengths, 2) of bases and the threshold there. */
#define TX_LIKENESS_SECTION "taxamba.likeness"
#define TX_LIKENESS_THRESHOLDS "taxamba.likeness.thresholds"
enum { TX_LIKENESS_SECTIONS = 2 };

/* The sections of a chain; `sections` point to it and to `thresholds`, so that this must not move. */
typedef struct tx_likeness_parts {
  float thresholds[2 * TX_LIKENESS_LENGTHS];
  tx_section sections[TX_LIKENESS_SECTIONS];
  size_t count; /* 0: there is no chain */
} tx_likeness_parts;

void tx_likeness_list(const tx_likeness *opt_likeness, tx_likeness_parts *parts);
/* Reads those of a file, whose scores are borrowed; without them likeness->scores is NULL. TX_ERROR_MODEL for
   anything else. */
tx_status tx_likeness_read(const char *path, const tx_safetensors *file, tx_likeness *likeness,
                           tx_error *error);

#endif
