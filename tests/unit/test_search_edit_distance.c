/* The bit-parallel edit distance against the textbook's table, in both bands. */
#include "search/edit_distance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"

enum { MOST = 700 };

static tx_base_places places;

static size_t plain_distance(const uint8_t *a, size_t a_count, const uint8_t *b, size_t b_count)
{
  size_t row[MOST + 1];
  for (size_t j = 0; j <= b_count; j++) row[j] = j;
  for (size_t i = 1; i <= a_count; i++) {
    size_t corner = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b_count; j++) {
      size_t best = corner + !(a[i - 1] & b[j - 1]);
      corner = row[j];
      if (row[j] + 1 < best) best = row[j] + 1;
      if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
      row[j] = best;
    }
  }
  return row[b_count];
}

static void make_letters(tx_random *random, uint8_t *letters, size_t count)
{
  for (size_t i = 0; i < count; i++) letters[i] = (uint8_t)(1 << tx_random_below(random, 4));
}

/* A copy with changes: substitutions, insertions, deletions and uncertain letters, one of each in `rate`. */
static size_t change(tx_random *random, const uint8_t *a, size_t count, size_t rate, uint8_t *b)
{
  size_t used = 0;
  for (size_t i = 0; i < count && used + 2 < MOST; i++) {
    const uint64_t kind = tx_random_below(random, rate);
    if (kind == 0) continue;
    if (kind == 1) b[used++] = (uint8_t)(1 << tx_random_below(random, 4));
    b[used++] = (uint8_t)(kind == 2 ? 1 << tx_random_below(random, 4) : kind == 3 ? 15 : a[i]);
  }
  return used;
}

static bool lies_within(int middle, size_t a_count, size_t b_count, tx_band band)
{
  return abs(middle) <= (int)band && abs(middle + (int)a_count - (int)b_count) <= (int)band;
}

/* The letters around the stretch make no difference: half of the time they go on as b does. */
static void distance_is_exact_inside_a_band(void **state)
{
  static const tx_band bands[] = {TX_BAND_NARROW, TX_BAND_WIDE};
  uint8_t a[MOST], b[MOST];
  tx_random random;
  size_t compared = 0;
  (void)state;
  tx_random_seed(&random, 1, 0, 0, 0);
  for (size_t round = 0; round < 4000; round++) {
    const tx_band band = bands[round % 2];
    const size_t count = 40 + tx_random_below(&random, 300), start = tx_random_below(&random, 20),
                 left = tx_random_below(&random, 20);
    const int reach = band == TX_BAND_NARROW ? 16 : 40;
    const size_t rate = band == TX_BAND_NARROW ? 20 : 5; /* so that the best alignment lies in the band */
    const int middle = (int)tx_random_below(&random, (uint64_t)reach + 1) - reach / 2;
    const tx_edit_stretch stretch = {&places, start, count - start - left};
    size_t b_count;
    make_letters(&random, a, count);
    b_count = change(&random, a + start, stretch.count, rate + tx_random_below(&random, 60), b);
    if (round % 4 >= 2) make_letters(&random, a, start);
    if (!b_count || !lies_within(middle, stretch.count, b_count, band)) continue;
    tx_base_places_fill(&places, a, count);
    assert_int_equal(tx_edit_distance(&stretch, b, b_count, middle, band),
                     plain_distance(a + start, stretch.count, b, b_count));
    compared++;
  }
  assert_true(compared > 3500);
}

static void distance_is_never_too_small(void **state)
{
  uint8_t a[MOST], b[MOST];
  tx_random random;
  (void)state;
  tx_random_seed(&random, 2, 0, 0, 0);
  for (size_t round = 0; round < 300; round++) {
    const tx_band band = round % 2 ? TX_BAND_WIDE : TX_BAND_NARROW;
    const size_t count = 200, moved = 70 + tx_random_below(&random, 60); /* outside the band */
    const int middle = (int)tx_random_below(&random, 2 * (uint64_t)band + 1) - (int)band;
    make_letters(&random, a, count);
    memcpy(b, a + moved, count - moved);
    memcpy(b + count - moved, a, moved);
    tx_base_places_fill(&places, a, count);
    assert_true(tx_edit_distance(&(tx_edit_stretch){&places, 0, count}, b, count, middle, band) >=
                plain_distance(a, count, b, count));
  }
}

static size_t distance(const uint8_t *a, size_t a_count, const uint8_t *b, size_t b_count)
{
  const tx_edit_stretch stretch = {&places, 0, a_count};
  size_t narrow, wide;
  tx_base_places_fill(&places, a, a_count);
  narrow = tx_edit_distance(&stretch, b, b_count, 0, TX_BAND_NARROW);
  wide = tx_edit_distance(&stretch, b, b_count, 0, TX_BAND_WIDE);
  assert_int_equal(narrow, wide);
  return wide;
}

static void distance_of_small_ones(void **state)
{
  const uint8_t a[] = {1, 2, 4}, b[] = {1, 4}, n[] = {15, 15, 15};
  (void)state;
  assert_int_equal(distance(a, 3, a, 3), 0);
  assert_int_equal(distance(a, 3, b, 2), 1);
  assert_int_equal(distance(b, 2, a, 3), 1);
  assert_int_equal(distance(a, 0, a, 3), 3);
  assert_int_equal(distance(a, 3, a, 0), 3);
  assert_int_equal(distance(a, 3, n, 3), 0);
}

static void the_longest_barcodes_fit(void **state)
{
  static uint8_t a[TX_SEQUENCE_MAX];
  tx_random random;
  (void)state;
  tx_random_seed(&random, 3, 0, 0, 0);
  make_letters(&random, a, TX_SEQUENCE_MAX);
  tx_base_places_fill(&places, a, TX_SEQUENCE_MAX);
  for (int middle = -(int)TX_BAND_WIDE; middle <= (int)TX_BAND_WIDE; middle += TX_BAND_WIDE) {
    const tx_edit_stretch whole = {&places, 0, TX_SEQUENCE_MAX}, end = {&places, TX_SEQUENCE_MAX - 60, 60};
    assert_int_equal(tx_edit_distance(&whole, a, TX_SEQUENCE_MAX, middle, TX_BAND_WIDE), 0);
    assert_int_equal(tx_edit_distance(&end, a + TX_SEQUENCE_MAX - 60, 60, middle, TX_BAND_WIDE), 0);
    if (middle >= 0) assert_true(tx_edit_distance(&end, a, 120, middle, TX_BAND_WIDE) >= 60);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(distance_is_exact_inside_a_band),
      cmocka_unit_test(distance_is_never_too_small),
      cmocka_unit_test(distance_of_small_ones),
      cmocka_unit_test(the_longest_barcodes_fit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
