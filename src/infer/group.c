#include "infer/group.h"

#include "base/error.h"
#include "base/memory.h"
#include "evidence/answer.h"
#include "infer/listen.h"
#include "nn/strands.h"
#include "seq/bases.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FORWARD, REVERSE, STRANDS };
/* A model that tells the strand reads the reverse complement only where the logit of the record as it is is
   lower than this: docs/numerics.md has how often the answer is another then, and how many are read twice. */
#define SURE 4.0
/* A group without a network: as long as the workers have no reason to wait for each other. */
enum { EVIDENCE_RECORDS = 16, EVIDENCE_BASES = 1 << 14 };

typedef enum progress {
  WAITING, /* another record with the same bases is not computed yet */
  PACKED,  /* in the current pack or a computed one */
  FINISHED /* the result is filled, or there is an error */
} progress;

typedef struct item {
  const tx_record *record;
  tx_result *result;
  progress progress;
  tx_status fault;
  tx_cache_entry *claim; /* claim on its key in the cache, while PACKED; may be NULL */
  tx_strand_answer answers[STRANDS];
  tx_hearing hearing; /* while the network is asked about the answer by references in `paused` */
} item;

struct tx_group {
  tx_predict_work *opt_work;  /* of the network, which answers or is a witness */
  tx_evidence *opt_evidence;  /* of the references */
  item *items;  /* (limit) */
  tx_evidence_paused *paused; /* (limit) answers of which the network is asked; NULL: it is no witness */
  double *said; /* (limit, outputs of the network) what it says, where taxa are named that only it knows */
  tx_listen_codes heard;
  float *spare; /* (limit, D) embeddings of the reverse strands, when both are read */
  float *spare_nodes; /* (limit, nodes) likewise the probabilities of the taxa, if they may be several */
  /* The following belong to the current record. */
  uint8_t *codes[STRANDS];
  size_t code_capacity[STRANDS];
  size_t used[STRANDS]; /* codes that are read; 0 for a strand that cannot be called */
  uint8_t *key;
  size_t key_capacity;
};

/* Whether the model reads the two strands together. Both are then read, whatever strand is requested, and the
   result is in answers[FORWARD]. */
static bool pairs(const tx_classifier *classifier)
{
  return tx_classifier_computes(classifier) && tx_dims_strands(&classifier->model->dims) == STRANDS;
}

static bool reads(const tx_classifier *classifier, size_t strand)
{
  return pairs(classifier) ||
         classifier->options.strand != (strand == FORWARD ? TX_STRAND_MINUS : TX_STRAND_PLUS);
}

static bool reads_both(const tx_classifier *classifier)
{
  return reads(classifier, FORWARD) && reads(classifier, REVERSE);
}

/* Whether the record is read as it is first, and its reverse complement only where that leaves doubt. */
static bool asks_strand(const tx_classifier *classifier)
{
  return tx_classifier_computes(classifier) && !pairs(classifier) && reads_both(classifier) &&
         tx_dims_have_strand_head(&classifier->model->dims);
}

void tx_group_limits(const tx_classifier *classifier, size_t *ret_records, size_t *ret_bases)
{
  size_t sequences =
      classifier->options.offsets * (reads_both(classifier) && !asks_strand(classifier) ? STRANDS : 1);
  if (!tx_classifier_computes(classifier)) {
    *ret_records = EVIDENCE_RECORDS;
    *ret_bases = EVIDENCE_BASES;
    return;
  }
  *ret_records = sequences < TX_PACK_SEQUENCES ? TX_PACK_SEQUENCES / sequences : 1;
  *ret_bases = sequences < TX_PACK_TOKENS
                   ? TX_PACK_TOKENS / sequences * tx_tokenizer_bases_per_token(&classifier->model->tokenizer)
                   : 1;
}

