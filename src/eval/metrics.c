#include <taxamba/evaluate.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/names.h"

/* Counts of one taxon over one set of queries. */
typedef struct taxon_counts {
  uint64_t queries; /* queries whose true taxon this is */
  uint64_t calls;   /* queries called as this taxon */
  uint64_t correct; /* both */
} taxon_counts;

enum { SET_ALL, SET_KNOWN, SET_COUNT };

typedef struct taxon_entry {
  taxon_counts sets[SET_COUNT];
  bool known;
} taxon_entry;

typedef struct rank_entry {
  char *name;
  tx_names *names;   /* taxa seen in truth, in predictions, or declared as known */
  taxon_entry *taxa; /* by number in `names` */
  size_t capacity;
  size_t known_count;
} rank_entry;

struct tx_evaluation {
  rank_entry *ranks;
  size_t rank_count;
  uint64_t queries;
};

tx_status tx_evaluation_create(const char *const *ranks, size_t rank_count, tx_evaluation **ret_evaluation, tx_error *error)
{
  tx_evaluation *evaluation;
  if (rank_count == 0) return tx_fail(error, TX_ERROR_USAGE, "no rank to evaluate");
  evaluation = calloc(1, sizeof *evaluation);
  if (!evaluation) return tx_fail_memory(error, "the evaluation");
  evaluation->ranks = calloc(rank_count, sizeof *evaluation->ranks);
  if (!evaluation->ranks) {
    free(evaluation);
    return tx_fail_memory(error, "the evaluation");
  }
  evaluation->rank_count = rank_count;
  for (size_t r = 0; r < rank_count; r++) {
    rank_entry *rank = &evaluation->ranks[r];
    tx_status status;
    rank->name = tx_copy_text(ranks[r], strlen(ranks[r]));
    status = rank->name ? tx_names_create(&rank->names, error) : tx_fail_memory(error, "the evaluation");
    if (status != TX_OK) {
      tx_evaluation_free(evaluation);
      return status;
    }
  }
  *ret_evaluation = evaluation;
  return TX_OK;
}

void tx_evaluation_free(tx_evaluation *evaluation)
{
  if (!evaluation) return;
  for (size_t r = 0; r < evaluation->rank_count; r++) {
    free(evaluation->ranks[r].name);
    tx_names_free(evaluation->ranks[r].names);
    free(evaluation->ranks[r].taxa);
  }
  free(evaluation->ranks);
  free(evaluation);
}

/* The number of a taxon, whose entry exists afterwards. */
static tx_status taxon_number(rank_entry *rank, const char *name, uint32_t *ret_number, tx_error *error)
{
  size_t before = tx_names_count(rank->names);
  if (!tx_reserve(&rank->taxa, &rank->capacity, before + 1, sizeof *rank->taxa)) return tx_fail_memory(error, "the evaluation");
  tx_status status = tx_names_add(rank->names, name, strlen(name), ret_number, error);
  if (status == TX_OK && tx_names_count(rank->names) > before) memset(&rank->taxa[*ret_number], 0, sizeof *rank->taxa);
  return status;
}

tx_status tx_evaluation_know(tx_evaluation *evaluation, size_t rank_index, const char *name, tx_error *error)
{
  rank_entry *rank;
  uint32_t number = 0;
  tx_status status;
  if (rank_index >= evaluation->rank_count) return tx_fail(error, TX_ERROR_USAGE, "the evaluation has no rank %zu", rank_index);
  if (evaluation->queries) return tx_fail(error, TX_ERROR_USAGE, "known taxa must be declared before the first query");
  rank = &evaluation->ranks[rank_index];
  status = taxon_number(rank, name, &number, error);
  if (status != TX_OK) return status;
  if (!rank->taxa[number].known) rank->known_count++;
  rank->taxa[number].known = true;
  return TX_OK;
}

tx_status tx_evaluation_add(tx_evaluation *evaluation, const char *const *truth, const char *const *predicted, tx_error *error)
{
  for (size_t r = 0; r < evaluation->rank_count; r++) {
    rank_entry *rank = &evaluation->ranks[r];
    uint32_t true_taxon = 0, called_taxon = 0;
    tx_status status;
    if (!truth[r]) continue;
    status = taxon_number(rank, truth[r], &true_taxon, error);
    if (status == TX_OK && predicted[r]) status = taxon_number(rank, predicted[r], &called_taxon, error);
    if (status != TX_OK) return status;
    for (int set = SET_ALL; set < SET_COUNT; set++) {
      if (set == SET_KNOWN && !rank->taxa[true_taxon].known) continue;
      rank->taxa[true_taxon].sets[set].queries++;
      if (!predicted[r]) continue;
      rank->taxa[called_taxon].sets[set].calls++;
      if (called_taxon == true_taxon) rank->taxa[true_taxon].sets[set].correct++;
    }
  }
  evaluation->queries++;
  return TX_OK;
}

static tx_scores score(const rank_entry *rank, int set)
{
  tx_scores scores = {0};
  double accuracy_sum = 0, f1_sum = 0;
  for (size_t t = 0; t < tx_names_count(rank->names); t++) {
    const taxon_counts *taxon = &rank->taxa[t].sets[set];
    scores.called += taxon->calls;
    if (!taxon->queries) continue;
    scores.classes++;
    scores.queries += taxon->queries;
    scores.correct += taxon->correct;
    accuracy_sum += (double)taxon->correct / (double)taxon->queries;
    /* F1 = 2 TP / (2 TP + FP + FN), and TP + FP = calls, TP + FN = queries */
    f1_sum += 2.0 * (double)taxon->correct / (double)(taxon->calls + taxon->queries);
  }
  if (scores.queries) {
    scores.accuracy = (double)scores.correct / (double)scores.queries;
    scores.coverage = (double)scores.called / (double)scores.queries;
    scores.macro_accuracy = accuracy_sum / (double)scores.classes;
    scores.macro_f1 = f1_sum / (double)scores.classes;
  }
  return scores;
}

