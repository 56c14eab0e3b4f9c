/* Which settings of a training have an effect with which others. */
#include "settings/note.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/rules.h"
#include "settings/config.h"

#include <stdio.h>
#include <string.h>

#define ALWAYS(name) {name, TX_RULE_ALWAYS, NULL, NULL, TX_RULE_NOTED}
#define VALUE(name, other, values) {name, TX_RULE_VALUE, other, values, TX_RULE_NOTED}
#define GIVEN(name, other) {name, TX_RULE_GIVEN, other, NULL, TX_RULE_NOTED}
#define ABSENT(name, other) {name, TX_RULE_ABSENT, other, NULL, TX_RULE_NOTED}
#define LABELLED "taxa|multilabel"
#define MATRICES "kl-soap|kl-shampoo"

/* Rules in the order of the parameters. Effects that depend on the input are handled by
   tx_train_setting_idle. */
static const tx_param_rule train_rules[] = {
    ALWAYS("objective"),
    VALUE("mask-share", "objective", "masked|masked-autoencoder"),
    VALUE("decoder-layers", "objective", "masked-autoencoder"),
    VALUE("vectors", "objective", "align"),
    VALUE("vector-ids", "objective", "align"),
    VALUE("positives", "objective", "align"),
    VALUE("shared-width", "objective", "align"),
    ALWAYS("init"),
    {"add", TX_RULE_GIVEN, "init", NULL, TX_RULE_REFUSED},
    {"add", TX_RULE_VALUE, "objective", "taxa", TX_RULE_REFUSED},
    /* Ignoring it would train an encoder that was to stay unchanged, so it is never only a note. */
    {"freeze-encoder", TX_RULE_GIVEN, "init", NULL, TX_RULE_REFUSED},
    VALUE("ranks", "objective", LABELLED),
    ALWAYS("format"),
    VALUE("taxonomy-file", "objective", LABELLED),
    {"taxonomy-file", TX_RULE_VALUE, "format", "taxonomy|auto",
     TX_RULE_REFUSED}, /* they contradict each other */
    VALUE("taxdump", "objective", LABELLED),
    ALWAYS("whole-id"),
    ALWAYS("id-column"),
    ALWAYS("sequence-column"),
    ALWAYS("split-column"),
    ALWAYS("where"),
    VALUE("missing-names", "objective", LABELLED),
    ALWAYS("skip-bad"),
    {"taxa-column", TX_RULE_VALUE, "objective", "multilabel", TX_RULE_REFUSED},
    ALWAYS("split"),
    ALWAYS("valid-split"),
    ALWAYS("valid-file"),
    ABSENT("valid-fraction", "valid-file"),
    VALUE("second-labels", "objective", "taxa"),
    GIVEN("second-prefix", "second-labels"),
    GIVEN("second-weight", "second-labels"),
    ALWAYS("amplicon"),
    ALWAYS("min-bases"),
    VALUE("references", "objective", "taxa"),
    ALWAYS("tokenizer"),
    VALUE("k", "tokenizer", "kmer"),
    VALUE("stride", "tokenizer", "kmer"),
    VALUE("bpe-symbols", "tokenizer", "bpe"),
    VALUE("bpe-longest", "tokenizer", "bpe"),
    ALWAYS("max-bases"),
    ALWAYS("pad-to"),
    GIVEN("pool-padding", "pad-to"),
    ALWAYS("d-model"),
    ALWAYS("n-layer"),
    ALWAYS("d-state"),
    ALWAYS("headdim"),
    ALWAYS("expand"),
    ALWAYS("d-conv"),
    ALWAYS("mlp-width"),
    ALWAYS("positions"),
    ALWAYS("both-strands"), /* when pretraining, the model stores it for models that start from it */
    ALWAYS("dropout"),
    ALWAYS("epochs"),
    ALWAYS("batch"),
    ALWAYS("shard"),
    ALWAYS("precision"),
    ALWAYS("optimiser"),
    ALWAYS("learning-rate"),
    ABSENT("encoder-rate", "freeze-encoder"),
    ALWAYS("final-learning-rate"),
    ALWAYS("warmup"),
    ALWAYS("weight-decay"),
    /* this and the next ones up to epsilon: KL-Shampoo and KL-SOAP leave the vectors to AdamW */
    ALWAYS("beta1"),
    ALWAYS("beta2"),
    ALWAYS("epsilon"),
    VALUE("preconditioner-frequency", "optimiser", MATRICES),
    VALUE("preconditioner-limit", "optimiser", MATRICES),
    VALUE("preconditioner-block", "optimiser", MATRICES),
    VALUE("preconditioner-beta1", "optimiser", MATRICES),
    VALUE("preconditioner-beta2", "optimiser", MATRICES),
    VALUE("preconditioner-epsilon", "optimiser", MATRICES),
    VALUE("preconditioner-clamp", "optimiser", MATRICES),
    VALUE("normalise-updates", "optimiser", MATRICES),
    ALWAYS("clip"),
    VALUE("label-smoothing", "objective", "taxa"),
    VALUE("hierarchical-smoothing", "objective", "taxa"),
    VALUE("class-weights", "objective", "taxa"),
    VALUE("rank-weights", "objective", "taxa"),
    VALUE("balance", "objective", "taxa"),
    VALUE("noise-robustness", "objective", "taxa"),
    VALUE("contrast", "objective", "taxa"),
    /* its loss depends only on the embeddings, which come from the encoder */
    ABSENT("contrast", "freeze-encoder"),
    GIVEN("contrast-temperature", "contrast"),
    GIVEN("contrast-decay", "contrast"),
    GIVEN("contrast-memory", "contrast"),
    VALUE("teacher", "objective", "taxa"),
    GIVEN("teacher-weight", "teacher"),
    GIVEN("teacher-temperature", "teacher"),
    GIVEN("teacher-embedding", "teacher"),
    /* it trains the encoder */
    ABSENT("teacher-embedding", "freeze-encoder"),
    ALWAYS("ema"),
    VALUE("random-offset", "tokenizer", "kmer"), /* the others read from the first base */
    ALWAYS("reverse-complement"),
    VALUE("strand-share", "objective", LABELLED),
    ABSENT("strand-share", "both-strands"),
    GIVEN("strand-weight", "strand-share"),
    VALUE("traits", "objective", "taxa"),
    GIVEN("trait-columns", "traits"),
    GIVEN("trait-id-column", "traits"),
    GIVEN("trait-zero-missing", "traits"),
    GIVEN("trait-transform", "traits"),
    GIVEN("trait-weight", "traits"),
    GIVEN("trait-huber", "traits"),
    ALWAYS("substitution"),
    ALWAYS("crop"),
    GIVEN("crop-minimum", "crop"),
    ABSENT("crop-minimum", "crop-lengths"),
    GIVEN("crop-lengths", "crop"),
    ALWAYS("metric"),
    ALWAYS("patience"),
    ALWAYS("seed"),
    ALWAYS("threads"),
    ALWAYS("checkpoint-minutes"),
};

