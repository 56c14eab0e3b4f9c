/* Sequences by how often each 6-mer occurs in them, and the nearest by cosine: a baseline without a model. */
#ifndef TX_SUITE_PROFILES_H
#define TX_SUITE_PROFILES_H

#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

enum { TX_PROFILE_LETTERS = 6, TX_PROFILE_KMERS = 1 << 2 * TX_PROFILE_LETTERS };

/* Overlapping 6-mers of sequences on the strand as given; a 6-mer with a letter other than A, C, G, T (U) is
   left out. Memory: 8 bytes for each distinct 6-mer of a sequence. */
typedef struct tx_profiles tx_profiles;

tx_status tx_profiles_create(tx_profiles **ret_profiles, tx_error *error);
tx_status tx_profiles_add(tx_profiles *profiles, const char *letters, size_t count, tx_error *error);
size_t tx_profiles_count(const tx_profiles *profiles);
typedef struct tx_profile_search {
  const tx_profiles *queries;
  size_t reference_count, sets;
  const uint32_t *sets_of; /* (references) bit s: it is in set s */
  /* letters of a reference, valid until the next call; called once for each, in their order */
  const char *(*reference)(void *context, size_t number, size_t *ret_count);
  void (*progress)(void *context, size_t references); /* may be NULL: how many were searched */
  void *context;
  size_t threads;
  const volatile int *stop; /* may be NULL */
} tx_profile_search;
/* For each query and set of references the one with the largest cosine of the counts, the lower of equal
   ones. ret_index (queries, sets), -1 where the query or all references of the set have no 6-mer. Exact sums
   of whole numbers: the same for any number of threads and at every CPU level. They are products of matrices
   in bf16 (tensor/products); a sequence with a 6-mer that stands more than 256 times, or of more than 65,536
   letters, is compared by the lists. Memory: 50 MB, and 2 MB for each thread. TX_ERROR_MEMORY, TX_STOPPED. */
tx_status tx_profiles_nearest(const tx_profile_search *search, int64_t *ret_index, tx_error *error);
void tx_profiles_free(tx_profiles *profiles);

#endif
