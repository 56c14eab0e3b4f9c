/* The tables of two label sources: columns of ranks, or of NEON's layout. */
#include "sources/label_sources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/table.h"
#include "base/text.h"
#include "base/wait.h"
#include "labelled/conditions.h"
#include "labelled/missing_names.h"
#include "taxon/ranks.h"

/* The columns of NEON's layout. */
typedef enum neon_column {
  NEON_NAME,
  NEON_RANK,
  NEON_QUALIFIER,
  NEON_MORPHOSPECIES,
  NEON_COLUMNS
} neon_column;
static const char *const neon_names[NEON_COLUMNS] = {"scientificName", "taxonRank", "identificationQualifier",
                                                     "morphospeciesID"};
/* The ranks that a row of that layout can have a name at. */
static const char *const neon_ranks[] = {"order", "family", "subfamily", "tribe", "genus", "species"};
enum { NEON_RANKS = sizeof neon_ranks / sizeof *neon_ranks };

/* A table that is open. */
typedef struct label_reader {
  const tx_label_table *table;
  tx_label_side side;
  tx_label_sources *sources;
  tx_table *rows;
  tx_words asked;
  tx_conditions conditions;
  tx_missing_names missing;
  bool neon;
  size_t rank_count; /* of its own */
  char *ranks[TX_RANKS_MAX];
  size_t rank_columns[TX_RANKS_MAX];
  size_t places[TX_RANKS_MAX]; /* rank of the sources for each of its own */
  int id_column, sequence_column, split_column;
  int neon_columns[NEON_COLUMNS];
  char **fields; /* of the row in hand */
} label_reader;

/* The copy of a text that lives as long as the sources, with '_' as it is. */
static tx_status keep_text(tx_label_sources *sources, const char *text, const char **ret_text,
                           tx_error *error)
{
  uint32_t number;
  const tx_status status = tx_names_add(sources->texts, text, strlen(text), &number, error);
  if (status == TX_OK) *ret_text = tx_names_key(sources->texts, number, NULL);
  return status;
}

/* The individual of an id, which is added if it is new. */
static tx_status find_individual(tx_label_sources *sources, const char *id, tx_individual **ret_individual,
                                 tx_error *error)
{
  uint32_t number;
  tx_status status = tx_names_add(sources->ids, id, strlen(id), &number, error);
  if (status != TX_OK) return status;
  if (number == sources->count) {
    tx_individual *own;
    if (!tx_reserve(&sources->individuals, &sources->capacity, sources->count + 1,
                    sizeof *sources->individuals))
      return tx_fail_memory(error, "the labels");
    own = &sources->individuals[sources->count++];
    memset(own, 0, sizeof *own);
    own->id = tx_names_key(sources->ids, number, NULL);
    for (size_t side = 0; side < TX_LABEL_SIDES; side++)
      own->sides[side].text = own->sides[side].qualifier = own->sides[side].morphospecies = "";
  }
  *ret_individual = &sources->individuals[number];
  return TX_OK;
}

static bool is_given(const char *text)
{
  return text && *text;
}

/* Writes PREFIX name SUFFIX. */
static void full_name(const label_reader *in, const char *name, char *text, size_t size)
{
  snprintf(text, size, "%s%s%s", is_given(in->table->prefix) ? in->table->prefix : "", name,
           is_given(in->table->suffix) ? in->table->suffix : "");
}

/* The column of a label, "genus" or "genus_name"; -1: none. */
static int find_label(const label_reader *in, const char *name)
{
  char text[256], longer[200];
  int column;
  full_name(in, name, text, sizeof text);
  column = tx_table_find(in->rows, text);
  if (column >= 0) return column;
  snprintf(longer, sizeof longer, "%s_name", name);
  full_name(in, longer, text, sizeof text);
  return tx_table_find(in->rows, text);
}

static tx_status find_column(const label_reader *in, const char *opt_name, const char *const *names,
                             int *ret_column, tx_error *error)
{
  size_t column = 0;
  *ret_column = -1;
  if (is_given(opt_name)) {
    const tx_status status = tx_table_require(in->rows, opt_name, &column, error);
    *ret_column = (int)column;
    return status;
  }
  for (; *names && *ret_column < 0; names++) *ret_column = tx_table_find(in->rows, *names);
  return TX_OK;
}

