/* A window of letters is looked up by its hash. If a query lies inside a reference, the window at the start
   of the query is somewhere in the reference; if a reference lies inside a query, one of the first `step`
   windows of the reference stands in the query at a multiple of `step`. So the index has the windows of the
   queries at multiples of `step`, and every window that is found is verified letter by letter.

   The longer the shorter one of the two is, the longer is the window: just over half of it. A short window
   would do for all, but most barcodes of a gene have some in common, above all the one at their start, and
   every reference would be compared with every query. */
#include "suite/leaks.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "seq/bases.h"

/* Classes of lengths: 32 to 63 letters, 64 to 127, ... 512 and more. */
enum { CLASSES = 5 };

static size_t step_of(size_t class_index)
{
  return (size_t)TX_LEAK_LEAST / 2 << class_index;
}

static size_t window_of(size_t class_index)
{
  return step_of(class_index) + 1;
}

/* Shorter sequences than TX_LEAK_LEAST are in the first class, too. */
static size_t class_of(size_t length)
{
  size_t class_index = 0;
  while (class_index + 1 < CLASSES && length >= (size_t)TX_LEAK_LEAST << (class_index + 1)) class_index++;
  return class_index;
}

typedef struct window {
  uint64_t hash;
  uint32_t query, position;
} window;

/* Windows by hash: those of bucket b are starts[b] .. starts[b + 1]. */
typedef struct lookup {
  window *windows;
  size_t count, capacity;
  uint32_t *starts;
  unsigned bits;
} lookup;

struct tx_leak_index {
  uint8_t *codes; /* of all queries */
  size_t code_count, code_capacity;
  size_t *ends; /* (count) of each query in codes */
  size_t count, end_capacity;
  lookup first[CLASSES];   /* windows at the start of the queries of each class */
  lookup sampled[CLASSES]; /* those at multiples of the step in all queries that are long enough */
  uint64_t leaving[CLASSES];
  uint64_t compared;
  bool sealed;
  uint8_t *reference, *reversed; /* scratch */
  size_t reference_capacity, reversed_capacity;
};

/* A reference that is compared, as it is or as its reverse complement. */
typedef struct comparison {
  tx_leak_index *index;
  const uint8_t *codes;
  size_t count;
  bool reversed;
  tx_leak_found found;
  void *context;
} comparison;

static tx_status out_of_memory(tx_error *error)
{
  return tx_fail_memory(error, "the search for duplicates");
}

#define FACTOR UINT64_C(0x9e3779b97f4a7c15)

/* FACTOR to the power of the letters of a window: what the letter that leaves it weighs. */
static uint64_t leaving(size_t letters)
{
  uint64_t power = 1;
  for (size_t i = 0; i < letters; i++) power *= FACTOR;
  return power;
}

tx_status tx_leak_index_create(tx_leak_index **ret_index, tx_error *error)
{
  *ret_index = calloc(1, sizeof **ret_index);
  if (!*ret_index) return out_of_memory(error);
  for (size_t c = 0; c < CLASSES; c++) (*ret_index)->leaving[c] = leaving(window_of(c));
  return TX_OK;
}

void tx_leak_index_free(tx_leak_index *index)
{
  if (!index) return;
  free(index->codes);
  free(index->ends);
  for (size_t c = 0; c < CLASSES; c++) {
    free(index->first[c].windows);
    free(index->first[c].starts);
    free(index->sampled[c].windows);
    free(index->sampled[c].starts);
  }
  free(index->reference);
  free(index->reversed);
  free(index);
}

static uint64_t mix(uint64_t hash)
{
  hash ^= hash >> 32;
  hash *= UINT64_C(0xd6e8feb86659fd93);
  return hash ^ hash >> 32;
}

/* The polynomial that compare_class() continues, over `count` letters. */
static uint64_t polynomial(const uint8_t *codes, size_t count)
{
  uint64_t hash = 0;
  for (size_t i = 0; i < count; i++) hash = hash * FACTOR + codes[i] + 1;
  return hash;
}

/* Of the window at the start, which a short sequence may not fill. */
static uint64_t start_of(const uint8_t *codes, size_t count, size_t class_index)
{
  const size_t width = window_of(class_index);
  return polynomial(codes, count < width ? count : width);
}

static bool put_window(lookup *own, uint64_t hash, size_t query, size_t position)
{
  if (!tx_reserve(&own->windows, &own->capacity, own->count + 1, sizeof *own->windows)) return false;
  own->windows[own->count++] = (window){mix(hash), (uint32_t)query, (uint32_t)position};
  return true;
}

/* The letters as they are compared. */
static bool encode(const char *letters, size_t count, uint8_t **codes, size_t *capacity, size_t at,
                   size_t *ret_count)
{
  if (!tx_reserve(codes, capacity, at + count + 1, 1)) return false;
  *ret_count = tx_bases_encode(letters, count, *codes + at);
  *ret_count = tx_bases_trim(*codes + at, *ret_count, 0);
  return true;
}

