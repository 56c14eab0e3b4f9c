/* The inverted index of the search: for each of the 4^k k-mers, the numbers of the references that contain
   it. Of a large set only representatives (search/groups) are listed, and numbered among themselves. */
#ifndef TX_SEARCH_KMERS_H
#define TX_SEARCH_KMERS_H

#include "search/groups.h"

/* A gap that is only skipped: the reference there does not have the k-mer. */
enum { TX_KMER_SKIP = UINT16_MAX };

typedef struct tx_kmer_lists {
  unsigned k;        /* 4..12 */
  uint64_t *starts;  /* (4^k + 1) */
  uint16_t *gaps;    /* (starts[4^k]) from one number of a list to the next, from -1 to the first: half the
                        memory of the numbers. A gap of TX_KMER_SKIP or more is several TX_KMER_SKIP, then
                        the rest */
  uint32_t *counts;  /* (4^k) numbers of each list */
  uint16_t *weights; /* (4^k) weight of a shared k-mer: 256 ln(N / count); N is the lowest power of 2 above
                        the number of listed references, so that a few more seldom change it; 0 if the list
                        is empty */
} tx_kmer_lists;

/* The k that suits the number of references: longer lists cost time, longer k-mers sensitivity. */
unsigned tx_kmer_length(size_t references);
/* Makes the lists. opt_groups: only of their representatives. k-mers with an uncertain base are left out.
   TX_ERROR_MEMORY. */
tx_status tx_kmer_lists_create(const tx_references *references, const tx_groups *opt_groups, unsigned k,
                               tx_kmer_lists **ret_lists, tx_error *error);
void tx_kmer_lists_free(tx_kmer_lists *lists);

#endif
