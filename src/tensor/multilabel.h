/* The classes of a tree of which a record may have several, annotated in part: the constraint that a class is
   at least as probable as each class below it, and the loss under it (Giunchiglia and Lukasiewicz 2020,
   "Coherent Hierarchical Multi-Label Classification Networks", on logits). docs/numerics.md has the formulas.

   A tree is an array parents (nodes): the parent of each node, which has a lower number, or -1. */
#ifndef TX_TENSOR_MULTILABEL_H
#define TX_TENSOR_MULTILABEL_H

#include <stddef.h>
#include <stdint.h>

/* What is said of a node in the annotation of a record. */
enum { TX_NODE_UNKNOWN = -1, TX_NODE_ABSENT = 0, TX_NODE_PRESENT = 1 };

/* Makes the annotation of a record from `states` (nodes) that are TX_NODE_PRESENT at the named nodes,
   TX_NODE_UNKNOWN at those of them below which nothing is said, and TX_NODE_ABSENT elsewhere: all named nodes
   and the nodes above them become present, the nodes below the latter ones unknown unless they are present,
   the rest stays absent. */
void tx_multilabel_annotate(const int32_t *parents, size_t nodes, int8_t *states);

/* Replaces each logit (nodes) by the largest one of the node and the nodes below it. */
void tx_multilabel_constrain(const int32_t *parents, size_t nodes, double *logits);

/* Returns the mean, over the nodes that are not unknown, of the binary cross-entropy of the constrained
   logits z: for an absent node z is the largest logit of the node and those below it, for a present one the
   largest among those of them that are present. 0 if all are unknown. `logits` and `states` have `nodes`
   elements. gradient (nodes) is set to the derivatives by the logits, NULL for none; of equal logits the one
   of the lowest number gets it. scratch: 2 * nodes elements. */
double tx_multilabel_loss(const int32_t *parents, size_t nodes, const double *logits, const int8_t *states,
                          uint32_t *scratch, double *gradient);

#endif
