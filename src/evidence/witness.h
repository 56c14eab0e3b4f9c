/* The network as a witness: what it says of the outcomes of an answer by references. Among the outcomes of
   one kind that it knows, a fitted weight of its log-probabilities moves probability from one to another; the
   probability that they have together stays. So an outcome whose taxon it lacks is neither gained nor lost,
   and whether a taxon is new is judged by the references alone (docs/numerics.md). */
#ifndef TX_EVIDENCE_WITNESS_H
#define TX_EVIDENCE_WITNESS_H

#include "evidence/reliability.h"

#include <taxamba/calibrate.h>

/* The network is asked if at least this probability, by the references alone, could move: that of the
   outcomes that are not the most probable one of their kind. */
#define TX_WITNESS_MOVABLE 0.02
/* Lower log-probabilities count as this one. */
#define TX_WITNESS_LEAST (-9.0)
#define TX_WITNESS_WEIGHT_MOST 2.0

/* Weights of the log-probabilities, 0 or more: known taxa of the lowest rank; new ones in a taxon of the rank
   above it; new ones in a taxon of a higher rank. */
typedef struct tx_witness_weights {
  double of[TX_WITNESS_GROUPS];
} tx_witness_weights;

/* The weights for barcodes of one length. */
typedef struct tx_witness_length {
  tx_witness_scores scores; /* of records that the network had not learned, cross-validated */
  tx_witness_weights weights;
  /* of the answers with the network. The bins count the examples of which the network was asked; kinds of
     outcomes with fewer than 30 of these have the counts of the references alone */
  tx_reliability reliability;
  tx_split_scores split[TX_SPLIT_GROUPS]; /* of its taxa that the references lack (evidence/split.h) */
} tx_witness_length;

typedef struct tx_witness {
  bool present;
  uint32_t network; /* tx_model_fingerprint of the network that they are for */
  tx_witness_length lengths[TX_CALIBRATION_LENGTHS]; /* those of the evidence's weights */
} tx_witness;

/* Where the taxa of the references are in the network, by name. */
typedef struct tx_witness_map {
  size_t ranks;                    /* of the references */
  int rank[TX_RANKS_MAX];          /* of the network, -1: it has none of that name */
  int32_t *classes[TX_RANKS_MAX];  /* (classes of the references) class at that rank, -1: it has none */
} tx_witness_map;
tx_status tx_witness_map_init(tx_witness_map *map, const tx_taxonomy *references, const tx_taxonomy *network,
                              tx_error *error);
void tx_witness_map_clear(tx_witness_map *map);
/* The class of a taxon of the references in the network; -1: it lacks it. */
static inline int32_t tx_witness_class(const tx_witness_map *map, size_t rank, int32_t taxon)
{
  return map->rank[rank] < 0 || taxon < 0 ? -1 : map->classes[rank][taxon];
}
/* Whether the network knows some taxon of a rank of the outcomes. */
bool tx_witness_map_is_useful(const tx_witness_map *map, const tx_outcome_space *space);

/* Asks the network about the outcomes of one barcode, on the strand that resembles the references: sets
   heard and log_probability of those whose taxon it knows. thread: 0 .. threads of the pool - 1.
   TX_ERROR_MEMORY; TX_ERROR_NUMERIC: its answer is not finite. */
struct tx_joint;
typedef struct tx_witness_voice {
  const tx_witness_map *map;
  const struct tx_joint *joint; /* its taxa and those of the references */
  /* opt_said (joint->output_count): gets the log-probabilities of its taxa */
  tx_status (*hear)(void *context, size_t thread, const tx_sequence *sequence, tx_outcome *outcomes,
                    size_t count, double *opt_said);
  void *context;
  uint32_t network; /* its fingerprint */
} tx_witness_voice;

/* The weight that the outcomes of a kind have. */
size_t tx_witness_group(size_t kind);
/* Whether the network is to be asked, by the probabilities of the references alone. */
bool tx_witness_undecided(const tx_outcome *outcomes, const double *probabilities, size_t count);
/* Changes the probabilities (count) by what was heard. Outcomes of which nothing was heard keep theirs. */
void tx_witness_weigh(const tx_witness_weights *weights, const tx_outcome *outcomes, size_t count,
                      double *probabilities);

enum { TX_CALIBRATION_FOLDS = 5 };

/* An example for a fit; everything is borrowed. */
typedef struct tx_witness_example {
  const tx_outcome *outcomes; /* that were heard */
  size_t count, truth;
  unsigned fold;  /* 0 .. TX_CALIBRATION_FOLDS - 1 */
  uint32_t taxon; /* examples of one are not independent */
  bool own;       /* a labelled record; else a held-out reference, which the scores do not count */
} tx_witness_example;

typedef struct tx_witness_task {
  const tx_outcome_space *space;
  const tx_witness_example *examples;
  size_t count;
  const tx_outcome_weights *const *evidence; /* (TX_CALIBRATION_FOLDS) by which a fold is judged */
  const double *prior;                       /* (kinds) of the fit */
  const tx_reliability *reliability;         /* of the references alone */
} tx_witness_task;
/* Fits the weights of one length, and scores them: each fold by weights that were fitted to the others. With
   fewer than 30 labelled records nothing is fitted. TX_ERROR_MEMORY. */
tx_status tx_witness_fit(const tx_witness_task *task, tx_witness_length *ret_length, tx_error *error);

/* The numbers of a length as a file has them. */
enum { TX_WITNESS_COLUMNS = 12 };
void tx_witness_pack(const tx_witness_length *length, double *numbers);
/* NULL, or the fault of the numbers. Static storage. */
const char *tx_witness_unpack(const double *numbers, tx_witness_length *length);

#endif
