/* Looking ahead at the first records with headers, which determine the ranks. */
#include "labelled/source.h"

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
  kept->format = labelled->header_format;
  kept->id = put_text(store, record->id, record->id_length);
  kept->comment = put_text(store, record->comment, record->comment_length);
  kept->bases = put_text(store, record->bases, record->base_count);
  kept->file = put_text(store, record->file, strlen(record->file));
  return store->failed ? tx_fail_memory(error, "the first records") : TX_OK;
}

static bool has_lineages(tx_labelled_format format)
{
  return format == TX_LABELLED_UNITE || format == TX_LABELLED_SINTAX;
}

/* Reads the next record of this file, or of later ones up to a table; TX_END there. */
static tx_status read_ahead(tx_labelled *labelled, tx_record *record, tx_error *error)
{
  while (labelled->reader) {
    tx_status status = tx_reader_next(labelled->reader, record, error);
    if (status < TX_OK && tx_labelled_skips(labelled, status, error)) continue;
    if (!status) status = tx_labelled_choose_format(labelled, record, error);
    if (status != TX_END || labelled->path_next == labelled->path_count) return status;
    status = tx_labelled_open_next(labelled, true, error);
    if (status) return status;
  }
  return TX_END;
}

/* Reads the first records: one determines the format of its file, more of them determine the ranks of the
   headers. */
static tx_status look_at_first(tx_labelled *labelled, uint32_t *ret_present, bool *ret_lineages,
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
    if (!has_lineages(labelled->header_format)) {
      if (several) continue; /* other files may have lineages */
      break;
    }
    *ret_lineages = true;
    status = tx_labelled_read_lineage(labelled, labelled->header_format, &record, &lineage, error);
    /* It is counted when it is its turn. */
    if (status == TX_ERROR_DATA && labelled->skipped.wanted) {
      status = TX_OK;
      continue;
    }
    if (status || labelled->asked_ranks.count) break;
    *ret_present |= lineage.present;
  }
  return status == TX_END ? TX_OK : status;
}

/* Chooses the ranks. `plain`: there are no lineages. */
static tx_status choose_ranks(tx_labelled *labelled, uint32_t present, bool plain, tx_error *error)
{
  for (size_t i = 0; i < TX_PREFIXES; i++) labelled->slot_of_prefix[i] = -1;
  for (size_t i = 0; i < labelled->asked_ranks.count; i++) {
    int prefix = tx_prefix_find(labelled->asked_ranks.items[i]);
    if (prefix < 0 && !plain)
      return tx_fail(
          error, TX_ERROR_USAGE,
          "%s: lineages in one line have no rank '%s': superkingdom, domain, kingdom, phylum, class, order, "
          "family, subfamily, genus, species, strain and species_hypothesis are possible",
          labelled->paths[0], labelled->asked_ranks.items[i]);
    if (prefix >= 0) labelled->slot_of_prefix[prefix] = (int)labelled->rank_count;
    labelled->ranks[labelled->rank_count++] = labelled->asked_ranks.items[i];
  }
  if (plain || labelled->rank_count) return TX_OK;
  for (size_t i = 0; i < labelled->options.wanted_count && labelled->rank_count < TX_RANKS_MAX; i++) {
    const int prefix = tx_prefix_find(labelled->options.wanted[i]);
    if (prefix < 0 || !(present >> prefix & 1)) continue;
    labelled->slot_of_prefix[prefix] = (int)labelled->rank_count;
    labelled->ranks[labelled->rank_count++] = labelled->options.wanted[i];
  }
  for (size_t i = 0; i < TX_PREFIXES && labelled->rank_count < TX_RANKS_MAX; i++) {
    if (!(present >> i & 1) || i == TX_PREFIX_HYPOTHESIS || labelled->slot_of_prefix[i] >= 0) continue;
    labelled->slot_of_prefix[i] = (int)labelled->rank_count;
    labelled->ranks[labelled->rank_count++] = tx_prefix_rank(i);
  }
  if (labelled->rank_count) return TX_OK;
  return tx_fail_at(error, TX_ERROR_DATA,
                    labelled->assignments ? labelled->options.taxonomy_file : labelled->paths[0], 0, 0,
                    "the lineages have no ranks: say which ranks are to be used");
}

tx_status tx_labelled_look_ahead(tx_labelled *labelled, tx_error *error)
{
  uint32_t present = 0;
  bool lineages = false;
  tx_status status = TX_OK;
  if (labelled->format == TX_LABELLED_TAXONOMY) {
    tx_input *input = labelled->taxonomy;
    labelled->taxonomy = NULL;
    if (!input)
      status = tx_input_open(labelled->options.taxonomy_file, &labelled->options.hooks, &input, error);
    if (!status) status = tx_assignments_read(input, &labelled->skipped, &labelled->assignments, error);
  }
  if (!status) status = look_at_first(labelled, &present, &lineages, error);
  if (status) return status;
  if (labelled->assignments) present = tx_assignments_present(labelled->assignments);
  return choose_ranks(labelled, present, !lineages && !labelled->assignments, error);
}
