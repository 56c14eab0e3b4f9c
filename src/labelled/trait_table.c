/* Tables of traits: wide, with a column for each, or long, with a row for each measurement. */
#include "labelled/trait_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/names.h"
#include "base/table.h"
#include "base/text.h"

enum { PARTS_MAX = 256 };
#define NO_TEXT UINT32_MAX
#define SEVERAL_TEXTS (UINT32_MAX - 1)

/* The numbers of one column, or of one structure by one annotator. */
typedef struct part {
  size_t column;  /* of a wide table */
  double *values; /* by specimen, NaN: none */
  bool *conflicts;
  size_t value_capacity, conflict_capacity, filled;
} part;

/* A text of each specimen: numbers of names. */
typedef struct text_column {
  int column; /* -1: the table has none */
  tx_names *names;
  uint32_t *numbers;
  size_t capacity;
} text_column;

struct tx_traits {
  tx_words names; /* of the traits */
  tx_names *ids;
  double *values; /* (traits, specimens) */
  text_column taxon, split;
  tx_traits_counts counts;
};

typedef struct reading {
  tx_traits *traits;
  const tx_traits_options *options;
  tx_table *table;
  tx_names *part_names; /* "column", "structure" or "structure@annotator" */
  part *parts;          /* PARTS_MAX */
  size_t id_column, structure, value;
  int annotator; /* -1: there is none */
  tx_bytes key;
} reading;

static bool is_given(const char *text)
{
  return text && *text;
}

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "the traits");
}

/* Cuts the next name off "a+b"; NULL at the end. The text is changed. */
static char *next_term(char **text)
{
  char *term = *text, *plus = term ? strchr(term, '+') : NULL;
  *text = plus ? plus + 1 : NULL;
  if (plus) *plus = '\0';
  return term ? tx_text_trim(term, strlen(term), NULL) : NULL;
}

/* Calls `visit` with each name of a trait: all of it if `whole`, else those between '+'. */
static tx_status each_term(const char *name, bool whole,
                           tx_status (*visit)(void *context, const char *term, tx_error *error),
                           void *context, tx_error *error)
{
  char *copy, *left, *term;
  tx_status status = TX_OK;
  if (whole) return visit(context, name, error);
  left = copy = tx_copy_text(name, strlen(name));
  if (!copy) return out_of_memory(error);
  while (status == TX_OK && (term = next_term(&left))) status = visit(context, term, error);
  free(copy);
  return status;
}

static tx_status add_part(reading *work, const char *name, size_t length, uint32_t *ret_part, tx_error *error)
{
  const size_t known = tx_names_count(work->part_names);
  tx_status status = tx_names_add(work->part_names, name, length, ret_part, error);
  if (status == TX_OK && *ret_part == known && known >= PARTS_MAX)
    status = tx_fail_at(error, TX_ERROR_DATA, tx_table_name(work->table), tx_table_line(work->table), 0,
                        "more than %d columns, or annotators and structures", PARTS_MAX);
  return status;
}

static tx_status require_term(void *context, const char *term, tx_error *error)
{
  reading *work = context;
  uint32_t number = 0;
  size_t column = 0;
  tx_status status = tx_table_require(work->table, term, &column, error);
  if (status == TX_OK) status = add_part(work, term, strlen(term), &number, error);
  if (status == TX_OK) work->parts[number].column = column;
  return status;
}

static tx_status find_text(const reading *work, const char *asked, const char *usual, text_column *text,
                           tx_error *error)
{
  size_t column = 0;
  tx_status status;
  text->column = -1;
  if (is_given(asked)) {
    status = tx_table_require(work->table, asked, &column, error);
    if (status != TX_OK) return status;
    text->column = (int)column;
  } else {
    text->column = tx_table_find_first(work->table, usual);
  }
  return text->column >= 0 ? tx_names_create(&text->names, error) : TX_OK;
}

static tx_status find_long(reading *work, tx_error *error)
{
  const tx_traits_options *options = work->options;
  size_t column = 0;
  tx_status status = tx_table_require(work->table, options->structure_column, &work->structure, error);
  const int usual = tx_table_find_first(work->table, "value|dist_cm");
  if (status == TX_OK && !is_given(options->value_column) && usual >= 0)
    work->value = (size_t)usual;
  else if (status == TX_OK)
    status = tx_table_require(work->table, is_given(options->value_column) ? options->value_column : "value",
                              &work->value, error);
  if (status == TX_OK && is_given(options->annotator_column)) {
    status = tx_table_require(work->table, options->annotator_column, &column, error);
    work->annotator = (int)column;
  }
  return status;
}