tx_status tx_leak_index_add(tx_leak_index *index, const char *letters, size_t count, tx_error *error)
{
  const size_t start = index->code_count, query = index->count;
  const uint8_t *codes;
  size_t length = 0;
  bool done;
  if (index->sealed || query >= UINT32_MAX)
    return tx_fail(error, TX_ERROR_USAGE,
                   index->sealed ? "duplicates: all queries come before the first reference"
                                 : "duplicates: too many queries");
  done = encode(letters, count, &index->codes, &index->code_capacity, start, &length) &&
         tx_reserve(&index->ends, &index->end_capacity, query + 1, sizeof *index->ends);
  if (!done) return out_of_memory(error);
  codes = index->codes + start;
  index->code_count += length;
  index->ends[index->count++] = index->code_count;
  if (length)
    done = put_window(&index->first[class_of(length)], start_of(codes, length, class_of(length)), query, 0);
  for (size_t c = 0; done && c <= class_of(length); c++)
    for (size_t i = 0; done && i + window_of(c) <= length; i += step_of(c))
      done = put_window(&index->sampled[c], polynomial(codes + i, window_of(c)), query, i);
  return done ? TX_OK : out_of_memory(error);
}

static int compare_windows(const void *left, const void *right)
{
  const window *a = left, *b = right;
  if (a->hash != b->hash) return a->hash < b->hash ? -1 : 1;
  if (a->query != b->query) return a->query < b->query ? -1 : 1;
  return (a->position > b->position) - (a->position < b->position);
}

static bool seal(lookup *own)
{
  size_t buckets;
  if (own->count >= UINT32_MAX) return false;
  for (own->bits = 1; own->bits < 30 && (size_t)1 << own->bits < own->count;) own->bits++;
  buckets = (size_t)1 << own->bits;
  own->starts = calloc(buckets + 1, sizeof *own->starts);
  if (!own->starts) return false;
  if (own->count) qsort(own->windows, own->count, sizeof *own->windows, compare_windows);
  for (size_t i = 0; i < own->count; i++) own->starts[(own->windows[i].hash >> (64 - own->bits)) + 1]++;
  for (size_t b = 0; b < buckets; b++) own->starts[b + 1] += own->starts[b];
  return true;
}

/* Tells what a window that the two have in common amounts to. */
static void verify(const comparison *own, const window *at, size_t position, bool first)
{
  const tx_leak_index *index = own->index;
  const size_t start = at->query ? index->ends[at->query - 1] : 0, length = index->ends[at->query] - start;
  const uint8_t *query = index->codes + start;
  const bool whole = length < TX_LEAK_LEAST || own->count < TX_LEAK_LEAST;
  own->index->compared++;
  if (whole && length != own->count) return;
  if (first && length < own->count && position + length <= own->count) {
    if (memcmp(query, own->codes + position, length) == 0)
      own->found(own->context, at->query, own->reversed ? TX_LEAK_REVERSE_CONTAINED : TX_LEAK_CONTAINED);
  } else if (first && length == own->count && position == 0) {
    if (memcmp(query, own->codes, length) == 0)
      own->found(own->context, at->query, own->reversed ? TX_LEAK_REVERSE_EXACT : TX_LEAK_EXACT);
  } else if (!first && length > own->count && at->position >= position &&
             at->position - position + own->count <= length) {
    if (memcmp(query + at->position - position, own->codes, own->count) == 0)
      own->found(own->context, at->query, own->reversed ? TX_LEAK_REVERSE_CONTAINED : TX_LEAK_CONTAINED);
  }
}

static void look_up(const comparison *own, const lookup *in, uint64_t hash, size_t position, bool first)
{
  const uint64_t mixed = mix(hash), bucket = mixed >> (64 - in->bits);
  for (uint32_t i = in->starts[bucket]; i < in->starts[bucket + 1]; i++)
    if (in->windows[i].hash == mixed) verify(own, &in->windows[i], position, first);
}

/* Looks up the first `windows` windows of a class. */
static void compare_class(const comparison *own, size_t class_index, const lookup *in, size_t windows,
                          bool first)
{
  const size_t width = window_of(class_index);
  const uint64_t power = own->index->leaving[class_index];
  uint64_t hash = start_of(own->codes, own->count, class_index);
  if (!in->count) return;
  for (size_t i = 0;;) {
    look_up(own, in, hash, i, first);
    if (++i >= windows || i + width > own->count) return;
    hash = hash * FACTOR + own->codes[i + width - 1] + 1 - power * ((uint64_t)own->codes[i - 1] + 1);
  }
}

static void compare(const comparison *own)
{
  const tx_leak_index *index = own->index;
  const size_t own_class = class_of(own->count), all = own->count < TX_LEAK_LEAST ? 1 : own->count;
  for (size_t c = 0; c <= own_class; c++) compare_class(own, c, &index->first[c], all, true);
  if (own->count >= TX_LEAK_LEAST)
    compare_class(own, own_class, &index->sampled[own_class], step_of(own_class), false);
}

tx_status tx_leak_index_compare(tx_leak_index *index, const char *letters, size_t count,
                                tx_leak_found found, void *context, tx_error *error)
{
  comparison own = {index, NULL, 0, false, found, context};
  for (size_t c = 0; c < CLASSES && !index->sealed; c++)
    if (!seal(&index->first[c]) || !seal(&index->sampled[c])) return out_of_memory(error);
  index->sealed = true;
  if (!encode(letters, count, &index->reference, &index->reference_capacity, 0, &own.count) ||
      !tx_reserve(&index->reversed, &index->reversed_capacity, own.count + 1, 1))
    return out_of_memory(error);
  if (!own.count) return TX_OK;
  own.codes = index->reference;
  compare(&own);
  memcpy(index->reversed, index->reference, own.count);
  tx_bases_reverse_complement(index->reversed, own.count);
  own.codes = index->reversed;
  own.count = tx_bases_trim(index->reversed, own.count, 0);
  own.reversed = true;
  if (own.count) compare(&own);
  return TX_OK;
}

uint64_t tx_leak_index_compared(const tx_leak_index *index)
{
  return index->compared;
}
