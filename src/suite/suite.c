/* The stages of the suite: their names, what they need, and their runs. */
#include "suite/suite.h"

#include <string.h>

#include "base/error.h"

static const char *const stage_names[] = {"heads",   "probe",       "knn",       "unseen", "cluster",
                                          "novelty", "calibration", "baselines", "leaks"};

const char *tx_suite_stage_name(tx_suite_stage stage)
{
  return stage < TX_STAGES ? stage_names[stage] : NULL;
}

tx_status tx_suite_stages(const char *text, bool ret_wanted[TX_STAGES], tx_error *error)
{
  memset(ret_wanted, 0, TX_STAGES * sizeof *ret_wanted);
  for (;;) {
    const size_t length = strcspn(text, ",");
    size_t stage = 0;
    while (stage < TX_STAGES &&
           (strlen(stage_names[stage]) != length || memcmp(stage_names[stage], text, length) != 0))
      stage++;
    if (stage == TX_STAGES)
      return tx_fail(error, TX_ERROR_USAGE,
                     "'%.*s' is no stage; there are heads, probe, knn, unseen, cluster, novelty, "
                     "calibration, baselines, leaks",
                     (int)(length < 40 ? length : 40), text);
    ret_wanted[stage] = true;
    if (!text[length]) return TX_OK;
    text += length + 1;
  }
}

bool tx_suite_needs_answers(tx_suite_stage stage, tx_suite_split split)
{
  return (stage == TX_STAGE_HEADS || stage == TX_STAGE_CALIBRATION || stage == TX_STAGE_NOVELTY) &&
         (split == TX_SUITE_TEST || split == TX_SUITE_TEST_UNSEEN);
}

bool tx_suite_needs_embeddings(tx_suite_stage stage, tx_suite_split split)
{
  switch (stage) {
  case TX_STAGE_PROBE:
  case TX_STAGE_KNN: return split == TX_SUITE_TRAIN || split == TX_SUITE_TEST;
  case TX_STAGE_UNSEEN: return split != TX_SUITE_TEST;
  case TX_STAGE_CLUSTER: return split == TX_SUITE_TEST || split == TX_SUITE_TEST_UNSEEN;
  case TX_STAGE_NOVELTY: return split != TX_SUITE_KEY_UNSEEN;
  default: return false;
  }
}

const char *tx_suite_obstacle(const tx_suite *suite, tx_suite_stage stage, bool answers, bool network)
{
  const size_t queries = suite->parts[TX_SUITE_TEST].count, others = suite->parts[TX_SUITE_TEST_UNSEEN].count;
  const bool test = queries > 0, unseen = others > 0;
  const bool answered = stage == TX_STAGE_HEADS || stage == TX_STAGE_CALIBRATION;
  const bool embedded = stage <= TX_STAGE_CLUSTER && !answered;
  if (answered && !answers) return "the model names no taxa: it was trained without labels";
  if (embedded && !network) return "there is no network whose embeddings could be scored";
  if ((stage == TX_STAGE_PROBE || stage == TX_STAGE_KNN) && !test) return "there is no record of split test";
  if (stage == TX_STAGE_UNSEEN && !unseen) return "there is no record of split test_unseen";
  if (stage == TX_STAGE_NOVELTY && !(test && unseen))
    return "it needs records of both splits test and test_unseen";
  if (stage == TX_STAGE_CLUSTER && queries + others < 2)
    return "there are fewer than two records to cluster";
  return NULL;
}

void tx_suite_leave_out(tx_suite *suite, tx_suite_stage stage, const char *reason)
{
  if (suite->absence_count < TX_STAGES)
    suite->absences[suite->absence_count++] = (tx_suite_absence){stage, reason};
}

/* Whether the passes that a stage needs have been made. Novelty does with what is there. */
static tx_status check_passes(const tx_suite *suite, tx_suite_stage stage, tx_error *error)
{
  for (size_t s = 0; s < TX_SUITE_SPLITS; s++) {
    const tx_suite_part *part = &suite->parts[s];
    const tx_suite_split split = (tx_suite_split)s;
    const bool optional = stage == TX_STAGE_NOVELTY;
    const bool answers = tx_suite_needs_answers(stage, split) && !(optional && !part->called),
               vectors = tx_suite_needs_embeddings(stage, split) && !(optional && !part->vectors);
    if (answers && part->answered < part->count)
      return tx_fail(error, TX_ERROR_USAGE, "stage %s needs the answers to split %s first",
                     stage_names[stage], tx_suite_split_name(split));
    if (vectors && part->embedded < part->count)
      return tx_fail(error, TX_ERROR_USAGE, "stage %s needs the embeddings of split %s first",
                     stage_names[stage], tx_suite_split_name(split));
  }
  return TX_OK;
}

tx_status tx_suite_run(tx_suite *suite, tx_suite_stage stage, const tx_suite_options *options,
                       tx_error *error)
{
  const char *obstacle;
  tx_status status;
  if (stage >= TX_STAGES) return tx_fail(error, TX_ERROR_USAGE, "there is no such stage");
  if (suite->ran[stage])
    return tx_fail(error, TX_ERROR_USAGE, "stage %s was run before", stage_names[stage]);
  obstacle = tx_suite_obstacle(suite, stage, true, true);
  if (obstacle) return tx_fail(error, TX_ERROR_DATA, "stage %s: %s", stage_names[stage], obstacle);
  status = check_passes(suite, stage, error);
  if (status != TX_OK) return status;
  suite->ran[stage] = true;
  switch (stage) {
  case TX_STAGE_HEADS: return tx_suite_heads(suite, error);
  case TX_STAGE_PROBE: return tx_suite_probe(suite, options, error);
  case TX_STAGE_KNN: return tx_suite_knn(suite, options, error);
  case TX_STAGE_UNSEEN: return tx_suite_unseen(suite, options, error);
  case TX_STAGE_CLUSTER: return tx_suite_cluster(suite, options, error);
  case TX_STAGE_NOVELTY: return tx_suite_novelty(suite, options, error);
  case TX_STAGE_CALIBRATION: return tx_suite_calibration(suite, error);
  case TX_STAGE_BASELINES: return tx_suite_baselines(suite, options, error);
  case TX_STAGE_LEAKS: return tx_suite_leaks(suite, options, error);
  default: return TX_OK;
  }
}
