/* What a run learns by: an objective, and terms that are added to its loss. The trainer knows them as structs
   of functions only. */
#ifndef TX_OBJECTIVE_OBJECTIVE_H
#define TX_OBJECTIVE_OBJECTIVE_H

#include "dataset/batch.h"
#include "optim/state.h"

enum {
  TX_OBJECTIVE_TERMS_MAX = 2,                  /* the objective and what may be added to it */
  TX_OBJECTIVE_COLUMNS_MAX = TX_RANKS_MAX + 1, /* of all terms */
};

/* Sums of one shard in one column: a rank, the tokens, or a term that is added. */
typedef struct tx_shard_sums {
  double loss;      /* sum over what has a known target, in training times its weights */
  uint64_t known;   /* records or tokens with a known target */
  uint64_t queries; /* of them and those whose target the training records do not have */
  uint64_t correct;
} tx_shard_sums;

/* The batch of the step in progress. */
typedef struct tx_objective_batch {
  const uint32_t *records; /* (count) */
  size_t count;
  double scales[TX_OBJECTIVE_COLUMNS_MAX]; /* of the loss of each column */
} tx_objective_batch;

/* What one thread of the pool owns. */
typedef struct tx_objective_worker {
  tx_shard shard;
  void *memory; /* of `work` */
  tx_work *work;
  float *gradients;                         /* (elements) of the shard in work */
  void *workspaces[TX_OBJECTIVE_TERMS_MAX]; /* of the terms */
  const tx_pack *pack;                      /* what the network has read of the shard */
  const float *embedding_gradient;          /* (records, D) of the terms that are added, NULL = none */
} tx_objective_worker;

/* Figures of a validation. */
typedef struct tx_validation {
  double loss; /* mean over the columns, by their weights, of the mean over records or tokens; NaN if no
                  target is known */
  double accuracy[TX_RANKS_MAX]; /* of each column of the objective; NaN without a target */
  uint64_t judged[TX_RANKS_MAX]; /* records or tokens that it is a share of */
  double seconds;
} tx_validation;

/* A figure for the log. */
typedef struct tx_figure {
  const char *name; /* borrowed from the objective or the dataset */
  double value;
} tx_figure;

/* The figure that chooses the kept model. */
typedef struct tx_metric {
  char name[TX_TEXT_SIZE];
  bool is_loss;       /* lower is better */
  bool is_perplexity; /* exp of the loss; is_loss is set as well */
  size_t column;      /* otherwise the accuracy of this one */
} tx_metric;

/* The parts of a run that its terms work with, borrowed from the trainer, which does not move. */
typedef struct tx_objective_context {
  const tx_train_config *config;
  const tx_dataset *dataset;
  const tx_dims *dims;
  const float *const *weights; /* (layout count) that learn */
  const float *const *kept;    /* (layout count) that are validated and kept */
  size_t elements;             /* of the gradients */
  size_t frozen;               /* those before this one do not learn */
  tx_precision precision;      /* of the products */
} tx_objective_context;

typedef struct tx_objective_functions tx_objective_functions;

/* An objective, or what is added to it, in a run. */
typedef struct tx_objective_term {
  const tx_objective_functions *functions;
  const tx_objective_context *context;
  size_t number;  /* of its workspace in a worker */
  size_t column;  /* its first column of sums */
  size_t columns; /* how many it has */
  void *state;    /* its own */
} tx_objective_term;

/* An objective, or a term that is added to one. Functions may be NULL where there is nothing to do; those of
   one thread's worker are called from any thread of the pool, each with a worker of its own, and change
   nothing else of the run but the sums of their shard. Order of a run: set_sizes, choose_metric, prepare,
   prepare_worker; of a step: scale, then for each shard fill (for each of its records), visible, the
   network's forward, learn, backward; then conclude, the update, advance; of a validation: fill, visible,
   forward, validate. */
struct tx_objective_functions {
  const char *name; /* as --objective has it */

  /* Of an objective only. */
  tx_dataset_needs needs;
  double reverse_complement; /* share of the training records that are read backwards, where the configuration
                                does not say */
  bool one_strand;           /* of a record even where the model reads both */
  bool positions;            /* needs position embeddings */
  const char *head;          /* what it puts behind the encoder, for people; NULL = the heads of the ranks */
  const char *figures_group; /* the member of the log that holds its figures; NULL = each is a member */
  /* Sets the sizes that only this objective has; the vocabulary is known. Called again when it has been
     learned. TX_ERROR_USAGE. */
  tx_status (*set_sizes)(const tx_train_config *config, tx_dims *dims, tx_error *error);
  /* What config->metric names, or, without, the standard. TX_ERROR_USAGE. */
  tx_status (*choose_metric)(const tx_train_config *config, const tx_dataset *dataset, tx_metric *metric,
                             tx_error *error);
  /* What the network reads of the worker's shard; NULL = all of it. */
  const tx_pack *(*visible)(const tx_objective_term *term, tx_objective_worker *worker);
  /* From the gradients that `learn` of all terms has left to that of the weights: adds to
     worker->gradients. */
  void (*backward)(const tx_objective_term *term, tx_objective_worker *worker);
  /* Loss, targets and correct ones of a validation shard, after the forward: sets sums (columns). */
  void (*validate)(const tx_objective_term *term, tx_objective_worker *worker, tx_shard_sums *sums);
  /* Weight of a column in the loss of the validation; NULL = 1. */
  double (*weight)(const tx_objective_term *term, size_t column);
  /* Figures of a validation, at most TX_RANKS_MAX; returns how many. */
  size_t (*figures)(const tx_objective_term *term, const tx_validation *validation, tx_figure *figures);

  /* Of a term that is added only: whether the run has it. */
  bool (*wanted)(const tx_objective_context *context);