static tx_status find_columns(reading *work, tx_error *error)
{
  const tx_traits_options *options = work->options;
  tx_traits *traits = work->traits;
  const int usual = tx_table_find_first(work->table, "individualID|combinedID|processid|sampleid|id");
  tx_status status = TX_OK;
  work->id_column = usual >= 0 ? (size_t)usual : 0;
  work->annotator = -1;
  if (is_given(options->id_column))
    status = tx_table_require(work->table, options->id_column, &work->id_column, error);
  if (status == TX_OK)
    status = find_text(work, options->taxon_column, "scientificName|species|taxon", &traits->taxon, error);
  if (status == TX_OK) status = find_text(work, options->split_column, "split", &traits->split, error);
  if (status == TX_OK && is_given(options->structure_column)) return find_long(work, error);
  for (size_t t = 0; t < traits->names.count && status == TX_OK; t++)
    status = each_term(traits->names.items[t], tx_table_find(work->table, traits->names.items[t]) >= 0,
                       require_term, work, error);
  return status;
}

/* Whether a name of a trait stands for a part. */
typedef struct matching {
  const char *part;
  bool annotators; /* a structure stands for the numbers of all of them */
  bool found;
} matching;

static tx_status match_term(void *context, const char *term, tx_error *error)
{
  matching *match = context;
  const size_t length = strlen(term);
  (void)error;
  if (strncmp(match->part, term, length) == 0 &&
      (!match->part[length] || (match->annotators && match->part[length] == '@')))
    match->found = true;
  return TX_OK;
}

static tx_status has_part(const reading *work, size_t trait, const char *part_name, bool *ret_has,
                          tx_error *error)
{
  const char *name = work->traits->names.items[trait];
  matching match = {part_name, work->annotator >= 0, false};
  tx_status status = match_term(&match, name, error);
  if (status == TX_OK && !match.found) status = each_term(name, false, match_term, &match, error);
  *ret_has = match.found;
  return status;
}

static tx_status read_number(reading *work, char *field, const char *column, double *ret_value,
                             tx_error *error)
{
  const char *text = tx_text_trim(field, strlen(field), NULL);
  static const char *const missing[] = {"", "NA", "N/A", "NaN", "null", "none", "-"};
  *ret_value = NAN;
  for (size_t i = 0; i < sizeof missing / sizeof *missing; i++)
    if (tx_text_equal_fold(text, missing[i])) return TX_OK;
  if (!tx_text_decimal(text, ret_value) || !isfinite(*ret_value))
    return tx_fail_at(error, TX_ERROR_DATA, tx_table_name(work->table), tx_table_line(work->table),
                      tx_table_row(work->table), "column '%.100s' has '%.60s', which is no number", column,
                      text);
  if (*ret_value == 0 && work->options->zero_missing) {
    work->traits->counts.zeros++;
    *ret_value = NAN;
  }
  return TX_OK;
}

static tx_status store(reading *work, uint32_t number, uint32_t specimen, double value, tx_error *error)
{
  part *own = &work->parts[number];
  if (isnan(value)) return TX_OK;
  if (!tx_reserve(&own->values, &own->value_capacity, (size_t)specimen + 1, sizeof *own->values) ||
      !tx_reserve(&own->conflicts, &own->conflict_capacity, (size_t)specimen + 1, sizeof *own->conflicts))
    return out_of_memory(error);
  for (; own->filled <= specimen; own->filled++) {
    own->values[own->filled] = NAN;
    own->conflicts[own->filled] = false;
  }
  if (isnan(own->values[specimen]))
    own->values[specimen] = value;
  else if (own->values[specimen] == value)
    work->traits->counts.repeated++;
  else
    own->conflicts[specimen] = true;
  return TX_OK;
}

static tx_status store_text(text_column *text, char **fields, uint32_t specimen, tx_error *error)
{
  uint32_t number = NO_TEXT;
  size_t length = 0;
  const char *field;
  tx_status status;
  if (text->column < 0) return TX_OK;
  field = tx_text_trim(fields[text->column], strlen(fields[text->column]), &length);
  if (!tx_reserve(&text->numbers, &text->capacity, (size_t)specimen + 1, sizeof *text->numbers))
    return out_of_memory(error);
  if (length) {
    status = tx_names_add(text->names, field, length, &number, error);
    if (status != TX_OK) return status;
  }
  if (text->numbers[specimen] == NO_TEXT)
    text->numbers[specimen] = number;
  else if (number != NO_TEXT && text->numbers[specimen] != number)
    text->numbers[specimen] = SEVERAL_TEXTS;
  return TX_OK;
}

