/* The training objective of a run, and the terms that are added to its loss. The trainer uses them only
   through structs of functions. */
#ifndef TX_OBJECTIVE_OBJECTIVE_H
#define TX_OBJECTIVE_OBJECTIVE_H

#include "dataset/batch.h"
#include "objective/partners.h"
#include "objective/teaching.h"
#include "optim/state.h"

enum {
  TX_OBJECTIVE_TERMS_MAX = 5,                  /* the objective and the terms that may be added */
  TX_OBJECTIVE_COLUMNS_MAX = TX_RANKS_MAX + 5, /* columns of all terms together */
};

/* Sums over one shard in one column. A column is a rank, the tokens, or an added term. */
typedef struct tx_shard_sums {
  double loss;      /* sum over the records or tokens with a known target; in training each is weighted */
  double squares;   /* in validation, the sum of the squares of the records' losses; 0 = not known */
  uint64_t known;   /* records or tokens with a known target */
  uint64_t queries; /* records or tokens with a target, known or absent from the training records */
  uint64_t correct;
} tx_shard_sums;

/* The batch of the step in progress. */
typedef struct tx_objective_batch {
  const uint32_t *records; /* (count) */
  size_t count;
  /* (count) those that are shown as reverse complement and have no label then; NULL = none */
  const uint8_t *opt_reversed;
  double scales[TX_OBJECTIVE_COLUMNS_MAX]; /* scale of the loss of each column */
} tx_objective_batch;

/* The workspace of one thread of the pool. */
typedef struct tx_objective_worker {
  tx_shard shard;
  size_t first; /* in a validation, the index of the first record of the shard */
  void *memory; /* the block in which `work` lies */
  tx_work *work;
  float *gradients;                         /* (elements) gradient of the current shard */
  void *workspaces[TX_OBJECTIVE_TERMS_MAX]; /* one for each term */
  const tx_pack *pack;                      /* the part of the shard that the network has read */
  float *embedding_gradient;                /* (records, D) from the added terms, NULL = none */
} tx_objective_worker;

/* Figures of the validation records in one form. */
typedef struct tx_judgement {
  /* weighted mean over the columns of the mean over records or tokens; NaN if no target is known */
  double loss;
  /* Standard error of the loss over the records, as large as if the losses of the columns rose and fell
     together; 0 = not known. */
  double loss_error;
  double accuracy[TX_RANKS_MAX]; /* accuracy of each column of the objective; NaN without a target */
  uint64_t judged[TX_RANKS_MAX]; /* number of records or tokens from which the accuracy is computed */
} tx_judgement;

/* Figures of a validation. */
typedef struct tx_validation {
  tx_judgement all;   /* of all passes together; `judged` counts a record once */
  tx_judgement of[2]; /* (passes) of the whole records; of one fragment of each */
  size_t passes;      /* 2 if the training crops its records, else 1 */
  double seconds;
} tx_validation;

/* A figure for the log. */
typedef struct tx_figure {
  const char *name; /* borrowed from the objective or the dataset */
  double value;
} tx_figure;

/* The metric by which the kept model is selected. */
typedef struct tx_metric {
  char name[TX_TEXT_SIZE];
  bool is_loss;       /* lower is better */
  bool is_perplexity; /* exp of the loss; is_loss is set as well */
  size_t column;      /* otherwise the metric is the accuracy of this column */
} tx_metric;

/* The parts of a run that its terms use, borrowed from the trainer, which does not move in memory. */
typedef struct tx_objective_context {
  const tx_train_config *config;
  const tx_dataset *dataset;
  const tx_dims *dims;
  const float *const *weights;     /* (layout count) the weights in training */
  const float *const *kept;        /* (layout count) the weights that are validated and stored */
  size_t elements;                 /* number of gradients */
  size_t frozen;                   /* the weights before this index are frozen */
  tx_precision precision;          /* precision of the matrix products */
  const tx_partners *opt_partners; /* the vectors of --vectors */
  const tx_teaching *opt_teaching; /* the answers of --teacher, which are there before the first step */
} tx_objective_context;

