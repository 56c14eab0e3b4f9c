/* The rows of a table of taxa as it is written: lineages are cut, merged and sorted. */
#include "out/taxon_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "out/taxon_table_parts.h"

#define UNCLASSIFIED "unclassified"

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "the table of taxa");
}

/* A lineage while the rows are sorted. */
typedef struct sorted_lineage {
  const char **names; /* (rank_count) */
  size_t rank_count;
  uint32_t lineage;
} sorted_lineage;

static int compare_names(const char *const *a, const char *const *b, size_t count)
{
  for (size_t rank = 0; rank < count; rank++) {
    const int order = strcmp(a[rank], b[rank]);
    if (order) return order;
  }
  return 0;
}

static int compare_lineages(const void *a, const void *b)
{
  const sorted_lineage *first = a, *second = b;
  return compare_names(first->names, second->names, first->rank_count);
}

static int compare_cells(const void *a, const void *b)
{
  const tx_taxon_cell *first = a, *second = b;
  if (first->row != second->row) return first->row < second->row ? -1 : 1;
  return first->sample < second->sample ? -1 : first->sample > second->sample;
}

/* Fills the names of a lineage down to the last rank. `lump`: none, unless it has that rank. */
static void fill_names(const tx_taxon_table *table, uint32_t lineage, bool lump, sorted_lineage *to)
{
  size_t length = 0, rank = 0;
  const char *key = tx_names_key(table->lineages, lineage, &length), *end = key + length;
  for (; rank < to->rank_count && key < end; rank++) {
    to->names[rank] = key;
    key += strlen(key) + 1;
  }
  for (; rank < to->rank_count; rank++) to->names[rank] = "";
  if (lump && !*to->names[to->rank_count - 1])
    for (rank = 0; rank < to->rank_count; rank++) to->names[rank] = "";
  to->lineage = lineage;
}

/* Numbers the distinct lineages in order: row_of (lineages) gets the row of each, rows->names their names. */
static void number_rows(const sorted_lineage *sorted, size_t count, tx_taxon_rows *rows, uint32_t *row_of)
{
  for (size_t i = 0; i < count; i++) {
    if (!i || compare_lineages(&sorted[i - 1], &sorted[i])) {
      const char **names = rows->names + rows->count * rows->rank_count;
      size_t depth = rows->rank_count;
      memcpy(names, sorted[i].names, rows->rank_count * sizeof *names);
      while (depth && !*names[depth - 1]) depth--;
      rows->depths[rows->count++] = depth;
    }
    row_of[sorted[i].lineage] = (uint32_t)(rows->count - 1);
  }
}

static tx_status make_rows(const tx_taxon_table *table, bool lump, tx_taxon_rows *rows, uint32_t *row_of,
                           tx_error *error)
{
  const size_t count = tx_names_count(table->lineages);
  sorted_lineage *sorted = calloc(count + 1, sizeof *sorted);
  const char **names = calloc(count * rows->rank_count + 1, sizeof *names);
  rows->names = calloc(count * rows->rank_count + 1, sizeof *rows->names);
  rows->depths = calloc(count + 1, sizeof *rows->depths);
  if (sorted && names && rows->names && rows->depths) {
    for (size_t i = 0; i < count; i++) {
      sorted[i] = (sorted_lineage){names + i * rows->rank_count, rows->rank_count, 0};
      fill_names(table, (uint32_t)i, lump, &sorted[i]);
    }
    qsort(sorted, count, sizeof *sorted, compare_lineages);
    number_rows(sorted, count, rows, row_of);
  }
  free(names);
  if (!sorted || !names || !rows->names || !rows->depths) {
    free(sorted);
    return out_of_memory(error);
  }
  free(sorted);
  return TX_OK;
}

/* Cells of lineages that have become one row are added up. */
static tx_status make_cells(const tx_taxon_table *table, const uint32_t *row_of, tx_taxon_rows *rows,
                            tx_error *error)
{
  const size_t count = tx_names_count(table->cells);
  size_t kept = 0;
  rows->whole = true;
  rows->cells = calloc(count + 1, sizeof *rows->cells);
  rows->starts = calloc(rows->count + 1, sizeof *rows->starts);
  if (!rows->cells || !rows->starts) return out_of_memory(error);
  for (size_t i = 0; i < count; i++) {
    uint32_t key[2];
    memcpy(key, tx_names_key(table->cells, (uint32_t)i, NULL), sizeof key);
    rows->cells[i] = (tx_taxon_cell){row_of[key[0]], key[1], table->reads[i]};
    if (key[1] >= rows->sample_count)
      return tx_fail(error, TX_ERROR_USAGE, "sample %lu has no name", (unsigned long)key[1]);
    if (table->reads[i] != floor(table->reads[i])) rows->whole = false;
  }
  qsort(rows->cells, count, sizeof *rows->cells, compare_cells);
  for (size_t i = 0; i < count; i++) {
    if (kept && !compare_cells(&rows->cells[kept - 1], &rows->cells[i])) {
      rows->cells[kept - 1].reads += rows->cells[i].reads;
    } else {
      rows->cells[kept++] = rows->cells[i];
      rows->starts[rows->cells[i].row + 1]++;
    }
  }
  for (size_t row = 0; row < rows->count; row++) rows->starts[row + 1] += rows->starts[row];
  return TX_OK;
}

