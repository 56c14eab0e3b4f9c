#include "settings/note.h"
#include "train/init.h"

#include "base/error.h"
#include "nn/dims.h"
#include "nn/layout.h"
#include "nn/strands.h"
#include "objective/objective.h"
#include "settings/config.h"
#include "train/dims.h"

#include <stdlib.h>
#include <string.h>

enum { BPE_SYMBOLS_MIN = 8 /* of --bpe-symbols */, EXAMPLES = 3 /* of lost taxa */ };

/* The settings that the weights of an encoder depend on, besides its sizes. */
static const char *const shared[] = {"tokenizer",   "k",         "stride", "bpe-symbols",
                                     "bpe-longest", "max-bases", "pad-to", "pool-padding"};

/* Settings that stand for another value take it, so that both ways to write it are equal. */
static void resolve(const tx_tokenizer *tokenizer, tx_train_config *config)
{
  if (config->tokenizer != TX_TOKENIZER_KMER) config->k = config->stride = 0;
  if (config->stride == 0) config->stride = config->k;
  if (config->mlp_width == 0) config->mlp_width = 4 * config->d_model;
  config->positions = tx_train_positions(config, tokenizer);
}

static void settings_of(const tx_model *model, tx_train_config *config)
{
  const tx_tokenizer *tokenizer = &model->tokenizer;
  config->tokenizer = (int)tokenizer->kind;
  if (tokenizer->kind == TX_TOKENIZER_KMER) {
    config->k = tokenizer->k;
    config->stride = tokenizer->stride == tokenizer->k ? 0 : tokenizer->stride;
  }
  if (tokenizer->kind == TX_TOKENIZER_BPE) {
    /* merges come from the model: any bound that its longest symbol keeps is as good */
    const uint64_t symbols = tx_bpe_symbols(tokenizer->bpe), longest = tx_bpe_longest(tokenizer->bpe);
    config->bpe_symbols = symbols > BPE_SYMBOLS_MIN ? symbols : BPE_SYMBOLS_MIN;
    if (config->bpe_longest < longest) config->bpe_longest = longest;
  }
  config->max_bases = tokenizer->max_bases;
  config->pad_to = tokenizer->pad_to;
  config->pool_padding = tokenizer->pool_padding;
  tx_train_dims_put(&model->dims, config);
}

tx_status tx_train_config_take(const char *init, tx_train_config *config, tx_error *error)
{
  tx_model *model = NULL;
  tx_status status;
  if (strlen(init) >= sizeof config->init)
    return tx_fail(error, TX_ERROR_USAGE, "--init: the path is too long");
  status = tx_model_open(init, &model, error);
  if (status != TX_OK) return status;
  settings_of(model, config);
  if (config->init != init) memcpy(config->init, init, strlen(init) + 1);
  tx_model_close(model);
  return TX_OK;
}

/* Compares one setting of the run, both[0], with that of the model, both[1]. */
static tx_status compare_setting(const tx_train_config *both, const char *name, tx_error *error)
{
  const tx_param *param = tx_train_param(name);
  char text[2][64];
  tx_param_format(param, &both[0], text[0], sizeof text[0]);
  tx_param_format(param, &both[1], text[1], sizeof text[1]);
  if (strcmp(text[0], text[1]) == 0) return TX_OK;
  return tx_fail(error, TX_ERROR_USAGE,
                 "--%s %s does not agree with %s of --init, which has %s; leave the option out or start "
                 "without --init",
                 name, text[0], both->init, text[1]);
}

/* The first shared setting in which the run differs from the model. */
static tx_status compare(const tx_train_config *config, const tx_model *model, tx_error *error)
{
  size_t count;
  const tx_dim *dims = tx_dim_table(&count);
  tx_train_config *both = calloc(2, sizeof *both);
  tx_status status = TX_OK;
  if (!both) return tx_fail_memory(error, "the configuration");
  both[0] = both[1] = *config;
  settings_of(model, &both[1]);
  resolve(&model->tokenizer, &both[0]);
  resolve(&model->tokenizer, &both[1]);
  for (size_t i = 0; i < sizeof shared / sizeof *shared && status == TX_OK; i++)
    status = compare_setting(both, shared[i], error);
  for (size_t i = 0; i < count && status == TX_OK; i++)
    if (dims[i].opt_option) status = compare_setting(both, dims[i].opt_option, error);
  free(both);
  return status;
}

tx_status tx_init_open(tx_trainer *trainer, tx_error *error)
{
  const tx_train_config *config = trainer->config;
  tx_status status;
  if (!config->init[0]) return TX_OK;
  status = tx_model_open(config->init, &trainer->init, error);
  if (status == TX_OK) status = compare(config, trainer->init, error);
  if (status == TX_OK) trainer->tokenizer = trainer->init->tokenizer;
  return status;
}

const char *tx_init_checksum(const tx_trainer *trainer)
{
  return tx_safetensors_metadata(trainer->init->file, "taxamba.crc32");
}