typedef struct tx_objective_functions tx_objective_functions;

/* An objective or an added term in a run. */
typedef struct tx_objective_term {
  const tx_objective_functions *functions;
  const tx_objective_context *context;
  size_t number;  /* index of its workspace in a worker */
  size_t column;  /* index of its first column of sums */
  size_t columns; /* number of its columns */
  void *state;    /* private to the term */
} tx_objective_term;

/* The functions of an objective or of an added term. A function is NULL where there is nothing to do.
   Functions that take a worker are called from any thread of the pool, each with a worker of its own, and
   change nothing else of the run except the sums of their shard. The order of the calls in a run is
   set_sizes, choose_metric, set_heads, prepare, prepare_worker; in a step scale, then for each shard fill
   (for each of its records), visible, the forward pass of the network, learn and backward, then conclude, the
   update of the weights, and advance; where there is `collect`, all shards go through fill, visible, the
   forward pass and collect before that, then compare comes once; in a validation fill, visible, the forward
   pass and validate for each shard, then assess. */
struct tx_objective_functions {
  const char *name; /* value of --objective */

  /* The following are used for an objective only. */
  tx_dataset_needs needs;
  /* share of the training records that are read as reverse complement, unless the configuration sets it */
  double reverse_complement;
  bool one_strand; /* only one strand of a record is read, even where the model reads both */
  bool positions;  /* it needs position embeddings */
  bool references; /* its records become references of the model, unless the user says no */
  /* name, in messages, of the layers after the encoder; NULL = the heads of the ranks */
  const char *head;
  /* the member of the log that holds its figures; NULL = each figure is a member of its own */
  const char *figures_group;
  /* Sets the sizes that only this objective has; dims has the vocabulary. Called again after a vocabulary has
     been learned. May fail with TX_ERROR_USAGE. */
  tx_status (*set_sizes)(const tx_train_config *config, tx_dims *dims, tx_error *error);
  /* Sets the metric that config->metric names, or the default metric if it names none. May fail with
     TX_ERROR_USAGE. */
  tx_status (*choose_metric)(const tx_train_config *config, const tx_dataset *dataset, tx_metric *metric,
                             tx_error *error);
  /* Sets the heads on the embedding, those of the taxa first; NULL = none. */
  void (*set_heads)(const tx_train_config *config, const tx_dataset *dataset, tx_dims *dims);
  /* Returns the part of the worker's shard that the network reads; NULL = all of it. */
  const tx_pack *(*visible)(const tx_objective_term *term, tx_objective_worker *worker);
  /* Backward pass from the gradients that `learn` of all terms has computed: adds the gradient of the weights
     to worker->gradients. */
  void (*backward)(const tx_objective_term *term, tx_objective_worker *worker);
  /* For a loss that needs all records of a batch at once: keeps what it needs of a shard, whose first
     record is record `first` of the batch, after a forward pass. `learn` sees the same shard with the same
     random numbers again, after `compare`. */
  void (*collect)(const tx_objective_term *term, size_t first, tx_objective_worker *worker);
  /* Computes the loss of the batch from what has been collected, and its gradients, which `learn` hands to
     the network; from the calling thread. */
  void (*compare)(const tx_objective_term *term, const tx_objective_batch *batch);
  /* Sets the sums (columns) of a whole validation, whose shards `validate` has kept. NULL: they are those
     of the shards. */
  void (*assess)(const tx_objective_term *term, tx_shard_sums *totals);
  /* Sets sums (columns) for a validation shard: its loss, targets and correct predictions. Called after the
     forward pass. */
  void (*validate)(const tx_objective_term *term, tx_objective_worker *worker, tx_shard_sums *sums);
  /* Returns the weight of a column in the validation loss; NULL = 1. */
  double (*weight)(const tx_objective_term *term, size_t column);
  /* Sets the figures of a validation, at most TX_RANKS_MAX, and returns their number. */
  size_t (*figures)(const tx_objective_term *term, const tx_judgement *judgement, tx_figure *figures);

