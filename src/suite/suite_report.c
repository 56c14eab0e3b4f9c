/* The results of the suite as a text or as JSON. */
#include "suite/suite.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <taxamba/evaluate.h>

#include "base/error.h"
#include "base/memory.h"
#include "eval/evaluation.h"

/* Lower ends of the bands of identity. */
static const double band_ends[TX_BANDS] = {1, 0.99, 0.97, 0.95, 0.90, 0};
static const char *const band_names[TX_BANDS] = {"100", "99-100", "97-99", "95-97", "90-95", "<90"};

size_t tx_suite_band(double identity)
{
  size_t band = 0;
  while (band + 1 < TX_BANDS && !(identity >= band_ends[band])) band++;
  return band;
}

const char *tx_suite_band_name(size_t band)
{
  return band_names[band];
}

/* A report that is written. */
typedef struct writing {
  const tx_suite *suite;
  const tx_suite_options *options;
  bool json;
  tx_bytes *text;
} writing;

/* Which queries are scored: all, those without a duplicate, those of one band. */
enum { EVERY = -2, CLEAN = -1 };

static bool is_scored(const tx_suite_part *part, size_t record, int which)
{
  if (which == EVERY) return true;
  if (which == CLEAN) return !tx_suite_is_leaked(part, record);
  return tx_suite_band(part->identities[record]) == (size_t)which;
}

static tx_status declare_known(const tx_suite *suite, const tx_suite_answers *answers,
                               tx_evaluation *evaluation, tx_error *error)
{
  tx_status status = TX_OK;
  if (answers->model_knows) return tx_evaluation_know_taxonomy(evaluation, suite->taxonomy, error);
  for (size_t r = 0; r < suite->rank_count && status == TX_OK; r++) {
    unsigned char *seen = calloc(tx_names_count(suite->taxa[r]) + 1, 1);
    if (!seen) return tx_fail_memory(error, "the known taxa");
    for (size_t s = 0; s < TX_SUITE_SPLITS; s++)
      for (size_t i = 0; answers->references[s] && i < suite->parts[s].count && status == TX_OK; i++) {
        const int32_t label = tx_suite_labels(suite, &suite->parts[s], i)[r];
        if (label < 0 || seen[label]) continue;
        seen[label] = 1;
        status = tx_evaluation_know(evaluation, r, tx_suite_taxon(suite, r, label), error);
      }
    free(seen);
  }
  return status;
}

static tx_status add_queries(const tx_suite *suite, const tx_suite_answers *answers, int which,
                             tx_evaluation *evaluation, tx_error *error)
{
  const size_t ranks = suite->rank_count;
  size_t at = 0;
  tx_status status = TX_OK;
  for (size_t s = 0; s < TX_SUITE_SPLITS; s++) {
    const tx_suite_part *part = &suite->parts[s];
    for (size_t i = 0; answers->queries[s] && i < part->count && status == TX_OK; i++, at++) {
      const char *truth[TX_RANKS_MAX];
      if (!is_scored(part, i, which)) continue;
      for (size_t r = 0; r < ranks; r++)
        truth[r] = tx_suite_taxon(suite, r, tx_suite_labels(suite, part, i)[r]);
      status = tx_evaluation_add(evaluation, truth, answers->called + at * ranks,
                                 answers->confidences ? answers->confidences + at * ranks : NULL, error);
    }
  }
  return status;
}

static tx_status evaluate(const writing *own, const tx_suite_answers *answers, int which,
                          tx_evaluation **ret_evaluation, tx_error *error)
{
  const tx_suite *suite = own->suite;
  const tx_suite_options *options = own->options;
  tx_status status = tx_evaluation_create((const char *const *)suite->ranks, suite->rank_count,
                                          ret_evaluation, error);
  if (status == TX_OK)
    status = tx_evaluation_bootstrap(*ret_evaluation, options->resamples, options->seed, options->threads,
                                     options->stop, error);
  if (status == TX_OK) status = declare_known(suite, answers, *ret_evaluation, error);
  return status == TX_OK ? add_queries(suite, answers, which, *ret_evaluation, error) : status;
}

/* Appends an evaluation as eval prints it, in JSON without the line break. */
static tx_status put_evaluation(const writing *own, const tx_suite_answers *answers, int which,
                                const char *title, tx_error *error)
{
  tx_evaluation *evaluation = NULL;
  char *text = NULL;
  tx_status status = evaluate(own, answers, which, &evaluation, error);
  if (status == TX_OK) status = tx_evaluation_report(evaluation, title, own->json, &text, error);
  if (status == TX_OK) tx_bytes_append(own->text, text, strlen(text) - (own->json ? 1 : 0));
  free(text);
  tx_evaluation_free(evaluation);
  return status;
}