/* Whether two taxa have the same name, rank and ancestors. */
static bool same_taxon(const tx_taxonomy *a, size_t rank_a, const tx_taxonomy *b, size_t rank_b,
                       int32_t number)
{
  int32_t x = number, y = number;
  while (x >= 0 && y >= 0) {
    if (strcmp(tx_taxonomy_rank_name(a, rank_a), tx_taxonomy_rank_name(b, rank_b)) != 0) return false;
    if (strcmp(tx_taxonomy_class_name(a, rank_a, x), tx_taxonomy_class_name(b, rank_b, y)) != 0) return false;
    x = tx_taxonomy_parent(a, rank_a, x, &rank_a);
    y = tx_taxonomy_parent(b, rank_b, y, &rank_b);
  }
  return x < 0 && y < 0;
}

/* The rank of the model whose head can be that of `rank` of the run, -1 if there is none. */
static int same_rank(const tx_taxonomy *model, const tx_taxonomy *run, size_t rank)
{
  const size_t classes = tx_taxonomy_class_count(run, rank);
  for (size_t r = 0; r < tx_taxonomy_rank_count(model); r++) {
    size_t c = 0;
    if (tx_taxonomy_class_count(model, r) != classes) continue;
    while (c < classes && same_taxon(model, r, run, rank, (int32_t)c)) c++;
    if (c == classes) return (int)r;
  }
  return -1;
}

static void take_tensor(tx_trainer *trainer, size_t from, size_t to)
{
  tx_tensor_info info;
  tx_layout_tensor(&trainer->dims, to, &info);
  memcpy(trainer->weights + info.offset, trainer->init->weights[from], info.count * sizeof(float));
}

static void append_rank(tx_bytes *list, const char *name)
{
  tx_bytes_printf(list, "%s%s", list->size ? ", " : "", name);
}

/* The class, in the run's taxonomy, of a taxon of the model; -1: none. The run may know more of its
   ancestors. */
static int32_t find_taxon(const tx_taxonomy *model, size_t rank, int32_t number, const tx_taxonomy *run,
                          size_t run_rank)
{
  const char *taxa[TX_RANKS_MAX] = {NULL};
  int32_t lineage[TX_RANKS_MAX], labels[TX_RANKS_MAX];
  tx_taxonomy_lineage(model, rank, number, lineage);
  for (size_t r = 0; r < tx_taxonomy_rank_count(run); r++)
    for (size_t m = 0; m <= rank; m++)
      if (lineage[m] >= 0 && !strcmp(tx_taxonomy_rank_name(model, m), tx_taxonomy_rank_name(run, r)))
        taxa[r] = tx_taxonomy_class_name(model, m, lineage[m]);
  tx_taxonomy_match(run, taxa, labels);
  return labels[run_rank];
}

/* The rank of that name; the number of ranks if there is none. */
static size_t find_rank(const tx_taxonomy *taxonomy, const char *name)
{
  size_t r = 0;
  while (r < tx_taxonomy_rank_count(taxonomy) && strcmp(tx_taxonomy_rank_name(taxonomy, r), name) != 0) r++;
  return r;
}

/* Copies the rows of the taxa that a head of the model has to that of the run. Returns how many. */
static size_t take_rows(tx_trainer *trainer, size_t rank, size_t run_rank)
{
  const tx_taxonomy *model = trainer->init->taxonomy, *run = trainer->dataset->taxonomy;
  const size_t from = tx_head_tensor(&trainer->init->dims, rank),
               to = tx_head_tensor(&trainer->dims, run_rank);
  size_t taken = 0;
  for (size_t c = 0; c < tx_taxonomy_class_count(model, rank); c++) {
    const int32_t found = find_taxon(model, rank, (int32_t)c, run, run_rank);
    if (found < 0) continue;
    taken++;
    for (size_t i = 0; i < 2; i++) { /* weights, bias */
      tx_tensor_info info;
      size_t row;
      tx_layout_tensor(&trainer->dims, to + i, &info);
      row = info.count / info.shape[0];
      memcpy(trainer->weights + info.offset + (size_t)found * row, trainer->init->weights[from + i] + c * row,
             row * sizeof(float));
    }
  }
  return taken;
}

/* Tells which taxa of a rank of the model the run does not have. */
static void note_lost(const tx_trainer *trainer, size_t rank)
{
  const tx_taxonomy *model = trainer->init->taxonomy, *run = trainer->dataset->taxonomy;
  const char *name = tx_taxonomy_rank_name(model, rank);
  const size_t run_rank = find_rank(run, name), classes = tx_taxonomy_class_count(model, rank);
  tx_bytes examples = {0};
  size_t lost = 0;
  for (size_t c = 0; c < classes; c++) {
    if (run_rank < tx_taxonomy_rank_count(run) && find_taxon(model, rank, (int32_t)c, run, run_rank) >= 0)
      continue;
    if (lost++ < EXAMPLES)
      tx_bytes_printf(&examples, "%s'%s'", examples.size ? ", " : "",
                      tx_taxonomy_class_name(model, rank, (int32_t)c));
  }
  if (lost && !examples.failed)
    tx_train_note(trainer->hooks, "lost: %zu of the %zu taxa of rank %s that %s has, such as %s", lost,
                  classes, name, trainer->config->init, examples.data);
  tx_bytes_free(&examples);
}