tx_status tx_group_create(const tx_classifier *classifier, tx_group **ret_group, tx_error *error)
{
  size_t limit, bases;
  tx_status status;
  tx_group *group = calloc(1, sizeof *group);
  if (!group) return tx_fail_memory(error, "the workspace of a thread");
  tx_group_limits(classifier, &limit, &bases);
  group->items = calloc(limit, sizeof *group->items);
  group->spare = calloc(limit * tx_classifier_width(classifier) + 1, sizeof *group->spare);
  group->spare_nodes = calloc(limit * classifier->nodes + 1, sizeof *group->spare_nodes);
  status = group->items && group->spare && group->spare_nodes
               ? TX_OK
               : tx_fail_memory(error, "the workspace of a thread");
  if (status == TX_OK && classifier->listens) {
    group->paused = calloc(limit, sizeof *group->paused);
    group->said = calloc(limit * classifier->joint.output_count + 1, sizeof *group->said);
    if (!group->paused || !group->said) status = tx_fail_memory(error, "the workspace of a thread");
  }
  if (status == TX_OK && (tx_classifier_computes(classifier) || classifier->listens))
    status = tx_predict_work_create(classifier, &group->opt_work, error);
  if (status == TX_OK && classifier->opt_references)
    status = tx_evidence_create(classifier->opt_references, &group->opt_evidence, error);
  if (status == TX_OK && classifier->joint.taxonomy)
    tx_evidence_join(group->opt_evidence, &classifier->joint);
  if (status == TX_OK)
    *ret_group = group;
  else
    tx_group_free(group);
  return status;
}

void tx_group_free(tx_group *group)
{
  if (!group) return;
  tx_predict_work_free(group->opt_work);
  tx_evidence_free(group->opt_evidence);
  free(group->items);
  free(group->paused);
  free(group->said);
  tx_listen_codes_free(&group->heard);
  free(group->spare);
  free(group->spare_nodes);
  for (size_t strand = 0; strand < STRANDS; strand++) free(group->codes[strand]);
  free(group->key);
  free(group);
}

/* Encodes a strand, and sets its status as far as the codes determine it. False without memory. */
static bool encode_strand(const tx_classifier *classifier, tx_group *group, item *own, size_t strand)
{
  const tx_record *record = own->record;
  const size_t most = tx_classifier_bases(classifier);
  const size_t capacity = most && most < record->base_count ? most : record->base_count;
  size_t count, certain;
  group->used[strand] = 0;
  if (!tx_reserve(&group->codes[strand], &group->code_capacity[strand], capacity + 1, 1)) return false;
  if (strand == FORWARD) {
    count = tx_bases_encode_first(record->bases, record->base_count, most, group->codes[strand]);
  } else {
    count = tx_bases_encode_last(record->bases, record->base_count, most, group->codes[strand]);
    tx_bases_reverse_complement(group->codes[strand], count);
  }
  count = tx_bases_trim(group->codes[strand], count, most);
  certain = tx_bases_certain(group->codes[strand], count);
  own->answers[strand].status = certain == 0 ? TX_RECORD_NO_BASES : TX_RECORD_TOO_SHORT;
  own->answers[strand].fault = TX_OK;
  if (certain && certain >= classifier->options.min_bases) group->used[strand] = count;
  return true;
}

/* Encodes each strand that is read. False without memory. */
static bool encode(const tx_classifier *classifier, tx_group *group, item *own)
{
  for (size_t strand = 0; strand < STRANDS; strand++) {
    group->used[strand] = 0;
    if (reads(classifier, strand) && !encode_strand(classifier, group, own, strand)) return false;
  }
  if (pairs(classifier) && (!group->used[FORWARD] || !group->used[REVERSE]))
    group->used[FORWARD] = group->used[REVERSE] = 0;
  return true;
}

/* Makes the key of the cache, on which the prediction depends: the codes of the strands and their numbers.
   False when the result is not to be cached. */