/* Names of splits: "test, test_unseen", or a JSON list. */
static void put_splits(tx_bytes *text, const bool splits[TX_SUITE_SPLITS], bool json)
{
  bool any = false;
  for (size_t s = 0; s < TX_SUITE_SPLITS; s++)
    if (splits[s]) {
      tx_bytes_printf(text, json ? "%s\"%s\"" : "%s%s", any ? (json ? "," : ", ") : "",
                      tx_suite_split_name((tx_suite_split)s));
      any = true;
    }
}

static tx_status put_answers_json(const writing *own, const tx_suite_answers *answers, tx_error *error)
{
  tx_status status;
  tx_bytes_printf(own->text, "{\"stage\":\"%s\",\"method\":\"%s\",\"queries\":[",
                  tx_suite_stage_name(answers->stage), answers->method);
  put_splits(own->text, answers->queries, true);
  tx_bytes_text(own->text, "],\"references\":[");
  put_splits(own->text, answers->references, true);
  tx_bytes_printf(own->text, "],\"settings\":{%s},\"scores\":", answers->settings);
  status = put_evaluation(own, answers, EVERY, answers->method, error);
  if (status == TX_OK && own->suite->audit) {
    tx_bytes_text(own->text, ",\"without_leaks\":");
    status = put_evaluation(own, answers, CLEAN, answers->method, error);
    tx_bytes_text(own->text, ",\"by_identity\":[");
    for (int b = 0; b < TX_BANDS && status == TX_OK; b++) {
      tx_bytes_printf(own->text, "%s{\"band\":\"%s\",\"scores\":", b ? "," : "", band_names[b]);
      status = put_evaluation(own, answers, b, answers->method, error);
      tx_bytes_text(own->text, "}");
    }
    tx_bytes_text(own->text, "]");
  }
  tx_bytes_text(own->text, "}");
  return status;
}

/* A table of accuracies: without duplicates, and by identity to the nearest record of train. */
static tx_status put_bands(const writing *own, const tx_suite_answers *answers, tx_error *error)
{
  const size_t ranks = own->suite->rank_count;
  tx_rank_scores scores[TX_BANDS + 1][TX_RANKS_MAX];
  uint64_t records[TX_BANDS + 1] = {0};
  tx_status status = TX_OK;
  for (int c = 0; c <= TX_BANDS && status == TX_OK; c++) {
    tx_evaluation *evaluation = NULL;
    status = evaluate(own, answers, c ? c - 1 : CLEAN, &evaluation, error);
    if (status == TX_OK) status = tx_evaluation_scores(evaluation, scores[c], error);
    if (status == TX_OK) records[c] = evaluation->queries;
    tx_evaluation_free(evaluation);
  }
  if (status != TX_OK) return status;
  tx_bytes_printf(own->text, "  accuracy by identity to train, all taxa\n  %-14s  %9s", "rank", "no leaks");
  for (size_t b = 0; b < TX_BANDS; b++) tx_bytes_printf(own->text, "  %8s", band_names[b]);
  tx_bytes_printf(own->text, "\n  %-14s  %9" PRIu64, "(records)", records[0]);
  for (size_t b = 0; b < TX_BANDS; b++) tx_bytes_printf(own->text, "  %8" PRIu64, records[b + 1]);
  for (size_t r = 0; r < ranks; r++) {
    tx_bytes_printf(own->text, "\n  %-14s", own->suite->ranks[r]);
    for (size_t c = 0; c <= TX_BANDS; c++)
      if (scores[c][r].all.queries)
        tx_bytes_printf(own->text, "  %*.4f", c ? 8 : 9, scores[c][r].all.accuracy);
      else
        tx_bytes_printf(own->text, "  %*s", c ? 8 : 9, "-");
  }
  tx_bytes_text(own->text, "\n");
  return TX_OK;
}

