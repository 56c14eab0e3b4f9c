#include "seq/primers.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "seq/bases.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SETS = 16, LIMITS = TX_PRIMER_MOST * TX_PRIMER_MISMATCH_PERCENT / 100 + 1 };

/* Reads the letters as sets. */
static tx_status read_sets(const char *text, const char *which, uint8_t sets[TX_PRIMER_MOST], tx_error *error)
{
  const size_t length = strlen(text);
  size_t certain = 0;
  if (length < TX_PRIMER_LEAST || length > TX_PRIMER_MOST)
    return tx_fail(error, TX_ERROR_USAGE, "the %s primer has %zu letters: from %d to %d are possible", which,
                   length, TX_PRIMER_LEAST, TX_PRIMER_MOST);
  for (size_t i = 0; i < length; i++) {
    const bool inosine = text[i] == 'I' || text[i] == 'i';
    const uint32_t set = tx_bases_set(text[i]);
    if (!inosine && (set == 0 || tx_letters_class(text[i]) != TX_LETTERS_PURE))
      return tx_fail(error, TX_ERROR_USAGE,
                     "letter %zu of the %s primer is no nucleotide: ACGTU, IUPAC codes and I (inosine) are",
                     i + 1, which);
    certain += (set & (set - 1)) == 0;
    sets[i] = (uint8_t)set;
  }
  if (certain < TX_PRIMER_CERTAIN)
    return tx_fail(error, TX_ERROR_USAGE,
                   "the %s primer has %zu letters that stand for a single base: it needs %d", which, certain,
                   TX_PRIMER_CERTAIN);
  return TX_OK;
}

/* Most mismatches of so many letters. */
static size_t most_mismatches(size_t letters)
{
  const size_t share = letters * TX_PRIMER_MISMATCH_PERCENT / 100;
  return share ? share : 1;
}

static void prepare(tx_primer *primer, const uint8_t *sets, size_t length)
{
  *primer = (tx_primer){.length = length, .mismatches = most_mismatches(length)};
  for (unsigned set = 1; set < SETS; set++)
    for (size_t i = 0; i < length; i++)
      if ((set & ~(unsigned)sets[i]) == 0) primer->matches[set] |= UINT64_C(1) << i;
}

static void reverse_complement(uint8_t *sets, size_t count)
{
  for (size_t i = 0; i < count - count / 2; i++) {
    const uint8_t first = (uint8_t)tx_bases_set_complement(sets[i]);
    sets[i] = (uint8_t)tx_bases_set_complement(sets[count - 1 - i]);
    sets[count - 1 - i] = first;
  }
}

tx_status tx_primers_parse(const char *text, tx_primers *ret_primers, tx_error *error)
{
  uint8_t forward[TX_PRIMER_MOST], reverse[TX_PRIMER_MOST];
  tx_words words = {0};
  tx_status status = tx_words_split(text, "primers", &words, error);
  if (status == TX_OK && words.count != 2)
    status = tx_fail(error, TX_ERROR_USAGE, "an amplicon needs two primers, FORWARD,REVERSE, not %zu",
                     words.count);
  if (status == TX_OK) status = read_sets(words.items[0], "forward", forward, error);
  if (status == TX_OK) status = read_sets(words.items[1], "reverse", reverse, error);
  if (status == TX_OK) {
    const size_t length = strlen(words.items[1]);
    reverse_complement(reverse, length);
    prepare(&ret_primers->forward, forward, strlen(words.items[0]));
    prepare(&ret_primers->reverse, reverse, length);
  }
  tx_words_free(&words);
  return status;
}

/* Bit i of ends[e]: the letters read last match the first i + 1 letters of the primer with at most e
   mismatches (Baeza-Yates and Perleberg 1996; Wu and Manber 1992). When a site with e mismatches is found,
   only those with fewer are looked for. */
bool tx_primer_find(const tx_primer *primer, const uint8_t *sets, size_t count, size_t from,
                    size_t *ret_start, size_t *ret_mismatches)
{
  const uint64_t whole = UINT64_C(1) << (primer->length - 1);
  uint64_t ends[LIMITS] = {0};
  size_t limit = primer->mismatches + 1; /* a site has fewer mismatches */
  for (size_t at = from; at < count && limit; at++) {
    const uint64_t matches = primer->matches[sets[at]];
    uint64_t fewer = 0;
    for (size_t e = 0; e < limit; e++) {
      const uint64_t longer = ends[e] << 1 | 1;
      ends[e] = (longer & matches) | fewer;
      fewer = longer;
    }
    for (size_t e = 0; e < limit; e++) {
      if (!(ends[e] & whole)) continue;
      *ret_start = at + 1 - primer->length;
      *ret_mismatches = limit = e;
    }
  }
  return limit <= primer->mismatches;
}

