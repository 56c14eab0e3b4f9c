#include "infer/classifier.h"

#include "base/error.h"
#include "base/memory.h"
#include "infer/result.h"
#include "model/fingerprint.h"
#include "search/region.h"
#include "taxon/nodes.h"

#include <stdlib.h>
#include <string.h>

void tx_predict_defaults(tx_predict_options *options)
{
  memset(options, 0, sizeof *options);
  options->threads = 1;
  options->batch = 64;
  options->strand = TX_STRAND_AUTO;
  options->min_bases = 50;
  options->offsets = 1;
  options->classify = true;
  options->cache_bytes = (size_t)32 << 20;
}

tx_strand tx_strand_read(const tx_model *model, const tx_predict_options *options)
{
  if (options->strand != TX_STRAND_AUTO) return options->strand;
  return options->references || tx_model_tells_strand(model) ? TX_STRAND_BOTH : TX_STRAND_PLUS;
}

/* Whether one of two strands has to be chosen, for which lineages are needed. A model that reads both strands
   together needs no choice, and one with a head of the strand no lineages. */
static bool chooses_strand(const tx_model *model, const tx_predict_options *options)
{
  return options->strand == TX_STRAND_BOTH && !tx_model_both_strands(model) && !tx_model_tells_strand(model);
}

static tx_status check_common(const tx_predict_options *options, size_t max_bases, tx_error *error)
{
  if ((unsigned)options->precision > TX_PRECISION_INT8)
    return tx_fail(error, TX_ERROR_USAGE, "%d is no precision to compute in", (int)options->precision);
  if ((unsigned)options->strand > TX_STRAND_BOTH)
    return tx_fail(error, TX_ERROR_USAGE, "strand: %d is none of auto, plus, minus and both",
                   (int)options->strand);
  if (!(options->min_confidence >= 0 && options->min_confidence <= 1))
    return tx_fail(error, TX_ERROR_USAGE, "min-confidence: %g is not in 0..1", options->min_confidence);
  if (max_bases && options->min_bases > max_bases)
    return tx_fail(error, TX_ERROR_USAGE, "min-bases: %zu is more than the %zu bases that are read",
                   options->min_bases, max_bases);
  if (!options->classify && !options->embed)
    return tx_fail(error, TX_ERROR_USAGE, "neither a classification nor an embedding is asked for");
  return TX_OK;
}

/* Of an answer by the network. */
static tx_status check_network(const tx_model *model, const tx_predict_options *options, tx_error *error)
{
  const size_t offsets = tx_tokenizer_offsets(&model->tokenizer);
  if (options->offsets < 1 || options->offsets > offsets)
    return tx_fail(error, TX_ERROR_USAGE,
                   "offsets: %zu is not in 1..%zu, which is what this model's tokenizer has",
                   options->offsets, offsets);
  if (options->shared && !model->dims.tower_count)
    return tx_fail(error, TX_ERROR_USAGE, "the model has no space that it shares with other modalities");
  if (tx_dims_ranks(&model->dims) == 0 && !tx_model_is_multilabel(model) && options->classify)
    return tx_fail(error, TX_ERROR_USAGE, "the model has no ranks: it can embed, but not classify");
  if (tx_dims_ranks(&model->dims) == 0 && chooses_strand(model, options))
    return tx_fail(error, TX_ERROR_USAGE,
                   "strand: the model has no %s to choose between the strands by; use plus or minus",
                   tx_model_is_multilabel(model) ? "head of the strand" : "ranks");
  return TX_OK;
}