  /* Of both. */
  size_t (*columns)(const tx_objective_context *context); /* of sums, at least 1; NULL = 1 */
  /* Makes term->state. `release` is called whether it fails or not. */
  tx_status (*prepare)(tx_objective_term *term, tx_error *error);
  void (*release)(tx_objective_term *term);
  /* Makes worker->workspaces[term->number], after the worker's shard. `release_worker` is called whether it
     fails or not. */
  tx_status (*prepare_worker)(const tx_objective_term *term, tx_objective_worker *worker, tx_error *error);
  void (*release_worker)(const tx_objective_term *term, tx_objective_worker *worker);
  /* Targets of the record that has been added last to the shard. `random` is a stream of this record's
     own. */
  void (*fill)(const tx_objective_term *term, tx_shard *shard, tx_random *random);
  /* Sets scales (columns) of the loss, where they follow from the records of the batch. */
  void (*scale)(const tx_objective_term *term, const tx_objective_batch *batch, double *scales);
  /* Loss of the worker's shard, after the forward: sets sums[c].loss (columns) and leaves its gradient,
     scaled, where `backward` looks for it; may add to worker->gradients what does not go through the network.
     The shard's first record is number `first` of the batch. */
  void (*learn)(const tx_objective_term *term, const tx_objective_batch *batch, size_t first,
                tx_objective_worker *worker, tx_shard_sums *sums);
  /* Where the scale is known only when all shards have been learned from: scales the sum of the gradients and
     returns the batch's loss. Row i of `sums` begins at sums[i * stride]. NULL: the loss is the sum over
     shards and columns by batch->scales. To an objective that has this function no term is added, whose
     gradient it would scale as well. */
  double (*conclude)(const tx_objective_term *term, const tx_shard_sums *sums, size_t shards, size_t stride,
                     float *gradients);
  /* After the update. */
  void (*advance)(const tx_objective_term *term, const tx_objective_batch *batch);
  /* Adds what a checkpoint keeps of its state. */
  tx_status (*parts)(const tx_objective_term *term, tx_state_parts *parts, tx_error *error);
  /* After its parts have been read from the checkpoint `path` of a run that had learned from so many records.
     TX_ERROR_MODEL. */
  tx_status (*restore)(const tx_objective_term *term, uint64_t records, const char *path, tx_error *error);
};

/* The terms of a run: first its objective, then what is added. */
typedef struct tx_objective_terms {
  tx_objective_context context;
  tx_objective_term terms[TX_OBJECTIVE_TERMS_MAX];
  size_t count;
  size_t columns; /* of all; those of the objective come first */
} tx_objective_terms;

/* The objective of a configuration within the bounds of its parameters. Static. */
const tx_objective_functions *tx_objective_of(const tx_train_config *config);
/* That of models that do not name theirs. */
const tx_objective_functions *tx_objective_standard(void);

/* Rows of the position embeddings: --positions, or, where that is 0 and the objective needs some, the tokens
   of tokenizer->max_bases bases, for BPE half as many as there are bases: nearly all of its words have two or
   more. 0 for none, and where max_bases is 0. */
size_t tx_train_positions(const tx_train_config *config, const tx_tokenizer *tokenizer);

/* The terms of a run; `terms` must not move. Errors are those of the terms. On failure free it all the
   same. */
tx_status tx_objective_terms_create(const tx_objective_context *context, tx_objective_terms *terms,
                                    tx_error *error);
void tx_objective_terms_free(tx_objective_terms *terms);

/* Workspaces of a worker that has its shard. On failure free them all the same; the worker was zero
   before. */
tx_status tx_objective_prepare_worker(const tx_objective_terms *terms, tx_objective_worker *worker,
                                      tx_error *error);
void tx_objective_release_worker(const tx_objective_terms *terms, tx_objective_worker *worker);

/* Targets of the record that has been added last to the shard; `random` must be a stream of its own. */
void tx_objective_fill(const tx_objective_terms *terms, tx_shard *shard, tx_random *random);

/* Sets batch->scales. */
void tx_objective_scale(const tx_objective_terms *terms, tx_objective_batch *batch);

/* Forward, loss and backward of the worker's shard, whose first record is number `first` of the batch: sets
   the losses of sums (terms->columns) and adds to worker->gradients, whose learning part must be 0. From any
   thread. */
void tx_objective_learn(const tx_objective_terms *terms, const tx_objective_batch *batch, size_t first,
                        tx_objective_worker *worker, tx_shard_sums *sums);

/* Loss of the batch from the sums (shards, terms->columns), added up in one order; `gradients` (elements),
   their sum over the shards, is scaled where that was not possible before. */
double tx_objective_conclude(const tx_objective_terms *terms, const tx_objective_batch *batch,
                             const tx_shard_sums *sums, size_t shards, float *gradients);

/* After the update of the weights. */
void tx_objective_advance(const tx_objective_terms *terms, const tx_objective_batch *batch);

/* Forward with the kept weights and the objective's sums (its columns) of a shard of validation records. From
   any thread. */
void tx_objective_validate(const tx_objective_terms *terms, tx_objective_worker *worker, tx_shard_sums *sums);
/* Loss and accuracies of a validation from its sums over all shards (the objective's columns). */
void tx_objective_judge(const tx_objective_terms *terms, const tx_shard_sums *sums,
                        tx_validation *validation);

/* What a checkpoint keeps of the terms, and their return from one (see tx_objective_functions). */
tx_status tx_objective_parts(const tx_objective_terms *terms, tx_state_parts *parts, tx_error *error);
tx_status tx_objective_restore(const tx_objective_terms *terms, uint64_t records, const char *path,
                               tx_error *error);

#endif