static tx_status take_rank(label_reader *in, const char *name, int column, tx_error *error)
{
  char *copy = tx_copy_text(name, strlen(name));
  if (!copy) return tx_fail_memory(error, "the labels");
  in->rank_columns[in->rank_count] = (size_t)(column < 0 ? 0 : column);
  in->ranks[in->rank_count++] = copy;
  return TX_OK;
}

static tx_status fail_ranks(const label_reader *in, tx_error *error)
{
  char list[600] = "", text[80];
  full_name(in, "genus", text, sizeof text);
  tx_table_list_columns(in->rows, list, sizeof list);
  return tx_fail_at(error, TX_ERROR_DATA, tx_table_name(in->rows), 0, 0,
                    "no column of labels: neither '%s' nor another rank, nor scientificName%s; say which are "
                    "the ranks by --ranks, and what their names begin or end with by --%s-prefix or "
                    "--%s-suffix",
                    text, list, in->side == TX_LABEL_FIRST ? "first" : "second",
                    in->side == TX_LABEL_FIRST ? "first" : "second");
}

/* Ranks that are columns: those that were asked for, else the usual ones from the top down; without any,
   NEON's layout. */
static tx_status find_ranks(label_reader *in, tx_error *error)
{
  static const char *const usual[] = {"superkingdom", "domain",    "kingdom", "phylum", "class",  "order",
                                      "family",       "subfamily", "tribe",   "genus",  "species"};
  const size_t count = in->asked.count ? in->asked.count : sizeof usual / sizeof *usual;
  tx_status status = TX_OK;
  if (count > TX_RANKS_MAX) return tx_fail(error, TX_ERROR_USAGE, "--ranks: at most %d", TX_RANKS_MAX);
  for (size_t i = 0; i < count && status == TX_OK; i++) {
    const char *name = in->asked.count ? in->asked.items[i] : usual[i];
    const int column = find_label(in, name);
    char text[256];
    size_t there;
    full_name(in, name, text, sizeof text);
    if (column < 0 && in->asked.count) return tx_table_require(in->rows, text, &there, error);
    if (column >= 0) status = take_rank(in, name, column, error);
  }
  for (size_t i = 0; i < NEON_COLUMNS; i++) in->neon_columns[i] = find_label(in, neon_names[i]);
  if (status != TX_OK || in->rank_count) return status;
  if (in->neon_columns[NEON_NAME] < 0) return fail_ranks(in, error);
  in->neon = true;
  for (size_t i = 0; i < NEON_RANKS && status == TX_OK; i++) status = take_rank(in, neon_ranks[i], -1, error);
  return status;
}

static tx_status open_table(label_reader *in, tx_error *error)
{
  static const char *const ids[] = {"individualID", "processid", "process_id", "id",
                                    "seqid",        "sampleid",  NULL};
  static const char *const sequences[] = {"dna_barcode", "sequence", "nucleotides", "nuc", "nucraw", NULL};
  const tx_label_table *table = in->table;
  tx_input *input = NULL;
  tx_status status = tx_words_split(table->ranks, "--ranks", &in->asked, error);
  if (status == TX_OK) status = tx_conditions_parse(table->where, &in->conditions, error);
  if (status == TX_OK && is_given(table->missing_names))
    status = tx_missing_names_read(table->missing_names, table->hooks.stop, &in->missing, error);
  if (status == TX_OK) status = tx_input_open(table->path, &table->hooks, &input, error);
  if (status == TX_OK) status = tx_table_open(input, &in->rows, error);
  if (status == TX_OK) status = find_column(in, table->id_column, ids, &in->id_column, error);
  if (status == TX_OK)
    status = find_column(in, table->sequence_column, sequences, &in->sequence_column, error);
  if (status == TX_OK) status = tx_conditions_find(&in->conditions, in->rows, error);
  if (status == TX_OK) in->split_column = tx_table_find(in->rows, "split");
  if (status == TX_OK && in->id_column < 0) in->id_column = 0;
  return status == TX_OK ? find_ranks(in, error) : status;
}

