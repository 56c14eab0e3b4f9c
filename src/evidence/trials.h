/* References that take the part of unknown barcodes: whole and cut, while they themselves, their species,
   genus, family, ... are left out of the search. They are the examples of a fit. */
#ifndef TX_EVIDENCE_TRIALS_H
#define TX_EVIDENCE_TRIALS_H

#include "base/pool.h"
#include "base/random.h"
#include "evidence/softmax.h"
#include "evidence/witness.h"

/* The trials of a set, and the scratch of the threads. */
typedef struct tx_trials tx_trials;

/* Chooses the trials. seed: of the choice and of the cuts. The space, the pool and the flag are borrowed.
   TX_ERROR_MEMORY. */
tx_status tx_trials_create(const tx_outcome_space *space, tx_pool *pool, uint64_t seed,
                           const volatile int *opt_stop, tx_trials **ret_trials, tx_error *error);
/* From now on a network is asked about the trials that it has not learned: those whose taxon, the one that is
   left out, it lacks; of a record that is left out itself, the lowest. Borrowed. */
void tx_trials_listen(tx_trials *trials, const tx_witness_voice *voice);
/* Appends the examples of a length; 0: whole barcodes. Barcodes that are not longer are left out. The result
   does not depend on the threads. TX_ERROR_MEMORY; TX_STOPPED. */
tx_status tx_trials_run(tx_trials *trials, uint32_t length, tx_outcome_examples *examples, tx_error *error);
void tx_trials_free(tx_trials *trials);

/* Where a cut of `length` bases of a barcode of `count` bases starts: for one in four at its first base, for
   one in four so that it ends with the last one, since primers lie at the ends; else anywhere. */
size_t tx_cut_start(tx_random *random, size_t count, size_t length);
/* The outcome that is true of a barcode whose lineage is known to the references down to `rank` (-1: not at
   all): the lowest that the lineage (ranks of the space) goes through; without one "none", the last. */
size_t tx_outcomes_truth(const tx_outcome_space *space, const int32_t *lineage, int rank,
                         const tx_outcome *outcomes, size_t count);

/* The outcomes of one barcode; count 0: it is no example. */
typedef struct tx_outcome_list {
  size_t count, truth;
  bool asked; /* a network was asked about the outcomes */
  tx_outcome outcomes[TX_OUTCOMES_MAX];
} tx_outcome_list;

/* Makes lists for many barcodes with the threads of a pool, a chunk at a time. make(context, item, thread)
   fills the list of an item: TX_ERROR_MEMORY, TX_ERROR_NUMERIC from a network; `item` counts over all
   chunks. */
typedef struct tx_example_maker {
  tx_pool *pool;
  const volatile int *opt_stop;
  tx_status (*make)(void *context, size_t item, size_t thread, tx_outcome_list *list);
  void *context;
} tx_example_maker;
/* Appends the examples of `count` items in their order. opt_items: the item of each example of the list.
   TX_ERROR_MEMORY; TX_ERROR_NUMERIC; TX_STOPPED. */
tx_status tx_examples_make(const tx_example_maker *maker, size_t count, tx_outcome_examples *examples,
                           uint32_t *opt_items, tx_error *error);

#endif
