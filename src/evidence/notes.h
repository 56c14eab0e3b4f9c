/* Notes to the hooks of whoever makes or changes references. */
#ifndef TX_EVIDENCE_NOTES_H
#define TX_EVIDENCE_NOTES_H

#include "base/error.h"

#include <taxamba/references.h>

/* Sends a line to hooks->message, if there is one. */
void tx_hooks_note(const tx_reference_hooks *hooks, const char *format, ...) TX_PRINTF(2, 3);

#endif