  /* Returns whether the run has this term; for an added term only. */
  bool (*wanted)(const tx_objective_context *context);

  /* The following are used for objectives and added terms. */
  /* number of its columns of sums, at least 1; NULL = 1 */
  size_t (*columns)(const tx_objective_context *context);
  /* Makes term->state. `release` is called even if this fails. */
  tx_status (*prepare)(tx_objective_term *term, tx_error *error);
  void (*release)(tx_objective_term *term);
  /* Makes worker->workspaces[term->number]; the worker has its shard. `release_worker` is called even if this
     fails. */
  tx_status (*prepare_worker)(const tx_objective_term *term, tx_objective_worker *worker, tx_error *error);
  void (*release_worker)(const tx_objective_term *term, tx_objective_worker *worker);
  /* Sets the targets of the record that has been added last to the shard. `random` is a random stream of this
     record alone. */
  void (*fill)(const tx_objective_term *term, tx_shard *shard, tx_random *random);
  /* Sets the scales (columns) of the loss where they are determined by the records of the batch. */
  void (*scale)(const tx_objective_term *term, const tx_objective_batch *batch, double *scales);
  /* Sets sums[c].loss (columns) for the worker's shard and stores the scaled gradient of the loss where
     `backward` reads it; called after the forward pass. May add to worker->gradients the gradients of weights
     outside the network. The first record of the shard is record `first` of the batch. */
  void (*learn)(const tx_objective_term *term, const tx_objective_batch *batch, size_t first,
                tx_objective_worker *worker, tx_shard_sums *sums);
  /* For an added term: adds the gradient of its loss by the outputs of the heads, which its `learn` has read,
     to that of the objective, whose `learn` comes last and replaces the outputs by their gradient. */
  void (*add_outputs)(const tx_objective_term *term, tx_objective_worker *worker);
  /* Scales the sum of the gradients and returns the loss of the batch, for an objective whose scale is known
     only after all shards have been processed. Row i of `sums` begins at sums[i * stride]. NULL: the loss is
     the sum over shards and columns, scaled by batch->scales. No term can be added to an objective that has
     this function, as it would scale the gradient of the term as well. */
  double (*conclude)(const tx_objective_term *term, const tx_shard_sums *sums, size_t shards, size_t stride,
                     float *gradients);
  /* Called after the update of the weights. */
  void (*advance)(const tx_objective_term *term, const tx_objective_batch *batch);
  /* Adds the parts of its state that a checkpoint stores. */
  tx_status (*parts)(const tx_objective_term *term, tx_state_parts *parts, tx_error *error);
  /* Checks and completes the state after its parts have been read from the checkpoint `path`, which was
     written after `records` training records. May fail with TX_ERROR_MODEL. */
  tx_status (*restore)(const tx_objective_term *term, uint64_t records, const char *path, tx_error *error);
};

/* The terms of a run: its objective, then the added terms. */
typedef struct tx_objective_terms {
  tx_objective_context context;
  tx_objective_term terms[TX_OBJECTIVE_TERMS_MAX];
  size_t count;
  size_t columns; /* number of columns of all terms; those of the objective come first */
} tx_objective_terms;

/* The `backward` of an objective whose loss is on the outputs of the heads. */
void tx_objective_backward_outputs(const tx_objective_term *term, tx_objective_worker *worker);

/* Returns the objective of a configuration whose parameters are within their bounds. Static. */
const tx_objective_functions *tx_objective_of(const tx_train_config *config);
/* Returns the objective of models that do not name one. Static. */
const tx_objective_functions *tx_objective_standard(void);

/* Returns the number of rows of the position embeddings: --positions or, where that is 0 and the objective
   needs some, the number of tokens of tokenizer->max_bases bases; for BPE half as many as there are bases, as
   nearly all of its tokens have two or more. 0 for none, and where max_bases is 0. */
