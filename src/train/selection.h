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
  /* The loss that others are compared with, the lowest since an epoch was last kept for its accuracy, and its
     standard error. */
  double reference_loss, reference_error;
} tx_selection;

/* Figures of an epoch that has ended. */
typedef struct tx_selection_figures {
  uint64_t epoch;    /* 1-based */
  uint64_t judged;   /* records or tokens of the accuracy; 0: the metric is a loss */
  double metric;     /* finite */
  double loss;       /* NaN is above all others */
  double loss_error; /* standard error of the loss, 0 = not known */
} tx_selection_figures;

/* Returns half the 95 % interval of an accuracy over `judged` records (or tokens), after Agresti and Coull
   (1998): 2 sqrt(p (1 - p) / (judged + 4)), p = (accuracy * judged + 2) / (judged + 4). Without their two
   additional successes and failures an accuracy of 1, which small sets reach first, would have no noise.
   Infinite if judged is 0. */
double tx_selection_noise(double accuracy, uint64_t judged);

/* Adds the figures of an epoch and returns whether its model replaces the kept one. The kept epoch is the
   last one whose accuracy is within tx_selection_noise of the highest of all epochs and whose loss is within
   one standard error of the lowest loss of such epochs. The comparison is with the highest accuracy and the
   lowest loss, not with those of the kept epoch, so that a series of small changes cannot add up. When the
   highest accuracy rises so far that the kept epoch is no longer within the noise, the epoch that raised it
   is kept, as the models of the other epochs no longer exist. With judged = 0, or without a standard error,
   the epoch with the lowest loss is kept. */
bool tx_selection_offer(tx_selection *selection, const tx_selection_figures *figures);

/* Returns whether a selection that was read from a file is possible: an accuracy is between 0 and the highest
   accuracy, which is at most 1, no loss is below the lowest loss, and that of the kept epoch is within the
   standard error, which is not negative, of the reference. */
bool tx_selection_possible(const tx_selection *selection, bool metric_is_loss);

#endif
