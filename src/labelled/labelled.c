#include "labelled/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "taxon/ranks.h"

static bool is_given(const char *option)
{
  return option && *option;
}

static tx_status copy_paths(tx_labelled *labelled, const char *const *paths, size_t count, tx_error *error)
{
  labelled->paths = calloc(count, sizeof *labelled->paths);
  if (!labelled->paths) return tx_fail_memory(error, "file names");
  for (size_t i = 0; i < count; i++) {
    labelled->paths[i] = tx_copy_text(paths[i], strlen(paths[i]));
    if (!labelled->paths[i]) return tx_fail_memory(error, "file names");
    labelled->path_count++;
  }
  return TX_OK;
}

/* The ranks that are asked for stand from the top down, as far as their order is known. */
static tx_status check_order(const tx_labelled *labelled, tx_error *error)
{
  const char *const *ranks = (const char *const *)labelled->asked_ranks.items;
  size_t above, below;
  if (!tx_ranks_inverted(ranks, labelled->asked_ranks.count, &above, &below)) return TX_OK;
  return tx_fail(error, TX_ERROR_USAGE, "ranks '%s': '%s' is above '%s': name them from the top down",
                 labelled->options.ranks, ranks[below], ranks[above]);
}

static tx_status check_options(tx_labelled *labelled, tx_error *error)
{
  const tx_labelled_options *options = &labelled->options;
  tx_status status;
  labelled->format = options->format;
  labelled->skipped.wanted = options->skip_bad != 0;
  status = tx_conditions_parse(options->where, &labelled->conditions, error);
  if (status) return status;
  if ((unsigned)labelled->format > TX_LABELLED_SPECIES)
    return tx_fail(error, TX_ERROR_USAGE, "unknown format of labels");
  if (options->unlabelled) {
    if (labelled->format != TX_LABELLED_AUTO && labelled->format != TX_LABELLED_TABLE)
      labelled->format = TX_LABELLED_PLAIN;
    return tx_words_split(options->split, "split", &labelled->splits, error);
  }
  if (is_given(options->taxonomy_file)) {
    if (labelled->format == TX_LABELLED_AUTO) labelled->format = TX_LABELLED_TAXONOMY;
    if (labelled->format != TX_LABELLED_TAXONOMY)
      return tx_fail(error, TX_ERROR_USAGE, "a taxonomy file (%s) goes with no other format of labels",
                     options->taxonomy_file);
  } else if (labelled->format == TX_LABELLED_TAXONOMY) {
    return tx_fail(error, TX_ERROR_USAGE, "labels from a taxonomy file need the name of that file");
  }
  if (is_given(options->missing_names)) {
    status =
        tx_missing_names_read(options->missing_names, options->hooks.stop, &labelled->missing_names, error);
    if (status) return status;
  }
  status = tx_words_split(options->ranks, "ranks", &labelled->asked_ranks, error);
  if (!status) status = check_order(labelled, error);
  if (!status) status = tx_words_split(options->split, "split", &labelled->splits, error);
  if (!status && labelled->format == TX_LABELLED_POSITIONAL && labelled->asked_ranks.count < 2)
    status = tx_fail(error, TX_ERROR_USAGE, "names by position need the names of their ranks");
  if (!status && labelled->asked_ranks.count > TX_RANKS_MAX)
    status = tx_fail(error, TX_ERROR_USAGE, "%zu ranks: at most %d are possible", labelled->asked_ranks.count,
                     TX_RANKS_MAX);
  return status;
}

static bool is_last(const tx_labelled *labelled)
{
  return !labelled->waiting && labelled->path_next == labelled->path_count;
}

static tx_status open_labelled(tx_labelled *labelled, const char *const *paths, size_t count, tx_error *error)
{
  tx_status status;
  if (!count) return tx_fail(error, TX_ERROR_USAGE, "no file of labelled records is given");
  status = copy_paths(labelled, paths, count, error);
  if (labelled->waiting) labelled->path_next = 1;
  if (!status) status = check_options(labelled, error);
  if (!status && is_given(labelled->options.taxdump) && !labelled->options.unlabelled)
    status = tx_taxdump_open(labelled->options.taxdump, &labelled->options.hooks, &labelled->taxdump, error);
  if (!status) status = tx_labelled_open_next(labelled, false, error);
  if (!status && labelled->reader) status = tx_labelled_look_ahead(labelled, error);
  return status;
}

