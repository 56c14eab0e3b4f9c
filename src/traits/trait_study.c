#include "traits/trait_study.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"

double tx_trait_level(size_t index)
{
  static const double levels[TX_TRAIT_LEVELS] = {0.8, 0.9, 0.95, 0.99};
  return levels[index];
}

void tx_trait_study_defaults(tx_trait_study_options *options)
{
  *options = (tx_trait_study_options){
      .seed = 1, .unseen_share = 0.1, .tolerance = 0.1, .level = 0.9, .resamples = 1000};
}

double tx_trait_unit(const tx_trait_outcome *outcome, double value)
{
  return outcome->log ? exp(value) : value;
}

static double scale_of(const tx_trait_outcome *outcome, double value)
{
  return outcome->log ? log(value) : value;
}

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "a study of traits");
}

/* The taxa of the records, numbered as there, so that those of the table can be added. */
static tx_status copy_taxa(tx_trait_study *study, tx_error *error)
{
  const tx_names *own = study->records->taxa;
  tx_status status = tx_names_create(&study->taxa, error);
  for (uint32_t i = 0; i < tx_names_count(own) && status == TX_OK; i++) {
    size_t length;
    uint32_t number;
    const char *key = tx_names_key(own, i, &length);
    status = tx_names_add(study->taxa, key, length, &number, error);
  }
  return status;
}

/* Lineages of the labels, else the taxa of the table of traits. */
static tx_status know_taxa(tx_trait_study *study, tx_error *error)
{
  const tx_trait_records *records = study->records;
  const size_t count = tx_points_count(records->points);
  tx_status status = copy_taxa(study, error);
  for (size_t i = 0; i < count && status == TX_OK; i++) {
    const char *id = tx_points_id(records->points, i);
    const int64_t specimen = tx_traits_find(study->traits, id, strlen(id));
    const char *taxon = specimen < 0 ? NULL : tx_traits_taxon(study->traits, (size_t)specimen);
    for (size_t r = 0; r < TX_RANKS_MAX; r++)
      study->given[i].taxa[r] = records->given ? records->given[i].taxa[r] : TX_TRAIT_NO_TAXON;
    if (!records->given && taxon)
      status = tx_trait_taxon(study->taxa, "species", taxon, &study->given[i].taxa[0], error);
    study->lowest[i] = study->given[i].taxa[records->given_ranks ? records->given_ranks - 1 : 0];
  }
  return status;
}

/* Counts the join, and fills measured (points) of each trait. Of records of one name the first is used. */
static tx_status join(tx_trait_study *study, tx_error *error)
{
  const tx_points *points = study->records->points;
  const size_t specimens = tx_traits_specimens(study->traits);
  bool *used = tx_calloc_aligned(specimens + 1, sizeof *used);
  if (!used) return out_of_memory(error);
  for (size_t i = 0; i < tx_points_count(points); i++) {
    const char *id = tx_points_id(points, i);
    const int64_t specimen = tx_traits_find(study->traits, id, strlen(id));
    const bool there = tx_points_vector(points, i) != NULL, again = specimen >= 0 && used[specimen];
    bool any = false;
    for (size_t t = 0; t < study->count; t++) {
      double value =
          specimen < 0 || again || !there ? NAN : tx_traits_value(study->traits, t, (size_t)specimen);
      any = any || !isnan(value);
      if (study->outcomes[t].log && value <= 0) {
        study->outcomes[t].result.not_positive++;
        value = NAN;
      }
      study->outcomes[t].measured[i] = value;
      study->outcomes[t].result.measured += !isnan(value);
    }
    study->join.records += there;
    study->join.repeated_records += again;
    study->join.without_value += there && !again && !any;
    if (specimen >= 0) used[specimen] = true;
  }
  for (size_t s = 0; s < specimens; s++) study->join.without_record += !used[s];
  free(used);
  return TX_OK;
}

static bool is_test(tx_trait_group group)
{
  return group == TX_TRAIT_TEST || group == TX_TRAIT_TEST_UNSEEN;
}

