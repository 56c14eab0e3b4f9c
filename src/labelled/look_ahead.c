/* Looking ahead at the first records with headers, which determine the ranks. */
#include "labelled/source.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* Number of first records that determine the ranks, unless their bytes reach the other limit. */
#define KEPT_RECORDS 1000
#define KEPT_BYTES (4u << 20)

static size_t put_text(tx_bytes *store, const char *text, size_t length)
{
  size_t at = store->size;
  tx_bytes_append(store, text, length);
  tx_bytes_append(store, "", 1);
  return at;
}

static tx_status keep_record(tx_labelled *labelled, const tx_record *record, tx_error *error)
{
  tx_bytes *store = &labelled->store;
  tx_kept_record *kept;
  if (!tx_reserve(&labelled->kept, &labelled->kept_capacity, labelled->kept_count + 1,
                  sizeof *labelled->kept))
    return tx_fail_memory(error, "the first records");
  kept = &labelled->kept[labelled->kept_count++];
  kept->record = *record;
  kept->style = labelled->style;
  kept->id = put_text(store, record->id, record->id_length);
  kept->comment = put_text(store, record->comment, record->comment_length);
  kept->bases = put_text(store, record->bases, record->base_count);
  kept->file = put_text(store, record->file, strlen(record->file));
  return store->failed ? tx_fail_memory(error, "the first records") : TX_OK;
}

/* Whether the headers themselves name ranks. */
static bool has_lineages(const tx_labelled *labelled)
{
  return labelled->style && labelled->style->reads && labelled->style->format != TX_LABELLED_POSITIONAL &&
         !labelled->assignments;
}

/* Reads the next record of this file, or of later ones up to a table; TX_END there. */
static tx_status read_ahead(tx_labelled *labelled, tx_record *record, tx_error *error)
{
  while (labelled->reader) {
    tx_status status = tx_reader_next(labelled->reader, record, error);
    if (status < TX_OK && tx_labelled_skips(labelled, status, error)) continue;
    if (!status) status = tx_labelled_choose_style(labelled, record, error);
    if (status != TX_END || labelled->path_next == labelled->path_count) return status;
    status = tx_labelled_open_next(labelled, true, error);
    if (status) return status;
  }
  return TX_END;
}

/* Reads the first records: one determines the format of its file, more of them determine the ranks of the
   headers. */
static tx_status look_at_first(tx_labelled *labelled, tx_rank_order *order, bool *ret_lineages,
                               tx_error *error)
{
  const bool several =
      labelled->path_count > 1 && labelled->format == TX_LABELLED_AUTO && !labelled->options.unlabelled;
  tx_record record;
  tx_lineage lineage;
  tx_status status = TX_OK;
  while (labelled->kept_count < KEPT_RECORDS && labelled->store.size < KEPT_BYTES) {
    status = read_ahead(labelled, &record, error);
    if (!status) status = keep_record(labelled, &record, error);
    if (status) break;
    if (!has_lineages(labelled)) {
      if (several) continue; /* other files may have lineages */
      break;
    }
    *ret_lineages = true;
    status = tx_labelled_read_lineage(labelled, labelled->style, &record, &lineage, error);
    /* It is counted when it is its turn. */
    if (status == TX_ERROR_DATA && labelled->skipped.wanted) {
      status = TX_OK;
      continue;
    }
    if (status || labelled->asked_ranks.count) break;
    tx_rank_order_add(order, &lineage);
  }
  return status == TX_END ? TX_OK : status;
}

static tx_status fail_asked(const tx_labelled *labelled, const char *rank, tx_error *error)
{
  char list[500] = "";
  for (size_t i = 0; i < TX_LINEAGE_RANKS; i++) {
    const size_t used = strlen(list);
    snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", tx_lineage_rank(i));
  }
  return tx_fail(error, TX_ERROR_USAGE, "%s: its lineages have no rank '%s'; possible are %s",
                 labelled->paths[0], rank, list);
}