/* Calls by confidence at the lowest rank. */
static tx_status put_reliability(const writing *own, const tx_suite_answers *answers, tx_error *error)
{
  const size_t lowest = own->suite->rank_count - 1;
  tx_rank_calibration calibration[TX_RANKS_MAX];
  tx_evaluation *evaluation = NULL;
  tx_status status = evaluate(own, answers, EVERY, &evaluation, error);
  if (status == TX_OK) status = tx_evaluation_calibration(evaluation, calibration, error);
  tx_evaluation_free(evaluation);
  if (status != TX_OK) return status;
  tx_bytes_printf(own->text, "  reliability at %s, all taxa\n  %-13s  %8s  %10s  %8s\n",
                  own->suite->ranks[lowest], "confidence", "calls", "mean", "accuracy");
  for (size_t b = 0; b < TX_RELIABILITY_BINS; b++) {
    const tx_reliability_bin *bin = &calibration[lowest].all.bins[b];
    if (bin->count)
      tx_bytes_printf(own->text, "  %.4f-%.4f  %8" PRIu64 "  %10.4f  %8.4f\n",
                      (double)b / TX_RELIABILITY_BINS, (double)(b + 1) / TX_RELIABILITY_BINS, bin->count,
                      bin->confidence, bin->accuracy);
  }
  return TX_OK;
}

static tx_status put_answers_text(const writing *own, const tx_suite_answers *answers, tx_error *error)
{
  bool references = false;
  tx_bytes title = {0};
  tx_status status;
  for (size_t s = 0; s < TX_SUITE_SPLITS; s++) references = references || answers->references[s];
  tx_bytes_printf(&title, "%s: %s, ", tx_suite_stage_name(answers->stage), answers->method);
  put_splits(&title, answers->queries, false);
  if (references) {
    tx_bytes_text(&title, " against ");
    put_splits(&title, answers->references, false);
  }
  status = title.failed ? tx_fail_memory(error, "the report")
                        : put_evaluation(own, answers, EVERY, title.data, error);
  tx_bytes_free(&title);
  if (status == TX_OK && answers->stage == TX_STAGE_CALIBRATION)
    status = put_reliability(own, answers, error);
  if (status == TX_OK && own->suite->audit) status = put_bands(own, answers, error);
  tx_bytes_text(own->text, "\n");
  return status;
}

static void put_number(tx_bytes *text, const char *name, double number)
{
  tx_bytes_printf(text, ",\"%s\":%.6f", name, number);
}

static void put_partition(tx_bytes *text, const char *name, const tx_suite_partition_scores *own)
{
  const tx_partition_scores *scores = &own->scores;
  if (!own->scored) {
    tx_bytes_printf(text, ",\"%s\":null", name);
    return;
  }
  tx_bytes_printf(text, ",\"%s\":{\"records\":%zu,\"classes\":%zu,\"clusters\":%zu", name, scores->records,
                  scores->classes, scores->clusters);
  put_number(text, "ami", scores->ami);
  put_number(text, "nmi", scores->nmi);
  put_number(text, "ari", scores->ari);
  put_number(text, "homogeneity", scores->homogeneity);
  put_number(text, "completeness", scores->completeness);
  put_number(text, "v", scores->v);
  put_number(text, "fmi", scores->fmi);
  tx_bytes_text(text, "}");
}

static tx_status put_cluster_rank(const writing *own, const tx_suite_clusters *clusters, size_t rank,
                                  tx_error *error)
{
  tx_suite_partition_scores all = {0}, clean = {0};
  tx_status status = tx_suite_partition(own->suite, clusters, rank, false, &all, error);
  if (status == TX_OK && own->suite->audit)
    status = tx_suite_partition(own->suite, clusters, rank, true, &clean, error);
  if (own->json) {
    tx_bytes_text(own->text, rank ? ",{\"rank\":" : "{\"rank\":");
    tx_bytes_json_string(own->text, own->suite->ranks[rank], strlen(own->suite->ranks[rank]));
    tx_bytes_printf(own->text, ",\"classes\":%zu,\"unlabelled\":%zu", all.scores.classes,
                    all.unlabelled);
    put_partition(own->text, "scores", &all);
    if (own->suite->audit) put_partition(own->text, "without_leaks", &clean);
    tx_bytes_text(own->text, "}");
    return status;
  }
  tx_bytes_printf(own->text, "%-14s  %8zu  %10zu  %7zu  %8zu  %7.4f  %7.4f  %7.4f", own->suite->ranks[rank],
                  all.scores.records, all.unlabelled, all.scores.classes, clusters->clusters,
                  all.scores.ami, all.scores.nmi, all.scores.ari);
  if (clean.scored) tx_bytes_printf(own->text, "  %12.4f", clean.scores.ami);
  tx_bytes_text(own->text, "\n");
  return status;
}