/* The head of the model that learnt the trait; TX_ERROR_USAGE if there is none. */
static tx_status find_head(const tx_trait_study *study, const char *name, size_t *ret_head, tx_error *error)
{
  const tx_model *model = study->records->model;
  const size_t count = model ? tx_model_trait_count(model) : 0;
  tx_bytes names = {0};
  tx_status status;
  if (!model)
    return tx_fail(error, TX_ERROR_USAGE, "vectors have no heads of traits: only a model predicts them");
  for (*ret_head = 0; *ret_head < count; ++*ret_head)
    if (strcmp(tx_model_trait_name(model, *ret_head), name) == 0) return TX_OK;
  for (size_t h = 0; h < count; h++) {
    tx_bytes_text(&names, h ? ", " : "");
    tx_bytes_text(&names, tx_model_trait_name(model, h));
  }
  status = names.failed ? out_of_memory(error)
                        : tx_fail(error, TX_ERROR_USAGE,
                                  "the model has no head of the trait '%.100s', but %.400s (taxamba train "
                                  "--traits)",
                                  name, names.size ? names.data : "none of any");
  tx_bytes_free(&names);
  return status;
}

static tx_status ask_head(tx_trait_study *study, tx_trait_outcome *outcome, tx_error *error)
{
  size_t head = 0;
  const tx_status status = find_head(study, outcome->result.name, &head, error);
  for (size_t i = 0; i < tx_points_count(study->records->points) && status == TX_OK; i++) {
    const double *vector = tx_points_vector(study->records->points, i);
    outcome->regressed[i] = vector ? tx_model_trait(study->records->model, head, vector) : NAN;
  }
  return status;
}

static tx_status fit(tx_trait_study *study, tx_trait_outcome *outcome, tx_error *error)
{
  const tx_points *points = study->records->points;
  const size_t count = tx_points_count(points), width = tx_points_width(points);
  const double **x = tx_malloc_aligned(count + 1, sizeof *x);
  double *y = tx_malloc_aligned(count + 1, sizeof *y);
  const size_t taxa = tx_names_count(study->taxa);
  int32_t *groups = tx_malloc_aligned(count + 1, sizeof *groups),
          *first = tx_malloc_aligned(taxa + 1, sizeof *first);
  tx_ridge_data data = {.x = x,
                        .y = y,
                        .opt_groups = study->options.leave_taxa ? groups : NULL,
                        .width = width,
                        .zscore = study->options.zscore,
                        .stop = study->options.stop};
  tx_status status = x && y && groups && first ? TX_OK : out_of_memory(error);
  for (size_t t = 0; t < taxa && status == TX_OK; t++) first[t] = -1;
  for (size_t i = 0; i < count && status == TX_OK; i++)
    if (study->groups[i] == TX_TRAIT_TRAINING && !isnan(outcome->measured[i])) {
      const int32_t lowest = study->lowest[i];
      if (lowest >= 0 && first[lowest] < 0) first[lowest] = (int32_t)data.count;
      groups[data.count] = lowest >= 0 ? first[lowest] : (int32_t)data.count;
      x[data.count] = tx_points_vector(points, i);
      y[data.count++] = scale_of(outcome, outcome->measured[i]);
    }
  if (status == TX_OK) status = tx_ridge_fit(&data, &outcome->ridge, error);
  for (size_t i = 0; i < count && status == TX_OK; i++) {
    const double *vector = tx_points_vector(points, i);
    outcome->regressed[i] = vector ? tx_ridge_predict(&outcome->ridge, vector, width) : NAN;
  }
  if (status == TX_OK) {
    outcome->result.lambda = outcome->ridge.penalty;
    outcome->result.loo_error = outcome->ridge.loo_error;
    outcome->ridge.weights[width] = outcome->ridge.intercept;
    outcome->result.weights = outcome->ridge.weights;
  }
  free(x);
  free(y);
  free(groups);
  free(first);
  return status;
}