/* Takes the ranks that were asked for. `any`: names come by position, or not at all. */
static tx_status take_asked(tx_labelled *labelled, bool any, tx_error *error)
{
  for (size_t i = 0; i < labelled->asked_ranks.count; i++) {
    const int rank = tx_lineage_find_rank(labelled->asked_ranks.items[i]);
    if (rank < 0 && !any) return fail_asked(labelled, labelled->asked_ranks.items[i], error);
    if (rank >= 0) labelled->slot_of_rank[rank] = (int)labelled->rank_count;
    labelled->ranks[labelled->rank_count++] = labelled->asked_ranks.items[i];
  }
  return TX_OK;
}

/* Takes the ranks that the caller can use and that occur. */
static void take_wanted(tx_labelled *labelled, const tx_rank_order *order)
{
  for (size_t i = 0; i < labelled->options.wanted_count && labelled->rank_count < TX_RANKS_MAX; i++) {
    const int rank = tx_lineage_find_rank(labelled->options.wanted[i]);
    if (rank < 0 || !memchr(order->ranks, rank, order->count)) continue;
    labelled->slot_of_rank[rank] = (int)labelled->rank_count;
    labelled->ranks[labelled->rank_count++] = labelled->options.wanted[i];
  }
}

/* Chooses the ranks: those asked for, else those of the lineages in their order. */
static tx_status choose_ranks(tx_labelled *labelled, const tx_rank_order *order, bool lineages,
                              tx_error *error)
{
  const char *name = labelled->assignments ? labelled->options.taxonomy_file : labelled->paths[0];
  for (size_t i = 0; i < TX_LINEAGE_RANKS; i++) labelled->slot_of_rank[i] = -1;
  if (labelled->asked_ranks.count || !lineages) return take_asked(labelled, !lineages, error);
  if (!order->count)
    return tx_fail_at(error, TX_ERROR_DATA, name, 0, 0,
                      "the lineages have no ranks: say which ranks are to be used");
  take_wanted(labelled, order);
  if (!labelled->options.wanted_count && order->count > TX_RANKS_MAX)
    return tx_fail_at(error, TX_ERROR_DATA, name, 0, 0,
                      "the lineages have %zu ranks, at most %d are possible: say which ranks are to be used",
                      order->count, TX_RANKS_MAX);
  for (size_t i = 0; i < order->count && labelled->rank_count < TX_RANKS_MAX; i++) {
    if (labelled->slot_of_rank[order->ranks[i]] >= 0) continue;
    labelled->slot_of_rank[order->ranks[i]] = (int)labelled->rank_count;
    labelled->ranks[labelled->rank_count++] = tx_lineage_rank(order->ranks[i]);
  }
  return TX_OK;
}

static tx_status read_assignments(tx_labelled *labelled, tx_error *error)
{
  tx_header header = tx_labelled_header(labelled);
  tx_input *input = labelled->taxonomy;
  tx_status status = TX_OK;
  labelled->taxonomy = NULL;
  if (!input)
    status = tx_input_open(labelled->options.taxonomy_file, &labelled->options.hooks, &input, error);
  if (!status)
    status = tx_assignments_read(input, &header, &labelled->skipped, &labelled->assignments, error);
  if (!status) labelled->style = tx_assignments_style(labelled->assignments);
  return status;
}

tx_status tx_labelled_look_ahead(tx_labelled *labelled, tx_error *error)
{
  tx_rank_order order = {.count = 0};
  bool lineages = false;
  tx_status status = TX_OK;
  if (labelled->format == TX_LABELLED_TAXONOMY) status = read_assignments(labelled, error);
  if (!status) status = look_at_first(labelled, &order, &lineages, error);
  if (status) return status;
  if (labelled->assignments) {
    order = *tx_assignments_order(labelled->assignments);
    lineages = labelled->style->format != TX_LABELLED_POSITIONAL;
  }
  return choose_ranks(labelled, &order, lineages, error);
}