static tx_status put_clusters(const writing *own, const tx_suite_clusters *clusters, tx_error *error)
{
  const char *lowest = own->suite->ranks[own->suite->rank_count - 1];
  tx_status status = TX_OK;
  if (own->json) {
    tx_bytes_printf(own->text,
                    "{\"stage\":\"cluster\",\"method\":\"ward\",\"space\":\"%s\",\"queries\":[\"test\","
                    "\"test_unseen\"],\"settings\":{\"missing_labels\":\"class\",\"clusters_by\":",
                    clusters->space);
    tx_bytes_json_string(own->text, lowest, strlen(lowest));
    tx_bytes_printf(own->text, "},\"records\":%zu,\"clusters\":%zu,\"ranks\":[", clusters->count,
                    clusters->clusters);
  } else {
    tx_bytes_printf(own->text,
                    "cluster: Ward, %s, test and test_unseen, one record of each barcode; records without a "
                    "label count as one class\n%-14s  %8s  %10s  %7s  %8s  %7s  %7s  %7s%s\n",
                    clusters->space, "rank", "records", "unlabelled", "classes", "clusters", "AMI", "NMI",
                    "ARI", own->suite->audit ? "  AMI-no-leaks" : "");
  }
  for (size_t r = 0; r < own->suite->rank_count && status == TX_OK; r++)
    status = put_cluster_rank(own, clusters, r, error);
  tx_bytes_text(own->text, own->json ? "]}" : "\n");
  return status;
}

/* The values of a split, without those of duplicates if `clean`. */
static size_t choose_values(const tx_suite_part *part, const double *values, bool clean, double *chosen)
{
  size_t count = 0;
  for (size_t i = 0; i < part->count; i++)
    if (!clean || !tx_suite_is_leaked(part, i)) chosen[count++] = values[i];
  return count;
}

typedef struct novelty_figures {
  size_t known, unseen;
  tx_roc roc;
} novelty_figures;

static tx_status measure_novelty(const tx_suite *suite, const tx_suite_newness *newness, bool clean,
                                 novelty_figures *ret_figures, tx_error *error)
{
  const tx_suite_part *test = &suite->parts[TX_SUITE_TEST], *other = &suite->parts[TX_SUITE_TEST_UNSEEN];
  double *known = tx_malloc_aligned(test->count + 1, sizeof *known),
         *unseen = tx_malloc_aligned(other->count + 1, sizeof *unseen);
  tx_status status = known && unseen ? TX_OK : tx_fail_memory(error, "the novelty");
  if (status == TX_OK) {
    ret_figures->known = choose_values(test, newness->known, clean, known);
    ret_figures->unseen = choose_values(other, newness->unseen, clean, unseen);
    status = tx_roc_measure(known, ret_figures->known, unseen, ret_figures->unseen, &ret_figures->roc, error);
  }
  free(known);
  free(unseen);
  return status;
}

static void put_novelty_json(tx_bytes *text, const char *name, const novelty_figures *figures)
{
  tx_bytes_printf(text, ",\"%s\":{\"known\":%zu,\"unseen\":%zu,\"auroc\":", name, figures->known,
                  figures->unseen);
  if (figures->known && figures->unseen)
    tx_bytes_printf(text, "%.6f}", figures->roc.auroc);
  else
    tx_bytes_text(text, "null}");
}

static tx_status put_newness(const writing *own, const tx_suite_newness *newness, tx_error *error)
{
  novelty_figures all = {0}, clean = {0};
  tx_status status = measure_novelty(own->suite, newness, false, &all, error);
  if (status == TX_OK && own->suite->audit)
    status = measure_novelty(own->suite, newness, true, &clean, error);
  if (status != TX_OK) return status;
  if (!own->json) {
    tx_bytes_printf(own->text, "%-12s  %8zu  %8zu  %7.4f", newness->method, all.known, all.unseen,
                    all.roc.auroc);
    if (clean.known && clean.unseen) tx_bytes_printf(own->text, "  %14.4f", clean.roc.auroc);
    tx_bytes_text(own->text, "\n");
    return TX_OK;
  }
  tx_bytes_printf(own->text,
                  "{\"stage\":\"novelty\",\"method\":\"%s\",\"known\":\"test\",\"unseen\":\"test_unseen\","
                  "\"settings\":{}",
                  newness->method);
  put_novelty_json(own->text, "scores", &all);
  if (own->suite->audit) put_novelty_json(own->text, "without_leaks", &clean);
  tx_bytes_text(own->text, ",\"curve\":[");
  for (size_t p = 0; p < all.roc.points; p++)
    tx_bytes_printf(own->text, "%s[%.6f,%.6f]", p ? "," : "", all.roc.curve[p][0], all.roc.curve[p][1]);
  tx_bytes_text(own->text, "]}");
  return TX_OK;
}

