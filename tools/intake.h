/* Labelled records on their way into references: what index and calibrate share. */
#ifndef TX_TOOLS_INTAKE_H
#define TX_TOOLS_INTAKE_H

#include <taxamba/labelled.h>
#include <taxamba/references.h>

#include "cli.h"

typedef struct tx_intake {
  const tx_call *call;
  tx_labelled *reader;
  tx_progress progress;
  bool fitting; /* the fit was reported */
} tx_intake;

/* Opens the operands of the call, which are labelled files, and starts the progress. The ranks of the set, if
   there is one already, are read before others. Close it in any case. */
tx_status tx_intake_open(const tx_call *call, const tx_labelled_options *options,
                         const tx_reference_set *opt_set, tx_intake *ret_intake, tx_error *error);
/* Hooks that show progress, and messages as notes, and check the options about columns when all is read. */
tx_reference_hooks tx_intake_hooks(tx_intake *intake);
void tx_intake_close(tx_intake *intake);

#endif
