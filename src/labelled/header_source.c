#include "labelled/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "seq/fastx.h"

static tx_status join_header(tx_labelled *labelled, const tx_record *record, tx_error *error)
{
  tx_bytes_clear(&labelled->header);
  tx_bytes_append(&labelled->header, record->id, record->id_length);
  if (record->comment_length) {
    tx_bytes_append(&labelled->header, " ", 1);
    tx_bytes_append(&labelled->header, record->comment, record->comment_length);
  }
  if (labelled->header.failed) return tx_fail_memory(error, "a header line");
  tx_text_fold_blanks(labelled->header.data); /* it begins with the id, and not with a blank */
  return TX_OK;
}

tx_status tx_labelled_choose_format(tx_labelled *labelled, const tx_record *record, tx_error *error)
{
  tx_status status;
  if (labelled->header_format != TX_LABELLED_AUTO) return TX_OK;
  labelled->header_format = TX_LABELLED_PLAIN;
  status = join_header(labelled, record, error);
  if (!status && tx_lineage_find_sintax(labelled->header.data)) labelled->header_format = TX_LABELLED_SINTAX;
  if (status || labelled->header_format == TX_LABELLED_SINTAX) return status;
  status = join_header(labelled, record, error); /* the search ended the header after the lineage */
  if (!status && tx_lineage_find_unite(labelled->header.data)) labelled->header_format = TX_LABELLED_UNITE;
  if (status || labelled->header_format == TX_LABELLED_UNITE) return status;
  status = join_header(labelled, record, error);
  if (!status &&
      tx_lineage_find_positions(labelled->header.data, labelled->asked_ranks.count, &(char){0}))
    labelled->header_format = TX_LABELLED_POSITIONAL;
  return status;
}

tx_status tx_labelled_read_lineage(tx_labelled *labelled, tx_labelled_format format, const tx_record *record,
                                   tx_lineage *lineage, tx_error *error)
{
  bool sintax = format == TX_LABELLED_SINTAX;
  char fault[160];
  char *text;
  tx_status status = join_header(labelled, record, error);
  if (status) return status;
  text =
      sintax ? tx_lineage_find_sintax(labelled->header.data) : tx_lineage_find_unite(labelled->header.data);
  if (!text)
    return tx_fail_at(error, TX_ERROR_DATA, record->file, record->line, record->number,
                      "\"%.100s\": no lineage in the header, expected %s", record->id,
                      sintax ? "';tax=k:...,p:...;'" : "'|k__...;p__...;s__...|'");
  if (sintax ? tx_lineage_read_sintax(text, lineage, fault) : tx_lineage_read_unite(text, lineage, fault))
    return TX_OK;
  return tx_fail_at(error, TX_ERROR_DATA, record->file, record->line, record->number,
                    "\"%.100s\": bad lineage: %s", record->id, fault);
}

/* Determines which rank each prefix fills, where a table has determined the ranks. */
static void map_prefixes(tx_labelled *labelled)
{
  for (size_t i = 0; i < TX_PREFIXES; i++) labelled->slot_of_prefix[i] = -1;
  for (size_t r = 0; r < labelled->rank_count; r++) {
    int prefix = tx_prefix_find(labelled->ranks[r]);
    if (prefix >= 0) labelled->slot_of_prefix[prefix] = (int)r;
  }
}

tx_status tx_labelled_open_headers(tx_labelled *labelled, tx_input *input, tx_error *error)
{
  const char *const *path = (const char *const *)&labelled->paths[labelled->path_next - 1];
  tx_status status;
  if (labelled->splits.count) {
    tx_input_close(input);
    return tx_fail(error, TX_ERROR_USAGE,
                   "%s: split '%s' is asked for, but FASTA and FASTQ have no split column",
                   *path, labelled->options.split);
  }
  if (labelled->conditions.count) {
    tx_input_close(input);
    return tx_fail(error, TX_ERROR_USAGE,
                   "%s: a condition for the column '%s' is given, but FASTA and FASTQ have no columns",
                   *path, labelled->conditions.items[0].column);
  }
  labelled->header_format = labelled->format;
  if (labelled->format == TX_LABELLED_AUTO && labelled->options.unlabelled)
    labelled->header_format = TX_LABELLED_PLAIN;
  status = tx_reader_open_input(input, path, 1, &labelled->reader, error);
  if (!status)
    tx_reader_limit(labelled->reader, labelled->options.first_bases, labelled->options.last_bases);
  if (!status) tx_reader_ids(labelled->reader, &labelled->options.ids);
  if (!status && labelled->first_table) map_prefixes(labelled);
  return status;
}

