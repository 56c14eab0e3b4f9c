/* Messages of a training to its caller, and the caller's stop request. */
#ifndef TX_SETTINGS_NOTE_H
#define TX_SETTINGS_NOTE_H

#include <stdbool.h>
#include <taxamba/record.h>
#include <taxamba/train.h>

/* Sends a note of one line, printf-like, to hooks->message; hooks may be NULL. */
void tx_train_note(const tx_train_hooks *hooks, const char *format, ...) TX_PRINTF(2, 3);

/* Whether the caller has asked to stop; hooks may be NULL. */
bool tx_train_stopped(const tx_train_hooks *hooks);

/* Hooks for the readers of a training: its stop, and warnings as notes. `hooks` may be NULL and must outlive
   the readers. */
tx_input_hooks tx_train_input_hooks(const tx_train_hooks *hooks);

#endif
