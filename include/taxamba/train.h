/* Training: labelled records to a model file. */
#ifndef TAXAMBA_TRAIN_H
#define TAXAMBA_TRAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/param.h>
#include <taxamba/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the encoder is trained to predict: the labels at the ranks, or the sequences themselves, whatever
   their labels. */
typedef enum tx_objective {
  TX_OBJECTIVE_TAXA,
  TX_OBJECTIVE_NEXT_TOKEN,
  TX_OBJECTIVE_MASKED,
  TX_OBJECTIVE_MASKED_AUTOENCODER,
  TX_OBJECTIVE_MULTILABEL, /* the labels, of which a record may have several at each rank */
  TX_OBJECTIVE_ALIGN /* a space shared with vectors of other modalities */
} tx_objective;

/* Values of tx_train_config.optimiser. */
enum { TX_OPTIMISER_ADAMW, TX_OPTIMISER_KL_SHAMPOO, TX_OPTIMISER_KL_SOAP };

/* Every setting of a training run. Fields, defaults and bounds are described once, by tx_train_params(). */
typedef struct tx_train_config {
  /* objective */
  int objective;                       /* index of tx_objective */
  /* share of the tokens that TX_OBJECTIVE_MASKED masks and TX_OBJECTIVE_MASKED_AUTOENCODER leaves out */
  double mask_share;
  uint64_t decoder_layers;             /* layers of the decoder of TX_OBJECTIVE_MASKED_AUTOENCODER */
  /* of TX_OBJECTIVE_ALIGN: arrays of vectors and the files of their ids, separated by commas
     (tx_vectors_read); what belongs together, "record" or a rank; width of the shared space */
  char vectors[TX_TEXT_SIZE], vector_ids[TX_TEXT_SIZE], positives[TX_TEXT_SIZE];
  uint64_t shared_width;
  /* model file to start from, "" = random weights; see tx_train_config_take */
  char init[TX_TEXT_SIZE];
  bool add;                            /* the taxa of init stay beside those of the input; needs init */
  bool freeze_encoder;                 /* only the heads are trained; needs init */
  /* the embedding is the mean of the embeddings of a barcode and of its reverse complement */
  bool both_strands;
  bool pool_padding;                   /* the mean is over the padding of pad_to too */
  /* data */
  char ranks[TX_TEXT_SIZE];            /* "" = those of the file that have labels */
  int format;                          /* index of tx_labelled_format */
  char taxonomy_file[TX_TEXT_SIZE];
  char taxdump[TX_TEXT_SIZE];          /* folder of NCBI's taxonomy, "" = none */
  bool whole_id;                       /* see tx_id_options */
  char id_column[TX_TEXT_SIZE];
  char sequence_column[TX_TEXT_SIZE];
  char split_column[TX_TEXT_SIZE];
  char where[TX_TEXT_SIZE];            /* conditions of rows, one a line: see tx_labelled_options */
  char missing_names[TX_TEXT_SIZE];    /* file of names that stand for no label, "" = none */
  bool skip_bad;                       /* malformed records are left out */
  char taxa_column[TX_TEXT_SIZE];      /* the taxa of TX_OBJECTIVE_MULTILABEL, "" = those of the ranks */
  /* training split, default "train" (used when the input has a split column) */
  char split[TX_TEXT_SIZE];
  char valid_split[TX_TEXT_SIZE];      /* validation split, default "val" */
  char valid_file[TX_TEXT_SIZE];       /* validation records from another file instead */
  double valid_fraction;               /* else this share of the training records, held out by seed */
  /* labels of a second source by id, what its columns begin with, and the factor of their loss */
  char second_labels[TX_TEXT_SIZE], second_prefix[TX_TEXT_SIZE];
  double second_weight;
  char amplicon[TX_TEXT_SIZE];         /* FORWARD,REVERSE: only the stretch between is taken, "" = all */
  uint64_t min_bases;                  /* shorter records are left out */
  /* tokenizer */
  int tokenizer;                       /* char|kmer|bpe */
  uint64_t k, stride;                  /* of k-mers */
  uint64_t bpe_symbols, bpe_longest;   /* of BPE: size of the vocabulary, and bases of a symbol at most */
  uint64_t max_bases, pad_to;
  /* encoder */
  uint64_t d_model, n_layer, d_state, headdim, expand, d_conv, mlp_width; /* mlp_width 0 = 4 d_model */
  /* rows of the position embeddings; 0 = none, or with a masked autoencoder as many as max_bases requires */
  uint64_t positions;
  double dropout;
  /* optimisation */
  /* shard: records whose gradients are summed together; results depend on it, not on threads */
  /* epochs: 0 = 1800 / sqrt(training records), within 2 and 80 */
  uint64_t epochs, batch, shard;
  int precision;                       /* float32|bf16: precision of the products */
  int optimiser;                       /* TX_OPTIMISER_... */
  double learning_rate, final_learning_rate, warmup, weight_decay, beta1, beta2, epsilon, clip,
      label_smoothing;
  /* the settings up to normalise_updates are those of kl-shampoo and kl-soap */
  uint64_t preconditioner_frequency, preconditioner_limit, preconditioner_block;
  double preconditioner_beta1, preconditioner_beta2, preconditioner_epsilon, preconditioner_clamp;
  bool normalise_updates;
  /* learning rate of the encoder as a share of the learning rate of the heads */
  double encoder_rate;
  /* share of the target that each rank except the lowest spreads over the classes below a taxon, "" = none */
  char hierarchical_smoothing[TX_TEXT_SIZE];
  /* power of the inverse class count that weights a record's loss; 0 = equal weights */
  double class_weights;
  char rank_weights[TX_TEXT_SIZE];     /* weight of each rank in the loss, "" = equal weights */
  /* a record is drawn with a probability in proportion to its taxon's count to the power -balance; 0 = every
     record once */
  double balance;
  double noise_robustness;             /* q of the generalised cross-entropy; 0 = cross-entropy */
  double contrast;                     /* weight of the contrastive loss on the embeddings; 0 = none */
  double contrast_temperature;         /* divisor of the cosines */
  /* share of a rank in its target, as a multiple of that of the rank below */
  double contrast_decay;
  uint64_t contrast_memory;            /* number of stored embeddings that a batch is compared with */
  /* models whose answers are learnt beside the labels, one a line, "" = none; and of those answers the weight
     of the probabilities, the divisor of the logits they are compared at, and the weight of the embedding */
  char teacher[TX_TEXT_SIZE];
  double teacher_weight, teacher_temperature, teacher_embedding;
  /* decay of the averaged weights that are validated and kept; 0 = no average */
  double ema;
  /* augmentation */
  bool references; /* the training records go into the model as references (TX_OBJECTIVE_TAXA) */
  bool random_offset;
  double reverse_complement;           /* probability; below 0: 0.5 when pretraining, 0 for the taxa */
  /* share that is shown as reverse complement without taxa, from which the head of the strand learns; 0: no
     such head; below 0: 0.1, or 0 where the strand makes no difference */
  double strand_share;
  double strand_weight;                /* of its loss beside that of the taxa */
  /* table of numbers that a head learns beside the taxa, "" = none; see tx_traits_options (traits.h) */
  char traits[TX_TEXT_SIZE], trait_columns[TX_TEXT_SIZE], trait_id_column[TX_TEXT_SIZE];
  bool trait_zero_missing;
  int trait_transform;                 /* none|log */
  double trait_weight;                 /* of their loss beside that of the taxa */
  double trait_huber;                  /* errors above it, in standard deviations, count linearly; 0 = none */
  /* largest share of substituted bases; each record draws its rate below it */
  double substitution;
  double crop;                         /* probability of a crop */
  double crop_minimum;                 /* least that a crop keeps: a share up to 1, bases above */
  char crop_lengths[TX_TEXT_SIZE];     /* bases, one of which a crop keeps; "" = crop_minimum */
  /* control */
  /* early stopping and the kept model: "loss" or RANK-accuracy, "" = lowest rank's accuracy; when pretraining
     loss, perplexity or token-accuracy, "" = perplexity (next token) or token-accuracy (the others) */
  char metric[TX_TEXT_SIZE];
  /* epochs in which neither the metric nor the loss improved before stopping; 0 = never */
  uint64_t patience;
  uint64_t seed, threads;
  uint64_t checkpoint_minutes;         /* also saved at every epoch's end and on a stop */
} tx_train_config;

