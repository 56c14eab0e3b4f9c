/* A map from byte strings to numbers 0, 1, 2, ... in order of first appearance. */
#ifndef TX_BASE_NAMES_H
#define TX_BASE_NAMES_H

#include <stddef.h>
#include <stdint.h>
#include <taxamba/status.h>

typedef struct tx_names tx_names;

tx_status tx_names_create(tx_names **ret_names, tx_error *error);
/* The number of the key, which is added if it is new. */
tx_status tx_names_add(tx_names *names, const void *key, size_t length, uint32_t *ret_number,
                       tx_error *error);
/* The same for a text, with its '_' as blanks: names of taxa are written both ways. */
tx_status tx_names_add_spaced(tx_names *names, const char *text, uint32_t *ret_number, tx_error *error);
/* The number of the key, or -1. */
int64_t tx_names_find(const tx_names *names, const void *key, size_t length);
/* Key of a number, NUL-terminated; borrowed, stable until tx_names_free. */
const char *tx_names_key(const tx_names *names, uint32_t number, size_t *opt_length);
size_t tx_names_count(const tx_names *names);
void tx_names_free(tx_names *names);

#endif
