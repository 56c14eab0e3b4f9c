/* taxamba index --audit. */
#ifndef TX_TOOLS_AUDIT_H
#define TX_TOOLS_AUDIT_H

#include <taxamba/references.h>

#include "cli.h"

/* Prints the findings about a set as a table. */
tx_status tx_audit_print(const tx_call *call, const tx_reference_set *set, size_t threads, tx_error *error);

#endif
