/* The taxa of the references and those that only a network knows, in one tree. Where the two disagree the
   references win: a taxon of the network that they have, also under another parent or in another spelling, is
   theirs; one that they lack lies in the lowest of its ancestors that they have. */
#ifndef TX_EVIDENCE_JOINT_H
#define TX_EVIDENCE_JOINT_H

#include "evidence/witness.h"

/* A taxon that the network does not know has this place among its outputs. */
#define TX_JOINT_UNHEARD SIZE_MAX

typedef struct tx_joint_taxon {
  uint8_t rank;
  int32_t taxon; /* class of the joint taxonomy */
} tx_joint_taxon;

/* Immutable; shared by all threads. */
typedef struct tx_joint {
  /* The ranks of the references. Their taxa have the classes that they have in their own taxonomy; those that
     only the network knows follow. NULL: there is none of these */
  tx_taxonomy *taxonomy;
  size_t ranks;
  size_t known[TX_RANKS_MAX]; /* classes of the references */
  /* (classes) where the log-probability of a taxon is among those of all classes of the network, rank after
     rank; TX_JOINT_UNHEARD: the network does not know it */
  size_t *outputs[TX_RANKS_MAX];
  size_t first[TX_RANKS_MAX], count[TX_RANKS_MAX]; /* outputs of the network's rank of the same name */
  size_t output_count; /* of all ranks of the network */
  /* the children of the nodes of the taxonomy (tx_taxonomy_node), by rank and class: those of node n are
     children[starts[n]] to children[starts[n + 1]], those of the root are of the last node */
  size_t *starts; /* (nodes + 2) */
  tx_joint_taxon *children;
} tx_joint;

/* map: of the references to the network, of these two taxonomies. The result depends on the taxa, not on
   their order. TX_ERROR_MEMORY; there is then nothing to clear. */
tx_status tx_joint_init(tx_joint *joint, const tx_taxonomy *references, const tx_taxonomy *network,
                        const tx_witness_map *map, tx_error *error);
void tx_joint_clear(tx_joint *joint);

/* Whether only the network knows a taxon. */
static inline bool tx_joint_is_foreign(const tx_joint *joint, size_t rank, int32_t taxon)
{
  return joint->taxonomy && taxon >= 0 && (size_t)taxon >= joint->known[rank];
}
/* The children of a taxon; rank -1: those of the root. */
const tx_joint_taxon *tx_joint_children(const tx_joint *joint, int rank, int32_t taxon, size_t *ret_count);

#endif
