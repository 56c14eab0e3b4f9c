/* Softmax cross-entropy over one rank's classes. */
#ifndef TX_TENSOR_LOSS_H
#define TX_TENSOR_LOSS_H

#include <stddef.h>
#include <stdint.h>

/* logits (B, C) are overwritten by dL/dlogits where L = scale * sum over labelled rows of the cross-entropy
   against (1 - smoothing) on the true class + smoothing / (C - 1) on every other. Rows with label -1 get
   gradient 0.
   Returns the unscaled sum of the losses (double); NaN or infinity pass through. *opt_correct: rows whose
   argmax is the label. */
double tx_cross_entropy(float *logits, const int32_t *labels, size_t rows, size_t classes, float smoothing,
                        float scale, size_t *opt_correct);

/* Classes begin <= c < end. */
typedef struct tx_class_span {
  uint32_t begin, end;
} tx_class_span;

/* Classes begin <= c < end have the shares of table `table` in their target. */
typedef struct tx_loss_part {
  uint32_t begin, end, table;
} tx_loss_part;

enum { TX_LOSS_LEVELS_MAX = 16, TX_LOSS_PARTS_MAX = 2 * TX_LOSS_LEVELS_MAX };

/* The targets of the head of one rank. The target of a record of class y is on_true on y, `other`
   on every other class, and on top, for each level of the tree above the rank, a share that depends on y's
   ancestor at that level:
   - spans[y * levels + l] are the classes below that ancestor, nested from level to level, empty where y has
     none;
   - table l holds for each class what it gets from its own ancestors down to level l, so the classes whose
     last common ancestor with y is at level l read their share there (NULL = the level adds nothing);
   - table levels + l holds what every class gets when y has no ancestor at level l (NULL = nothing).
   A class is thus read once, whatever the number of levels. Everything is borrowed. */
typedef struct tx_targets {
  float on_true, other;
  /* q: a record's loss L becomes (1 - exp(-q L)) / q (Zhang and Sabuncu 2018), its gradient exp(-q L) times
     what it was; 0 = L */
  float robustness;
  const float *row_weights;   /* (B) factor of each record's loss; NULL = 1 */
  const float *class_weights; /* (C) factor of a record's loss by its class; NULL = 1 */
  size_t levels;
  const tx_class_span *spans; /* (C, levels) */
  const float *const *shares; /* (2 * levels) tables of C */
} tx_targets;

/* Sets the ranges of classes of which the target of a class with these spans consists; a table that is NULL
   in `used` (2 * levels) is left out. Returns their number, at most TX_LOSS_PARTS_MAX. */
size_t tx_loss_parts(const tx_class_span *spans, size_t levels, size_t classes, const float *const *used,
                     tx_loss_part *parts);

/* The same as tx_cross_entropy with the distributions of `targets`. The sum that is returned includes the
   weights of classes and records, but not the scale. */
double tx_cross_entropy_targets(float *logits, const int32_t *labels, size_t rows, size_t classes,
                                const tx_targets *targets, float scale);

#endif
