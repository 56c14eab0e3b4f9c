#include "seq/likeness.h"

#include "base/error.h"
#include "base/gzip.h"
#include "base/random.h"
#include "seq/bases.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
  FOLDS = 5,
  NO_FOLD = FOLDS + 1, /* beside the folds there are the sequences of none, which are not judged */
  STRETCH = 4096,      /* words among which repeats count: of all 65,536 few are new in a longer sequence */
  JUDGED = 20000,      /* most sequences that the thresholds are drawn from */
  SEED = 1
};
/* Of the sequences of other taxa this share is unlike. */
#define SHARE 0.005
/* A context counts as if the distribution of the shorter one had been seen so often. */
#define BELIEF 4.0

/* The lengths that sequences are cut to, and the whole, whose length is the median. */
static const size_t CUTS[] = {60, 100, 150, 250, 400};
enum { CUT_COUNT = sizeof CUTS / sizeof *CUTS };

/* The number of the word that ends at a base, and how many certain bases there were up to it. */
typedef struct window {
  uint32_t word;
  size_t certain;
} window;

/* True when the base ends a whole word. */
static bool take(window *w, uint8_t code)
{
  if (code >= TX_BASE_N) {
    w->certain = 0;
    return false;
  }
  w->word = (w->word << 2 | code) & (TX_LIKENESS_WORDS - 1);
  return ++w->certain >= TX_LIKENESS_BASES;
}

double tx_likeness_score(const tx_likeness *likeness, const uint8_t *codes, size_t count)
{
  window w = {0, 0};
  int64_t sum = 0;
  size_t words = 0;
  for (size_t i = 0; i < count; i++) {
    if (!take(&w, codes[i])) continue;
    sum += likeness->scores[w.word];
    words++;
  }
  return words ? (double)sum / TX_LIKENESS_UNITS / (double)words : 0;
}

double tx_likeness_threshold(const tx_likeness *likeness, size_t bases)
{
  const double length = (double)bases;
  size_t i = 0;
  while (i < likeness->lengths && likeness->length[i] < length) i++;
  if (i == 0) return likeness->threshold[0];
  if (i == likeness->lengths) return likeness->threshold[i - 1];
  return likeness->threshold[i - 1] + (likeness->threshold[i] - likeness->threshold[i - 1]) *
                                          (length - likeness->length[i - 1]) /
                                          (likeness->length[i] - likeness->length[i - 1]);
}

/* Whether fewer than half of the words are distinct, as in a run of one base or a repeat of a few: the chain
   finds each of these words likely after the one before. */
static bool is_repeat(const uint8_t *codes, size_t count)
{
  uint64_t seen[TX_LIKENESS_WORDS / 64] = {0};
  window w = {0, 0};
  size_t words = 0, distinct = 0;
  for (size_t i = 0; i < count; i++) {
    uint64_t *of_word, bit;
    if (!take(&w, codes[i])) continue;
    if (words && words % STRETCH == 0) memset(seen, 0, sizeof seen);
    of_word = &seen[w.word / 64];
    bit = (uint64_t)1 << (w.word % 64);
    distinct += !(*of_word & bit);
    *of_word |= bit;
    words++;
  }
  return 2 * distinct < words;
}

bool tx_likeness_accepts(const tx_likeness *likeness, const uint8_t *codes, size_t count)
{
  return !is_repeat(codes, count) &&
         tx_likeness_score(likeness, codes, count) >= tx_likeness_threshold(likeness, count);
}

/* ---- fit ---- */

/* Scores from the counts of words. Each context shrinks to the one without its first base. */
static void make_scores(const uint64_t *counts, double *space, int8_t *scores)
{
  double *shorter = space, *longer = space + TX_LIKENESS_WORDS;
  for (size_t i = 0; i < 4; i++) shorter[i] = 0.25;
  for (size_t order = 0; order < TX_LIKENESS_BASES; order++) {
    const size_t words = (size_t)4 << (2 * order), step = TX_LIKENESS_WORDS / words;
    double *other = shorter;
    for (size_t context = 0; context < words; context += 4) {
      /* the last bases of the long words that end in this context and base */
      double seen[4] = {0}, sum = 0;
      for (size_t base = 0; base < 4; base++) {
        for (size_t s = 0; s < step; s++) seen[base] += (double)counts[s * words + context + base];
        sum += seen[base];
      }
      for (size_t base = 0; base < 4; base++) {
        const double before = shorter[order ? (context + base) % (words / 4) : base];
        longer[context + base] = (seen[base] + BELIEF * before) / (sum + BELIEF);
      }
    }
    shorter = longer;
    longer = other;
  }
  for (size_t i = 0; i < TX_LIKENESS_WORDS; i++) {
    const double units = floor(TX_LIKENESS_UNITS * log2(4 * shorter[i]) + 0.5);
    scores[i] = (int8_t)(units < -127 ? -127 : units);
  }
}

uint64_t tx_likeness_group(size_t rank, const char *name)
{
  return ((uint64_t)(rank + 1) << 32) + tx_crc32(0, name, strlen(name));
}

static size_t fold_of(uint64_t group)
{
  tx_random random;
  tx_random_seed(&random, SEED, group, 0, 0);
  return (size_t)tx_random_below(&random, FOLDS);
}