tx_status tx_evaluation_scores(const tx_evaluation *evaluation, tx_rank_scores *ret_scores, tx_error *error)
{
  (void)error; /* every count is there already: nothing can fail */
  for (size_t r = 0; r < evaluation->rank_count; r++) {
    ret_scores[r].all = score(&evaluation->ranks[r], SET_ALL);
    ret_scores[r].known = score(&evaluation->ranks[r], SET_KNOWN);
  }
  return TX_OK;
}

static bool has_known(const tx_evaluation *evaluation)
{
  for (size_t r = 0; r < evaluation->rank_count; r++)
    if (evaluation->ranks[r].known_count) return true;
  return false;
}

static void write_figure(tx_bytes *text, uint64_t queries, double figure, int width)
{
  if (queries)
    tx_bytes_printf(text, "  %*.4f", width, figure);
  else
    tx_bytes_printf(text, "  %*s", width, "-");
}

static void write_table_row(tx_bytes *text, const char *rank, int rank_width, const char *set, const tx_scores *scores)
{
  tx_bytes_printf(text, "%-*s  %-5s  %8" PRIu64 "  %7" PRIu64, rank_width, rank, set, scores->queries, scores->classes);
  write_figure(text, scores->queries, scores->coverage, 8);
  write_figure(text, scores->queries, scores->accuracy, 8);
  write_figure(text, scores->queries, scores->macro_accuracy, 14);
  write_figure(text, scores->queries, scores->macro_f1, 8);
  tx_bytes_text(text, "\n");
}

static void write_table(tx_bytes *text, const tx_evaluation *evaluation, const char *title)
{
  int rank_width = 4;
  bool known = has_known(evaluation);
  for (size_t r = 0; r < evaluation->rank_count; r++) {
    size_t length = strlen(evaluation->ranks[r].name);
    if (length > (size_t)rank_width && length < 64) rank_width = (int)length;
  }
  tx_bytes_printf(text, "%s: %" PRIu64 " records\n", title, evaluation->queries);
  tx_bytes_printf(text, "%-*s  %-5s  %8s  %7s  %8s  %8s  %14s  %8s\n", rank_width, "rank", "taxa", "queries", "classes", "coverage",
                  "accuracy", "macro-accuracy", "macro-F1");
  for (size_t r = 0; r < evaluation->rank_count; r++) {
    const rank_entry *rank = &evaluation->ranks[r];
    tx_scores all = score(rank, SET_ALL), seen = score(rank, SET_KNOWN);
    write_table_row(text, rank->name, rank_width, "all", &all);
    if (known) write_table_row(text, rank->name, rank_width, "known", &seen);
  }
}

static void write_json_figure(tx_bytes *text, const char *name, uint64_t queries, double figure)
{
  if (queries)
    tx_bytes_printf(text, ",\"%s\":%.6f", name, figure);
  else
    tx_bytes_printf(text, ",\"%s\":null", name);
}

static void write_json_scores(tx_bytes *text, const char *set, const tx_scores *scores)
{
  tx_bytes_printf(text, ",\"%s\":{\"queries\":%" PRIu64 ",\"called\":%" PRIu64 ",\"correct\":%" PRIu64 ",\"classes\":%" PRIu64, set,
                  scores->queries, scores->called, scores->correct, scores->classes);
  write_json_figure(text, "coverage", scores->queries, scores->coverage);
  write_json_figure(text, "accuracy", scores->queries, scores->accuracy);
  write_json_figure(text, "macro_accuracy", scores->queries, scores->macro_accuracy);
  write_json_figure(text, "macro_f1", scores->queries, scores->macro_f1);
  tx_bytes_text(text, "}");
}

static void write_json(tx_bytes *text, const tx_evaluation *evaluation, const char *title)
{
  bool known = has_known(evaluation);
  tx_bytes_text(text, "{\"title\":");
  tx_bytes_json_string(text, title, strlen(title));
  tx_bytes_printf(text, ",\"records\":%" PRIu64 ",\"ranks\":[", evaluation->queries);
  for (size_t r = 0; r < evaluation->rank_count; r++) {
    const rank_entry *rank = &evaluation->ranks[r];
    tx_scores all = score(rank, SET_ALL), seen = score(rank, SET_KNOWN);
    tx_bytes_text(text, r ? ",{\"rank\":" : "{\"rank\":");
    tx_bytes_json_string(text, rank->name, strlen(rank->name));
    if (known) tx_bytes_printf(text, ",\"known_taxa\":%zu", rank->known_count);
    write_json_scores(text, "all", &all);
    if (known) write_json_scores(text, "known", &seen);
    tx_bytes_text(text, "}");
  }
  tx_bytes_text(text, "]}\n");
}

tx_status tx_evaluation_report(const tx_evaluation *evaluation, const char *title, bool json, char **ret_text, tx_error *error)
{
  tx_bytes text = {0};
  if (json)
    write_json(&text, evaluation, title);
  else
    write_table(&text, evaluation, title);
  if (text.failed) {
    tx_bytes_free(&text);
    return tx_fail_memory(error, "the report");
  }
  *ret_text = text.data; /* handed over: the buffer ends in a NUL and comes from malloc */
  return TX_OK;
}