static void close_table(label_reader *in)
{
  tx_table_close(in->rows);
  tx_words_free(&in->asked);
  tx_conditions_free(&in->conditions);
  tx_missing_names_free(&in->missing);
  for (size_t r = 0; r < TX_RANKS_MAX; r++) free(in->ranks[r]);
}

static size_t find_rank(const tx_label_sources *sources, const char *name)
{
  size_t rank = 0;
  while (rank < sources->rank_count && strcmp(sources->ranks[rank], name) != 0) rank++;
  return rank;
}

/* Adds the ranks of a table to those of the sources: a new one stands before the first that is lower. */
static tx_status join_ranks(tx_label_sources *sources, const label_reader *in, tx_error *error)
{
  for (size_t r = 0; r < in->rank_count; r++) {
    size_t at = 0;
    const int level = tx_rank_level(in->ranks[r]);
    char *copy;
    if (find_rank(sources, in->ranks[r]) < sources->rank_count) continue;
    if (sources->rank_count == TX_RANKS_MAX)
      return tx_fail(error, TX_ERROR_USAGE, "the two sources have more than %d ranks", TX_RANKS_MAX);
    while (at < sources->rank_count &&
           (level < 1 || tx_rank_level(sources->ranks[at]) < 1 || tx_rank_level(sources->ranks[at]) <= level))
      at++;
    copy = tx_copy_text(in->ranks[r], strlen(in->ranks[r]));
    if (!copy) return tx_fail_memory(error, "the labels");
    memmove(sources->ranks + at + 1, sources->ranks + at,
            (sources->rank_count - at) * sizeof *sources->ranks);
    sources->ranks[at] = copy;
    sources->rank_count++;
  }
  return TX_OK;
}

/* Takes a field that is a text: blanks folded, control characters refused. */
static tx_status take_text(label_reader *in, size_t column, char **ret_text, tx_error *error)
{
  *ret_text = in->fields[column] = tx_text_fold_blanks(in->fields[column]);
  if (!tx_text_has_control(*ret_text)) return TX_OK;
  return tx_fail_at(error, TX_ERROR_DATA, tx_table_name(in->rows), tx_table_line(in->rows),
                    tx_table_row(in->rows), "a control character in column '%s': '%.100s'",
                    tx_table_column(in->rows, column), *ret_text);
}

static bool is_missing(const label_reader *in, const char *name)
{
  return tx_label_is_missing(name) || tx_missing_names_match(&in->missing, name);
}

/* Keeps a name with blanks for '_', so that names are compared as texts. */
static tx_status keep_name(label_reader *in, const char *name, const char **ret_name, tx_error *error)
{
  uint32_t number;
  const tx_status status = tx_names_add_spaced(in->sources->texts, name, &number, error);
  if (status == TX_OK) *ret_name = tx_names_key(in->sources->texts, number, NULL);
  return status;
}

static tx_status read_ranks(label_reader *in, tx_identification *label, tx_error *error)
{
  tx_status status = TX_OK;
  for (size_t r = 0; r < in->rank_count && status == TX_OK; r++) {
    char *name;
    status = take_text(in, in->rank_columns[r], &name, error);
    if (status != TX_OK || is_missing(in, name)) continue;
    status = keep_name(in, name, &label->taxa[in->places[r]], error);
    if (status == TX_OK) status = keep_text(in->sources, name, &label->text, error);
  }
  return status;
}

/* Cuts a scientific name into its genus and its epithet; a subgenus in brackets is left out. *ret_epithet is
   "" where there is none. */
static void cut_name(const char *name, char *genus, char *epithet, size_t size)
{
  size_t length = strcspn(name, " ");
  snprintf(genus, size, "%.*s", (int)(length < size ? length : size - 1), name);
  name += length;
  name += strspn(name, " ");
  if (*name == '(') {
    name += strcspn(name, ")");
    name += strspn(name, ") ");
  }
  length = strcspn(name, " ");
  snprintf(epithet, size, "%.*s", (int)(length < size ? length : size - 1), name);
}