/* Queries of one split by the kind of their duplicate in a reference split. */
static void put_leaks(const writing *own, size_t split, size_t reference_split, bool first)
{
  static const char *const names[] = {"train", "pretrain"};
  const tx_suite_part *part = &own->suite->parts[split];
  size_t counts[TX_LEAK_KINDS + 1] = {0};
  for (size_t i = 0; i < part->count; i++) counts[part->leaks[i * TX_LEAK_SPLITS + reference_split].kind]++;
  if (own->json)
    tx_bytes_printf(own->text,
                    "%s{\"queries\":\"%s\",\"references\":\"%s\",\"records\":%zu,\"exact\":%zu,"
                    "\"contained\":%zu,\"reverse_exact\":%zu,\"reverse_contained\":%zu,\"leaked\":%zu}",
                    first ? "" : ",", tx_suite_split_name((tx_suite_split)split), names[reference_split],
                    part->count, counts[0], counts[1], counts[2], counts[3],
                    part->count - counts[TX_LEAK_NONE]);
  else
    tx_bytes_printf(own->text, "%-12s  %-10s  %8zu  %8zu  %9zu  %13zu  %17zu  %8zu\n",
                    tx_suite_split_name((tx_suite_split)split), names[reference_split], part->count,
                    counts[0], counts[1], counts[2], counts[3], part->count - counts[TX_LEAK_NONE]);
}

static void put_audit(const writing *own)
{
  const tx_suite *suite = own->suite;
  bool first = true;
  if (own->json)
    tx_bytes_printf(own->text, "{\"references\":[\"train\"%s],\"rows\":[",
                    suite->audited[TX_LEAK_PRETRAIN] ? ",\"pretrain\"" : "");
  else
    tx_bytes_printf(own->text, "leaks: records that a training split has too\n%-12s  %-10s  %8s  %8s  %9s  "
                               "%13s  %17s  %8s\n",
                    "queries", "references", "records", "exact", "contained", "reverse-exact",
                    "reverse-contained", "leaked");
  for (size_t s = 0; s < TX_SUITE_SPLITS; s++)
    for (size_t l = 0; suite->parts[s].leaks && suite->parts[s].count && l < TX_LEAK_SPLITS; l++) {
      if (l == TX_LEAK_PRETRAIN && !suite->audited[l]) continue;
      put_leaks(own, s, l, first);
      first = false;
    }
  tx_bytes_text(own->text, own->json ? "]}" : "\n");
}

/* The entries of all stages, in the order of the stages. */
static tx_status put_stages(const writing *own, tx_error *error)
{
  const tx_suite *suite = own->suite;
  tx_status status = TX_OK;
  bool first = true;
  for (tx_suite_stage stage = TX_STAGE_HEADS; stage < TX_STAGES && status == TX_OK; stage++) {
    for (size_t i = 0; i < suite->answer_count && status == TX_OK; i++) {
      if (suite->answers[i].stage != stage) continue;
      if (own->json && !first) tx_bytes_text(own->text, ",");
      first = false;
      status = (own->json ? put_answers_json : put_answers_text)(own, &suite->answers[i], error);
    }
    for (size_t i = 0; stage == TX_STAGE_CLUSTER && i < suite->cluster_count && status == TX_OK; i++) {
      if (own->json && !first) tx_bytes_text(own->text, ",");
      first = false;
      status = put_clusters(own, &suite->clusters[i], error);
    }
    if (stage == TX_STAGE_NOVELTY && suite->newness_count && !own->json)
      tx_bytes_printf(own->text, "novelty: test against test_unseen\n%-12s  %8s  %8s  %7s%s\n", "by", "known",
                      "unseen", "AUROC", suite->audit ? "  AUROC-no-leaks" : "");
    for (size_t i = 0; stage == TX_STAGE_NOVELTY && i < suite->newness_count && status == TX_OK; i++) {
      if (own->json && !first) tx_bytes_text(own->text, ",");
      first = false;
      status = put_newness(own, &suite->newness[i], error);
    }
    if (stage == TX_STAGE_NOVELTY && suite->newness_count && !own->json) tx_bytes_text(own->text, "\n");
  }
  return status;
}

