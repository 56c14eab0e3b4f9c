#include "labelled/skipped.h"

#include "labelled/source.h"

#include <inttypes.h>
#include <stdio.h>

bool tx_skipped_take(tx_skipped *skipped, tx_status status, const tx_error *error)
{
  if (!skipped->wanted || status != TX_ERROR_DATA) return false;
  if (skipped->count < TX_SKIPPED_SHOWN)
    snprintf(skipped->lines[skipped->count], TX_MESSAGE_SIZE, "%s", error->message);
  skipped->count++;
  return true;
}

bool tx_labelled_skips(tx_labelled *labelled, tx_status status, const tx_error *error)
{
  if (labelled->reader && !tx_reader_resume(labelled->reader)) return false;
  if (labelled->table && !tx_table_resumes(labelled->table)) return false;
  return tx_skipped_take(&labelled->skipped, status, error);
}

void tx_skipped_warn(tx_skipped *skipped, const tx_input_hooks *hooks)
{
  const uint64_t shown = skipped->count < TX_SKIPPED_SHOWN ? skipped->count : TX_SKIPPED_SHOWN;
  char text[100];
  if (shown && hooks->warn) {
    snprintf(text, sizeof text, "%" PRIu64 " malformed record%s left out%s:", skipped->count,
             skipped->count == 1 ? " was" : "s were", skipped->count > shown ? "; the first" : "");
    hooks->warn(hooks->context, text);
    for (uint64_t i = 0; i < shown; i++) hooks->warn(hooks->context, skipped->lines[i]);
  }
  skipped->count = 0;
}
