#include "taxon/source.h"

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

/* The style of the first header decides. */
static tx_status choose_format(tx_labelled *labelled, const tx_record *record, tx_error *error)
{
  tx_status status;
  if (labelled->format != TX_LABELLED_AUTO) return TX_OK;
  labelled->format = TX_LABELLED_PLAIN;
  status = join_header(labelled, record, error);
  if (!status && tx_lineage_find_sintax(labelled->header.data)) labelled->format = TX_LABELLED_SINTAX;
  if (status || labelled->format == TX_LABELLED_SINTAX) return status;
  status = join_header(labelled, record, error); /* the search ended it after the lineage it looked for */
  if (!status && tx_lineage_find_unite(labelled->header.data)) labelled->format = TX_LABELLED_UNITE;
  return status;
}

/* The lineage of a header line; it points into labelled->header. */
static tx_status read_lineage(tx_labelled *labelled, const tx_record *record, tx_lineage *lineage, tx_error *error)
{
  bool sintax = labelled->format == TX_LABELLED_SINTAX;
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
  kept->id = put_text(store, record->id, record->id_length);
  kept->comment = put_text(store, record->comment, record->comment_length);
  kept->bases = put_text(store, record->bases, record->base_count);
  kept->file = put_text(store, record->file, strlen(record->file));
  return store->failed ? tx_fail_memory(error, "the first records") : TX_OK;
}

/* Reads the first records: one decides on the format, more of them say which ranks the headers have. */
static tx_status look_ahead(tx_labelled *labelled, uint32_t *ret_present, tx_error *error)
{
  tx_record record;
  tx_lineage lineage;
  tx_status status = TX_OK;
  *ret_present = 0;
  while (labelled->kept_count < KEPT_RECORDS && labelled->store.size < KEPT_BYTES) {
    status = tx_reader_next(labelled->reader, &record, error);
    if (!status) status = choose_format(labelled, &record, error);
    if (!status) status = keep_record(labelled, &record, error);
    if (status) break;
    if (labelled->format != TX_LABELLED_UNITE && labelled->format != TX_LABELLED_SINTAX) break;
    status = read_lineage(labelled, &record, &lineage, error);
    if (status || labelled->asked_ranks.count) break;
    *ret_present |= lineage.present;
  }
  return status == TX_END ? TX_OK : status;
}

static tx_status choose_ranks(tx_labelled *labelled, uint32_t present, tx_error *error)
{
  bool plain = labelled->format == TX_LABELLED_PLAIN;
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
  uint32_t present = 0;
  tx_status status;
  if (labelled->splits.count) {
    tx_input_close(input);
    return tx_fail(error, TX_ERROR_USAGE, "%s: split '%s' is asked for, but FASTA and FASTQ have no split column", labelled->paths[0],
                   labelled->options.split);
  }
  status = tx_reader_open_input(input, (const char *const *)labelled->paths, labelled->path_count, &labelled->reader, error);
  if (!status && labelled->format == TX_LABELLED_TAXONOMY)
    status = tx_assignments_open(labelled->options.taxonomy_file, &labelled->assignments, error);
  if (!status) status = look_ahead(labelled, &present, error);
  if (!status && labelled->assignments) present = tx_assignments_present(labelled->assignments);
  return status ? status : choose_ranks(labelled, present, error);
}

static tx_status next_record(tx_labelled *labelled, tx_record *record, tx_error *error)
{
  const tx_kept_record *kept;
  if (labelled->kept_next == labelled->kept_count) {
    tx_bytes_free(&labelled->store);
    return tx_reader_next(labelled->reader, record, error);
  }
  kept = &labelled->kept[labelled->kept_next++];
  *record = kept->record;
  record->id = labelled->store.data + kept->id;
  record->comment = labelled->store.data + kept->comment;
  record->bases = labelled->store.data + kept->bases;
  record->file = labelled->store.data + kept->file;
  return TX_OK;
}

static tx_status fill_taxa(const tx_labelled *labelled, const tx_lineage *lineage, tx_labelled_record *record, tx_error *error)
{
  for (size_t i = 0; i < TX_PREFIXES; i++) {
    int slot = labelled->slot_of_prefix[i];
    if (!lineage->names[i]) continue;
    if (slot >= 0)
      record->taxa[slot] = lineage->names[i];
    else if (!labelled->asked_ranks.count && i != TX_PREFIX_HYPOTHESIS)
      return tx_fail_at(error, TX_ERROR_DATA, record->record.file, record->record.line, record->record.number,
                        "\"%.100s\": none of the first headers has a rank '%s': say which ranks are to be used", record->record.id,
                        tx_prefix_rank(i));
  }
  return TX_OK;
}

tx_status tx_labelled_next_header(tx_labelled *labelled, tx_labelled_record *record, tx_error *error)
{
  tx_lineage read;
  const tx_lineage *lineage = &read;
  tx_record *own = &record->record;
  tx_status status;
  memset(record, 0, sizeof *record);
  status = next_record(labelled, own, error);
  if (status || labelled->format == TX_LABELLED_PLAIN) return status;
  if (labelled->format == TX_LABELLED_TAXONOMY) {
    lineage = tx_assignments_find(labelled->assignments, own->id, own->id_length);
    if (!lineage)
      return tx_fail_at(error, TX_ERROR_DATA, own->file, own->line, own->number, "\"%.100s\" has no line in %s", own->id,
                        labelled->options.taxonomy_file);
  } else {
    status = read_lineage(labelled, own, &read, error);
    if (status) return status;
  }
  return fill_taxa(labelled, lineage, record, error);
}
