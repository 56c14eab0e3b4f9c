/* Spellings of the names of a rank: which differ only in letter case, blanks and punctuation. */
#ifndef TX_TAXON_SPELLINGS_H
#define TX_TAXON_SPELLINGS_H

#include "taxon/taxonomy.h"

#include <stdbool.h>

typedef struct tx_spelling {
  const char *text;   /* the name, borrowed from the taxonomy */
  const char *folded; /* small letters and digits; blanks and punctuation are left out, but between digits */
  size_t length;      /* of the folded form, at least 1 */
  int32_t taxon;
} tx_spelling;

/* Zero-initialise; free with tx_spellings_free. */
typedef struct tx_spellings {
  tx_spelling *items; /* in the order of the folded forms, then of the names, then of the taxa */
  size_t count;
  char *letters; /* holds the folded forms */
} tx_spellings;

/* Whether the letter is a blank or a sign, neither a letter nor a digit. */
bool tx_is_punctuation(char letter);
/* Lists the names of all taxa of a rank. TX_ERROR_MEMORY. */
tx_status tx_spellings_list(const tx_taxonomy *taxonomy, size_t rank, tx_spellings *spellings,
                            tx_error *error);
/* The order of two folded forms: negative, 0 or positive. */
int tx_spelling_compare(const tx_spelling *a, const tx_spelling *b);
/* Whether two names have one folded form. */
bool tx_spelling_equal(const tx_spelling *a, const tx_spelling *b);
void tx_spellings_free(tx_spellings *spellings);

/* Writes a line about the names of a rank that are the same but for letter case, blanks and punctuation; ""
   if there are none. TX_ERROR_MEMORY. */
tx_status tx_spellings_describe(const tx_taxonomy *taxonomy, size_t rank, char *text, size_t size,
                                tx_error *error);
/* Writes a line if nearly every one of `records` records that are labelled at the lowest rank has a name of
   its own there, as where ids stand in place of names; "" if not. */
void tx_own_names_describe(const tx_taxonomy *taxonomy, uint64_t records, char *text, size_t size);

#endif
