#include "eval/prediction_hits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* Columns of BLAST's tabular output. */
enum { QUERY, SUBJECT, IDENTITY, EVALUE = 10, BIT_SCORE, BLAST_FIELDS };

static bool read_number(const char *text, double *ret_value)
{
  char *end;
  *ret_value = strtod(text, &end);
  return end != text && !*end && isfinite(*ret_value);
}

bool tx_is_blast6(const tx_prediction_lines *lines)
{
  double value;
  if (lines->fields.count < BLAST_FIELDS) return false;
  for (size_t i = IDENTITY; i < BLAST_FIELDS; i++)
    if (!read_number(lines->fields.items[i], &value)) return false;
  return true;
}

enum { HIT_RANKS = TX_LINEAGE_RANKS };

/* The best hits of a query: their score, and what their lineages agree on. */
typedef struct best_hit {
  double bits, identity;
  bool any;
  const char *taxa[HIT_RANKS]; /* of the lineages; borrowed */
} best_hit;

typedef struct hits {
  const tx_prediction_lines *lines;
  tx_names *queries;
  best_hit *best; /* (queries) */
  size_t capacity;
  size_t rank_count; /* of the lineages, or of those in the names of the hits */
} hits;

_Static_assert(TX_RANKS_MAX <= HIT_RANKS, "fewer ranks than those of --prediction-taxonomy");

static const char *rank_name(const hits *found, size_t rank)
{
  const tx_predictions *lineages = found->lines->opt_lineages;
  return lineages ? tx_predictions_rank_name(lineages, rank) : tx_lineage_rank(rank);
}

/* The lineage in a hit's name, "ID;tax=k:A,p:B"; its names are kept with those of the predictions. */
static tx_status read_own_lineage(const hits *found, char *subject, const char **taxa, tx_error *error)
{
  tx_names *names = found->lines->rows->names;
  char *text, fault[TX_FAULT_SIZE];
  size_t length;
  const char *start = tx_lineage_find_sintax(subject, &length);
  tx_lineage lineage;
  tx_status status = TX_OK;
  if (!start)
    return tx_prediction_lines_fail(found->lines,
                                    "the lineages of the hits are missing; name a labelled file or taxonomy "
                                    "of the references with --prediction-taxonomy; the hit is ",
                                    subject, error);
  text = subject + (start - subject);
  text[length] = '\0';
  if (!tx_lineage_read_sintax(text, &lineage, fault))
    return tx_prediction_lines_fail(found->lines, "bad lineage: ", fault, error);
  for (size_t r = 0; r < TX_LINEAGE_RANKS && status == TX_OK; r++) {
    uint32_t number = 0;
    if (!lineage.names[r] || lineage.optional >> r & 1) continue;
    status = tx_names_add(names, lineage.names[r], strlen(lineage.names[r]), &number, error);
    if (status == TX_OK) taxa[r] = tx_names_key(names, number, NULL);
  }
  return status;
}

static tx_status find_lineage(const hits *found, char *subject, const char **taxa, tx_error *error)
{
  double confidence[TX_RANKS_MAX];
  if (!found->lines->opt_lineages) return read_own_lineage(found, subject, taxa, error);
  if (tx_predictions_find(found->lines->opt_lineages, subject, taxa, confidence)) return TX_OK;
  return tx_prediction_lines_fail(found->lines, "--prediction-taxonomy has no lineage of the hit ", subject,
                                  error);
}

/* Of equal hits: the names above the first rank where they differ. */
static void agree(best_hit *best, const char *const *taxa, size_t rank_count)
{
  bool same = true;
  for (size_t r = 0; r < rank_count; r++) {
    if (best->taxa[r] && taxa[r] && strcmp(best->taxa[r], taxa[r]) != 0) same = false;
    if (!taxa[r] || !same) best->taxa[r] = NULL;
  }
}

