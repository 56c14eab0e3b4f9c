/* What speaks for either label of individuals whose two sources differ: the network, neighbours,
   references. */
#ifndef TAXAMBA_LABEL_EVIDENCE_H
#define TAXAMBA_LABEL_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taxamba/label_sources.h>
#include <taxamba/prediction.h>
#include <taxamba/record.h>
#include <taxamba/references.h>
#include <taxamba/status.h>
#include <taxamba/taxonomy.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Evidence is weighed at the highest rank at which the names differ and that it comes from has. */
typedef enum tx_evidence_kind {
  TX_EVIDENCE_HEADS,      /* the head of the network at the rank: which name is the most probable one */
  TX_EVIDENCE_NEIGHBOURS, /* the nearest embedding among the individuals whose sources agree at the rank */
  TX_EVIDENCE_REFERENCES, /* the fitted probability of the answer by references */
  TX_EVIDENCE_ALIGNMENT,  /* the best alignment with a reference of either name */
  TX_EVIDENCE_KINDS
} tx_evidence_kind;
TX_API const char *tx_evidence_kind_name(tx_evidence_kind kind);

/* What evidence says. UNKNOWN: what it comes from lacks the rank or one of the two names (of the references'
   probability: both), so that it cannot choose. NONE: there is no sequence, or it could not be read. */
typedef enum tx_support {
  TX_SUPPORT_FIRST,
  TX_SUPPORT_SECOND,
  TX_SUPPORT_NEITHER,
  TX_SUPPORT_UNKNOWN,
  TX_SUPPORT_NONE,
  TX_SUPPORTS
} tx_support;
TX_API const char *tx_support_name(tx_support support);

typedef struct tx_side_evidence {
  tx_support support;
  int rank;                   /* of the sources; -1: none that it comes from has */
  bool known[TX_LABEL_SIDES]; /* whether it has the name of a side */
  /* the probability of either name, the cosine of the nearest neighbour, or the identity of the best
     alignment; NaN where there is none */
  double value[TX_LABEL_SIDES];
  const char *best; /* the name that is best of all; NULL: none, or a new taxon. Borrowed */
  double best_value;
} tx_side_evidence;

/* Creates evidence about these sources, which must outlive it and not change. */
TX_API tx_status tx_label_evidence_create(const tx_label_sources *sources, tx_label_evidence **ret_evidence,
                                          tx_error *error);
TX_API void tx_label_evidence_free(tx_label_evidence *evidence);
/* A tx_record_source of the individuals that evidence is needed of: those whose sources differ (`pool`
   false), or all with a sequence and labels of both (`pool` true). It begins anew with every call of
   tx_label_evidence_start. `context` is the tx_label_evidence. */
TX_API void tx_label_evidence_start(tx_label_evidence *evidence, bool pool);
TX_API tx_status tx_label_evidence_source(void *context, tx_record *record, tx_error *error);

/* The number of the individual of a record of that source. */
TX_API size_t tx_label_evidence_individual(const tx_record *record);

/* Adds the probabilities of the network's heads for an individual whose sources differ: probabilities[rank]
   are those of the classes at a rank of the taxonomy. */
TX_API tx_status tx_label_evidence_add_heads(tx_label_evidence *evidence, size_t individual,
                                             const tx_taxonomy *taxonomy, const double *const *probabilities,
                                             tx_error *error);
/* Adds the embedding (width) of an individual; NULL: it has none. */
TX_API tx_status tx_label_evidence_add_embedding(tx_label_evidence *evidence, size_t individual,
                                                 const float *opt_embedding, size_t width, tx_error *error);
/* Finds the neighbours, when all embeddings have been added. TX_STOPPED. */
TX_API tx_status tx_label_evidence_find_neighbours(tx_label_evidence *evidence, const volatile int *opt_stop,
                                                   tx_error *error);
/* Adds the answer by references about an individual whose sources differ, with its details
   (tx_predict_options.details): the evidence of the references and of the alignment. */
TX_API tx_status tx_label_evidence_add_answer(tx_label_evidence *evidence, size_t individual,
                                              const tx_reference_set *references,
                                              const tx_prediction *prediction, tx_error *error);

/* Whether evidence of a kind was added. */
TX_API bool tx_label_evidence_has(const tx_label_evidence *evidence, tx_evidence_kind kind);
/* That about an individual; NULL where its sources do not differ. Borrowed. */
TX_API const tx_side_evidence *tx_label_evidence_of(const tx_label_evidence *evidence, size_t individual,
                                                    tx_evidence_kind kind);
/* What most kinds of evidence about an individual support: NEITHER if as many support either side, NONE where
   no kind can tell. */
TX_API tx_support tx_label_evidence_verdict(const tx_label_evidence *evidence, size_t individual);

#ifdef __cplusplus
}
#endif
#endif