static bool make_key(const tx_classifier *classifier, tx_group *group, size_t *ret_size)
{
  size_t size = sizeof group->used;
  if (!classifier->opt_cache) return false;
  for (size_t strand = 0; strand < STRANDS; strand++) size += (group->used[strand] + 1) / 2;
  if (!tx_cache_accepts(classifier->opt_cache, size) ||
      !tx_reserve(&group->key, &group->key_capacity, size, 1))
    return false;
  *ret_size = size;
  memcpy(group->key, group->used, sizeof group->used);
  size = sizeof group->used;
  for (size_t strand = 0; strand < STRANDS; strand++) {
    tx_bases_pack(group->codes[strand], group->used[strand], group->key + size);
    size += (group->used[strand] + 1) / 2;
  }
  return true;
}

/* Whether the prediction is that of the reverse strand. If neither strand has a call, the more informative
   status is used. */
static bool reverse_is_better(const tx_classifier *classifier, const tx_strand_answer *forward,
                              const tx_strand_answer *reverse)
{
  if (forward->status == TX_RECORD_OK && reverse->status == TX_RECORD_OK)
    return asks_strand(classifier) ? reverse->way_round > forward->way_round
                                   : reverse->lineage.score > forward->lineage.score;
  if (reverse->status == TX_RECORD_OK) return true;
  return forward->status == TX_RECORD_NO_BASES && reverse->status == TX_RECORD_TOO_SHORT;
}

/* Ends the work on a record: its claim gets the result, if there is one. */
static void settle(const tx_classifier *classifier, item *own)
{
  if (own->claim)
    tx_cache_settle(classifier->opt_cache, own->claim, own->fault == TX_OK ? own->result : NULL);
  own->claim = NULL;
  own->progress = FINISHED;
}

static void clear_prediction(tx_result *result, tx_record_status status)
{
  memset(&result->prediction, 0, sizeof result->prediction);
  result->prediction.status = status;
  result->prediction.strand = '.';
  for (size_t rank = 0; rank < TX_RANKS_MAX; rank++) result->prediction.taxa[rank] = -1;
  result->duplicate = false;
}

static void fill_lineage(const tx_classifier *classifier, tx_decoded_lineage *lineage, double min_confidence,
                         tx_prediction *prediction)
{
  const size_t ranks = tx_taxonomy_rank_count(tx_classifier_taxonomy(classifier));
  tx_decoded_lineage_cut(lineage, ranks, min_confidence);
  for (size_t rank = 0; rank < ranks; rank++) {
    prediction->taxa[rank] = lineage->taxa[rank];
    prediction->confidence[rank] = lineage->confidence[rank];
  }
}

static void fill_prediction(const tx_classifier *classifier, tx_strand_answer *answer, char strand,
                            tx_result *result)
{
  const tx_predict_options *options = &classifier->options;
  clear_prediction(result, answer->status);
  if (answer->status != TX_RECORD_OK) return;
  result->prediction.strand = strand;
  if (options->embed) {
    if (answer->embedding != result->embedding)
      memcpy(result->embedding, answer->embedding,
             tx_classifier_width(classifier) * sizeof *result->embedding);
    result->prediction.embedding = result->embedding;
  }
  if (classifier->nodes) {
    float *nodes = tx_result_nodes(classifier, result);
    if (answer->opt_nodes != nodes) memcpy(nodes, answer->opt_nodes, classifier->nodes * sizeof *nodes);
    result->prediction.opt_nodes = nodes;
    result->prediction.node_count = classifier->nodes;
    result->prediction.min_confidence = options->min_confidence;
  } else if (options->classify)
    fill_lineage(classifier, &answer->lineage, options->min_confidence, &result->prediction);
}

/* Whether the network takes part in the answers to barcodes of this length. Then the errors were counted with
   it, also for those that the references alone decide. */
static bool is_witnessed(const tx_classifier *classifier, const tx_evidence_answer *answer)
{
  return classifier->listens &&
         tx_fitted_witness_is_used(&classifier->opt_references->fitted, classifier->options.witness,
                                   (double)answer->nearest.columns);
}

/* Cuts the lineage of an answer as --error-rate promises: by the confidences of the fit's prior, for which
   the errors were counted. */
