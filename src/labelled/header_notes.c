#include "labelled/header_notes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

/* Copies as much of a text as has room, without half a letter of UTF-8. */
static void copy_start(char *target, size_t size, const char *text)
{
  size_t length = strlen(text);
  if (length >= size) length = size - 1;
  while (length && ((unsigned char)text[length] & 0xC0) == 0x80) length--;
  memcpy(target, text, length);
  target[length] = '\0';
}

void tx_header_notes_add(tx_header_notes *notes, const tx_lineage *lineage, const tx_taxdump *opt_taxdump)
{
  if (lineage->skipped) {
    if (!notes->skipped)
      copy_start(notes->first_skipped, sizeof notes->first_skipped, lineage->first_skipped);
    notes->skipped += lineage->skipped;
  }
  if (opt_taxdump && lineage->taxid) {
    const tx_taxid_state state = tx_taxdump_find(opt_taxdump, lineage->taxid);
    if (!notes->taxids[state]++) notes->first[state] = lineage->taxid;
  }
}

void tx_header_notes_tell(tx_header_notes *notes, const tx_input_hooks *hooks)
{
  static const char *const states[TX_TAXID_STATES] = {
      NULL, "was merged into another since: they get its names",
      "was deleted: they keep the names of their header, if it has any",
      "is not in the taxdump: they keep the names of their header, if it has any"};
  char line[300];
  if (notes->told || !hooks->warn) return;
  notes->told = true;
  if (notes->skipped) {
    tx_bytes plain = {0};
    tx_bytes_plain(&plain, notes->first_skipped);
    snprintf(line, sizeof line,
             "%" PRIu64 " fields of lineages are left aside, because their rank is not known; the first is "
             "'%s'",
             notes->skipped, plain.failed ? "" : plain.data);
    hooks->warn(hooks->context, line);
    tx_bytes_free(&plain);
  }
  for (size_t s = 0; s < TX_TAXID_STATES; s++) {
    if (!states[s] || !notes->taxids[s]) continue;
    snprintf(line, sizeof line, "%" PRIu64 " records have a taxid that %s; the first is %" PRIu32,
             notes->taxids[s], states[s], notes->first[s]);
    hooks->warn(hooks->context, line);
  }
}