/* The place among the sources' ranks of a rank of NEON's layout that stands above the genus. */
static size_t upper_place(const label_reader *in, const char *rank)
{
  for (size_t r = 0; r + 2 < in->rank_count; r++)
    if (tx_text_equal_fold(in->ranks[r], rank)) return in->places[r];
  return SIZE_MAX;
}

/* The names of a scientific name, as far down as its rank says. */
static tx_status place_name(label_reader *in, const char *name, const char *rank, tx_identification *label,
                            tx_error *error)
{
  enum { SIZE = 200 };
  const bool below_genus = tx_text_equal_fold(rank, "species") || tx_text_equal_fold(rank, "subspecies") ||
                           tx_text_equal_fold(rank, "variety") || tx_text_equal_fold(rank, "form");
  const size_t genus_place = in->places[in->rank_count - 2], species_place = in->places[in->rank_count - 1];
  char genus[SIZE], epithet[SIZE], species[2 * SIZE + 1];
  const size_t upper = upper_place(in, rank);
  tx_status status;
  cut_name(name, genus, epithet, SIZE);
  snprintf(species, sizeof species, "%s %s", genus, epithet);
  if (upper != SIZE_MAX) return keep_name(in, genus, &label->taxa[upper], error);
  if (!*rank && !*epithet && strlen(genus) > 4 && tx_text_equal_fold(genus + strlen(genus) - 4, "idae"))
    return keep_name(in, genus, &label->taxa[in->places[1]], error);
  status = keep_name(in, genus, &label->taxa[genus_place], error);
  if (status == TX_OK && *epithet && !is_missing(in, species) && (below_genus || !*rank))
    status = keep_name(in, species, &label->taxa[species_place], error);
  return status;
}

static tx_status read_neon(label_reader *in, tx_identification *label, tx_error *error)
{
  char *texts[NEON_COLUMNS] = {NULL};
  tx_status status = TX_OK;
  for (size_t i = 0; i < NEON_COLUMNS && status == TX_OK; i++)
    if (in->neon_columns[i] >= 0) status = take_text(in, (size_t)in->neon_columns[i], &texts[i], error);
  if (status != TX_OK) return status;
  if (texts[NEON_QUALIFIER]) status = keep_text(in->sources, texts[NEON_QUALIFIER], &label->qualifier, error);
  if (status == TX_OK && texts[NEON_MORPHOSPECIES])
    status = keep_text(in->sources, texts[NEON_MORPHOSPECIES], &label->morphospecies, error);
  /* "Amara sp." stands for no species, but is a genus. */
  if (status != TX_OK || !*texts[NEON_NAME] ||
      (is_missing(in, texts[NEON_NAME]) && !strchr(texts[NEON_NAME], ' ')))
    return status;
  status = keep_text(in->sources, texts[NEON_NAME], &label->text, error);
  if (status != TX_OK) return status;
  return place_name(in, texts[NEON_NAME], texts[NEON_RANK] ? texts[NEON_RANK] : "", label, error);
}

/* Joins the texts of labels that contradict each other. */
static tx_status add_conflict(label_reader *in, tx_identification *own, const char *text, tx_error *error)
{
  const size_t size = strlen(own->text) + strlen(text) + 2;
  char *joined = malloc(size);
  tx_status status;
  if (!joined) return tx_fail_memory(error, "the labels");
  snprintf(joined, size, "%s|%s", own->text, text);
  status = keep_text(in->sources, joined, &own->text, error);
  free(joined);
  own->conflicts = true;
  memset(own->taxa, 0, sizeof own->taxa);
  return status;
}

/* Whether a text is one of those between '|' of another. */
static bool is_among(const char *texts, const char *text)
{
  const size_t length = strlen(text);
  while (*texts) {
    const size_t size = strcspn(texts, "|");
    if (size == length && memcmp(texts, text, size) == 0) return true;
    texts += size + (texts[size] == '|');
  }
  return false;
}