/* Copies what the head of a rank can get from the model: all, or with --add rows. */
static void take_head(tx_trainer *trainer, size_t rank, tx_bytes *taken, tx_bytes *new)
{
  const tx_taxonomy *model = trainer->init->taxonomy, *run = trainer->dataset->taxonomy;
  const char *name = tx_taxonomy_rank_name(run, rank);
  const int same = same_rank(model, run, rank);
  const size_t named = find_rank(model, name);
  if (same >= 0) {
    for (size_t i = 0; i < 2; i++)
      take_tensor(trainer, tx_head_tensor(&trainer->init->dims, (size_t)same) + i,
                  tx_head_tensor(&trainer->dims, rank) + i);
    append_rank(taken, name);
  } else if (trainer->config->add && named < tx_taxonomy_rank_count(model)) {
    const size_t rows = take_rows(trainer, named, rank);
    tx_bytes_printf(taken, "%s%s (%zu taxa, %zu new)", taken->size ? ", " : "", name, rows,
                    tx_taxonomy_class_count(run, rank) - rows);
  } else {
    append_rank(new, name);
  }
}

/* The head of the strand, which does not depend on the taxa. */
static void take_strand_head(tx_trainer *trainer, tx_bytes *taken, tx_bytes *new)
{
  const tx_dims *from = &trainer->init->dims, *to = &trainer->dims;
  if (!tx_dims_have_strand_head(to)) return;
  if (tx_dims_have_strand_head(from))
    for (size_t i = 0; i < 2; i++) /* weights, bias */
      take_tensor(trainer, tx_head_tensor(from, tx_dims_strand_head(from)) + i,
                  tx_head_tensor(to, tx_dims_strand_head(to)) + i);
  append_rank(tx_dims_have_strand_head(from) ? taken : new, "strand");
}

/* The maps into a shared space of the same width, those of the modalities by name, and the scale. */
static void take_shared(tx_trainer *trainer, tx_bytes *taken, tx_bytes *new)
{
  const tx_model *model = trainer->init;
  const tx_dims *from = &model->dims, *to = &trainer->dims;
  const bool same = to->tower_count && tx_dims_shared_width(from) == tx_dims_shared_width(to);
  if (!to->tower_count) return;
  for (size_t i = 0; i < 2 && same; i++) /* weights, bias */
    take_tensor(trainer, tx_head_tensor(from, tx_dims_shared_head(from)) + i,
                tx_head_tensor(to, tx_dims_shared_head(to)) + i);
  if (same) take_tensor(trainer, tx_log_scale_tensor(from), tx_log_scale_tensor(to));
  append_rank(same ? taken : new, TX_MODALITY_DNA);
  for (size_t m = 0; m < to->tower_count; m++) {
    const char *name = tx_vectors_name(trainer->partners.vectors, m);
    const size_t tower = tx_model_modality(model, name);
    const bool fits = same && tower < from->tower_count && from->towers[tower] == to->towers[m];
    for (size_t i = 0; i < 2 && fits; i++)
      take_tensor(trainer, tx_tower_tensor(from, tower) + i, tx_tower_tensor(to, m) + i);
    append_rank(fits ? taken : new, name);
  }
}

void tx_init_take(tx_trainer *trainer)
{
  const size_t encoder = tx_head_tensor(&trainer->dims, 0);
  tx_bytes taken = {0}, new = {0};
  for (size_t i = 0; i < encoder; i++) take_tensor(trainer, i, i);
  for (size_t r = 0; r < tx_dims_ranks(&trainer->dims); r++) take_head(trainer, r, &taken, &new);
  take_strand_head(trainer, &taken, &new);
  take_shared(trainer, &taken, &new);
  if (tx_dims_are_multilabel(&trainer->dims)) append_rank(&new, "several labels");
  if (trainer->dataset->traits.count) append_rank(&new, "traits"); /* they have another mean and deviation */
  if (!taken.failed && !new.failed)
    tx_train_note(trainer->hooks, "taken: encoder (%zu tensors)%s%s from %s; new: %s%s", encoder,
                  taken.size ? ", heads " : "", taken.size ? taken.data : "", trainer->config->init,
                  trainer->objective->head ? trainer->objective->head
                  : new.size               ? "heads "
                                           : "nothing",
                  new.size ? new.data : "");
  if (tx_dims_ranks(&trainer->dims))
    for (size_t r = 0; r < tx_taxonomy_rank_count(trainer->init->taxonomy); r++) note_lost(trainer, r);
  if (tx_dims_strands(&trainer->dims) != tx_dims_strands(&trainer->init->dims))
    tx_train_note(trainer->hooks, "%s reads %s; from here on %s", trainer->config->init,
                  trainer->config->both_strands ? "one strand" : "both strands",
                  trainer->config->both_strands ? "both strands are read (--both-strands)"
                                                : "one strand is read (--no-both-strands)");
  tx_bytes_free(&taken);
  tx_bytes_free(&new);
}