/* Prepares the texts of a specimen that has just been added. */
static tx_status start_text(text_column *text, uint32_t specimen, tx_error *error)
{
  if (text->column < 0) return TX_OK;
  if (!tx_reserve(&text->numbers, &text->capacity, (size_t)specimen + 1, sizeof *text->numbers))
    return out_of_memory(error);
  text->numbers[specimen] = NO_TEXT;
  return TX_OK;
}

static tx_status take_measurement(reading *work, char **fields, uint32_t specimen, tx_error *error)
{
  const char *structure = tx_text_trim(fields[work->structure], strlen(fields[work->structure]), NULL);
  const char *annotator =
      work->annotator < 0 ? "" : tx_text_trim(fields[work->annotator], strlen(fields[work->annotator]), NULL);
  bool wanted = false;
  uint32_t number = 0;
  double value;
  tx_status status = TX_OK;
  tx_bytes_clear(&work->key);
  tx_bytes_text(&work->key, structure);
  if (work->annotator >= 0) {
    tx_bytes_text(&work->key, "@");
    tx_bytes_text(&work->key, annotator);
  }
  if (work->key.failed) return out_of_memory(error);
  for (size_t t = 0; t < work->traits->names.count && !wanted && status == TX_OK; t++)
    status = has_part(work, t, work->key.size ? work->key.data : "", &wanted, error);
  if (status != TX_OK || !wanted) return status;
  status = add_part(work, work->key.data, work->key.size, &number, error);
  if (status == TX_OK)
    status = read_number(work, fields[work->value], tx_table_column(work->table, work->value), &value, error);
  return status == TX_OK ? store(work, number, specimen, value, error) : status;
}

static tx_status take_row(reading *work, char **fields, tx_error *error)
{
  tx_traits *traits = work->traits;
  const size_t known = tx_names_count(traits->ids);
  uint32_t specimen = 0;
  size_t length = 0;
  const char *id = tx_text_trim(fields[work->id_column], strlen(fields[work->id_column]), &length);
  tx_status status;
  traits->counts.rows++;
  if (!length)
    return tx_fail_at(error, TX_ERROR_DATA, tx_table_name(work->table), tx_table_line(work->table),
                      tx_table_row(work->table), "column '%.100s' is empty: a specimen needs a name",
                      tx_table_column(work->table, work->id_column));
  status = tx_names_add(traits->ids, id, length, &specimen, error);
  if (status == TX_OK && specimen == known) {
    status = start_text(&traits->taxon, specimen, error);
    if (status == TX_OK) status = start_text(&traits->split, specimen, error);
  }
  if (status == TX_OK) status = store_text(&traits->taxon, fields, specimen, error);
  if (status == TX_OK) status = store_text(&traits->split, fields, specimen, error);
  if (status == TX_OK && is_given(work->options->structure_column))
    return take_measurement(work, fields, specimen, error);
  for (uint32_t p = 0; p < tx_names_count(work->part_names) && status == TX_OK; p++) {
    const size_t column = work->parts[p].column;
    double value;
    status = read_number(work, fields[column], tx_table_column(work->table, column), &value, error);
    if (status == TX_OK) status = store(work, p, specimen, value, error);
  }
  return status;
}

static bool conflicts(const part *own, size_t specimen)
{
  return specimen < own->filled && own->conflicts[specimen];
}

static bool has_value(const part *own, size_t specimen)
{
  return specimen < own->filled && !isnan(own->values[specimen]) && !own->conflicts[specimen];
}

/* The mean of the parts of a trait that have a value. */
static tx_status fill_trait(reading *work, size_t trait, tx_error *error)
{
  tx_traits *traits = work->traits;
  const size_t specimens = tx_names_count(traits->ids), parts = tx_names_count(work->part_names);
  double *values = traits->values + trait * specimens;
  bool has[PARTS_MAX], any = false;
  for (size_t p = 0; p < parts; p++) {
    const char *part_name = tx_names_key(work->part_names, (uint32_t)p, NULL);
    const tx_status status = has_part(work, trait, part_name, &has[p], error);
    if (status != TX_OK) return status;
    any = any || has[p];
  }
  if (!any)
    return tx_fail(error, TX_ERROR_DATA, "%s: no row has the structure '%.100s' in column '%.100s'",
                   tx_table_name(work->table), traits->names.items[trait], work->options->structure_column);
  for (size_t s = 0; s < specimens; s++) {
    size_t count = 0;
    for (size_t p = 0; p < parts; p++) count += has[p] && has_value(&work->parts[p], s);
    values[s] = count ? 0 : NAN;
    for (size_t p = 0; p < parts; p++) /* divided first: the sum could be infinite */
      if (has[p] && has_value(&work->parts[p], s)) values[s] += work->parts[p].values[s] / (double)count;
  }
  return TX_OK;
}

