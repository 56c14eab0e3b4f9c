#include "labelled/source.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "seq/fastx.h"
#include "seq/header.h"

static tx_status join_header(tx_labelled *labelled, const tx_record *record, tx_error *error)
{
  tx_bytes_clear(&labelled->header);
  tx_bytes_append(&labelled->header, record->id, record->id_length);
  if (record->comment_length) {
    tx_bytes_append(&labelled->header, " ", 1);
    tx_bytes_append(&labelled->header, record->comment, record->comment_length);
  }
  if (labelled->header.failed) return tx_fail_memory(error, "a header line");
  for (char *at = labelled->header.data; *at; at++)
    if (tx_header_is_space(*at)) *at = ' ';
  tx_text_fold_blanks(labelled->header.data); /* it begins with the id, and not with a blank */
  return TX_OK;
}

tx_header tx_labelled_header(tx_labelled *labelled)
{
  return (tx_header){
      .text = &labelled->header, .ranks = &labelled->asked_ranks, .opt_taxdump = labelled->taxdump};
}

/* The names of the longest list in a header. */
static size_t longest_list(const char *header)
{
  size_t longest = 0;
  tx_name_list list;
  for (const char *at = header; tx_name_list_next(&at, &list);)
    if (list.names > longest) longest = list.names;
  return longest;
}

/* Remembers a header in which no lineage was found. */
static void note_plain(tx_labelled *labelled, const tx_record *record)
{
  const size_t asked = labelled->asked_ranks.count, names = asked ? longest_list(labelled->header.data) : 0;
  tx_bytes plain = {0};
  if (labelled->hint[0]) return;
  tx_bytes_plain(&plain, labelled->header.data);
  if (names > 1) {
    snprintf(labelled->hint, sizeof labelled->hint,
             "; the header '%.200s' (%.100s:%" PRIu64 ") has %zu names, and %zu ranks were asked for",
             plain.failed ? "" : plain.data, record->file, record->line, names, asked);
    tx_bytes_free(&plain);
    return;
  }
  snprintf(labelled->hint, sizeof labelled->hint,
           "; the header '%.200s' (%.100s:%" PRIu64 ") has no lineage of a form that is read: >ID|k__A;p__B "
           "(UNITE, GTDB), >ID;tax=k:A,p:B (SINTAX), those of SILVA, MIDORI2, RDP (Lineage=), OBITools, "
           ">ID taxid=1 with a taxdump, or by position with the names of the ranks (>A;B;C, >ID|x|A,B,C)",
           plain.failed ? "" : plain.data, record->file, record->line);
  tx_bytes_free(&plain);
}

tx_status tx_labelled_choose_style(tx_labelled *labelled, const tx_record *record, tx_error *error)
{
  const tx_header header = tx_labelled_header(labelled);
  tx_status status;
  if (labelled->style) return TX_OK;
  status = join_header(labelled, record, error);
  if (status == TX_OK) labelled->style = tx_style_detect(&header);
  if (status == TX_OK && !labelled->style->reads) note_plain(labelled, record);
  return status;
}

/* Puts the lineage that the taxonomy file has for the record into the header's place. */
static tx_status find_assignment(tx_labelled *labelled, const tx_record *record, tx_error *error)
{
  /* the taxonomy has the first words, whatever the ids are */
  const char *text = tx_assignments_find(labelled->assignments, record->id, strcspn(record->id, " "));
  if (!text)
    return tx_fail_at(error, TX_ERROR_DATA, record->file, record->line, record->number,
                      "\"%.100s\" has no line in %s", record->id, labelled->options.taxonomy_file);
  tx_bytes_clear(&labelled->header);
  tx_bytes_append(&labelled->header, text, strlen(text));
  return labelled->header.failed ? tx_fail_memory(error, "a lineage") : TX_OK;
}

tx_status tx_labelled_read_lineage(tx_labelled *labelled, const tx_style *style, const tx_record *record,
                                   tx_lineage *lineage, tx_error *error)
{
  tx_header header = tx_labelled_header(labelled);
  char fault[TX_HEADER_FAULT_SIZE];
  tx_status status;
  header.alone = labelled->assignments != NULL;
  status = header.alone ? find_assignment(labelled, record, error) : join_header(labelled, record, error);
  if (status != TX_OK) return status;
  status = tx_style_read(style, &header, lineage, fault);
  if (status == TX_ERROR_MEMORY) return tx_fail_memory(error, "a header line");
  if (status == TX_OK) return TX_OK;
  return tx_fail_at(error, status, record->file, record->line, record->number, "\"%.100s\"%s", record->id,
                    fault);
}

