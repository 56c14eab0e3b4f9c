/* Prints the findings of an audit as tab-separated rows. */
#include "audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct audit_view {
  const tx_reference_set *set;
  size_t references;
  tx_progress progress;
  char *row;
  size_t size, capacity;
  bool failed; /* no memory for the row */
} audit_view;

/* Appends one field and what ends it. Tabs and line breaks become spaces, so that a name cannot break rows
   and columns. */
static void put(audit_view *view, const char *text, size_t length, char end)
{
  const size_t needed = view->size + length + 2;
  if (needed > view->capacity) {
    char *row = realloc(view->row, 2 * needed);
    if (!row) {
      view->failed = true;
      return;
    }
    view->row = row;
    view->capacity = 2 * needed;
  }
  for (size_t i = 0; i < length; i++)
    view->row[view->size++] = text[i] == '\t' || text[i] == '\n' || text[i] == '\r' ? ' ' : text[i];
  view->row[view->size++] = end;
  view->row[view->size] = '\0';
}

static void put_text(audit_view *view, const char *text, char end)
{
  put(view, text, strlen(text), end);
}

static void put_taxon(audit_view *view, size_t rank, int32_t taxon)
{
  const tx_taxonomy *taxonomy = tx_reference_set_taxonomy(view->set);
  put_text(view, taxon < 0 ? "" : tx_taxonomy_class_name(taxonomy, rank, taxon), '\t');
}

static void put_id(audit_view *view, size_t reference)
{
  size_t length = 0;
  const char *id = reference < view->references ? tx_reference_set_id(view->set, reference, &length) : "";
  put(view, id, length, '\t');
}

static tx_status print_finding(void *context, const tx_audit_finding *finding, tx_error *error)
{
  audit_view *view = context;
  char identity[16] = "";
  if (finding->identity >= 0) snprintf(identity, sizeof identity, "%.2f", 100 * finding->identity);
  view->size = 0;
  put_text(view, tx_audit_kind_name(finding->kind), '\t');
  put_id(view, finding->reference);
  put_text(view, tx_taxonomy_rank_name(tx_reference_set_taxonomy(view->set), finding->rank), '\t');
  put_taxon(view, finding->rank, finding->taxon);
  put_id(view, finding->other);
  put_taxon(view, finding->rank, finding->other_taxon);
  put_text(view, identity, '\t');
  put_text(view, finding->note, '\n');
  if (view->failed) return tx_cli_fail(error, TX_ERROR_MEMORY, "out of memory for a row of the table");
  tx_progress_clear(&view->progress);
  return tx_print(view->row, error);
}

static void show_progress(void *context, size_t compared)
{
  audit_view *view = context;
  if (tx_progress_due(&view->progress))
    tx_progress_show(&view->progress, "%zu of %zu references compared", compared, view->references);
}

tx_status tx_audit_print(const tx_call *call, const tx_reference_set *set, size_t threads, tx_error *error)
{
  audit_view view = {.set = set, .references = tx_reference_set_count(set)};
  const tx_audit_options options = {threads, print_finding, show_progress, &view, tx_stop_flag()};
  tx_status status =
      tx_print("kind\treference\trank\ttaxon\tother_reference\tother_taxon\tidentity\tnote\n", error);
  tx_progress_start(&view.progress, call, true, 0);
  if (status == TX_OK) status = tx_reference_set_audit(set, &options, error);
  tx_progress_clear(&view.progress);
  free(view.row);
  return status == TX_OK ? tx_print_end(error) : status;
}
