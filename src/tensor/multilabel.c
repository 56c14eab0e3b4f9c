#include "tensor/multilabel.h"

#include <math.h>
#include <stdbool.h>

void tx_multilabel_annotate(const int32_t *parents, size_t nodes, int8_t *states)
{
  /* 2: named, with nothing said below; 3: below such a node */
  enum { OPEN = 2, BELOW = 3 };
  for (size_t i = 0; i < nodes; i++) {
    const int8_t above = parents[i] < 0 ? TX_NODE_ABSENT : states[parents[i]];
    if (states[i] == TX_NODE_UNKNOWN)
      states[i] = OPEN;
    else if ((above == OPEN || above == BELOW) && states[i] == TX_NODE_ABSENT)
      states[i] = BELOW;
    else if ((above == OPEN || above == BELOW) && states[i] == TX_NODE_PRESENT)
      states[i] = OPEN; /* named below a node of which nothing more is said: neither is it of this one */
  }
  for (size_t i = nodes; i-- > 0;) {
    const bool present = states[i] == TX_NODE_PRESENT || states[i] == OPEN;
    if (present && parents[i] >= 0 && states[parents[i]] != OPEN) states[parents[i]] = TX_NODE_PRESENT;
  }
  for (size_t i = 0; i < nodes; i++) {
    if (states[i] == OPEN) states[i] = TX_NODE_PRESENT;
    if (states[i] == BELOW) states[i] = TX_NODE_UNKNOWN;
  }
}

void tx_multilabel_constrain(const int32_t *parents, size_t nodes, double *logits)
{
  for (size_t i = nodes; i-- > 0;)
    if (parents[i] >= 0 && logits[i] > logits[parents[i]]) logits[parents[i]] = logits[i];
}

/* Sets best[i] to the node of the largest logit among i and the nodes below it; with opt_states only among
   those that are present, where i is. */
static void find_largest(const int32_t *parents, size_t nodes, const double *logits, const int8_t *opt_states,
                         uint32_t *best)
{
  for (size_t i = 0; i < nodes; i++) best[i] = (uint32_t)i;
  for (size_t i = nodes; i-- > 0;) {
    const uint32_t own = best[i];
    uint32_t *above;
    if (parents[i] < 0 || (opt_states && opt_states[i] != TX_NODE_PRESENT)) continue;
    above = &best[parents[i]];
    if (logits[own] > logits[*above] || (logits[own] == logits[*above] && own < *above)) *above = own;
  }
}

double tx_multilabel_loss(const int32_t *parents, size_t nodes, const double *logits, const int8_t *states,
                          uint32_t *scratch, double *gradient)
{
  uint32_t *all = scratch, *present = scratch + nodes;
  size_t known = 0;
  double sum = 0;
  find_largest(parents, nodes, logits, NULL, all);
  find_largest(parents, nodes, logits, states, present);
  for (size_t i = 0; i < nodes; i++) known += states[i] != TX_NODE_UNKNOWN;
  for (size_t i = 0; gradient && i < nodes; i++) gradient[i] = 0;
  for (size_t i = 0; i < nodes; i++) {
    const bool is_present = states[i] == TX_NODE_PRESENT;
    const uint32_t from = is_present ? present[i] : all[i];
    const double sign = is_present ? 1 : -1, margin = sign * logits[from], small = exp(-fabs(margin));
    if (states[i] == TX_NODE_UNKNOWN) continue;
    sum += log1p(small) + fmax(-margin, 0);
    /* -sign / (1 + exp(margin)), without overflow for either sign */
    if (gradient) gradient[from] -= sign * (margin > 0 ? small : 1) / ((1 + small) * (double)known);
  }
  return known ? sum / (double)known : 0;
}
