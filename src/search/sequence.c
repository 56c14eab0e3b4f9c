#include "search/sequence.h"

#include "base/memory.h"
#include "seq/bases.h"

#include <stdlib.h>
#include <string.h>

enum { SET_ANY = 15 };

/* State of the packing, which takes letters one by one. */
typedef struct packer {
  tx_sequence_buffer *buffer;
  size_t count;
  size_t exceptions;
} packer;

static bool begin(packer *pack, tx_sequence_buffer *buffer, size_t most)
{
  *pack = (packer){buffer, 0, 0};
  if (!tx_reserve(&buffer->words, &buffer->word_capacity, tx_sequence_words(most), sizeof *buffer->words))
    return false;
  memset(buffer->words, 0, tx_sequence_words(most) * sizeof *buffer->words);
  return true;
}

static bool add(packer *pack, uint32_t set)
{
  tx_sequence_buffer *buffer = pack->buffer;
  const size_t at = pack->count++;
  tx_exception *last;
  uint64_t code = 0;
  if ((set & (set - 1)) == 0) {
    while (!(set >> code & 1)) code++;
    buffer->words[at / TX_WORD_BASES] |= code << 2 * (at % TX_WORD_BASES);
    return true;
  }
  last = pack->exceptions ? &buffer->exceptions[pack->exceptions - 1] : NULL;
  if (last && last->set == set && last->start + last->length == at) {
    last->length++;
    return true;
  }
  if (!tx_reserve(&buffer->exceptions, &buffer->exception_capacity, pack->exceptions + 1,
                  sizeof *buffer->exceptions))
    return false;
  buffer->exceptions[pack->exceptions++] = (tx_exception){(uint32_t)at, 1, set};
  return true;
}

static bool end(packer *pack)
{
  tx_sequence_buffer *buffer = pack->buffer;
  buffer->view =
      (tx_sequence){buffer->words, pack->count, buffer->exceptions, pack->exceptions};
  return true;
}

static bool is_certain(uint32_t set)
{
  return set && (set & (set - 1)) == 0;
}

bool tx_sequence_fill(tx_sequence_buffer *buffer, const char *letters, size_t count, bool last)
{
  packer pack;
  size_t first = 0, used = 0;
  while (first < count && !is_certain(tx_bases_set(letters[first]))) first++;
  while (count > first && !is_certain(tx_bases_set(letters[count - 1]))) count--;
  if (last) {
    size_t from = count;
    while (from > first && used < TX_SEQUENCE_MAX) used += tx_bases_set(letters[--from]) != 0;
    first = from;
  }
  if (!begin(&pack, buffer, count - first < TX_SEQUENCE_MAX ? count - first : TX_SEQUENCE_MAX)) return false;
  for (size_t i = first; i < count && pack.count < TX_SEQUENCE_MAX; i++) {
    const uint32_t set = tx_bases_set(letters[i]);
    if (set && !add(&pack, set)) return false;
  }
  return end(&pack);
}

uint32_t tx_sequence_set(const tx_sequence *sequence, size_t at)
{
  for (size_t i = 0; i < sequence->exception_count && sequence->exceptions[i].start <= at; i++)
    if (at - sequence->exceptions[i].start < sequence->exceptions[i].length)
      return sequence->exceptions[i].set;
  return 1u << (sequence->words[at / TX_WORD_BASES] >> 2 * (at % TX_WORD_BASES) & 3);
}

/* Copies the sets of bases first, first + 1, ... (step 1) or first, first - 1, ... (step -1) of
   `sequence`. */
static bool copy(tx_sequence_buffer *buffer, const tx_sequence *sequence, size_t first, size_t count,
                 bool reverse)
{
  packer pack;
  size_t next = reverse ? sequence->exception_count : 0;
  if (!begin(&pack, buffer, count)) return false;
  for (size_t i = 0; i < count; i++) {
    const size_t at = reverse ? first - i : first + i;
    uint32_t set = 1u << (sequence->words[at / TX_WORD_BASES] >> 2 * (at % TX_WORD_BASES) & 3);
    const tx_exception *e;
    if (reverse) {
      while (next > 0 && sequence->exceptions[next - 1].start > at) next--;
      e = next ? &sequence->exceptions[next - 1] : NULL;
    } else {
      while (next < sequence->exception_count &&
             sequence->exceptions[next].start + sequence->exceptions[next].length <= at)
        next++;
      e = next < sequence->exception_count ? &sequence->exceptions[next] : NULL;
    }
    if (e && at >= e->start && at - e->start < e->length) set = e->set;
    if (!add(&pack, reverse ? tx_bases_set_complement(set) : set)) return false;
  }
  return end(&pack);
}

bool tx_sequence_reverse(tx_sequence_buffer *buffer, const tx_sequence *sequence)
{
  return copy(buffer, sequence, sequence->count ? sequence->count - 1 : 0, sequence->count, true);
}

bool tx_sequence_cut(tx_sequence_buffer *buffer, const tx_sequence *sequence, size_t first, size_t count)
{
  return copy(buffer, sequence, first, count, false);
}

void tx_sequence_buffer_free(tx_sequence_buffer *buffer)
{
  free(buffer->words);
  free(buffer->exceptions);
  memset(buffer, 0, sizeof *buffer);
}

size_t tx_sequence_certain(const tx_sequence *sequence)
{
  size_t certain = sequence->count;
  for (size_t i = 0; i < sequence->exception_count; i++) certain -= sequence->exceptions[i].length;
  return certain;
}

void tx_sequence_certain_bits(const tx_sequence *sequence, uint64_t *words)
{
  const size_t count = tx_sequence_words(sequence->count), whole = sequence->count / TX_WORD_BASES,
               rest = sequence->count % TX_WORD_BASES;
  for (size_t i = 0; i < count; i++)
    words[i] = i < whole ? TX_BASE_BITS : i == whole ? TX_BASE_BITS & ((UINT64_C(1) << 2 * rest) - 1) : 0;
  for (size_t i = 0; i < sequence->exception_count; i++) {
    const tx_exception *e = &sequence->exceptions[i];
    for (size_t at = e->start; at < e->start + e->length; at++)
      words[at / TX_WORD_BASES] &= ~(UINT64_C(1) << 2 * (at % TX_WORD_BASES));
  }
}

bool tx_sequence_stretch(const tx_sequence *sequence, size_t *at, size_t *exception, size_t *ret_end)
{
  while (*exception < sequence->exception_count && sequence->exceptions[*exception].start <= *at) {
    const tx_exception *e = &sequence->exceptions[(*exception)++];
    *at = e->start + e->length;
  }
  if (*at >= sequence->count) return false;
  *ret_end =
      *exception < sequence->exception_count ? sequence->exceptions[*exception].start : sequence->count;
  return true;
}

int tx_sequence_compare(const tx_sequence *a, const tx_sequence *b)
{
  int order;
  if (a->count != b->count) return a->count < b->count ? -1 : 1;
  for (size_t i = 0; i < tx_sequence_words(a->count); i++)
    if (a->words[i] != b->words[i]) return a->words[i] < b->words[i] ? -1 : 1;
  if (a->exception_count != b->exception_count) return a->exception_count < b->exception_count ? -1 : 1;
  if (!a->exception_count) return 0;
  order = memcmp(a->exceptions, b->exceptions, a->exception_count * sizeof *a->exceptions);
  return (order > 0) - (order < 0);
}