static tx_status find_best(hits *found, const char *query, best_hit **ret_best, tx_error *error)
{
  const size_t known = tx_names_count(found->queries), length = strcspn(query, " ");
  uint32_t number = 0;
  tx_status status;
  if (!length) return tx_prediction_lines_fail(found->lines, "a row without an id", "", error);
  if (!tx_reserve(&found->best, &found->capacity, known + 1, sizeof *found->best))
    return tx_fail_memory(error, "the predictions");
  status = tx_names_add(found->queries, query, length, &number, error);
  if (status == TX_OK && number == known) found->best[number] = (best_hit){0};
  *ret_best = &found->best[number];
  return status;
}

static tx_status add_hit(hits *found, tx_error *error)
{
  char *const *fields = found->lines->fields.items;
  const char *taxa[HIT_RANKS] = {NULL};
  double bits, identity;
  best_hit *best = NULL;
  tx_status status;
  if (!tx_is_blast6(found->lines))
    return tx_prediction_lines_fail(found->lines, "not the 12 columns of BLAST -outfmt 6", "", error);
  status = find_best(found, fields[QUERY], &best, error);
  if (status != TX_OK || strcmp(fields[SUBJECT], "*") == 0) return status;
  (void)read_number(fields[BIT_SCORE], &bits);
  (void)read_number(fields[IDENTITY], &identity);
  if (best->any && (bits < best->bits || (bits == best->bits && identity < best->identity))) return TX_OK;
  status = find_lineage(found, fields[SUBJECT], taxa, error);
  if (status != TX_OK) return status;
  if (best->any && bits == best->bits && identity == best->identity) {
    agree(best, taxa, found->rank_count);
    return TX_OK;
  }
  *best = (best_hit){.bits = bits, .identity = identity, .any = true};
  memcpy(best->taxa, taxa, sizeof best->taxa);
  return TX_OK;
}

static tx_status add_queries(const hits *found, tx_error *error)
{
  tx_prediction_rows *rows = found->lines->rows;
  tx_status status = TX_OK;
  for (size_t r = 0; found->lines->opt_lineages && r < found->rank_count && status == TX_OK; r++)
    status = tx_prediction_rows_rank(rows, rank_name(found, r), &(uint32_t){0}, error);
  for (size_t q = 0; q < tx_names_count(found->queries) && status == TX_OK; q++) {
    size_t length;
    const char *id = tx_names_key(found->queries, (uint32_t)q, &length);
    status = tx_prediction_rows_begin(rows, id, length, 0, error);
    for (size_t r = 0; r < found->rank_count && status == TX_OK; r++)
      status =
          tx_prediction_rows_add(rows, rank_name(found, r), found->best[q].taxa[r], TX_NO_CONFIDENCE, error);
  }
  return status;
}

tx_status tx_read_blast6(tx_prediction_lines *lines, tx_error *error)
{
  hits found = {.lines = lines};
  tx_status status = tx_names_create(&found.queries, error);
  lines->rows->format = "BLAST6";
  lines->rows->ranks_by_prefix = !lines->opt_lineages;
  found.rank_count = lines->opt_lineages ? tx_predictions_rank_count(lines->opt_lineages) : HIT_RANKS;
  while (status == TX_OK) {
    status = add_hit(&found, error);
    if (status == TX_OK) status = tx_prediction_lines_next(lines, error);
  }
  if (status == TX_END) status = add_queries(&found, error);
  tx_names_free(found.queries);
  free(found.best);
  return status;
}

/* Columns of kraken's output. */
enum { CLASSIFIED, READ, TAXON, LENGTH, KRAKEN_FIELDS };

bool tx_is_kraken(const tx_prediction_lines *lines)
{
  char *const *fields = lines->fields.items;
  return lines->fields.count >= KRAKEN_FIELDS &&
         (strcmp(fields[CLASSIFIED], "C") == 0 || strcmp(fields[CLASSIFIED], "U") == 0) && *fields[LENGTH] &&
         !fields[LENGTH][strspn(fields[LENGTH], "0123456789|")];
}

/* The place of each name in the lineages. */
typedef struct name_place {
  uint32_t row, rank;
} name_place;

typedef struct name_index {
  tx_names *names;
  name_place *places;
  size_t capacity;
} name_index;

