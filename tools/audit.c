/* Prints the findings of an audit as tab-separated rows. */
#include "audit.h"

#include <stdio.h>
#include <string.h>

typedef struct audit_view {
  const tx_reference_set *set;
  size_t references;
  tx_progress progress;
} audit_view;

/* Writes one field. Tabs and line breaks become spaces, so that a name cannot break rows and columns. */
static void put(const char *text, size_t length)
{
  for (size_t i = 0; i < length; i++)
    putchar(text[i] == '\t' || text[i] == '\n' || text[i] == '\r' ? ' ' : text[i]);
}

static void put_id(const audit_view *view, size_t reference)
{
  size_t length;
  const char *id = tx_reference_set_id(view->set, reference, &length);
  put(id, length);
}

static void put_text(const char *text)
{
  putchar('\t');
  put(text, strlen(text));
}

static tx_status print_finding(void *context, const tx_audit_finding *finding, tx_error *error)
{
  audit_view *view = context;
  const tx_taxonomy *taxonomy = tx_reference_set_taxonomy(view->set);
  (void)error;
  tx_progress_clear(&view->progress);
  fputs(tx_audit_kind_name(finding->kind), stdout);
  putchar('\t');
  put_id(view, finding->reference);
  put_text(tx_taxonomy_rank_name(taxonomy, finding->rank));
  put_text(tx_taxonomy_class_name(taxonomy, finding->rank, finding->taxon));
  putchar('\t');
  if (finding->other < view->references) put_id(view, finding->other);
  put_text(finding->other_taxon < 0
               ? ""
               : tx_taxonomy_class_name(taxonomy, finding->rank, finding->other_taxon));
  if (finding->identity < 0) putchar('\t');
  else printf("\t%.2f", 100 * finding->identity);
  put_text(finding->note);
  putchar('\n');
  return TX_OK;
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
  tx_progress_start(&view.progress, call, 30);
  if (status == TX_OK) status = tx_reference_set_audit(set, &options, error);
  tx_progress_clear(&view.progress);
  return status == TX_OK ? tx_print_end(error) : status;
}