static void cut_to_rate(const tx_classifier *classifier, const tx_evidence_answer *answer,
                        tx_decoded_lineage *lineage)
{
  const tx_predict_options *options = &classifier->options;
  const tx_outcome_space *space = &classifier->opt_references->space;
  double least;
  bool below = false;
  if (options->error_rate == 0) return;
  least = tx_fitted_threshold(&classifier->opt_references->fitted, space->kinds, options->prior,
                              is_witnessed(classifier, answer),
                              (double)answer->nearest.columns, options->error_rate);
  for (size_t rank = 0; rank < space->ranks; rank++) {
    if (lineage->taxa[rank] < 0) continue;
    /* The errors were counted without taxa that only the network knows: these have to promise it
       themselves. */
    if (tx_joint_is_foreign(&classifier->joint, rank, lineage->taxa[rank]))
      least = fmax(least, 1 - options->error_rate);
    below = below || answer->fitted_confidence[rank] < least;
    if (!below) continue;
    lineage->taxa[rank] = -1;
    lineage->confidence[rank] = 0;
  }
}

static void keep_details(const tx_classifier *classifier, const tx_group *group, tx_result *result)
{
  tx_evidence_details *details = tx_result_details(result);
  if (!classifier->options.details) return;
  tx_evidence_details_fill(group->opt_evidence, classifier->opt_references->index->coding, details);
  result->prediction.opt_details = details;
}

/* Fills the result from an answer by references, which is the last one of the group. */
static void fill_evidence(const tx_classifier *classifier, tx_group *group, const tx_evidence_answer *answer,
                          tx_result *result)
{
  tx_prediction *prediction = &result->prediction;
  tx_decoded_lineage lineage;
  clear_prediction(result, answer->like ? TX_RECORD_OK : TX_RECORD_UNLIKE);
  if (!answer->like) return;
  memcpy(lineage.taxa, answer->taxa, sizeof lineage.taxa);
  memcpy(lineage.confidence, answer->confidence, sizeof lineage.confidence);
  cut_to_rate(classifier, answer, &lineage);
  fill_lineage(classifier, &lineage, classifier->options.min_confidence, prediction);
  prediction->strand = answer->reversed ? '-' : '+';
  prediction->has_evidence = true;
  prediction->evidence = *answer;
  keep_details(classifier, group, result);
}

/* The place for what the network says of a record; NULL: only the outcomes matter. */
static double *said_of(const tx_classifier *classifier, const tx_group *group, const item *own)
{
  const size_t index = (size_t)(own - group->items);
  return classifier->joint.taxonomy ? group->said + index * classifier->joint.output_count : NULL;
}

/* Keeps an answer, and asks the network about it. */
static void ask_network(const tx_classifier *classifier, tx_group *group, item *own,
                        const tx_evidence_answer *answer)
{
  tx_evidence_paused *paused = &group->paused[own - group->items];
  tx_strand_answer *heard = &own->answers[FORWARD];
  tx_evidence_pause(group->opt_evidence, answer, paused);
  own->hearing = (tx_hearing){&classifier->map, paused->outcomes, paused->outcome_count};
  *heard = (tx_strand_answer){.opt_hearing = &own->hearing,
                              .opt_log_probabilities = said_of(classifier, group, own)};
  own->progress = PACKED;
  own->fault = tx_listen_add(classifier, group->opt_work, &group->heard,
                             tx_evidence_sequence(group->opt_evidence, answer), heard);
}

static tx_evidence_options evidence_options(const tx_classifier *classifier, const tx_group *group)
{
  return (tx_evidence_options){
      .forward = group->used[FORWARD] > 0,
      .reverse = group->used[REVERSE] > 0,
      .opt_prior = classifier->options.prior,
      .witness = classifier->listens ? classifier->options.witness : TX_WITNESS_NEVER};
}

/* The answer of the references, unless the network has to be asked about it. */
static void answer_by_evidence(const tx_classifier *classifier, tx_group *group, item *own)
{
  const tx_evidence_options options = evidence_options(classifier, group);
  tx_evidence_answer answer;
  own->fault = tx_evidence_answer_record(group->opt_evidence, &options, own->record->bases,
                                         own->record->base_count, &answer);
  if (own->fault == TX_OK && answer.undecided) {
    ask_network(classifier, group, own, &answer);
    return;
  }
  if (own->fault == TX_OK) fill_evidence(classifier, group, &answer, own->result);
  settle(classifier, own);
}

