/* The files of a call, collected from the option tables and the operands: an output must not be an input. */
#ifndef TX_TOOLS_PATHS_H
#define TX_TOOLS_PATHS_H

#include "cli.h"

/* Checks the files before a command runs: TX_ERROR_USAGE when one of its outputs is one of its inputs, or
   another output. Prints a note when a shipped model is read instead of a file of the same name. A new option
   is included by its kind (TX_PARAM_INPUT, TX_PARAM_OUTPUT, TX_PARAM_MODEL). */
tx_status tx_check_paths(const tx_call *call, tx_error *error);

/* The files that an option stands for, where they are more than it names, and known only later. */
typedef struct tx_more_outputs {
  const char *option; /* "table": these files take the place of its value */
  const char *const *paths;
  size_t count;
} tx_more_outputs;
/* Checks them with the files of the call. TX_ERROR_USAGE. */
tx_status tx_check_outputs(const tx_call *call, const tx_more_outputs *more, tx_error *error);

/* Writes OUTPUT followed by an ending, for an option that was not given. TX_ERROR_USAGE when that is too
   long. */
tx_status tx_derive_name(char name[TX_TEXT_SIZE], const char *output, const char *ending, tx_error *error);

#endif
