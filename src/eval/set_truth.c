/* The labels of records that may have several, as states of the taxa of a model. */
#include <taxamba/multilabel.h>

#include "base/error.h"
#include "base/names.h"
#include "eval/truth.h"
#include "taxon/nodes.h"
#include "taxon/taxonomy.h"
#include "tensor/multilabel.h"

#include <stdlib.h>
#include <string.h>

struct tx_set_truth {
  tx_truth *truth;
  const tx_taxonomy *taxonomy;
  size_t nodes;
  int32_t *parents; /* (nodes) */
  int8_t *states;   /* (nodes) of the record being read */
  tx_names *sets;   /* the different annotations: keys are states */
  uint64_t unknown;
};

tx_status tx_set_truth_create(tx_truth *truth, const tx_taxonomy *taxonomy, tx_set_truth **ret_truth,
                              tx_error *error)
{
  tx_set_truth *sets = calloc(1, sizeof *sets);
  tx_status status;
  *ret_truth = NULL;
  if (!sets) return tx_fail_memory(error, "the labels");
  sets->truth = truth;
  sets->taxonomy = taxonomy;
  sets->nodes = tx_taxonomy_node_count(taxonomy);
  sets->parents = calloc(sets->nodes + 1, sizeof *sets->parents);
  sets->states = calloc(sets->nodes + 1, sizeof *sets->states);
  status = sets->parents && sets->states ? tx_names_create(&sets->sets, error)
                                         : tx_fail_memory(error, "the labels");
  if (status != TX_OK) {
    tx_set_truth_free(sets);
    return status;
  }
  tx_taxonomy_node_parents(taxonomy, sets->parents);
  *ret_truth = sets;
  return TX_OK;
}

void tx_set_truth_free(tx_set_truth *truth)
{
  if (!truth) return;
  tx_names_free(truth->sets);
  free(truth->parents);
  free(truth->states);
  free(truth);
}

uint64_t tx_set_truth_unknown(const tx_set_truth *truth)
{
  return truth->unknown;
}

/* Names a node; `open`: nothing is said below it. */
static void name_node(tx_set_truth *sets, size_t node, bool open)
{
  if (sets->states[node] != TX_NODE_UNKNOWN) sets->states[node] = open ? TX_NODE_UNKNOWN : TX_NODE_PRESENT;
}

/* Names the lowest taxon of a lineage, taxa per rank of the taxonomy, that the taxonomy has. */
static bool name_lineage(tx_set_truth *sets, const char *const *taxa)
{
  int32_t labels[TX_RANKS_MAX];
  bool goes_on = false;
  tx_taxonomy_match(sets->taxonomy, taxa, labels);
  for (size_t r = tx_taxonomy_rank_count(sets->taxonomy); r-- > 0;) {
    if (labels[r] >= 0) {
      name_node(sets, tx_taxonomy_node(sets->taxonomy, r, labels[r]), !goes_on);
      return true;
    }
    goes_on = goes_on || taxa[r];
  }
  return false;
}

static tx_status name_taxon(tx_set_truth *sets, const tx_record *record, const char *name, bool *ret_any,
                            tx_error *error)
{
  const int64_t node = tx_taxonomy_find_node(sets->taxonomy, name);
  *ret_any = node >= 0;
  if (node == -2)
    return tx_fail_at(error, TX_ERROR_DATA, record->file, record->line, record->number,
                      "the name '%.100s' in the column of the taxa is that of several taxa: write the "
                      "lineage, with '|' between its names",
                      name);
  if (node >= 0) name_node(sets, (size_t)node, true);
  return TX_OK;
}

/* Sets the states of the record; false in *ret_any: the taxonomy has none of its taxa. The taxa of a record
   without lineages are at the ranks evaluated, those of lineages at those of the reader. */
static tx_status annotate(tx_set_truth *sets, const tx_labelled_record *labelled, bool *ret_any,
                          tx_error *error)
{
  const tx_truth *truth = sets->truth;
  tx_status status = TX_OK;
  *ret_any = false;
  memset(sets->states, TX_NODE_ABSENT, sets->nodes);
  for (size_t i = 0; i < (labelled->lineage_count ? labelled->lineage_count : 1); i++) {
    const tx_labelled_lineage *lineage = labelled->lineage_count ? &labelled->lineages[i] : NULL;
    const char *taxa[TX_RANKS_MAX] = {NULL};
    bool named = false, any = false;
    for (size_t e = 0; e < truth->rank_count; e++) {
      taxa[truth->other[e]] = lineage ? lineage->taxa[truth->own[e]] : labelled->taxa[e];
      named = named || taxa[truth->other[e]];
    }
    if (lineage && lineage->opt_name)
      status = name_taxon(sets, &labelled->record, lineage->opt_name, &any, error);
    else
      any = name_lineage(sets, taxa);
    if (status != TX_OK) return status;
    sets->unknown += !any && (named || (lineage && lineage->opt_name));
    *ret_any = *ret_any || any;
  }
  tx_multilabel_annotate(sets->parents, sets->nodes, sets->states);
  return TX_OK;
}

tx_status tx_set_truth_source(void *context, tx_record *record, tx_error *error)
{
  tx_set_truth *sets = context;
  tx_labelled_record labelled;
  uint32_t number = 0;
  bool any = false;
  tx_status status = tx_truth_read(sets->truth, &labelled, error);
  if (status == TX_OK) status = annotate(sets, &labelled, &any, error);
  if (status == TX_OK && any) status = tx_names_add(sets->sets, sets->states, sets->nodes, &number, error);
  if (status != TX_OK) return status;
  *record = labelled.record;
  record->tag = any ? tx_names_key(sets->sets, number, NULL) : NULL;
  return TX_OK;
}