/* Reads the next record of the open file, or one kept by the look-ahead, and the format of its labels. */
static tx_status next_record(tx_labelled *labelled, tx_record *record, tx_labelled_format *ret_format,
                             tx_error *error)
{
  const tx_kept_record *kept;
  if (labelled->kept_next == labelled->kept_count) {
    tx_status status;
    tx_bytes_free(&labelled->store);
    status = tx_reader_next(labelled->reader, record, error);
    if (!status) status = tx_labelled_choose_format(labelled, record, error);
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

static tx_status fill_taxa(tx_labelled *labelled, const tx_lineage *lineage, tx_labelled_record *record,
                           tx_error *error)
{
  const tx_record *own = &record->record;
  const bool named = labelled->asked_ranks.count || labelled->options.wanted_count;
  tx_placeholders_add(&labelled->placeholders, lineage->placeholder, lineage->placeholders);
  for (size_t i = 0; i < TX_PREFIXES; i++) {
    int slot = labelled->slot_of_prefix[i];
    if (!lineage->names[i]) continue;
    if (slot >= 0)
      record->taxa[slot] = lineage->names[i];
    else if (!named && i != TX_PREFIX_HYPOTHESIS &&
             labelled->first_table == labelled->paths[0])
      return tx_fail_at(error, TX_ERROR_DATA, own->file, own->line, own->number,
                        "\"%.100s\": '%s' is a rank that %s lacks: say which ranks are to be used", own->id,
                        tx_prefix_rank(i), labelled->first_table);
    else if (!named && i != TX_PREFIX_HYPOTHESIS)
      return tx_fail_at(error, TX_ERROR_DATA, own->file, own->line, own->number,
                        "\"%.100s\": none of the first headers has a rank '%s': say which ranks are to be "
                        "used", own->id,
                        tx_prefix_rank(i));
  }
  return TX_OK;
}

/* Fills the taxa from a header with one name for each rank. */
static tx_status fill_positions(tx_labelled *labelled, tx_labelled_record *record, tx_error *error)
{
  const tx_record *own = &record->record;
  char separator, *name;
  tx_status status = join_header(labelled, own, error);
  if (status) return status;
  name = tx_lineage_find_positions(labelled->header.data, labelled->rank_count, &separator);
  if (!name)
    return tx_fail_at(error, TX_ERROR_DATA, own->file, own->line, own->number,
                      "\"%.100s\": the header has no lineage of %zu names, one for each of the ranks",
                      own->id, labelled->rank_count);
  for (size_t r = 0; r < labelled->rank_count; r++) {
    const size_t size = strcspn(name, separator == ';' ? ";" : ",");
    char *next = name + size + (name[size] ? 1 : 0);
    name = tx_text_trim(name, size, NULL);
    record->taxa[r] = tx_label_is_missing(name) ? NULL : name;
    tx_placeholders_add(&labelled->placeholders, name, !record->taxa[r] && *name);
    name = next;
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
  if (format == TX_LABELLED_POSITIONAL) return fill_positions(labelled, record, error);
  if (format == TX_LABELLED_TAXONOMY) {
    /* the taxonomy has the first words, whatever the ids are */
    lineage = tx_assignments_find(labelled->assignments, own->id, strcspn(own->id, " "));
    if (!lineage)
      return tx_fail_at(error, TX_ERROR_DATA, own->file, own->line, own->number,
                        "\"%.100s\" has no line in %s", own->id, labelled->options.taxonomy_file);
  } else {
    status = tx_labelled_read_lineage(labelled, format, own, &read, error);
    if (status) return status;
  }
  return fill_taxa(labelled, lineage, record, error);
}