static char *join_names(const char *const *names, size_t depth)
{
  tx_bytes text = {0};
  for (size_t rank = 0; rank < depth; rank++)
    tx_bytes_printf(&text, "%s%s", rank ? ";" : "", names[rank]);
  if (!text.failed) return text.data;
  tx_bytes_free(&text);
  return NULL;
}

static const char *lowest_name(const tx_taxon_rows *rows, size_t row)
{
  const size_t depth = rows->depths[row];
  return depth ? rows->names[row * rows->rank_count + depth - 1] : UNCLASSIFIED;
}

/* Ids must be unique: a name that several rows have is replaced by the lineage. */
static tx_status make_ids(tx_taxon_rows *rows, tx_error *error)
{
  tx_names *seen = NULL;
  uint32_t *times = calloc(rows->count + 1, sizeof *times), number = 0;
  tx_status status = times ? tx_names_create(&seen, error) : out_of_memory(error);
  rows->ids = calloc(rows->count + 1, sizeof *rows->ids);
  if (status == TX_OK && !rows->ids) status = out_of_memory(error);
  for (size_t row = 0; row < rows->count && status == TX_OK; row++) {
    const char *name = lowest_name(rows, row);
    status = tx_names_add(seen, name, strlen(name), &number, error);
    if (status == TX_OK) times[number]++;
  }
  for (size_t row = 0; row < rows->count && status == TX_OK; row++) {
    const char *name = lowest_name(rows, row);
    const bool twice = times[tx_names_find(seen, name, strlen(name))] > 1 && rows->depths[row];
    rows->ids[row] = twice ? join_names(rows->names + row * rows->rank_count, rows->depths[row])
                           : tx_copy_text(name, strlen(name));
    if (!rows->ids[row]) status = out_of_memory(error);
  }
  tx_names_free(seen);
  free(times);
  return status;
}

tx_status tx_taxon_rows_make(const tx_table_content *content, bool lump, tx_taxon_rows *ret_rows,
                             tx_error *error)
{
  const tx_taxon_table *table = content->table;
  tx_taxon_rows *rows = ret_rows;
  uint32_t *row_of = calloc(tx_names_count(table->lineages) + 1, sizeof *row_of);
  tx_status status;
  memset(rows, 0, sizeof *rows);
  rows->ranks = (const char *const *)table->ranks;
  rows->samples = content->samples;
  rows->sample_count = content->sample_count;
  status = row_of ? tx_taxon_table_depth(table, content->opt_rank, &rows->rank_count, error)
                  : out_of_memory(error);
  if (status == TX_OK)
    status = make_rows(table, lump && content->opt_rank && *content->opt_rank, rows, row_of, error);
  if (status == TX_OK) status = make_cells(table, row_of, rows, error);
  if (status == TX_OK) status = make_ids(rows, error);
  free(row_of);
  if (status != TX_OK) tx_taxon_rows_free(rows);
  return status;
}

double tx_taxon_rows_reads(const tx_taxon_rows *rows, size_t row, const size_t *opt_sample)
{
  double reads = 0;
  for (size_t i = rows->starts[row]; i < rows->starts[row + 1]; i++)
    if (!opt_sample || rows->cells[i].sample == *opt_sample) reads += rows->cells[i].reads;
  return reads;
}

void tx_taxon_rows_free(tx_taxon_rows *rows)
{
  for (size_t row = 0; rows->ids && row < rows->count; row++) free(rows->ids[row]);
  free(rows->ids);
  free(rows->names);
  free(rows->depths);
  free(rows->cells);
  free(rows->starts);
  memset(rows, 0, sizeof *rows);
}

void tx_taxon_put_reads(tx_bytes *out, double reads)
{
  if (reads == floor(reads) && reads < 9007199254740992.0)
    tx_bytes_printf(out, "%.0f", reads);
  else
    tx_bytes_printf(out, "%.15g", reads);
}
