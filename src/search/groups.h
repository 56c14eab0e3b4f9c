/* Groups of near-copies, so that a large set is searched by one representative of each first. */
#ifndef TX_SEARCH_GROUPS_H
#define TX_SEARCH_GROUPS_H

#include "search/references.h"

/* A member differs from the representative of its group in at most two of 100 bases, without gaps, lies
   inside it but for a few bases at its ends, and has the same lineage. */
typedef struct tx_group_member {
  uint32_t reference;
  int32_t shift; /* position in the representative - position in the member */
} tx_group_member;

/* Immutable; shared by all threads. */
typedef struct tx_groups {
  size_t count;
  uint32_t *representatives; /* (count) ascending reference numbers */
  uint32_t *starts; /* (count + 1) where the members of each group begin, without its representative */
  tx_group_member *members; /* (starts[count]) ascending reference numbers in each group */
} tx_groups;

/* Groups references, the longest first: each joins the first group found whose representative it copies, or
   begins one. Groups are found by 32-mers that the two have in common; not every near-copy is found, and a
   group depends on the references of its own lineage alone. The time is proportional to the number of bases.
   TX_ERROR_MEMORY. */
tx_status tx_groups_create(const tx_references *references, tx_groups **ret_groups, tx_error *error);
/* NULL is allowed. */
void tx_groups_free(tx_groups *groups);

#endif