/* The parameter table of tx_train_config. Static storage. */
TX_API const tx_param *tx_train_params(size_t *ret_count);

/* The rules that define which settings have an effect with which values of others. Static storage. Effects
   that depend on the input (a split of FASTA) are not in it. */
TX_API const tx_param_rule *tx_train_rules(size_t *ret_count);

/* Sets the settings of the tokenizer and the encoder, and `init` itself, from the model file from which a run
   is to start. tx_train then requires that they agree. Errors: those of tx_model_open. */
TX_API tx_status tx_train_config_take(const char *init, tx_train_config *config, tx_error *error);

typedef struct tx_train_progress {
  uint64_t epoch, epochs;      /* 1-based epoch in progress */
  uint64_t step, steps;        /* of the whole run */
  uint64_t records;            /* records trained so far in this process */
  double loss;                 /* smoothed */
  double learning_rate;
  double records_per_second;
  double seconds, seconds_left;
  bool epoch_end;              /* the validation figures below are new */
  double valid_loss, metric;
  /* metric of the kept epoch; an epoch with a lower loss may have been kept before one with a higher
     metric */
  double best_metric;
  uint64_t best_epoch;         /* number of the kept epoch */
  const char *metric_name;
} tx_train_progress;

typedef struct tx_train_hooks {
  /* may be NULL; called from the calling thread */
  void (*progress)(void *context, const tx_train_progress *progress);
  /* notes and warnings, one line each; may be NULL */
  void (*message)(void *context, const char *line);
  void *context;
  /* may be NULL; nonzero (from a signal handler): save a checkpoint and return TX_STOPPED */
  const volatile int *stop;
} tx_train_hooks;

