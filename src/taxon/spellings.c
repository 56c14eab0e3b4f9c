#include "taxon/spellings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

/* Nearly every record: at least so many records, and so many names for ten of them. */
enum { OWN_NAMES_RECORDS = 30, OWN_NAMES_OF_TEN = 9 };

static bool is_digit(char letter)
{
  return letter >= '0' && letter <= '9';
}

bool tx_is_punctuation(char letter)
{
  return tx_text_is_space(letter) || (letter > ' ' && letter < '0') || (letter > '9' && letter < 'A') ||
         (letter > 'Z' && letter < 'a') || (letter > 'z' && letter < 127);
}

/* Writes the folded form, which is no longer than the name, and returns its length. "1.1" is not "11". */
static size_t fold(const char *text, char *out)
{
  size_t length = 0;
  bool parted = false;
  for (; *text; text++) {
    if (tx_is_punctuation(*text)) {
      parted = true;
      continue;
    }
    if (parted && length && is_digit(out[length - 1]) && is_digit(*text)) out[length++] = ' ';
    out[length++] = tx_text_lower(*text);
    parted = false;
  }
  return length;
}

int tx_spelling_compare(const tx_spelling *a, const tx_spelling *b)
{
  const int order = memcmp(a->folded, b->folded, a->length < b->length ? a->length : b->length);
  return order ? order : (a->length > b->length) - (a->length < b->length);
}

static int compare(const void *left, const void *right)
{
  const tx_spelling *a = left, *b = right;
  int order = tx_spelling_compare(a, b);
  if (!order) order = strcmp(a->text, b->text);
  return order ? order : (a->taxon > b->taxon) - (a->taxon < b->taxon);
}

tx_status tx_spellings_list(const tx_taxonomy *taxonomy, size_t rank, tx_spellings *spellings,
                            tx_error *error)
{
  const size_t count = tx_taxonomy_class_count(taxonomy, rank);
  size_t letters = 0;
  for (size_t i = 0; i < count; i++)
    letters += strlen(tx_taxonomy_class_name(taxonomy, rank, (int32_t)i));
  *spellings = (tx_spellings){.items = calloc(count + 1, sizeof *spellings->items),
                              .letters = malloc(letters + 1)};
  if (!spellings->items || !spellings->letters) {
    tx_spellings_free(spellings);
    return tx_fail_memory(error, "the names of a rank");
  }
  letters = 0;
  for (size_t i = 0; i < count; i++) {
    const char *text = tx_taxonomy_class_name(taxonomy, rank, (int32_t)i);
    char *folded = spellings->letters + letters;
    const size_t length = fold(text, folded);
    if (length) spellings->items[spellings->count++] = (tx_spelling){text, folded, length, (int32_t)i};
    letters += length;
  }
  qsort(spellings->items, spellings->count, sizeof *spellings->items, compare);
  return TX_OK;
}

bool tx_spelling_equal(const tx_spelling *a, const tx_spelling *b)
{
  return tx_spelling_compare(a, b) == 0;
}

void tx_spellings_free(tx_spellings *spellings)
{
  free(spellings->items);
  free(spellings->letters);
  *spellings = (tx_spellings){0};
}

tx_status tx_spellings_describe(const tx_taxonomy *taxonomy, size_t rank, char *text, size_t size,
                                tx_error *error)
{
  tx_spellings names;
  size_t equal = 0, example = 0;
  const tx_status status = tx_spellings_list(taxonomy, rank, &names, error);
  text[0] = '\0';
  if (status != TX_OK) return status;
  for (size_t i = 1; i < names.count; i++) {
    if (!tx_spelling_equal(&names.items[i - 1], &names.items[i]) ||
        strcmp(names.items[i - 1].text, names.items[i].text) == 0) continue;
    if (!equal++) example = i;
  }
  if (equal)
    snprintf(text, size,
             "rank %.60s: %zu name%s nearly another one, but for letter case, blanks or punctuation, as "
             "'%.100s' and '%.100s': they count as different taxa",
             tx_taxonomy_rank_name(taxonomy, rank), equal, equal == 1 ? " is" : "s are",
             names.items[example - 1].text, names.items[example].text);
  tx_spellings_free(&names);
  return TX_OK;
}

void tx_own_names_describe(const tx_taxonomy *taxonomy, uint64_t records, char *text, size_t size)
{
  const size_t lowest = tx_taxonomy_rank_count(taxonomy) - 1;
  const uint64_t names = tx_taxonomy_class_count(taxonomy, lowest);
  text[0] = '\0';
  if (records < OWN_NAMES_RECORDS || names * 10 < records * OWN_NAMES_OF_TEN) return;
  snprintf(text, size,
           "nearly every record has a name of its own at rank %.60s (%" PRIu64 " names of %" PRIu64
           " records, as '%.100s'): if these are ids of records, leave that rank out with --ranks",
           tx_taxonomy_rank_name(taxonomy, lowest), names, records,
           tx_taxonomy_class_name(taxonomy, lowest, 0));
}
