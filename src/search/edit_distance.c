#include "search/edit_distance.h"

#include <stdbool.h>
#include <string.h>

void tx_base_places_fill(tx_base_places *places, const uint8_t *sets, size_t count)
{
  memset(places, 0, sizeof *places);
  for (size_t i = 0; i < count; i++)
    for (size_t base = 0; base < 4; base++)
      places->of[base][(TX_PLACES_BEFORE + i) / 64] |= (uint64_t)(sets[i] >> base & 1)
                                                       << (TX_PLACES_BEFORE + i) % 64;
}

/* The rows of a column that lie in the band; of a narrow one the low half alone. */
typedef struct rows {
  uint64_t low, high;
} rows;

/* Row p of `bits` is bit at + p of the string. */
static inline rows window(const uint64_t *string, size_t at, bool wide)
{
  const uint64_t *word = string + at / 64;
  const unsigned shift = (unsigned)(at % 64);
  /* Twice by less than 64, for a shift of 0. */
  rows r = {word[0] >> shift | word[1] << 1 << (63 - shift), 0};
  if (wide) r.high = word[1] >> shift | word[2] << 1 << (63 - shift);
  return r;
}

static inline rows find_equal(const tx_base_places *places, uint8_t set, size_t at, bool wide)
{
  static const uint8_t single[16] = {4, 0, 1, 4, 2, 4, 4, 4, 3, 4, 4, 4, 4, 4, 4, 4};
  rows equal = {0, 0};
  if (single[set] < 4) return window(places->of[single[set]], at, wide);
  for (size_t base = 0; base < 4; base++)
    if (set >> base & 1) {
      const rows own = window(places->of[base], at, wide);
      equal.low |= own.low;
      equal.high |= own.high;
    }
  return equal;
}

/* The rows from p on; p >= 0. */
static inline rows rows_from(int p, bool wide)
{
  rows r = {p < 64 ? UINT64_MAX << p : 0, 0};
  if (wide) r.high = p < 64 ? UINT64_MAX : p < 128 ? UINT64_MAX << (p - 64) : 0;
  return r;
}

/* The bit-parallel algorithm of G. Myers (1999) in the form of H. Hyyro (2003) for a band of diagonals. In
   column j bit p stands for row j - middle - half + p, so that the rows slide down by one with every column.
   vp, vn: rows that are 1 more, 1 less than the row above; zero: cells that equal their upper left
   neighbour; hp, hn: cells that are 1 more, 1 less than their left neighbour. The value wanted lies at the
   end of one diagonal: it grows by one where a cell of that diagonal differs from the one before. Rows above
   the first grow by one with every column, as row 0 does: no letter before the stretch is equal. */
static inline size_t slide(const tx_edit_stretch *a, const uint8_t *b, size_t b_count, int middle, bool wide)
{
  const int half = wide ? TX_BAND_WIDE + 1 : TX_BAND_NARROW + 1;
  const int64_t lag = (int64_t)a->count - (int64_t)b_count;
  const unsigned end = (unsigned)(lag + middle + half); /* the bit of the diagonal of the end */
  const int first = middle + half;                      /* the bit of row 1 in column 1 */
  const size_t from = a->start + (size_t)(TX_PLACES_BEFORE - first);
  size_t distance = lag > 0 ? (size_t)lag : 0;
  rows vp = rows_from(first, wide), vn = {0, 0};
  for (size_t j = 0; j < b_count; j++) {
    rows equal = find_equal(a->places, b[j], from + j, wide), zero, hp, hn;
    uint64_t sum;
    if ((int64_t)j < first) {
      const rows inside = rows_from(first - (int)j, wide);
      equal.low &= inside.low;
      equal.high &= inside.high;
    }
    sum = (equal.low & vp.low) + vp.low;
    zero.low = (sum ^ vp.low) | equal.low | vn.low;
    zero.high = 0;
    if (wide) {
      const uint64_t carry = sum < vp.low;
      zero.high = (((equal.high & vp.high) + vp.high + carry) ^ vp.high) | equal.high | vn.high;
    }
    distance += !((wide && end >= 64 ? zero.high >> (end - 64) : zero.low >> end) & 1);
    hp.low = vn.low | ~(zero.low | vp.low);
    hn.low = zero.low & vp.low;
    zero.low >>= 1;
    if (wide) {
      hp.high = vn.high | ~(zero.high | vp.high);
      hn.high = zero.high & vp.high;
      zero.low |= zero.high << 63;
      zero.high >>= 1;
      vp.high = hn.high | ~(zero.high | hp.high);
      vn.high = zero.high & hp.high;
    }
    vp.low = hn.low | ~(zero.low | hp.low);
    vn.low = zero.low & hp.low;
  }
  return distance;
}

size_t tx_edit_distance(const tx_edit_stretch *a, const uint8_t *b, size_t b_count, int middle, tx_band band)
{
  return band == TX_BAND_WIDE ? slide(a, b, b_count, middle, true) : slide(a, b, b_count, middle, false);
}
