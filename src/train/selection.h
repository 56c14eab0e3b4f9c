/* Selection of the epoch whose model is kept, and the number of epochs without improvement. */
#ifndef TX_TRAIN_SELECTION_H
#define TX_TRAIN_SELECTION_H

#include <stdbool.h>
#include <stdint.h>

/* The state of the selection, zero before the first epoch. It is stored in the checkpoint: later selections
   depend on nothing else of the earlier epochs. */
typedef struct tx_selection {
  uint64_t epoch;        /* the kept one, 1-based; 0 = none yet */
  uint64_t stale;        /* epochs since the highest accuracy rose or the lowest loss fell */
  double metric, loss;   /* metric and loss of the kept epoch */
  double highest_metric; /* of all epochs so far; meaningless when the metric is a loss */
  double lowest_loss;    /* of all epochs so far */
} tx_selection;

/* Returns half the 95 % interval of an accuracy over `judged` records (or tokens), after Agresti and Coull
   (1998): 2 sqrt(p (1 - p) / (judged + 4)), p = (accuracy * judged + 2) / (judged + 4). Without their two
   additional successes and failures an accuracy of 1, which small sets reach first, would have no noise.
   Infinite if judged is 0. */
double tx_selection_noise(double accuracy, uint64_t judged);

/* Adds the figures of the epoch that has just ended (1-based) and returns whether its model replaces the kept
   one. The kept epoch is the one with the lowest loss among those whose accuracy is within tx_selection_noise
   of the highest of all epochs. The comparison is with the highest accuracy, not with that of the kept epoch,
   so that a series of small decreases cannot add up. When the highest accuracy rises so far that the kept
   epoch is no longer within the noise, the epoch that raised it is kept, as the models of the other epochs no
   longer exist. judged = 0: the metric is a loss, and the epoch with the lowest loss is kept. A loss of NaN
   is above all others. `metric` must be finite. */
bool tx_selection_offer(tx_selection *selection, uint64_t judged, uint64_t epoch, double metric, double loss);

/* Returns whether a selection that was read from a file is possible: an accuracy is between 0 and the highest
   accuracy, which is at most 1, and no loss is below the lowest loss. */
bool tx_selection_possible(const tx_selection *selection, bool metric_is_loss);

#endif