static int compare(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The memory of a fit. */
typedef struct fit {
  const tx_likeness_source *source;
  uint64_t *counts; /* (FOLDS + 1, WORDS): of the sequences of a fold, and of those of none */
  uint64_t *others; /* (WORDS) */
  double *space;    /* (2, WORDS) */
  uint8_t *codes;
  double *judged[CUT_COUNT + 1]; /* (JUDGED) scores by length, the whole last */
  double *bases;                 /* (JUDGED) lengths of the whole ones */
  size_t judged_count[CUT_COUNT + 1];
} fit;

static void count_words(fit *f, size_t number)
{
  uint64_t group = 0;
  window w = {0, 0};
  const size_t count = f->source->read(f->source->context, number, f->codes, &group);
  uint64_t *counts = f->counts + (group ? fold_of(group) : FOLDS) * TX_LIKENESS_WORDS;
  for (size_t i = 0; i < count; i++)
    if (take(&w, f->codes[i])) counts[w.word]++;
}

/* Judges a sequence, whole and cut at one place to each length. */
static void judge(fit *f, const tx_likeness *chain, size_t count)
{
  tx_random random;
  tx_random_seed(&random, SEED, tx_crc32(0, f->codes, count), 1, 0);
  for (size_t i = 0; i <= CUT_COUNT; i++) {
    size_t length = count, start = 0;
    if (i < CUT_COUNT) {
      if (CUTS[i] >= count) continue;
      length = CUTS[i];
      start = (size_t)tx_random_below(&random, count - length + 1);
    } else {
      f->bases[f->judged_count[i]] = (double)count;
    }
    f->judged[i][f->judged_count[i]++] = tx_likeness_score(chain, f->codes + start, length);
  }
}

/* The scores of all sequences but those of a fold; NO_FOLD: of all. */
static void score_without(fit *f, size_t fold, int8_t *scores)
{
  memset(f->others, 0, TX_LIKENESS_WORDS * sizeof *f->others);
  for (size_t other = 0; other <= FOLDS; other++)
    for (size_t i = 0; other != fold && i < TX_LIKENESS_WORDS; i++)
      f->others[i] += f->counts[other * TX_LIKENESS_WORDS + i];
  make_scores(f->others, f->space, scores);
}

static void judge_fold(fit *f, size_t fold, size_t every, int8_t *scores)
{
  const tx_likeness chain = {.scores = scores};
  score_without(f, fold, scores);
  for (size_t number = 0; number < f->source->count; number += every) {
    uint64_t group = 0;
    const size_t count = f->source->read(f->source->context, number, f->codes, &group);
    if (group && fold_of(group) == fold && count >= TX_LIKENESS_BASES) judge(f, &chain, count);
  }
}

/* The score that SHARE of those that were judged do not reach. */
static double quantile(double *scores, size_t count)
{
  qsort(scores, count, sizeof *scores, compare);
  return scores[(size_t)(SHARE * (double)count)];
}

static void set_thresholds(fit *f, tx_likeness *likeness)
{
  likeness->lengths = 0;
  for (size_t i = 0; i <= CUT_COUNT; i++) {
    const size_t count = f->judged_count[i];
    double length;
    if (count < TX_LIKENESS_RECORDS) continue;
    if (i == CUT_COUNT) qsort(f->bases, count, sizeof *f->bases, compare);
    length = i < CUT_COUNT ? (double)CUTS[i] : f->bases[count / 2];
    if (likeness->lengths && length <= likeness->length[likeness->lengths - 1]) continue;
    likeness->length[likeness->lengths] = length;
    likeness->threshold[likeness->lengths++] = quantile(f->judged[i], count);
  }
}

static bool make_fit(const tx_likeness_source *source, fit *f)
{
  bool made;
  f->source = source;
  f->counts = calloc((size_t)(FOLDS + 1) * TX_LIKENESS_WORDS, sizeof *f->counts);
  f->others = calloc(TX_LIKENESS_WORDS, sizeof *f->others);
  f->space = calloc((size_t)2 * TX_LIKENESS_WORDS, sizeof *f->space);
  f->codes = malloc(source->longest + 1);
  f->bases = calloc(JUDGED, sizeof *f->bases);
  made = f->counts && f->others && f->space && f->codes && f->bases;
  for (size_t i = 0; i <= CUT_COUNT; i++) {
    f->judged[i] = calloc(JUDGED, sizeof *f->judged[i]);
    made = made && f->judged[i];
  }
  return made;
}

static void free_fit(fit *f)
{
  free(f->counts);
  free(f->others);
  free(f->space);
  free(f->codes);
  free(f->bases);
  for (size_t i = 0; i <= CUT_COUNT; i++) free(f->judged[i]);
}

tx_status tx_likeness_fit(const tx_likeness_source *source, int8_t *scores, tx_likeness *likeness,
                          tx_error *error)
{
  const size_t every = source->count / JUDGED + (source->count % JUDGED != 0);
  fit f = {0};
  memset(likeness, 0, sizeof *likeness);
  if (!make_fit(source, &f)) {
    free_fit(&f);
    return tx_fail_memory(error, "the chain of the bases");
  }
  for (size_t i = 0; i < source->count; i++) count_words(&f, i);
  for (size_t fold = 0; source->count && fold < FOLDS; fold++) judge_fold(&f, fold, every, scores);
  set_thresholds(&f, likeness);
  if (likeness->lengths) {
    score_without(&f, NO_FOLD, scores);
    likeness->scores = scores;
  }
  free_fit(&f);
  return TX_OK;
}