typedef struct tx_train_files {
  const char *const *inputs;   /* labelled files */
  size_t input_count;
  /* the model; its checkpoint is OUTPUT.checkpoint, removed when the run is complete; OUTPUT.lock is held
     during the run */
  const char *output;
  const char *log;             /* JSON lines, appended on resume; NULL = none */
  /* recorded in the log, not in the model, whose bytes must not depend on it; may be NULL */
  const char *command;
  /* continue from OUTPUT.checkpoint; the configuration must agree in all but threads, patience and
     checkpoint-minutes, the data in all */
  bool resume;
  /* discard an existing checkpoint of OUTPUT; without this and without resume it is TX_ERROR_USAGE */
  bool overwrite;
  /* names of the settings that were given for this run: one without effect is an error; other settings
     without effect, for instance from a file for many runs, are ignored with a note. NULL = none */
  const char *const *given;
  size_t given_count;
} tx_train_files;

/* Trains a model. With the same configuration, data and machine the model has the same bytes for any number
   of threads, and a resumed run the same as an uninterrupted one. Errors: TX_ERROR_NUMERIC when a loss is not
   finite (the last good checkpoint stays), TX_ERROR_DATA (no labels, no records), TX_ERROR_USAGE (an invalid
   setting or one without effect, a model to start from with other sizes, a checkpoint with other settings or
   data, or one that is neither resumed nor discarded), TX_ERROR_IO also when another process trains into the
   same output (docs/files.md), TX_STOPPED after a stop with the checkpoint saved. One process must not train
   into one output twice at the same time. */
TX_API tx_status tx_train(const tx_train_config *config, const tx_train_files *files,
                          const tx_train_hooks *hooks, tx_error *error);

#ifdef __cplusplus
}
#endif
#endif