static void put_text(tx_bytes *text, const char *name, const char *value)
{
  tx_bytes_printf(text, "\"%s\":", name);
  tx_bytes_json_string(text, value ? value : "", value ? strlen(value) : 0);
  tx_bytes_text(text, ",");
}

/* How the queries were cut, if they were. */
static void put_cut(const writing *own)
{
  const tx_cut_options *cut = &own->suite->input.cut;
  const bool primers = cut->opt_amplicon && cut->opt_amplicon[0],
             window = cut->opt_window && cut->opt_window[0];
  if (!primers && !window && !cut->crop) return;
  if (own->json) {
    tx_bytes_text(own->text, "\"cut\":{");
    put_text(own->text, "amplicon", cut->opt_amplicon);
    put_text(own->text, "window", cut->opt_window);
    tx_bytes_printf(own->text, "\"crop\":%" PRIu64 ",\"seed\":%" PRIu64 "},", cut->crop, cut->seed);
    return;
  }
  tx_bytes_text(own->text, "test and test_unseen cut:");
  if (primers) tx_bytes_printf(own->text, " amplicon %s", cut->opt_amplicon);
  if (window) tx_bytes_printf(own->text, " window %s", cut->opt_window);
  if (cut->crop) tx_bytes_printf(own->text, " crop %" PRIu64 " (seed %" PRIu64 ")", cut->crop, cut->seed);
  tx_bytes_text(own->text, "\n");
}

static void put_head(const writing *own, const char *model)
{
  const tx_suite *suite = own->suite;
  const char *benchmark =
      suite->benchmark == TX_BENCHMARK_BIOSCAN5M ? "bioscan5m" : "canadian-invertebrates";
  if (own->json) {
    tx_bytes_printf(own->text, "{\"benchmark\":\"%s\",\"model\":", benchmark);
    tx_bytes_json_string(own->text, model, strlen(model));
    tx_bytes_text(own->text, ",\"ranks\":[");
    for (size_t r = 0; r < suite->rank_count; r++) {
      if (r) tx_bytes_text(own->text, ",");
      tx_bytes_json_string(own->text, suite->ranks[r], strlen(suite->ranks[r]));
    }
    tx_bytes_text(own->text, "],");
    put_cut(own);
    tx_bytes_text(own->text, "\"splits\":[");
  } else {
    tx_bytes_printf(own->text, "benchmark %s, model ", benchmark);
    tx_bytes_plain(own->text, model);
    tx_bytes_text(own->text, "\n");
    put_cut(own);
    tx_bytes_printf(own->text, "%-12s  %8s  %8s\n", "split", "records", "labelled");
  }
  for (size_t s = 0; s < TX_SUITE_SPLITS; s++)
    tx_bytes_printf(own->text,
                    own->json ? "%s{\"split\":\"%s\",\"records\":%zu,\"labelled\":%zu}"
                              : "%s%-12s  %8zu  %8zu\n",
                    own->json && s ? "," : "", tx_suite_split_name((tx_suite_split)s), suite->parts[s].count,
                    suite->parts[s].labelled);
  tx_bytes_text(own->text, own->json ? "],\"stages\":[" : "\n");
}

static void put_absences(const writing *own)
{
  const tx_suite *suite = own->suite;
  if (own->json) tx_bytes_text(own->text, ",\"left_out\":[");
  for (size_t i = 0; i < suite->absence_count; i++) {
    const tx_suite_absence *absence = &suite->absences[i];
    tx_bytes_printf(own->text,
                    own->json ? "%s{\"stage\":\"%s\",\"reason\":\"%s\"}" : "%sleft out: %s (%s)\n",
                    own->json && i ? "," : "", tx_suite_stage_name(absence->stage), absence->reason);
  }
  if (own->json) tx_bytes_text(own->text, "]}\n");
}

tx_status tx_suite_report(const tx_suite *suite, const char *model, const tx_suite_options *options,
                          bool json, char **ret_text, tx_error *error)
{
  tx_bytes text = {0};
  const writing own = {suite, options, json, &text};
  tx_status status;
  put_head(&own, model);
  status = put_stages(&own, error);
  if (json) tx_bytes_text(&text, "],\"leaks\":");
  if (suite->audit)
    put_audit(&own);
  else if (json)
    tx_bytes_text(&text, "null");
  put_absences(&own);
  if (status == TX_OK && text.failed) status = tx_fail_memory(error, "the report");
  if (status == TX_OK)
    *ret_text = text.data; /* passed to the caller: the buffer ends in a NUL and comes from malloc */
  else
    tx_bytes_free(&text);
  return status;
}