static tx_status index_names(const tx_predictions *lineages, name_index *index, tx_error *error)
{
  const size_t ranks = lineages->rank_count;
  tx_status status = tx_names_create(&index->names, error);
  for (size_t row = 0; row < tx_predictions_count(lineages); row++)
    for (size_t r = 0; r < ranks && status == TX_OK; r++) {
      const uint32_t call = lineages->calls[row * ranks + r];
      const size_t known = tx_names_count(index->names);
      uint32_t number = 0;
      size_t length;
      const char *name;
      if (call == TX_NO_CALL) continue;
      name = tx_names_key(lineages->names, call, &length);
      status = tx_names_add(index->names, name, length, &number, error);
      if (status != TX_OK || number < known) continue;
      if (!tx_reserve(&index->places, &index->capacity, known + 1, sizeof *index->places))
        return tx_fail_memory(error, "the predictions");
      index->places[number] = (name_place){(uint32_t)row, (uint32_t)r};
    }
  return status;
}

/* Adds the lineage of a name from the lineages; a name above all their ranks ("root") is no call. */
static tx_status add_name(const tx_prediction_lines *lines, const name_index *index, const char *name,
                          size_t *found, tx_error *error)
{
  const tx_predictions *lineages = lines->opt_lineages;
  const int64_t number = tx_names_find(index->names, name, strlen(name));
  const name_place *place;
  tx_status status = TX_OK;
  if (number < 0) return TX_OK;
  place = &index->places[number];
  (*found)++;
  for (size_t r = 0; r <= place->rank && status == TX_OK; r++) {
    const uint32_t call = lineages->calls[place->row * lineages->rank_count + r];
    if (call == TX_NO_CALL) continue;
    status = tx_prediction_rows_add(lines->rows, lineages->ranks[r],
                                    tx_names_key(lineages->names, call, NULL), TX_NO_CONFIDENCE, error);
  }
  return status;
}

static tx_status add_read(const tx_prediction_lines *lines, const name_index *index, size_t *names,
                          size_t *found, tx_error *error)
{
  char *const *fields = lines->fields.items;
  char *end;
  tx_status status;
  if (!tx_is_kraken(lines))
    return tx_prediction_lines_fail(lines, "no line of kraken: expected C or U, an id, a taxon, a length", "",
                                    error);
  status = tx_prediction_lines_begin(lines, fields[READ], error);
  if (status != TX_OK || fields[CLASSIFIED][0] == 'U') return status;
  end = strstr(fields[TAXON], " (taxid ");
  if (!end)
    return tx_prediction_lines_fail(
        lines, "a taxon without its name: run kraken2 with --use-names; the taxon is ", fields[TAXON], error);
  *end = '\0';
  (*names)++;
  return add_name(lines, index, fields[TAXON], found, error);
}

tx_status tx_read_kraken(tx_prediction_lines *lines, tx_error *error)
{
  name_index index = {0};
  size_t names = 0, found = 0;
  tx_status status = TX_OK;
  lines->rows->format = "kraken";
  if (!lines->opt_lineages)
    return tx_prediction_lines_fail(lines,
                                    "output of kraken: the lineages of its names are missing; name a "
                                    "labelled file or taxonomy of the references with --prediction-taxonomy",
                                    "", error);
  for (size_t r = 0; r < lines->opt_lineages->rank_count && status == TX_OK; r++)
    status = tx_prediction_rows_rank(lines->rows, lines->opt_lineages->ranks[r], &(uint32_t){0}, error);
  if (status == TX_OK) status = index_names(lines->opt_lineages, &index, error);
  while (status == TX_OK) {
    status = add_read(lines, &index, &names, &found, error);
    if (status == TX_OK) status = tx_prediction_lines_next(lines, error);
  }
  if (status == TX_END && names && !found)
    status = tx_fail(error, TX_ERROR_DATA,
                     "%s: none of its names is in the lineages of --prediction-taxonomy", lines->rows->file);
  tx_names_free(index.names);
  free(index.places);
  return status == TX_END ? TX_OK : status;
}