static tx_status finish(reading *work, tx_error *error)
{
  tx_traits *traits = work->traits;
  const size_t specimens = tx_names_count(traits->ids), parts = tx_names_count(work->part_names);
  size_t cells;
  tx_status status = TX_OK;
  traits->counts.conflict = "";
  if (!tx_multiply(specimens, traits->names.count, &cells) ||
      !(traits->values = tx_malloc_aligned(cells + 1, sizeof *traits->values)))
    return out_of_memory(error);
  for (size_t t = 0; t < traits->names.count && status == TX_OK; t++) status = fill_trait(work, t, error);
  for (size_t s = 0; s < specimens && status == TX_OK; s++) {
    bool own = false;
    for (size_t p = 0; p < parts; p++) own = own || conflicts(&work->parts[p], s);
    if (own && !traits->counts.conflicts++)
      traits->counts.conflict = tx_names_key(traits->ids, (uint32_t)s, NULL);
  }
  return status;
}

/* Reads the open table. */
static tx_status read_rows(reading *work, tx_error *error)
{
  const tx_traits_options *options = work->options;
  char **fields = NULL;
  tx_status status = tx_words_split(options->columns, "the columns of traits", &work->traits->names, error);
  if (status == TX_OK && !work->traits->names.count)
    status = tx_fail(error, TX_ERROR_USAGE, "no column of a trait is named");
  if (status == TX_OK) status = tx_names_create(&work->traits->ids, error);
  if (status == TX_OK) status = tx_names_create(&work->part_names, error);
  if (status == TX_OK) status = find_columns(work, error);
  while (status == TX_OK) {
    status = tx_table_next(work->table, &fields, error);
    if (status == TX_OK) status = take_row(work, fields, error);
  }
  return status == TX_END ? finish(work, error) : status;
}

tx_status tx_traits_read_input(tx_input *input, const tx_traits_options *options, tx_traits **ret_traits,
                               tx_error *error)
{
  reading work = {.options = options};
  tx_status status = tx_table_open(input, &work.table, error);
  if (status != TX_OK) return status;
  work.traits = calloc(1, sizeof *work.traits);
  work.parts = calloc(PARTS_MAX, sizeof *work.parts);
  status = work.traits && work.parts ? read_rows(&work, error) : out_of_memory(error);
  tx_table_close(work.table);
  tx_names_free(work.part_names);
  for (size_t p = 0; work.parts && p < PARTS_MAX; p++) {
    free(work.parts[p].values);
    free(work.parts[p].conflicts);
  }
  free(work.parts);
  tx_bytes_free(&work.key);
  if (status == TX_OK)
    *ret_traits = work.traits;
  else
    tx_traits_free(work.traits);
  return status;
}

tx_status tx_traits_read(const char *path, const tx_traits_options *options, tx_traits **ret_traits,
                         tx_error *error)
{
  tx_input *input = NULL;
  const tx_status status = tx_input_open(path, &options->hooks, &input, error);
  return status == TX_OK ? tx_traits_read_input(input, options, ret_traits, error) : status;
}

void tx_traits_free(tx_traits *traits)
{
  if (!traits) return;
  tx_words_free(&traits->names);
  tx_names_free(traits->ids);
  tx_names_free(traits->taxon.names);
  tx_names_free(traits->split.names);
  free(traits->taxon.numbers);
  free(traits->split.numbers);
  free(traits->values);
  free(traits);
}

size_t tx_traits_count(const tx_traits *traits)
{
  return traits->names.count;
}

const char *tx_traits_name(const tx_traits *traits, size_t trait)
{
  return traits->names.items[trait];
}

size_t tx_traits_specimens(const tx_traits *traits)
{
  return tx_names_count(traits->ids);
}

const char *tx_traits_id(const tx_traits *traits, size_t specimen)
{
  return tx_names_key(traits->ids, (uint32_t)specimen, NULL);
}

int64_t tx_traits_find(const tx_traits *traits, const char *id, size_t length)
{
  return tx_names_find(traits->ids, id, length);
}

double tx_traits_value(const tx_traits *traits, size_t trait, size_t specimen)
{
  return traits->values[trait * tx_names_count(traits->ids) + specimen];
}

static const char *text_of(const text_column *text, size_t specimen)
{
  if (text->column < 0 || text->numbers[specimen] >= SEVERAL_TEXTS) return NULL;
  return tx_names_key(text->names, text->numbers[specimen], NULL);
}

const char *tx_traits_taxon(const tx_traits *traits, size_t specimen)
{
  return text_of(&traits->taxon, specimen);
}

const char *tx_traits_split(const tx_traits *traits, size_t specimen)
{
  return text_of(&traits->split, specimen);
}

tx_traits_counts tx_traits_count_rows(const tx_traits *traits)
{
  return traits->counts;
}
