/* Which epoch of a run is kept, and for how long nothing has got better. */
#ifndef TX_TRAIN_SELECTION_H
#define TX_TRAIN_SELECTION_H

#include <stdbool.h>
#include <stdint.h>

/* Zero before the first epoch. Kept in the checkpoint: what follows depends on nothing else of the epochs
   that are over. */
typedef struct tx_selection {
  uint64_t epoch;        /* the kept one, 1-based; 0 = none yet */
  uint64_t stale;        /* epochs since the highest accuracy rose or the lowest loss fell */
  double metric, loss;   /* of the kept epoch */
  double highest_metric; /* of all epochs so far; without meaning when the metric is a loss */
  double lowest_loss;    /* of all epochs so far */
} tx_selection;

/* Half the 95 % interval of an accuracy that `judged` records (or tokens) were asked for, as Agresti and
   Coull (1998) have it: 2 sqrt(p (1 - p) / (judged + 4)), p = (accuracy * judged + 2) / (judged + 4). Without
   their two more of each kind an accuracy of 1, which small sets reach first, would have no noise. Infinite
   without any record. */
double tx_selection_noise(double accuracy, uint64_t judged);

/* Takes in the figures of the epoch that has just ended (1-based) and says whether its model is to be kept
   instead of the one that is. Kept is the epoch of the lowest loss among those whose accuracy is within
   tx_selection_noise of the highest of all. The highest, not that of the kept epoch, is what all are compared
   to, so that many small steps cannot lead away from it. When it rises so far that the kept epoch falls out,
   the epoch that raised it is kept: the models of the others are gone. judged = 0: the metric is a loss, and
   the lowest loss is kept. A loss that is not a number is above all others. `metric` must be finite. */
bool tx_selection_offer(tx_selection *selection, uint64_t judged, uint64_t epoch, double metric, double loss);

/* Whether figures can come from epochs, for a selection that was read from a file: an accuracy is between 0
   and the highest, which is at most 1; no loss is below the lowest. */
bool tx_selection_possible(const tx_selection *selection, bool metric_is_loss);

#endif
