/* Time of the edit distance for pairs of barcodes of a table: both bands, and edlib where it is installed. */
#include "bench.h"

#include "base/memory.h"
#include "search/edit_distance.h"
#include "seq/bases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <taxamba/labelled.h>
#ifdef TX_HAVE_EDLIB
#include <edlib.h>
#endif

enum {
  NEIGHBOURS = 8,
  DIFFERENCE_MOST = 60
}; /* rows a row is compared with; bases their lengths differ by */

typedef struct options {
  char table[TX_TEXT_SIZE], split[TX_TEXT_SIZE];
  uint64_t repeats;
} options;

static const tx_param params[] = {
    {"table", 0, TX_PARAM_INPUT, offsetof(options, table), 0, 0, "", "FILE", "",
     "Table in the layout of BIOSCAN-5M."},
    {"split", 0, TX_PARAM_TEXT, offsetof(options, split), 0, 0, "train", "NAME", "",
     "Its rows of this split."},
    {"repeats", 0, TX_PARAM_COUNT, offsetof(options, repeats), 1, 1000, "3", "N", "",
     "Runs, of which the fastest counts."},
};

typedef struct barcode {
  char *letters;
  uint8_t *sets;
  size_t count;
} barcode;

typedef struct work {
  const barcode *barcodes;
  size_t count;
  tx_band band;
  tx_base_places places;
  size_t pairs, columns;
  uint64_t sum; /* of the distances */
} work;

static barcode *read_table(const options *given, size_t *ret_count)
{
  const char *const path = given->table;
  const tx_labelled_options how = {
      .format = TX_LABELLED_TABLE, .split = given->split, .ranks = "order,family,genus,species"};
  tx_labelled *reader;
  tx_labelled_record record;
  tx_error error;
  tx_status status;
  barcode *barcodes = NULL;
  size_t count = 0, capacity = 0;
  tx_bench_must_do(tx_labelled_open(&path, 1, &how, &reader, &error), &error);
  while ((status = tx_labelled_next(reader, &record, &error)) == TX_OK) {
    barcode *b;
    if (!record.record.base_count || record.record.base_count > TX_SEQUENCE_MAX) continue;
    if (!tx_reserve(&barcodes, &capacity, count + 1, sizeof *barcodes)) tx_bench_must(NULL);
    b = &barcodes[count++];
    b->count = record.record.base_count;
    b->letters = tx_bench_must(tx_copy_text(record.record.bases, b->count));
    b->sets = tx_bench_must(malloc(b->count));
    for (size_t i = 0; i < b->count; i++) b->sets[i] = (uint8_t)tx_bases_set(b->letters[i]);
  }
  if (status != TX_END) tx_bench_must_do(status, &error);
  tx_labelled_close(reader);
  *ret_count = count;
  return barcodes;
}

typedef void (*compare)(work *w, const barcode *a, const barcode *b);

static void compare_own(work *w, const barcode *a, const barcode *b)
{
  const tx_edit_stretch stretch = {&w->places, 0, a->count};
  const int middle = ((int)b->count - (int)a->count) / 2;
  w->sum += tx_edit_distance(&stretch, b->sets, b->count, middle, w->band);
}

#ifdef TX_HAVE_EDLIB
static void compare_edlib(work *w, const barcode *a, const barcode *b)
{
  const EdlibAlignConfig global = edlibNewAlignConfig(-1, EDLIB_MODE_NW, EDLIB_TASK_DISTANCE, NULL, 0);
  const EdlibAlignResult r = edlibAlign(a->letters, (int)a->count, b->letters, (int)b->count, global);
  w->sum += (uint64_t)r.editDistance;
  edlibFreeAlignResult(r);
}
#endif

typedef struct pairs_round {
  work *w;
  compare function;
} pairs_round;

static void run_pairs(void *context, size_t item, size_t thread)
{
  const pairs_round *r = context;
  work *w = r->w;
  (void)item;
  (void)thread;
  w->pairs = w->columns = 0;
  w->sum = 0;
  for (size_t i = 0; i < w->count; i++) {
    const barcode *a = &w->barcodes[i];
    tx_base_places_fill(&w->places, a->sets, a->count);
    for (size_t j = i + 1; j <= i + NEIGHBOURS && j < w->count; j++) {
      const barcode *b = &w->barcodes[j];
      if (llabs((long long)a->count - (long long)b->count) >= DIFFERENCE_MOST) continue;
      r->function(w, a, b);
      w->pairs++;
      w->columns += b->count;
    }
  }
}

static void report(const char *name, compare function, work *w, const options *given, tx_pool *pool)
{
  pairs_round r = {w, function};
  const double seconds = tx_bench_best(pool, given->repeats, 1, run_pairs, &r);
  printf("%-28s %8.2f us a pair, sum of distances %llu\n", name, 1e6 * seconds / (double)w->pairs,
         (unsigned long long)w->sum);
}

int main(int argument_count, char **arguments)
{
  static options given;
  static work w;
  tx_pool *pool;
  tx_error error;
  barcode *barcodes;
  tx_bench_arguments(params, sizeof params / sizeof *params, &given, argument_count, arguments);
  barcodes = read_table(&given, &w.count);
  w.barcodes = barcodes;
  tx_bench_must_do(tx_pool_create(1, &pool, &error), &error);
  w.band = TX_BAND_WIDE;
  report("band of 128 diagonals", compare_own, &w, &given, pool);
  w.band = TX_BAND_NARROW;
  report("band of 64 diagonals", compare_own, &w, &given, pool);
#ifdef TX_HAVE_EDLIB
  report("edlib, all diagonals", compare_edlib, &w, &given, pool);
#endif
  printf("%zu pairs of %.0f columns in the mean\n", w.pairs, (double)w.columns / (double)w.pairs);
  for (size_t i = 0; i < w.count; i++) {
    free(barcodes[i].letters);
    free(barcodes[i].sets);
  }
  free(barcodes);
  tx_pool_free(pool);
  return 0;
}