const tx_param_rule *tx_train_rules(size_t *ret_count)
{
  *ret_count = sizeof train_rules / sizeof train_rules[0];
  return train_rules;
}

/* Whether the caller has given a setting for this run. */
static bool is_given(const tx_train_files *files, const char *name)
{
  for (size_t i = 0; i < files->given_count; i++)
    if (strcmp(files->given[i], name) == 0) return true;
  return false;
}

/* The settings that the notes list together for one reason. */
typedef struct idle_group {
  char where[sizeof((tx_param_idleness *)0)->where];
  tx_bytes names;
} idle_group;

enum { GROUPS = 16 };

static void group_add(idle_group *groups, const tx_param_idleness *idleness)
{
  size_t i = 0;
  while (i + 1 < GROUPS && groups[i].where[0] && strcmp(groups[i].where, idleness->where) != 0) i++;
  snprintf(groups[i].where, sizeof groups[i].where, "%s", idleness->where);
  tx_bytes_printf(&groups[i].names, "%s%s", groups[i].names.size ? ", " : "", idleness->option);
}

static void send_groups(idle_group *groups, const tx_train_hooks *hooks)
{
  for (size_t i = 0; i < GROUPS; i++) {
    if (groups[i].names.size && !groups[i].names.failed)
      tx_train_note(hooks, "left aside, as it has no effect %s: %s", groups[i].where, groups[i].names.data);
    tx_bytes_free(&groups[i].names);
  }
}

tx_status tx_train_config_settle(tx_train_config *config, const tx_train_files *files,
                                 const tx_train_hooks *hooks, tx_error *error)
{
  size_t count, rule_count;
  const tx_param *params = tx_train_params(&count);
  const tx_param_rule *rules = tx_train_rules(&rule_count);
  const tx_param_table table = {params, count, config};
  idle_group groups[GROUPS] = {0};
  tx_param_idleness idleness;
  bool idle[256] = {0}; /* all are judged before the first is changed */
  tx_status status = tx_train_config_check(config, error);
  for (size_t i = 0; i < count && i < sizeof idle && status == TX_OK; i++) {
    idle[i] = tx_param_idle(rules, rule_count, &table, 1, params[i].name, &idleness);
    if (!idle[i]) continue;
    group_add(groups, &idleness);
    if (idleness.rule->verdict == TX_RULE_REFUSED || is_given(files, params[i].name))
      status = tx_fail(error, TX_ERROR_USAGE, "%s has no effect %s: %s", idleness.option, idleness.where,
                       idleness.advice);
  }
  for (size_t i = 0; i < count && i < sizeof idle && status == TX_OK; i++)
    if (idle[i]) status = tx_param_set(params, count, config, params[i].name, params[i].standard, error);
  send_groups(groups, status == TX_OK ? hooks : NULL);
  return status;
}

tx_status tx_train_setting_idle(const tx_train_config *config, const tx_train_files *files, const char *name,
                                const char *why, const tx_train_hooks *hooks, tx_error *error)
{
  const tx_param *param = tx_train_param(name);
  if (!param || tx_param_is_standard(param, config)) return TX_OK;
  if (is_given(files, name))
    return tx_fail(error, TX_ERROR_USAGE, "--%s has no effect, as %s: leave it out", name, why);
  tx_train_note(hooks, "left aside, as %s: --%s", why, name);
  return TX_OK;
}