static tx_status add_label(label_reader *in, tx_individual *individual, const tx_identification *label,
                           tx_error *error)
{
  tx_identification *own = &individual->sides[in->side];
  const bool same = !own->conflicts && memcmp(own->taxa, label->taxa, sizeof own->taxa) == 0;
  if (!*label->text) { /* a row without a label says nothing */
    if (!*own->qualifier) own->qualifier = label->qualifier;
    if (!*own->morphospecies) own->morphospecies = label->morphospecies;
    return TX_OK;
  }
  if (!*own->text) {
    *own = *label;
    return TX_OK;
  }
  if (same || (own->conflicts && is_among(own->text, label->text))) return TX_OK;
  return add_conflict(in, own, label->text, error);
}

/* Takes the sequence and the split of an individual that has none yet. */
static tx_status read_others(label_reader *in, tx_individual *individual, tx_error *error)
{
  char *text;
  if (in->sequence_column >= 0 && !individual->sequence) {
    size_t length;
    text = in->fields[in->sequence_column];
    text = tx_text_trim(text, strlen(text), &length);
    if (length && !tx_label_is_missing(text)) {
      individual->sequence = tx_copy_text(text, length);
      if (!individual->sequence) return tx_fail_memory(error, "the sequences");
    }
  }
  if (in->split_column >= 0 && !individual->split) {
    const tx_status status = take_text(in, (size_t)in->split_column, &text, error);
    return status == TX_OK ? keep_text(in->sources, text, &individual->split, error) : status;
  }
  return TX_OK;
}

static tx_status read_row(label_reader *in, tx_error *error)
{
  tx_identification label = {.text = "", .qualifier = "", .morphospecies = ""};
  tx_individual *individual = NULL;
  char *id;
  tx_status status = take_text(in, (size_t)in->id_column, &id, error);
  if (status != TX_OK) return status;
  if (!*id)
    return tx_fail_at(error, TX_ERROR_DATA, tx_table_name(in->rows), tx_table_line(in->rows),
                      tx_table_row(in->rows), "no id in column '%s'",
                      tx_table_column(in->rows, (size_t)in->id_column));
  status = find_individual(in->sources, id, &individual, error);
  if (status == TX_OK) status = in->neon ? read_neon(in, &label, error) : read_ranks(in, &label, error);
  if (status == TX_OK) status = add_label(in, individual, &label, error);
  return status == TX_OK ? read_others(in, individual, error) : status;
}

static tx_status read_table(label_reader *in, tx_error *error)
{
  tx_status status = TX_OK;
  for (size_t r = 0; r < in->rank_count; r++) in->places[r] = find_rank(in->sources, in->ranks[r]);
  while (status == TX_OK) {
    status = tx_is_stopped(in->table->hooks.stop) ? TX_STOPPED : tx_table_next(in->rows, &in->fields, error);
    if (status == TX_OK && tx_conditions_hold(&in->conditions, in->fields)) status = read_row(in, error);
  }
  return status == TX_END ? TX_OK : status;
}

tx_status tx_label_tables_read(const tx_label_table *tables, tx_label_sources *sources, tx_error *error)
{
  label_reader *readers = calloc(TX_LABEL_SIDES, sizeof *readers);
  tx_status status = readers ? TX_OK : tx_fail_memory(error, "the labels");
  for (size_t side = 0; side < TX_LABEL_SIDES && status == TX_OK; side++) {
    readers[side].table = &tables[side];
    readers[side].side = (tx_label_side)side;
    readers[side].sources = sources;
    status = open_table(&readers[side], error);
    if (status == TX_OK) status = join_ranks(sources, &readers[side], error);
  }
  if (status == TX_OK) {
    const char *name = tx_table_column(readers[0].rows, (size_t)readers[0].id_column);
    sources->id_name = tx_copy_text(name, strlen(name));
    if (!sources->id_name) status = tx_fail_memory(error, "the labels");
  }
  for (size_t side = 0; side < TX_LABEL_SIDES && status == TX_OK; side++)
    status = read_table(&readers[side], error);
  for (size_t side = 0; readers && side < TX_LABEL_SIDES; side++) close_table(&readers[side]);
  free(readers);
  return status;
}