/* Creates a reader. The inputs are NULL if the files are to be opened by name. */
static tx_status create(tx_input *first, tx_input *taxonomy, const char *const *paths, size_t count,
                        const tx_labelled_options *options, tx_labelled **ret_reader, tx_error *error)
{
  tx_labelled *labelled = calloc(1, sizeof *labelled);
  tx_status status;
  *ret_reader = NULL;
  if (!labelled) {
    tx_input_close(first);
    tx_input_close(taxonomy);
    return tx_fail_memory(error, "a reader of labelled records");
  }
  if (options) labelled->options = *options;
  labelled->waiting = first;
  labelled->taxonomy = taxonomy;
  status = open_labelled(labelled, paths, count, error);
  if (status) {
    tx_labelled_close(labelled);
    return status;
  }
  *ret_reader = labelled;
  return TX_OK;
}

tx_status tx_labelled_open(const char *const *paths, size_t count, const tx_labelled_options *options,
                           tx_labelled **ret_reader, tx_error *error)
{
  return create(NULL, NULL, paths, count, options, ret_reader, error);
}

tx_status tx_labelled_open_inputs(tx_input *first, const char *name, tx_input *opt_taxonomy,
                                  const tx_labelled_options *options, tx_labelled **ret_reader,
                                  tx_error *error)
{
  return create(first, opt_taxonomy, &name, 1, options, ret_reader, error);
}

size_t tx_labelled_rank_count(const tx_labelled *reader)
{
  return reader->rank_count;
}

const char *tx_labelled_rank_name(const tx_labelled *reader, size_t rank)
{
  return rank < reader->rank_count ? reader->ranks[rank] : NULL;
}

int tx_labelled_has_split(const tx_labelled *reader)
{
  return reader->has_split;
}

int tx_labelled_has_table(const tx_labelled *reader)
{
  return reader->first_table != NULL;
}

/* Reads the next record of any file. */
static tx_status next_record(tx_labelled *labelled, tx_labelled_record *record, tx_error *error)
{
  for (;;) {
    const bool kept = labelled->kept_next < labelled->kept_count;
    tx_status status = TX_END;
    if (kept || labelled->reader)
      status = tx_labelled_next_header(labelled, record, error);
    else if (labelled->table)
      status = tx_labelled_next_row(labelled, record, error);
    if (status < TX_OK && tx_labelled_skips(labelled, status, error)) continue;
    if (status != TX_END || is_last(labelled)) return status;
    status = tx_labelled_open_next(labelled, false, error);
    if (status) return status;
  }
}

/* Takes away the labels that the user's own names say are none. Those of lineages are dropped when they are
   read. */
static void drop_missing_names(tx_labelled *labelled, tx_labelled_record *record)
{
  for (size_t r = 0; r < labelled->rank_count && labelled->missing_names.count; r++) {
    if (!record->taxa[r] || !tx_missing_names_match(&labelled->missing_names, record->taxa[r])) continue;
    tx_placeholders_add(&labelled->placeholders, record->taxa[r], 1);
    record->taxa[r] = NULL;
  }
}

uint64_t tx_labelled_placeholders(const tx_labelled *reader, const char **ret_example)
{
  *ret_example = reader->placeholders.first;
  return reader->placeholders.count;
}

const char *tx_labelled_hint(const tx_labelled *reader)
{
  return reader->hint;
}

tx_status tx_labelled_next(tx_labelled *reader, tx_labelled_record *record, tx_error *error)
{
  tx_status status = reader->failed;
  if (!status) {
    status = next_record(reader, record, &reader->failure);
    /* the position in the file may be lost: later calls repeat the error */
    if (status < TX_OK) reader->failed = status;
    if (status == TX_OK) drop_missing_names(reader, record);
    if (status == TX_END) tx_header_notes_tell(&reader->header_notes, &reader->options.hooks);
    if (status == TX_END) tx_skipped_warn(&reader->skipped, &reader->options.hooks);
  }
  if (status < TX_OK && error) *error = reader->failure;
  return status;
}

tx_status tx_labelled_source(void *context, tx_record *record, tx_error *error)
{
  tx_labelled_record labelled;
  const tx_status status = tx_labelled_next(context, &labelled, error);
  if (status == TX_OK) *record = labelled.record;
  return status;
}

void tx_labelled_close(tx_labelled *reader)
{
  if (!reader) return;
  for (size_t i = 0; i < reader->path_count; i++) free(reader->paths[i]);
  free(reader->paths);
  tx_words_free(&reader->asked_ranks);
  tx_words_free(&reader->splits);
  tx_conditions_free(&reader->conditions);
  tx_missing_names_free(&reader->missing_names);
  tx_input_close(reader->waiting);
  tx_input_close(reader->taxonomy);
  tx_table_close(reader->table);
  tx_reader_close(reader->reader);
  tx_assignments_free(reader->assignments);
  tx_taxdump_free(reader->taxdump);
  tx_bytes_free(&reader->header);
  tx_bytes_free(&reader->store);
  free(reader->kept);
  tx_bytes_free(&reader->taxa);
  free(reader->lineages);
  free(reader);
}
