/* Divides the probability of a new taxon: among the taxa in that place that only the network knows, and what
   neither knows. The share of the former depends on the probability that the network gives to them together;
   among them its probabilities decide (docs/numerics.md). */
#ifndef TX_EVIDENCE_SPLIT_H
#define TX_EVIDENCE_SPLIT_H

#include "evidence/joint.h"

/* The network is asked if at least this probability could be divided. */
#define TX_SPLIT_DIVISIBLE 0.02
/* A taxon that would get less is left with what neither knows. */
#define TX_SPLIT_LEAST 0.001
#define TX_SPLIT_OFFSET_MOST 10.0
#define TX_SPLIT_SLOPE_MOST 4.0

/* Where a taxon is new. */
enum {
  TX_SPLIT_LOWEST, /* of the lowest rank, in a taxon of the references */
  TX_SPLIT_HIGHER, /* of a higher rank, in one of these or in none */
  TX_SPLIT_WITHIN, /* of any rank, in a taxon that only the network knows */
  TX_SPLIT_WITHOUT /* no group */
};
_Static_assert((int)TX_SPLIT_WITHOUT == (int)TX_SPLIT_GROUPS, "a group for each place");

/* The weights of one length. used: whether the places of a group are divided. */
typedef struct tx_split_weights {
  bool used[TX_SPLIT_GROUPS];
  double offset[TX_SPLIT_GROUPS], slope[TX_SPLIT_GROUPS];
} tx_split_weights;

/* A taxon or, with rank -1, the root. */
typedef struct tx_split_node {
  int rank;
  int32_t taxon;
} tx_split_node;
enum { TX_SPLIT_NODES_MAX = TX_RANKS_MAX + 1 };
/* The nodes whose children a new taxon of an outcome may be: its taxon; of "none" the root and the only taxa
   of the ranks above `top` (of the space). Returns their number. */
size_t tx_split_nodes(const tx_joint *joint, size_t top, int rank, int32_t taxon, tx_split_node *nodes);
/* The group of a taxon that is new directly inside this one. */
unsigned tx_split_group(const tx_joint *joint, int rank, int32_t taxon);

/* Whether the network is to be asked: by the probabilities (count) without it. top: of the space. */
bool tx_split_is_due(const tx_joint *joint, const tx_split_weights *weights, size_t top,
                     const tx_outcome *outcomes, const double *probabilities, size_t count);
/* Divides the outcomes by what the network has said: log-probabilities (joint->output_count) of its taxa. New
   outcomes are appended, at most TX_FOREIGN_MAX: each with the rank, the taxon (of the joint taxonomy) and
   the log-probability; above the lowest rank it is what neither knows inside that taxon. outcomes,
   probabilities: (TX_ANSWER_OUTCOMES_MAX), the first `count` filled. The probabilities keep their sum.
   Returns the new number. */
size_t tx_split_divide(const tx_joint *joint, const tx_split_weights *weights, size_t top, const double *said,
                       tx_outcome *outcomes, double *probabilities, size_t count);

/* The share of the taxa that only the network knows, by the logarithm of what it gives them together. */
double tx_split_share(double offset, double slope, double log_sum);

/* The numbers of a length as a file has them. */
enum { TX_SPLIT_COLUMNS = 12 * TX_SPLIT_GROUPS };
void tx_split_pack(const tx_split_scores scores[TX_SPLIT_GROUPS], double *numbers);
/* NULL, or the fault of the numbers. Static storage. */
const char *tx_split_unpack(const double *numbers, tx_split_scores scores[TX_SPLIT_GROUPS]);

#endif