/* The answer with what the network has said. */
static void finish_evidence(const tx_classifier *classifier, tx_group *group, item *own)
{
  const tx_evidence_paused *paused = &group->paused[own - group->items];
  const tx_evidence_options options = evidence_options(classifier, group);
  tx_evidence_answer answer;
  if (own->fault == TX_OK) own->fault = own->answers[FORWARD].fault;
  if (own->fault == TX_OK) {
    tx_evidence_resume(group->opt_evidence, &options, paused, said_of(classifier, group, own), &answer);
    fill_evidence(classifier, group, &answer, own->result);
  }
  settle(classifier, own);
}

/* Fills the result from the answers and settles the claim. */
static void finish(const tx_classifier *classifier, tx_group *group, item *own)
{
  bool reverse = !reads(classifier, FORWARD);
  if (classifier->listens && own->progress == PACKED) {
    finish_evidence(classifier, group, own);
    return;
  }
  for (size_t strand = 0; strand < STRANDS; strand++)
    if (reads(classifier, strand) && own->answers[strand].fault != TX_OK && own->fault == TX_OK)
      own->fault = own->answers[strand].fault;
  if (own->fault == TX_OK) {
    if (reads_both(classifier))
      reverse = reverse_is_better(classifier, &own->answers[FORWARD], &own->answers[REVERSE]);
    fill_prediction(classifier, &own->answers[reverse ? REVERSE : FORWARD],
                    pairs(classifier) ? '.'
                    : reverse         ? '-'
                                      : '+',
                    own->result);
  }
  settle(classifier, own);
}

/* Whether no strand that is read is like what the network has learnt: it is not asked for a name then. */
static bool is_unlike(const tx_classifier *classifier, const tx_group *group)
{
  const tx_likeness *likeness;
  if (!tx_classifier_computes(classifier) || !classifier->options.classify) return false;
  likeness = &classifier->model->likeness;
  if (!likeness->scores) return false;
  for (size_t strand = 0; strand < STRANDS; strand++)
    if (group->used[strand] && tx_likeness_accepts(likeness, group->codes[strand], group->used[strand]))
      return false;
  return true;
}

/* Looks the record up and, if it has to be computed, adds its strands to the pack. `wait`: see
   tx_cache_ask. */
static void begin(const tx_classifier *classifier, tx_group *group, item *own, bool wait)
{
  tx_strand_codes strands[STRANDS];
  size_t key_size;
  own->progress = FINISHED;
  if (!encode(classifier, group, own)) {
    own->fault = TX_ERROR_MEMORY;
    return;
  }
  if (group->used[FORWARD] + group->used[REVERSE] == 0) {
    finish(classifier, group, own);
    return;
  }
  if (make_key(classifier, group, &key_size)) {
    tx_cache_answer answer =
        tx_cache_ask(classifier->opt_cache, group->key, key_size, wait, own->result, &own->claim);
    if (answer == TX_CACHE_FOUND) {
      own->result->duplicate = true;
      if (own->result->prediction.embedding) own->result->prediction.embedding = own->result->embedding;
      if (own->result->prediction.opt_nodes)
        own->result->prediction.opt_nodes = tx_result_nodes(classifier, own->result);
      if (own->result->prediction.opt_details)
        own->result->prediction.opt_details = tx_result_details(own->result);
    } else if (answer == TX_CACHE_BUSY) {
      own->progress = WAITING;
    }
    if (answer != TX_CACHE_CLAIMED) return;
  }
  if (classifier->opt_references) {
    answer_by_evidence(classifier, group, own);
    return;
  }
  if (is_unlike(classifier, group)) {
    clear_prediction(own->result, TX_RECORD_UNLIKE);
    settle(classifier, own);
    return;
  }
  own->progress = PACKED;
  for (size_t strand = 0; strand < STRANDS; strand++)
    strands[strand] = (tx_strand_codes){group->codes[strand], group->used[strand]};
  for (size_t strand = 0; strand < (pairs(classifier) ? 1 : STRANDS); strand++)
    if (group->used[strand] && !(strand == REVERSE && asks_strand(classifier)))
      tx_predict_work_add(classifier, group->opt_work, &strands[strand], &own->answers[strand]);
}

