#include "labelled/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "seq/fastx.h"

/* So many first records, or so many bytes of them, say which ranks there are. */
#define KEPT_RECORDS 1000
#define KEPT_BYTES (4u << 20)

static tx_status join_header(tx_labelled *labelled, const tx_record *record, tx_error *error)
{
  tx_bytes_clear(&labelled->header);
  tx_bytes_append(&labelled->header, record->id, record->id_length);
  if (record->comment_length) {
    tx_bytes_append(&labelled->header, " ", 1);
    tx_bytes_append(&labelled->header, record->comment, record->comment_length);
  }
  return labelled->header.failed ? tx_fail_memory(error, "a header line") : TX_OK;
}

/* The style of the first header of a file decides. */
static tx_status choose_format(tx_labelled *labelled, const tx_record *record, tx_error *error)
{
  tx_status status;
  if (labelled->header_format != TX_LABELLED_AUTO) return TX_OK;
  labelled->header_format = TX_LABELLED_PLAIN;
  status = join_header(labelled, record, error);
  if (!status && tx_lineage_find_sintax(labelled->header.data)) labelled->header_format = TX_LABELLED_SINTAX;
  if (status || labelled->header_format == TX_LABELLED_SINTAX) return status;
  status = join_header(labelled, record, error); /* the search ended it after the lineage it looked for */
  if (!status && tx_lineage_find_unite(labelled->header.data)) labelled->header_format = TX_LABELLED_UNITE;
  return status;
}

/* The lineage of a header line; it points into labelled->header. */
static tx_status read_lineage(tx_labelled *labelled, tx_labelled_format format, const tx_record *record, tx_lineage *lineage,
                              tx_error *error)
{
  bool sintax = format == TX_LABELLED_SINTAX;
  char fault[160];
  char *text;
  tx_status status = join_header(labelled, record, error);
  if (status) return status;
  text = sintax ? tx_lineage_find_sintax(labelled->header.data) : tx_lineage_find_unite(labelled->header.data);
  if (!text)
    return tx_fail_at(error, TX_ERROR_DATA, record->file, record->line, record->number, "\"%.100s\": no lineage in the header, expected %s",
                      record->id, sintax ? "';tax=k:...,p:...;'" : "'|k__...;p__...;s__...|'");
  if (sintax ? tx_lineage_read_sintax(text, lineage, fault) : tx_lineage_read_unite(text, lineage, fault)) return TX_OK;
  return tx_fail_at(error, TX_ERROR_DATA, record->file, record->line, record->number, "\"%.100s\": bad lineage: %s", record->id, fault);
}

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
  if (!tx_reserve(&labelled->kept, &labelled->kept_capacity, labelled->kept_count + 1, sizeof *labelled->kept))
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

/* The next record of this file, or of later ones up to a table; TX_END there. */
static tx_status read_ahead(tx_labelled *labelled, tx_record *record, tx_error *error)
{
  while (labelled->reader) {
    tx_status status = tx_reader_next(labelled->reader, record, error);
    if (!status) status = choose_format(labelled, record, error);
    if (status != TX_END || labelled->path_next == labelled->path_count) return status;
    status = tx_labelled_open_next(labelled, true, error);
    if (status) return status;
  }
  return TX_END;
}

/* Reads the first records: one decides on the format of its file, more of them say which ranks the headers have. */
static tx_status look_at_first(tx_labelled *labelled, uint32_t *ret_present, bool *ret_lineages, tx_error *error)
{
  const bool several = labelled->path_count > 1 && labelled->format == TX_LABELLED_AUTO && !labelled->options.unlabelled;
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
    status = read_lineage(labelled, labelled->header_format, &record, &lineage, error);
    if (status || labelled->asked_ranks.count) break;
    *ret_present |= lineage.present;
  }
  return status == TX_END ? TX_OK : status;
}

/* Which rank each prefix fills, where the ranks are those of a table. */
static void map_prefixes(tx_labelled *labelled)
{
  for (size_t i = 0; i < TX_PREFIXES; i++) labelled->slot_of_prefix[i] = -1;
  for (size_t r = 0; r < labelled->rank_count; r++) {
    int prefix = tx_prefix_find(labelled->ranks[r]);
    if (prefix >= 0) labelled->slot_of_prefix[prefix] = (int)r;
  }
}

/* `plain`: there are no lineages. */
static tx_status choose_ranks(tx_labelled *labelled, uint32_t present, bool plain, tx_error *error)
{
  for (size_t i = 0; i < TX_PREFIXES; i++) labelled->slot_of_prefix[i] = -1;
  for (size_t i = 0; i < labelled->asked_ranks.count; i++) {
    int prefix = tx_prefix_find(labelled->asked_ranks.items[i]);
    if (prefix < 0 && !plain)
      return tx_fail(
          error, TX_ERROR_USAGE,
          "%s: lineages in one line have no rank '%s': domain, kingdom, phylum, class, order, family, genus, species, strain and "
          "species_hypothesis are possible",
          labelled->paths[0], labelled->asked_ranks.items[i]);
    if (prefix >= 0) labelled->slot_of_prefix[prefix] = (int)labelled->rank_count;
    labelled->ranks[labelled->rank_count++] = labelled->asked_ranks.items[i];
  }
  if (plain || labelled->rank_count) return TX_OK;
  for (size_t i = 0; i < TX_PREFIXES; i++) {
    if (!(present >> i & 1) || i == TX_PREFIX_HYPOTHESIS) continue;
    labelled->slot_of_prefix[i] = (int)labelled->rank_count;
    labelled->ranks[labelled->rank_count++] = tx_prefix_rank(i);
  }
  if (labelled->rank_count) return TX_OK;
  return tx_fail_at(error, TX_ERROR_DATA, labelled->assignments ? labelled->options.taxonomy_file : labelled->paths[0], 0, 0,
                    "the lineages have no ranks: say which ranks are to be used");
}