static tx_status check_options(const tx_classifier *classifier, tx_error *error)
{
  const tx_predict_options *options = &classifier->options;
  tx_status status = check_common(options, tx_classifier_bases(classifier), error);
  if (status != TX_OK) return status;
  if (!(options->error_rate >= 0 && options->error_rate < 1))
    return tx_fail(error, TX_ERROR_USAGE, "error-rate: %g is not from 0 to below 1", options->error_rate);
  if (options->details && !classifier->opt_references)
    return tx_fail(error, TX_ERROR_USAGE, "details: only answers by references have them");
  if ((unsigned)options->witness > TX_WITNESS_FITTED)
    return tx_fail(error, TX_ERROR_USAGE, "witness: %d is none of never, helping and fitted",
                   (int)options->witness);
  if (!classifier->opt_references) return check_network(classifier->model, options, error);
  for (size_t k = 0; options->prior && k < classifier->opt_references->space.kinds; k++)
    if (!(options->prior[k] > 0 && options->prior[k] < 1))
      return tx_fail(error, TX_ERROR_USAGE, "prior: %g is no share between 0 and 1", options->prior[k]);
  if (options->embed)
    return tx_fail(error, TX_ERROR_USAGE, "references have no embeddings: ask for them without references");
  return TX_OK;
}

bool tx_classifier_computes(const tx_classifier *classifier)
{
  return !classifier->opt_references;
}

size_t tx_classifier_width(const tx_classifier *classifier)
{
  if (!tx_classifier_computes(classifier)) return 0;
  return classifier->options.shared ? tx_dims_shared_width(&classifier->model->dims)
                                    : classifier->model->dims.width;
}

size_t tx_classifier_bases(const tx_classifier *classifier)
{
  return classifier->opt_references ? TX_RECORD_MAX : classifier->model->tokenizer.max_bases;
}

const tx_taxonomy *tx_classifier_taxonomy(const tx_classifier *classifier)
{
  if (classifier->joint.taxonomy) return classifier->joint.taxonomy;
  return classifier->opt_references ? classifier->opt_references->references->taxonomy
                                    : classifier->model->taxonomy;
}

tx_precision tx_classifier_precision(const tx_classifier *classifier)
{
  const tx_precision precision = classifier->options.precision;
  return precision == TX_PRECISION_STORED ? classifier->model->stored : precision;
}

static tx_status pack_weights(tx_classifier *classifier, tx_error *error)
{
  const tx_model *model = classifier->model;
  const tx_precision precision = tx_classifier_precision(classifier);
  const size_t size = tx_inference_weights_size(&model->dims, precision);
  void *memory = size ? tx_malloc_aligned(size, 1) : NULL;
  if (!memory) return tx_fail_memory(error, "the weights of a model");
  classifier->opt_weights = tx_inference_weights_init(&model->dims, model->weights, precision, memory);
  return TX_OK;
}

/* The tree of the taxa, of which a record may have several. */
static tx_status prepare_nodes(tx_classifier *classifier, tx_error *error)
{
  const tx_taxonomy *taxonomy = classifier->model->taxonomy;
  classifier->nodes = tx_taxonomy_node_count(taxonomy);
  classifier->opt_parents = calloc(classifier->nodes, sizeof *classifier->opt_parents);
  if (!classifier->opt_parents) return tx_fail_memory(error, "the tree of the taxa");
  tx_taxonomy_node_parents(taxonomy, classifier->opt_parents);
  return TX_OK;
}

/* What the network needs. */
static tx_status prepare_network(tx_classifier *classifier, tx_error *error)
{
  const tx_model *model = classifier->model;
  const tx_predict_options *options = &classifier->options;
  tx_status status = pack_weights(classifier, error);
  if (status == TX_OK && tx_model_is_multilabel(model))
    return options->classify ? prepare_nodes(classifier, error) : TX_OK;
  if (status == TX_OK && (options->classify || chooses_strand(model, options)))
    status = tx_lineage_decoder_create(model->taxonomy, &classifier->opt_decoder, error);
  return status;
}

/* Whether there is a length at which the network takes part. */
static bool has_use(const tx_fitted_weights *fitted, tx_witness_use use)
{
  for (size_t i = 0; i < fitted->length_count; i++)
    if (tx_fitted_witness_is_used(fitted, use, fitted->lengths[i])) return true;
  return false;
}

bool tx_reference_set_hears(const tx_reference_set *set, const tx_model *model)
{
  return set->fitted.witness.present && set->fitted.witness.network == tx_model_fingerprint(model);
}