/* Whether `letters` of the primer, from `skipped` on, match with few enough mismatches. */
static bool matches_part(const tx_primer *primer, const uint8_t *sets, size_t letters, size_t skipped,
                         size_t *ret_mismatches)
{
  *ret_mismatches = 0;
  for (size_t i = 0; i < letters; i++) *ret_mismatches += !(primer->matches[sets[i]] >> (skipped + i) & 1);
  return *ret_mismatches <= most_mismatches(letters);
}

size_t tx_primer_find_part(const tx_primer *primer, const uint8_t *sets, size_t count, bool at_end,
                           size_t *ret_mismatches)
{
  size_t letters = count < primer->length ? count : primer->length - 1;
  for (; letters >= TX_PRIMER_LEAST; letters--)
    if (matches_part(primer, at_end ? sets + count - letters : sets, letters,
                     at_end ? 0 : primer->length - letters, ret_mismatches))
      return letters;
  return 0;
}

/* What the primers cut from one strand. */
typedef struct cut {
  size_t first, end;
  size_t mismatches;
  int primers;
} cut;

/* Of a strand with one whole site: the part of the other at the end of the record, if there is one. */
static void cut_part(const tx_primers *primers, const uint8_t *sets, bool at_end, cut *found)
{
  const tx_primer *primer = at_end ? &primers->reverse : &primers->forward;
  size_t mismatches;
  const size_t letters =
      tx_primer_find_part(primer, sets + found->first, found->end - found->first, at_end, &mismatches);
  if (!letters) return;
  if (at_end)
    found->end -= letters;
  else
    found->first += letters;
  found->mismatches += mismatches;
  found->primers++;
}

static cut cut_strand(const tx_primers *primers, const uint8_t *sets, size_t count)
{
  cut found = {.end = count};
  size_t start, mismatches;
  const bool forward = tx_primer_find(&primers->forward, sets, count, 0, &start, &mismatches);
  if (forward) {
    found.first = start + primers->forward.length;
    found.mismatches = mismatches;
    found.primers++;
  }
  if (tx_primer_find(&primers->reverse, sets, count, found.first, &start, &mismatches)) {
    found.end = start;
    found.mismatches += mismatches;
    found.primers++;
  }
  if (found.primers == 1) cut_part(primers, sets, forward, &found);
  return found;
}

bool tx_primers_cut(const tx_primers *primers, const char *letters, size_t count, tx_amplicon_buffer *buffer,
                    tx_amplicon *ret_amplicon)
{
  size_t used = 0;
  cut chosen, reversed;
  if (!tx_reserve(&buffer->sets, &buffer->set_capacity, count + 1, 1) ||
      !tx_reserve(&buffer->letters, &buffer->letter_capacity, count + 1, 1))
    return false;
  for (size_t i = 0; i < count; i++) {
    const uint32_t set = tx_bases_set(letters[i]);
    if (set) buffer->sets[used++] = (uint8_t)set;
  }
  chosen = cut_strand(primers, buffer->sets, used);
  reverse_complement(buffer->sets, used);
  reversed = cut_strand(primers, buffer->sets, used);
  ret_amplicon->reversed = reversed.primers > chosen.primers ||
                           (reversed.primers == chosen.primers && reversed.mismatches < chosen.mismatches);
  if (ret_amplicon->reversed)
    chosen = reversed;
  else
    reverse_complement(buffer->sets, used);
  for (size_t i = chosen.first; i < chosen.end; i++)
    buffer->letters[i - chosen.first] = tx_bases_set_letter(buffer->sets[i]);
  ret_amplicon->letters = buffer->letters;
  ret_amplicon->count = chosen.end - chosen.first;
  ret_amplicon->primers = chosen.primers;
  return true;
}

void tx_amplicon_counts_describe(const tx_amplicon_counts *counts, bool aligns, char *text, size_t size)
{
  char aligned[64] = "";
  if (aligns)
    snprintf(aligned, sizeof aligned, ", %" PRIu64 " were cut by their likeness to these", counts->aligned);
  snprintf(text, size,
           "amplicon: %" PRIu64 " records have the sites of both primers, %" PRIu64 " of one%s, %" PRIu64
           " are left out",
           counts->both, counts->one, aligned, counts->left_out);
}

void tx_amplicon_buffer_free(tx_amplicon_buffer *buffer)
{
  free(buffer->sets);
  free(buffer->letters);
  memset(buffer, 0, sizeof *buffer);
}