size_t tx_train_positions(const tx_train_config *config, const tx_tokenizer *tokenizer);

/* Makes the terms of a run; `terms` must not move in memory. The errors are those of the terms. It has to be
   freed after a failure too. */
tx_status tx_objective_terms_create(const tx_objective_context *context, tx_objective_terms *terms,
                                    tx_error *error);
void tx_objective_terms_free(tx_objective_terms *terms);

/* Makes the workspaces of a worker, which has its shard and is otherwise zero. They have to be released after
   a failure too. */
tx_status tx_objective_prepare_worker(const tx_objective_terms *terms, tx_objective_worker *worker,
                                      tx_error *error);
void tx_objective_release_worker(const tx_objective_terms *terms, tx_objective_worker *worker);

/* Sets the targets of the record that has been added last to the shard; `random` must be a random stream of
   this record alone. */
void tx_objective_fill(const tx_objective_terms *terms, tx_shard *shard, tx_random *random);

/* Sets batch->scales. */
void tx_objective_scale(const tx_objective_terms *terms, tx_objective_batch *batch);

/* Adds a gradient (count) by the embeddings of the shard, of an added term; the first is borrowed, and
   changed by the next. */
static inline void tx_objective_add_embedding_gradient(tx_objective_worker *worker, float *gradient,
                                                       size_t count)
{
  if (!worker->embedding_gradient) {
    worker->embedding_gradient = gradient;
    return;
  }
  for (size_t i = 0; i < count; i++) worker->embedding_gradient[i] += gradient[i];
}

/* Whether the shards of a batch are read twice: by tx_objective_collect first. */
bool tx_objective_collects(const tx_objective_terms *terms);
/* Forward pass of the worker's shard, whose first record is record `first` of the batch. May be called from
   any thread. */
void tx_objective_collect(const tx_objective_terms *terms, size_t first, tx_objective_worker *worker);
/* The loss of the batch, after all its shards have been collected. */
void tx_objective_compare(const tx_objective_terms *terms, const tx_objective_batch *batch);

/* Forward pass, loss and backward pass of the worker's shard, whose first record is record `first` of the
   batch. Sets the losses of sums (terms->columns) and adds to worker->gradients, which must be 0 from index
   frozen on. May be called from any thread. */
void tx_objective_learn(const tx_objective_terms *terms, const tx_objective_batch *batch, size_t first,
                        tx_objective_worker *worker, tx_shard_sums *sums);

/* Returns the loss of the batch from the sums (shards, terms->columns), which are added in a fixed order.
   `gradients` (elements), summed over the shards, is scaled here where the scale was not known before. */
double tx_objective_conclude(const tx_objective_terms *terms, const tx_objective_batch *batch,
                             const tx_shard_sums *sums, size_t shards, float *gradients);

/* Calls `advance` of the terms; after the update of the weights. */
void tx_objective_advance(const tx_objective_terms *terms, const tx_objective_batch *batch);

/* Forward pass with the kept weights; sets the sums (columns of the objective) of a shard of validation
   records. May be called from any thread. */
void tx_objective_validate(const tx_objective_terms *terms, tx_objective_worker *worker, tx_shard_sums *sums);
/* Replaces the sums over all shards of a validation (columns of the objective), where the objective judges
   the records together; after the last shard. */
void tx_objective_assess(const tx_objective_terms *terms, tx_shard_sums *sums);
/* Computes the loss and accuracies of validation records from their sums over all shards (columns of the
   objective). */
void tx_objective_judge(const tx_objective_terms *terms, const tx_shard_sums *sums, tx_judgement *judgement);
void tx_shard_sums_add(tx_shard_sums *to, const tx_shard_sums *sums);

/* The parts of the terms that a checkpoint stores, and their restoration (see tx_objective_functions). */
tx_status tx_objective_parts(const tx_objective_terms *terms, tx_state_parts *parts, tx_error *error);
tx_status tx_objective_restore(const tx_objective_terms *terms, uint64_t records, const char *path,
                               tx_error *error);

#endif