/* Whether there is a length at which taxa are named that only the network knows. */
static bool has_split(const tx_fitted_weights *fitted, tx_witness_use use)
{
  tx_split_weights weights;
  for (size_t i = 0; i < fitted->length_count; i++)
    if (tx_fitted_split_at(fitted, use, fitted->lengths[i], &weights)) return true;
  return false;
}

/* Matches the taxa of the network with those of the references. The joint taxonomy is made only if its taxa
   are to be named. */
static tx_status match_taxa(const tx_reference_set *set, const tx_model *model, tx_witness_use use,
                            tx_witness_map *map, tx_joint *joint, tx_error *error)
{
  const tx_taxonomy *references = set->references->taxonomy;
  tx_status status;
  *map = (tx_witness_map){.ranks = 0};
  *joint = (tx_joint){.taxonomy = NULL};
  if (!model || use == TX_WITNESS_NEVER || !tx_reference_set_hears(set, model)) return TX_OK;
  status = tx_witness_map_init(map, references, model->taxonomy, error);
  if (status == TX_OK && has_split(&set->fitted, use))
    status = tx_joint_init(joint, references, model->taxonomy, map, error);
  return status;
}

tx_status tx_predict_taxonomy(const tx_model *model, const tx_predict_options *options,
                              tx_taxonomy **ret_taxonomy, tx_error *error)
{
  tx_witness_map map;
  tx_joint joint;
  tx_status status;
  *ret_taxonomy = NULL;
  if (!options->references) return TX_OK;
  status = match_taxa(options->references, model, options->witness, &map, &joint, error);
  tx_witness_map_clear(&map);
  if (status != TX_OK) return status;
  *ret_taxonomy = joint.taxonomy;
  joint.taxonomy = NULL;
  tx_joint_clear(&joint);
  return TX_OK;
}

/* Makes the network a witness, if it is to be one. */
static tx_status prepare_witness(tx_classifier *classifier, tx_error *error)
{
  const tx_reference_set *set = classifier->opt_references;
  const tx_witness_use use = classifier->options.witness;
  tx_status status = match_taxa(set, classifier->model, use, &classifier->map, &classifier->joint, error);
  if (status != TX_OK) return status;
  classifier->listens = classifier->map.ranks && (has_use(&set->fitted, use) || classifier->joint.taxonomy);
  if (use == TX_WITNESS_FITTED && !classifier->listens)
    return tx_fail(error, TX_ERROR_USAGE,
                   "the references have no weights for this network: fit them to labelled barcodes that it "
                   "has not learned with taxamba calibrate");
  return classifier->listens ? prepare_network(classifier, error) : TX_OK;
}

tx_status tx_classifier_create(const tx_model *model, const tx_predict_options *options,
                               tx_classifier **ret_classifier, tx_error *error)
{
  tx_classifier *classifier = calloc(1, sizeof *classifier);
  tx_status status;
  *ret_classifier = NULL;
  if (!classifier) return tx_fail_memory(error, "a classifier");
  classifier->model = model;
  classifier->opt_references = options->references;
  classifier->options = *options;
  classifier->options.strand = tx_strand_read(model, options);
  status = check_options(classifier, error);
  if (status == TX_OK && tx_classifier_computes(classifier)) status = prepare_network(classifier, error);
  if (status == TX_OK && options->references) status = prepare_witness(classifier, error);
  if (status == TX_OK && options->cache_bytes)
    status = tx_cache_create(options->cache_bytes, tx_result_size(classifier), NULL, &classifier->opt_cache,
                             error);
  if (status == TX_OK)
    *ret_classifier = classifier;
  else
    tx_classifier_free(classifier);
  return status;
}

void tx_classifier_free(tx_classifier *classifier)
{
  if (!classifier) return;
  tx_cache_free(classifier->opt_cache);
  tx_lineage_decoder_free(classifier->opt_decoder);
  tx_joint_clear(&classifier->joint);
  tx_witness_map_clear(&classifier->map);
  free(classifier->opt_weights);
  free(classifier->opt_parents);
  free(classifier);
}
