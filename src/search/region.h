/* The barcode inside a longer record, such as the COI gene of a mitochondrial genome. */
#ifndef TX_SEARCH_REGION_H
#define TX_SEARCH_REGION_H

#include "search/search.h"

enum { TX_RECORD_MAX = 1 << 18 /* bases of a record that are searched, on each strand */ };

/* Whether a record of so many bases is searched in parts: it has two and a half times the median of the
   references, and more than the longest of them unless that is four times the median. */
bool tx_region_is_in(const tx_search_index *index, size_t bases);

/* Scratch of one thread. Zero-initialise. */
typedef struct tx_region_work {
  tx_sequence_buffer forward, reverse;
} tx_region_work;

/* What is looked through: letters without gaps; reversed: the reverse complement of each window. */
typedef struct tx_region_text {
  const char *letters;
  size_t count;
  bool reversed;
} tx_region_text;

/* A stretch of letters. */
typedef struct tx_region {
  size_t first, count;
} tx_region;

/* Searches with windows of twice the median of the references, each overlapping the next by half, and finds
   the stretch that the references cover in the window that shares most 8-mers with one of them, with a
   margin. *ret_region has count 0 if no window shares any. The result depends on the text and the references
   alone. TX_ERROR_MEMORY. */
tx_status tx_region_find(tx_search *search, const tx_search_index *index, const tx_region_text *text,
                         tx_region_work *work, tx_region *ret_region);
void tx_region_work_free(tx_region_work *work);

#endif
