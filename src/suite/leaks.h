/* Queries that occur among references: equal, one inside the other, and so for the reverse complement. */
#ifndef TX_SUITE_LEAKS_H
#define TX_SUITE_LEAKS_H

#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

/* From the strongest kind to the weakest. */
typedef enum tx_leak_kind {
  TX_LEAK_EXACT,
  TX_LEAK_CONTAINED,         /* one lies inside the other */
  TX_LEAK_REVERSE_EXACT,     /* the same of the reverse complement of one */
  TX_LEAK_REVERSE_CONTAINED,
  TX_LEAK_KINDS
} tx_leak_kind;

/* Shorter sequences are only compared as wholes: so short a piece occurs in many barcodes. */
enum { TX_LEAK_LEAST = 32 };

/* All queries in memory; references pass by one at a time. Memory: the letters of the queries, and 32 bytes
   for every 16 of them. */
typedef struct tx_leak_index tx_leak_index;

tx_status tx_leak_index_create(tx_leak_index **ret_index, tx_error *error);
/* Adds a query, numbered from 0: letters as read. They are compared in capitals, U as T, other IUPAC letters
   as N, without gaps and without N at the end. TX_ERROR_USAGE after the first reference. */
tx_status tx_leak_index_add(tx_leak_index *index, const char *letters, size_t count, tx_error *error);

/* One query that a reference duplicates, and how; it may be called several times for the two. */
typedef void (*tx_leak_found)(void *context, size_t query, tx_leak_kind kind);
/* Compares a reference with all queries. An empty one, on either side, duplicates nothing. */
tx_status tx_leak_index_compare(tx_leak_index *index, const char *letters, size_t count,
                                tx_leak_found found, void *context, tx_error *error);
/* How many pairs were compared letter by letter because they have a window in common. */
uint64_t tx_leak_index_compared(const tx_leak_index *index);
void tx_leak_index_free(tx_leak_index *index);

#endif