static int compare(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The half widths of split-conformal intervals. */
static tx_status calibrate(const tx_trait_study *study, tx_trait_outcome *outcome, tx_error *error)
{
  const size_t count = tx_points_count(study->records->points);
  double *sizes = tx_malloc_aligned(count + 1, sizeof *sizes);
  size_t k = 0;
  if (!sizes) return out_of_memory(error);
  for (size_t i = 0; i < count; i++)
    if (study->groups[i] == TX_TRAIT_CALIBRATION && !isnan(outcome->measured[i]))
      sizes[k++] = fabs(scale_of(outcome, outcome->measured[i]) - outcome->regressed[i]);
  qsort(sizes, k, sizeof *sizes, compare);
  for (size_t l = 0; l < TX_TRAIT_LEVELS; l++) {
    /* a hair less, as 0.9 * 10 in floating point must not become more than 9 */
    const double place = ceil(tx_trait_level(l) * (double)(k + 1) - 1e-9);
    outcome->result.half_width[l] = place <= (double)k ? sizes[(size_t)place - 1] : (double)INFINITY;
  }
  free(sizes);
  return TX_OK;
}

static double half_width_of(const tx_trait_study *study, const tx_trait_outcome *outcome)
{
  for (size_t l = 0; l < TX_TRAIT_LEVELS; l++)
    if (tx_trait_level(l) == study->options.level) return outcome->result.half_width[l];
  return NAN;
}

/* Mean of the training records of each taxon. */
typedef struct taxon_means {
  double *sums, *counts; /* (taxa) */
  double mean;           /* of all training records */
} taxon_means;

static double mean_of_lineage(const taxon_means *means, const tx_trait_lineage *lineage)
{
  for (size_t r = TX_RANKS_MAX; r-- > 0;) {
    const int32_t taxon = lineage->taxa[r];
    if (taxon >= 0 && means->counts[taxon] > 0) return means->sums[taxon] / means->counts[taxon];
  }
  return means->mean;
}

static void sum_taxa(const tx_trait_study *study, const tx_trait_outcome *outcome, taxon_means *means)
{
  double total = 0;
  for (size_t i = 0; i < tx_points_count(study->records->points); i++) {
    if (study->groups[i] != TX_TRAIT_TRAINING || isnan(outcome->measured[i])) continue;
    total += outcome->measured[i];
    for (size_t r = 0; r < TX_RANKS_MAX; r++) {
      const int32_t taxon = study->given[i].taxa[r];
      if (taxon < 0) continue;
      means->sums[taxon] += outcome->measured[i];
      means->counts[taxon] += 1;
    }
  }
  means->mean = outcome->result.training ? total / (double)outcome->result.training : NAN;
}

/* The tests of a trait, as arrays in one block. */
typedef struct test_arrays {
  size_t count;
  double *block;           /* 9 arrays of (points) */
  int32_t *groups, *first; /* (points), (taxa): number of the first test record of a taxon */
  bool *in[TX_TRAIT_SETS];
} test_arrays;

enum { MEASURED, PREDICTED, REGRESSED, TARGET, LOW, HIGH, MEAN, GIVEN, CALLED, ARRAYS };

static void collect_tests(const tx_trait_study *study, const tx_trait_outcome *outcome,
                          const taxon_means *means, test_arrays *tests)
{
  const size_t points = tx_points_count(study->records->points);
  const double half = half_width_of(study, outcome);
  for (size_t i = 0; i < points; i++) {
    const int32_t lowest = study->lowest[i];
    const size_t at = tests->count;
    const bool known = lowest >= 0 && means->counts[lowest] > 0;
    double *row[ARRAYS];
    if (!is_test(study->groups[i]) || isnan(outcome->measured[i])) continue;
    for (size_t a = 0; a < ARRAYS; a++) row[a] = tests->block + a * points + at;
    *row[MEASURED] = outcome->measured[i];
    *row[REGRESSED] = outcome->regressed[i];
    *row[TARGET] = scale_of(outcome, outcome->measured[i]);
    *row[PREDICTED] = tx_trait_unit(outcome, outcome->regressed[i]);
    *row[LOW] = tx_trait_unit(outcome, outcome->regressed[i] - half);
    *row[HIGH] = tx_trait_unit(outcome, outcome->regressed[i] + half);
    *row[MEAN] = means->mean;
    *row[GIVEN] = mean_of_lineage(means, &study->given[i]);
    *row[CALLED] = study->records->called ? mean_of_lineage(means, &study->records->called[i]) : NAN;
    if (lowest >= 0 && tests->first[lowest] < 0) tests->first[lowest] = (int32_t)at;
    tests->groups[at] = lowest >= 0 ? tests->first[lowest] : (int32_t)at;
    tests->in[TX_TRAIT_ALL][at] = true;
    tests->in[TX_TRAIT_UNSEEN][at] = study->groups[i] == TX_TRAIT_TEST_UNSEEN || (lowest >= 0 && !known);
    tests->in[TX_TRAIT_SEEN][at] = known && study->groups[i] != TX_TRAIT_TEST_UNSEEN;
    tests->count++;
  }
}

static bool has_given(const tx_trait_study *study)
{
  for (size_t i = 0; i < tx_points_count(study->records->points); i++)
    for (size_t r = 0; r < TX_RANKS_MAX; r++)
      if (study->given[i].taxa[r] >= 0) return true;
  return false;
}

static tx_status score(const tx_trait_study *study, tx_trait_outcome *outcome, test_arrays *tests,
                       tx_error *error)
{
  const size_t points = tx_points_count(study->records->points);
  double *const block = tests->block;
  const tx_trait_tests view = {.count = tests->count,
                               .measured = block + MEASURED * points,
                               .predicted = block + PREDICTED * points,
                               .regressed = block + REGRESSED * points,
                               .target = block + TARGET * points,
                               .low = block + LOW * points,
                               .high = block + HIGH * points,
                               .mean = block + MEAN * points,
                               .given = has_given(study) ? block + GIVEN * points : NULL,
                               .called = study->records->called ? block + CALLED * points : NULL,
                               .groups = tests->groups};
  tx_status status = TX_OK;
  for (size_t s = 0; s < TX_TRAIT_SETS && status == TX_OK; s++)
    status = tx_trait_score_set(&view, tests->in[s], outcome->result.half_width, &study->options,
                                &outcome->result.sets[s], error);
  return status;
}

static tx_status score_tests(const tx_trait_study *study, tx_trait_outcome *outcome, tx_error *error)
{
  const size_t points = tx_points_count(study->records->points), taxa = tx_names_count(study->taxa);
  taxon_means means = {.sums = tx_calloc_aligned(2 * taxa + 1, sizeof *means.sums)};
  test_arrays tests = {.block = tx_malloc_aligned(points + 1, ARRAYS * sizeof *tests.block),
                       .groups = tx_malloc_aligned(points + 1, sizeof *tests.groups),
                       .first = tx_malloc_aligned(taxa + 1, sizeof *tests.first)};
  bool *in = tx_calloc_aligned(points + 1, TX_TRAIT_SETS * sizeof *in);
  tx_status status = TX_OK;
  if (means.sums && tests.block && tests.groups && tests.first && in) {
    means.counts = means.sums + taxa;
    for (size_t t = 0; t < taxa; t++) tests.first[t] = -1;
    for (size_t s = 0; s < TX_TRAIT_SETS; s++) tests.in[s] = in + s * points;
    sum_taxa(study, outcome, &means);
    collect_tests(study, outcome, &means, &tests);
    status = score(study, outcome, &tests, error);
  } else {
    status = out_of_memory(error);
  }
  free(means.sums);
  free(tests.block);
  free(tests.groups);
  free(tests.first);
  free(in);
  return status;
}

static tx_status study_trait(tx_trait_study *study, size_t trait, tx_error *error)
{
  tx_trait_outcome *outcome = &study->outcomes[trait];
  tx_trait_result *result = &outcome->result;
  tx_status status;
  result->name = tx_traits_name(study->traits, trait);
  result->lambda = result->loo_error = NAN;
  for (size_t i = 0; i < tx_points_count(study->records->points); i++) {
    if (isnan(outcome->measured[i])) continue;
    result->training += study->groups[i] == TX_TRAIT_TRAINING;
    result->calibration += study->groups[i] == TX_TRAIT_CALIBRATION;
    result->test += is_test(study->groups[i]);
    result->other += study->groups[i] == TX_TRAIT_OTHER;
  }
  if (!result->measured)
    return tx_fail(error, TX_ERROR_DATA,
                   "trait '%.100s': no record has a value and a vector; the names of both must be the same",
                   result->name);
  status = (study->options.heads ? ask_head : fit)(study, outcome, error);
  if (status == TX_OK) status = calibrate(study, outcome, error);
  if (status == TX_OK) status = score_tests(study, outcome, error);
  return status;
}

static tx_status prepare(tx_trait_study *study, tx_error *error)
{
  const size_t points = tx_points_count(study->records->points);
  study->outcomes = calloc(study->count, sizeof *study->outcomes);
  study->given = tx_malloc_aligned(points + 1, sizeof *study->given);
  study->lowest = tx_malloc_aligned(points + 1, sizeof *study->lowest);
  study->groups = tx_calloc_aligned(points + 1, sizeof *study->groups);
  study->split_names = tx_calloc_aligned(points + 1, sizeof *study->split_names);
  if (!study->outcomes || !study->given || !study->lowest || !study->groups || !study->split_names)
    return out_of_memory(error);
  for (size_t t = 0; t < study->count; t++) {
    study->outcomes[t].measured = tx_malloc_aligned(points + 1, sizeof *study->outcomes[t].measured);
    study->outcomes[t].log = study->options.log;
    study->outcomes[t].regressed = tx_malloc_aligned(points + 1, sizeof *study->outcomes[t].regressed);
    if (!study->outcomes[t].measured || !study->outcomes[t].regressed) return out_of_memory(error);
  }
  return TX_OK;
}

tx_status tx_trait_study_run(const tx_trait_records *records, const tx_traits *traits,
                             const tx_trait_study_options *options, tx_trait_study **ret_study,
                             tx_error *error)
{
  tx_trait_study *study = calloc(1, sizeof *study);
  tx_status status;
  if (!study) return out_of_memory(error);
  study->records = records;
  study->traits = traits;
  study->options = *options;
  study->count = tx_traits_count(traits);
  status = prepare(study, error);
  for (size_t t = 0; t < study->count && status == TX_OK && options->heads; t++) {
    size_t head = 0;
    status = find_head(study, tx_traits_name(traits, t), &head, error);
    if (status == TX_OK) study->outcomes[t].log = tx_model_trait_is_log(records->model, head);
  }
  if (status == TX_OK) status = know_taxa(study, error);
  if (status == TX_OK) status = join(study, error);
  if (status == TX_OK) status = tx_trait_study_group(study, error);
  for (size_t t = 0; t < study->count && status == TX_OK; t++) status = study_trait(study, t, error);
  if (status == TX_OK)
    *ret_study = study;
  else
    tx_trait_study_free(study);
  return status;
}

void tx_trait_study_free(tx_trait_study *study)
{
  if (!study) return;
  for (size_t t = 0; study->outcomes && t < study->count; t++) {
    tx_ridge_free(&study->outcomes[t].ridge);
    free(study->outcomes[t].measured);
    free(study->outcomes[t].regressed);
  }
  free(study->outcomes);
  free(study->given);
  free(study->lowest);
  free(study->groups);
  free(study->split_names);
  tx_names_free(study->taxa);
  free(study);
}

tx_trait_join tx_trait_study_join(const tx_trait_study *study)
{
  return study->join;
}

size_t tx_trait_study_count(const tx_trait_study *study)
{
  return study->count;
}

const tx_trait_result *tx_trait_study_result(const tx_trait_study *study, size_t trait)
{
  return &study->outcomes[trait].result;
}

double tx_trait_study_predicted(const tx_trait_study *study, size_t trait, size_t record, double *ret_low,
                                double *ret_high)
{
  const tx_trait_outcome *outcome = &study->outcomes[trait];
  const double value = outcome->regressed[record], half = half_width_of(study, outcome);
  *ret_low = tx_trait_unit(outcome, value - half);
  *ret_high = tx_trait_unit(outcome, value + half);
  return tx_trait_unit(outcome, value);
}
