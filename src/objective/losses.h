/* The loss of the objective taxa: the targets of each rank, and the weights of classes and ranks. */
#ifndef TX_OBJECTIVE_LOSSES_H
#define TX_OBJECTIVE_LOSSES_H

#include "objective/hierarchy.h"
#include "objective/objective.h"

typedef struct tx_losses {
  size_t ranks;
  double rank_weights[TX_RANKS_MAX];
  tx_targets targets[TX_RANKS_MAX]; /* they borrow from hierarchies and class_weights */
  tx_hierarchy hierarchies[TX_RANKS_MAX];
  float *class_weights[TX_RANKS_MAX]; /* (classes), NULL = all 1 */
} tx_losses;

/* Makes the loss for a labelled dataset. TX_ERROR_USAGE when the length of a list is not the number of ranks,
   or when the smoothing leaves no share of a target to the true class. On failure there is nothing to
   free. */
tx_status tx_losses_create(const tx_train_config *config, const tx_dataset *dataset, tx_losses *losses,
                           tx_error *error);
void tx_losses_free(tx_losses *losses);

/* weights[c] = counts[c]^-power, divided by their sum; 0 for a class without records. */
void tx_class_weights(const uint64_t *counts, size_t classes, double power, float *weights);

/* Sets the scale of the loss of each rank for one batch: rank weight / (sum of the class weights of the
   labelled records that are not shown reversed) / (sum of the rank weights of the ranks that have a label in
   the batch); 0 for ranks without a label. It is computed before the batch is divided into shards, so that
   the losses of the shards can be summed. */
void tx_loss_scales(const tx_losses *losses, const tx_dataset *dataset, const tx_objective_batch *batch,
                    double *scales);

#endif