tx_status tx_labelled_open_headers(tx_labelled *labelled, tx_input *input, tx_error *error)
{
  const char *const *path = (const char *const *)&labelled->paths[labelled->path_next - 1];
  tx_status status;
  if (labelled->splits.count) {
    tx_input_close(input);
    return tx_fail(error, TX_ERROR_USAGE, "%s: split '%s' is asked for, but FASTA and FASTQ have no split column", *path,
                   labelled->options.split);
  }
  labelled->header_format = labelled->format;
  if (labelled->format == TX_LABELLED_AUTO && labelled->options.unlabelled) labelled->header_format = TX_LABELLED_PLAIN;
  status = tx_reader_open_input(input, path, 1, &labelled->reader, error);
  if (!status && labelled->first_table) map_prefixes(labelled);
  return status;
}

tx_status tx_labelled_look_ahead(tx_labelled *labelled, tx_error *error)
{
  uint32_t present = 0;
  bool lineages = false;
  tx_status status = TX_OK;
  if (labelled->format == TX_LABELLED_TAXONOMY) {
    tx_input *input = labelled->taxonomy;
    labelled->taxonomy = NULL;
    if (!input) status = tx_input_open(labelled->options.taxonomy_file, &labelled->options.hooks, &input, error);
    if (!status) status = tx_assignments_read(input, &labelled->assignments, error);
  }
  if (!status) status = look_at_first(labelled, &present, &lineages, error);
  if (status) return status;
  if (labelled->assignments) present = tx_assignments_present(labelled->assignments);
  return choose_ranks(labelled, present, !lineages && !labelled->assignments, error);
}

/* A record of the open file, or one kept by the look ahead, and the format of its labels. */
static tx_status next_record(tx_labelled *labelled, tx_record *record, tx_labelled_format *ret_format, tx_error *error)
{
  const tx_kept_record *kept;
  if (labelled->kept_next == labelled->kept_count) {
    tx_status status;
    tx_bytes_free(&labelled->store);
    status = tx_reader_next(labelled->reader, record, error);
    if (!status) status = choose_format(labelled, record, error);
    *ret_format = labelled->header_format;
    return status;
  }
  kept = &labelled->kept[labelled->kept_next++];
  *ret_format = kept->format;
  *record = kept->record;
  record->id = labelled->store.data + kept->id;
  record->comment = labelled->store.data + kept->comment;
  record->bases = labelled->store.data + kept->bases;
  record->file = labelled->store.data + kept->file;
  return TX_OK;
}

static tx_status fill_taxa(const tx_labelled *labelled, const tx_lineage *lineage, tx_labelled_record *record, tx_error *error)
{
  const tx_record *own = &record->record;
  for (size_t i = 0; i < TX_PREFIXES; i++) {
    int slot = labelled->slot_of_prefix[i];
    if (!lineage->names[i]) continue;
    if (slot >= 0)
      record->taxa[slot] = lineage->names[i];
    else if (!labelled->asked_ranks.count && i != TX_PREFIX_HYPOTHESIS && labelled->first_table == labelled->paths[0])
      return tx_fail_at(error, TX_ERROR_DATA, own->file, own->line, own->number,
                        "\"%.100s\": '%s' is a rank that %s lacks: say which ranks are to be used", own->id, tx_prefix_rank(i),
                        labelled->first_table);
    else if (!labelled->asked_ranks.count && i != TX_PREFIX_HYPOTHESIS)
      return tx_fail_at(error, TX_ERROR_DATA, own->file, own->line, own->number,
                        "\"%.100s\": none of the first headers has a rank '%s': say which ranks are to be used", own->id,
                        tx_prefix_rank(i));
  }
  return TX_OK;
}

tx_status tx_labelled_next_header(tx_labelled *labelled, tx_labelled_record *record, tx_error *error)
{
  tx_lineage read;
  const tx_lineage *lineage = &read;
  tx_record *own = &record->record;
  tx_labelled_format format;
  tx_status status;
  memset(record, 0, sizeof *record);
  status = next_record(labelled, own, &format, error);
  if (status || format == TX_LABELLED_PLAIN) return status;
  if (format == TX_LABELLED_TAXONOMY) {
    lineage = tx_assignments_find(labelled->assignments, own->id, own->id_length);
    if (!lineage)
      return tx_fail_at(error, TX_ERROR_DATA, own->file, own->line, own->number, "\"%.100s\" has no line in %s", own->id,
                        labelled->options.taxonomy_file);
  } else {
    status = read_lineage(labelled, format, own, &read, error);
    if (status) return status;
  }
  return fill_taxa(labelled, lineage, record, error);
}