/* Adds the reverse strand to the pack where the answer of the record as it is leaves doubt. */
static void ask_reverse(const tx_classifier *classifier, tx_group *group, item *own)
{
  const tx_strand_answer *forward = &own->answers[FORWARD];
  if (own->progress != PACKED || !asks_strand(classifier) || forward->fault != TX_OK) return;
  if (forward->status == TX_RECORD_OK && forward->way_round >= SURE) return;
  if (!encode_strand(classifier, group, own, REVERSE)) {
    own->fault = TX_ERROR_MEMORY;
    return;
  }
  if (group->used[REVERSE])
    tx_predict_work_add(classifier, group->opt_work,
                        &(tx_strand_codes){group->codes[REVERSE], group->used[REVERSE]},
                        &own->answers[REVERSE]);
}

/* Computes what is in the pack, and then the reverse strands that are needed of the items. */
static void compute(const tx_classifier *classifier, tx_group *group, item *items, size_t count)
{
  tx_predict_work_run(classifier, group->opt_work);
  for (size_t i = 0; i < count; i++) ask_reverse(classifier, group, &items[i]);
  tx_predict_work_run(classifier, group->opt_work);
}

static tx_status fail(const item *own, tx_error *error)
{
  const tx_record *record = own->record;
  if (own->fault == TX_ERROR_MEMORY)
    return tx_fail_at(error, TX_ERROR_MEMORY, record->file, record->line, record->number,
                      "a sequence of %llu bases is too long for the memory: cut it to the barcode",
                      (unsigned long long)record->base_count + (unsigned long long)record->omitted);
  return tx_fail_at(error, own->fault, record->file, record->line, record->number,
                    "the model's answer is not finite: its weights are not usable");
}

static void start(const tx_classifier *classifier, tx_group *group, size_t index, const tx_record *record,
                  tx_result *result)
{
  item *own = &group->items[index];
  own->record = record;
  own->result = result;
  own->fault = TX_OK;
  own->claim = NULL;
  own->answers[FORWARD].embedding = result->embedding;
  own->answers[FORWARD].opt_nodes = tx_result_nodes(classifier, result);
  own->answers[REVERSE].opt_nodes = reads_both(classifier) ? group->spare_nodes + index * classifier->nodes
                                                           : tx_result_nodes(classifier, result);
  own->answers[REVERSE].embedding =
      reads_both(classifier) ? group->spare + index * tx_classifier_width(classifier) : result->embedding;
}

tx_status tx_group_predict(const tx_classifier *classifier, tx_group *group, const tx_record *records,
                           void *const *results, size_t count, size_t *ret_computed, tx_error *error)
{
  for (size_t i = 0; i < count; i++) {
    start(classifier, group, i, &records[i], results[i]);
    begin(classifier, group, &group->items[i], false);
  }
  if (group->opt_work) compute(classifier, group, group->items, count);
  for (size_t i = 0; i < count; i++)
    if (group->items[i].progress == PACKED) finish(classifier, group, &group->items[i]);
  /* No claim is held any more: now the duplicates of records that were just computed, here or by another
     thread. */
  for (size_t i = 0; i < count; i++) {
    item *own = &group->items[i];
    if (own->progress == WAITING) begin(classifier, group, own, true);
    if (own->progress == PACKED) { /* that one failed, or its value is gone already */
      compute(classifier, group, own, 1);
      finish(classifier, group, own);
    }
    if (own->fault == TX_OK) continue;
    *ret_computed = i;
    return fail(own, error);
  }
  return TX_OK;
}