/* Determines where each rank of a lineage goes, where a table has determined the ranks. */
static void map_ranks(tx_labelled *labelled)
{
  for (size_t i = 0; i < TX_LINEAGE_RANKS; i++) labelled->slot_of_rank[i] = -1;
  for (size_t r = 0; r < labelled->rank_count; r++) {
    const int rank = tx_lineage_find_rank(labelled->ranks[r]);
    if (rank >= 0) labelled->slot_of_rank[rank] = (int)r;
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
  labelled->style = labelled->format == TX_LABELLED_AUTO ? NULL : tx_style_of(labelled->format);
  if (labelled->assignments) labelled->style = tx_assignments_style(labelled->assignments);
  if (labelled->format == TX_LABELLED_AUTO && labelled->options.unlabelled)
    labelled->style = tx_style_of(TX_LABELLED_PLAIN);
  status = tx_reader_open_input(input, path, 1, &labelled->reader, error);
  if (!status)
    tx_reader_limit(labelled->reader, labelled->options.first_bases, labelled->options.last_bases);
  if (!status) tx_reader_ids(labelled->reader, &labelled->options.ids);
  if (!status && labelled->first_table) map_ranks(labelled);
  return status;
}

/* Reads the next record of the open file, or one kept by the look-ahead, and the style of its header. */
static tx_status next_record(tx_labelled *labelled, tx_record *record, const tx_style **ret_style,
                             tx_error *error)
{
  const tx_kept_record *kept;
  if (labelled->kept_next == labelled->kept_count) {
    tx_status status;
    tx_bytes_free(&labelled->store);
    status = tx_reader_next(labelled->reader, record, error);
    if (!status) status = tx_labelled_choose_style(labelled, record, error);
    *ret_style = labelled->style;
    return status;
  }
  kept = &labelled->kept[labelled->kept_next++];
  *ret_style = kept->style;
  *record = kept->record;
  record->id = labelled->store.data + kept->id;
  record->comment = labelled->store.data + kept->comment;
  record->bases = labelled->store.data + kept->bases;
  record->file = labelled->store.data + kept->file;
  return TX_OK;
}

static tx_status fail_rank(const tx_labelled *labelled, const tx_record *record, size_t rank, tx_error *error)
{
  if (labelled->first_table == labelled->paths[0])
    return tx_fail_at(error, TX_ERROR_DATA, record->file, record->line, record->number,
                      "\"%.100s\": '%s' is a rank that %s lacks: say which ranks are to be used", record->id,
                      tx_lineage_rank(rank), labelled->first_table);
  return tx_fail_at(error, TX_ERROR_DATA, record->file, record->line, record->number,
                    "\"%.100s\": none of the first headers has a rank '%s': say which ranks are to be used",
                    record->id, tx_lineage_rank(rank));
}

/* Gives the record the names of a lineage at the reader's ranks. */
static tx_status fill_taxa(tx_labelled *labelled, const tx_lineage *lineage, tx_labelled_record *record,
                           tx_error *error)
{
  const bool named = labelled->asked_ranks.count || labelled->options.wanted_count;
  tx_placeholders_add(&labelled->placeholders, lineage->placeholder, lineage->placeholders);
  tx_header_notes_add(&labelled->header_notes, lineage, labelled->taxdump);
  record->taxid = lineage->taxid;
  for (size_t i = 0; i < TX_LINEAGE_RANKS; i++) {
    const int slot = lineage->by_position ? (int)i : labelled->slot_of_rank[i];
    if (!lineage->names[i]) continue;
    if (slot >= 0)
      record->taxa[slot] = lineage->names[i];
    else if (!named && !(lineage->optional >> i & 1))
      return fail_rank(labelled, &record->record, i, error);
  }
  return TX_OK;
}

tx_status tx_labelled_next_header(tx_labelled *labelled, tx_labelled_record *record, tx_error *error)
{
  tx_lineage lineage;
  const tx_style *style;
  tx_status status;
  memset(record, 0, sizeof *record);
  status = next_record(labelled, &record->record, &style, error);
  if (status || !style->reads) return status;
  status = tx_labelled_read_lineage(labelled, style, &record->record, &lineage, error);
  return status ? status : fill_taxa(labelled, &lineage, record, error);
}
