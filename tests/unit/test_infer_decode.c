/* Lineage decoding against a brute-force implementation on random taxonomies with gaps, and the properties it
   promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "infer/decode.h"
#include "taxon/taxonomy.h"

enum { PATHS_MAX = 4096 };

static const char *const rank_names[] = {"kingdom", "phylum", "class", "order", "family", "genus", "species"};

static void finish_taxonomy(tx_taxonomy_builder *builder, tx_taxonomy **ret_taxonomy)
{
  int32_t *labels = NULL;
  tx_error error;
  assert_int_equal(tx_taxonomy_builder_finish(builder, ret_taxonomy, &labels, &error), TX_OK);
  free(labels);
  tx_taxonomy_builder_free(builder);
}

static void add_lineage(tx_taxonomy_builder *builder, const char *const *taxa)
{
  int32_t number;
  tx_error error;
  assert_int_equal(tx_taxonomy_builder_add(builder, taxa, "made.tsv", 1, &number, &error), TX_OK);
}

/* A taxonomy from lineages of text, one letter a rank, '-' for none: {"ABC", "A-D"}. */
static tx_taxonomy *make_taxonomy(size_t ranks, const char *const *lineages, size_t count)
{
  tx_taxonomy_builder *builder;
  tx_taxonomy *taxonomy = NULL;
  tx_error error;
  assert_int_equal(tx_taxonomy_builder_create(rank_names, ranks, &builder, &error), TX_OK);
  for (size_t i = 0; i < count; i++) {
    char names[TX_RANKS_MAX][2];
    const char *taxa[TX_RANKS_MAX];
    for (size_t r = 0; r < ranks; r++) {
      names[r][0] = lineages[i][r];
      names[r][1] = '\0';
      taxa[r] = lineages[i][r] == '-' ? NULL : names[r];
    }
    add_lineage(builder, taxa);
  }
  finish_taxonomy(builder, &taxonomy);
  return taxonomy;
}

/* Random lineages; names carry their parents' numbers, so that every taxon has one place, and a label is
   missing now and then. */
static tx_taxonomy *random_taxonomy(tx_random *random, size_t ranks)
{
  tx_taxonomy_builder *builder;
  tx_taxonomy *taxonomy = NULL;
  tx_error error;
  size_t count = 1 + tx_random_below(random, 40);
  assert_int_equal(tx_taxonomy_builder_create(rank_names, ranks, &builder, &error), TX_OK);
  for (size_t i = 0; i < count; i++) {
    char names[TX_RANKS_MAX][64];
    const char *taxa[TX_RANKS_MAX];
    size_t used = 0, end = 1 + tx_random_below(random, ranks);
    char path[64] = "";
    bool any = false;
    for (size_t r = 0; r < ranks; r++) {
      used +=
          (size_t)snprintf(path + used, sizeof path - used, "%c", (int)('a' + tx_random_below(random, 3)));
      snprintf(names[r], sizeof names[r], "%s", path);
      taxa[r] = r < end && tx_random_below(random, 4) ? names[r] : NULL;
      any = any || taxa[r];
    }
    if (!any) taxa[0] = names[0];
    add_lineage(builder, taxa);
  }
  finish_taxonomy(builder, &taxonomy);
  return taxonomy;
}

/* ---- the brute force: products of probabilities in long double over paths found by climbing parents ---- */

typedef struct oracle {
  size_t ranks, paths;
  int32_t taxa[PATHS_MAX][TX_RANKS_MAX];
  long double share[PATHS_MAX];
  size_t best;
} oracle;

static bool has_child(const tx_taxonomy *taxonomy, size_t rank, int32_t class_index)
{
  for (size_t r = 0; r < tx_taxonomy_rank_count(taxonomy); r++)
    for (size_t c = 0; c < tx_taxonomy_class_count(taxonomy, r); c++) {
      size_t parent_rank = TX_RANKS_MAX;
      if (tx_taxonomy_parent(taxonomy, r, (int32_t)c, &parent_rank) == class_index && parent_rank == rank)
        return true;
    }
  return false;
}

static void find_paths(oracle *truth, const tx_taxonomy *taxonomy)
{
  truth->ranks = tx_taxonomy_rank_count(taxonomy);
  truth->paths = 0;
  for (size_t rank = 0; rank < truth->ranks; rank++)
    for (size_t c = 0; c < tx_taxonomy_class_count(taxonomy, rank); c++) {
      int32_t *taxa = truth->taxa[truth->paths];
      size_t at = rank;
      int32_t class_index = (int32_t)c;
      if (has_child(taxonomy, rank, (int32_t)c)) continue;
      assert_true(truth->paths < PATHS_MAX);
      for (size_t r = 0; r < truth->ranks; r++) taxa[r] = -1;
      while (class_index >= 0) {
        taxa[at] = class_index;
        class_index = tx_taxonomy_parent(taxonomy, at, class_index, &at);
      }
      truth->paths++;
    }
}

static long double product_of(const oracle *truth, const tx_taxonomy *taxonomy, const int32_t *taxa,
                              double *const *probabilities)
{
  long double product = 1, mean;
  int own = 0;
  for (size_t r = 0; r < truth->ranks; r++)
    if (taxa[r] >= 0) {
      product *= probabilities[r][taxa[r]];
      own++;
    }
  mean = powl(product, 1.0L / own);
  for (size_t r = 0; r < truth->ranks; r++) {
    long double largest = 0;
    if (taxa[r] >= 0 || tx_taxonomy_class_count(taxonomy, r) == 0) continue;
    for (size_t c = 0; c < tx_taxonomy_class_count(taxonomy, r); c++)
      if (probabilities[r][c] > largest) largest = probabilities[r][c];
    product *= mean < largest ? mean : largest;
  }
  return product;
}

static void solve(oracle *truth, const tx_taxonomy *taxonomy, double *const *probabilities)
{
  long double total = 0;
  find_paths(truth, taxonomy);
  truth->best = 0;
  for (size_t p = 0; p < truth->paths; p++) {
    truth->share[p] = product_of(truth, taxonomy, truth->taxa[p], probabilities);
    total += truth->share[p];
    if (truth->share[p] > truth->share[truth->best]) truth->best = p;
  }
  for (size_t p = 0; p < truth->paths; p++) truth->share[p] /= total;
}

/* ---- one case ---- */

typedef struct example {
  tx_taxonomy *taxonomy;
  tx_lineage_decoder *decoder;
  double *logs, *weights;
  double *probabilities[TX_RANKS_MAX];
} example;

static void set_up(example *self, tx_taxonomy *taxonomy)
{
  tx_error error;
  self->taxonomy = taxonomy;
  assert_int_equal(tx_lineage_decoder_create(taxonomy, &self->decoder, &error), TX_OK);
  self->logs = calloc(tx_lineage_decoder_classes(self->decoder), sizeof *self->logs);
  self->weights = calloc(tx_lineage_decoder_paths(self->decoder), sizeof *self->weights);
  for (size_t r = 0; r < tx_taxonomy_rank_count(taxonomy); r++)
    self->probabilities[r] = calloc(tx_taxonomy_class_count(taxonomy, r) + 1, sizeof(double));
}

/* Sets the probabilities of a rank to the softmax of what they hold. */
static void normalise(example *self)
{
  for (size_t r = 0; r < tx_taxonomy_rank_count(self->taxonomy); r++) {
    double sum = 0;
    size_t count = tx_taxonomy_class_count(self->taxonomy, r);
    for (size_t c = 0; c < count; c++) sum += exp(self->probabilities[r][c]);
    for (size_t c = 0; c < count; c++) {
      self->probabilities[r][c] = exp(self->probabilities[r][c]) / sum;
      self->logs[tx_lineage_decoder_start(self->decoder, r) + c] = log(self->probabilities[r][c]);
    }
  }
}

static void tear_down(example *self)
{
  for (size_t r = 0; r < tx_taxonomy_rank_count(self->taxonomy); r++) free(self->probabilities[r]);
  free(self->logs);
  free(self->weights);
  tx_lineage_decoder_free(self->decoder);
  tx_taxonomy_free(self->taxonomy);
}

static void check_against_oracle(const example *self, const oracle *truth, const tx_decoded_lineage *lineage)
{
  double total = 0;
  assert_int_equal(tx_lineage_decoder_paths(self->decoder), truth->paths);
  /* The best of two paths that differ by rounding alone may be either. */
  assert_true(truth->share[lineage->path] >= truth->share[truth->best] * (1 - 1e-12L));
  assert_memory_equal(lineage->taxa, truth->taxa[lineage->path], truth->ranks * sizeof(int32_t));
  for (size_t p = 0; p < truth->paths; p++) total += self->weights[p];
  for (size_t p = 0; p < truth->paths; p++)
    assert_true(fabs(self->weights[p] / total - (double)truth->share[p]) <= 1e-9);
  for (size_t r = 0; r < truth->ranks; r++) {
    long double sum = 0;
    for (size_t p = 0; p < truth->paths; p++)
      if (truth->taxa[p][r] == lineage->taxa[r]) sum += truth->share[p];
    if (lineage->taxa[r] < 0) sum = 0;
    assert_true(fabs(lineage->confidence[r] - (double)sum) <= 1e-9);
  }
}

/* A path of the taxonomy, with confidences that never increase downwards. */
static void check_lineage(const example *self, const tx_decoded_lineage *lineage)
{
  int32_t above = -1;
  size_t above_rank = 0;
  double confidence = 1;
  for (size_t r = 0; r < tx_taxonomy_rank_count(self->taxonomy); r++) {
    size_t parent_rank = 0;
    int32_t parent;
    if (lineage->taxa[r] < 0) continue;
    parent = tx_taxonomy_parent(self->taxonomy, r, lineage->taxa[r], &parent_rank);
    assert_int_equal(parent, above);
    if (parent >= 0) assert_int_equal(parent_rank, above_rank);
    assert_true(lineage->confidence[r] <= confidence);
    assert_true(lineage->confidence[r] >= 0);
    confidence = lineage->confidence[r];
    above = lineage->taxa[r];
    above_rank = r;
  }
}

static void test_random_taxonomies(void **state)
{
  static oracle truth;
  tx_random random;
  (void)state;
  tx_random_seed(&random, 20261101, 0, 0, 0);
  for (int round = 0; round < 400; round++) {
    example self;
    double sharpness = (double[]){0.1, 1, 4, 20}[round % 4];
    set_up(&self, random_taxonomy(&random, 1 + tx_random_below(&random, 7)));
    for (int draw = 0; draw < 5; draw++) {
      tx_decoded_lineage lineage;
      for (size_t r = 0; r < tx_taxonomy_rank_count(self.taxonomy); r++)
        for (size_t c = 0; c < tx_taxonomy_class_count(self.taxonomy, r); c++)
          self.probabilities[r][c] = sharpness * tx_random_normal(&random);
      normalise(&self);
      tx_decode(self.decoder, self.logs, self.weights, &lineage);
      solve(&truth, self.taxonomy, self.probabilities);
      check_against_oracle(&self, &truth, &lineage);
      check_lineage(&self, &lineage);
      tx_decoded_lineage_cut(&lineage, truth.ranks, tx_random_real(&random));
      check_lineage(&self, &lineage);
    }
    tear_down(&self);
  }
}

/* The factor of a gap is at most the mean of the path, and at most the largest probability of the rank. */
static void test_gap_gains_nothing(void **state)
{
  tx_random random;
  size_t gaps = 0;
  (void)state;
  tx_random_seed(&random, 5, 0, 0, 0);
  for (int round = 0; round < 300; round++) {
    example self;
    tx_decoded_lineage lineage;
    size_t ranks;
    double own = 0, best_fill = 0, mean;
    int count = 0, lacking = 0;
    set_up(&self, random_taxonomy(&random, 3 + tx_random_below(&random, 5)));
    ranks = tx_taxonomy_rank_count(self.taxonomy);
    for (size_t r = 0; r < ranks; r++)
      for (size_t c = 0; c < tx_taxonomy_class_count(self.taxonomy, r); c++)
        self.probabilities[r][c] = 2 * tx_random_normal(&random);
    normalise(&self);
    tx_decode(self.decoder, self.logs, self.weights, &lineage);
    for (size_t r = 0; r < ranks; r++) {
      double largest = -INFINITY;
      size_t classes = tx_taxonomy_class_count(self.taxonomy, r);
      if (lineage.taxa[r] >= 0) {
        own += log(self.probabilities[r][lineage.taxa[r]]);
        count++;
        continue;
      }
      for (size_t c = 0; c < classes; c++) largest = fmax(largest, log(self.probabilities[r][c]));
      if (classes) {
        best_fill += largest;
        lacking++;
      }
    }
    mean = own / count;
    /* filling the gaps with the most probable taxa would do as well or better */
    assert_true(lineage.score <= own + best_fill + 1e-12);
    /* no better on average than at its own ranks */
    assert_true(lineage.score <= mean * (count + lacking) + 1e-9);
    gaps += lacking > 0;
    tear_down(&self);
  }
  assert_true(gaps > 30);
}

/* Two genera alike in all but that one has a family: the one with a gap does not win, however sure the
   family's head is. */
static void test_gap_against_full(void **state)
{
  static const char *const lineages[] = {"AFG", "A-H"};
  example self;
  tx_decoded_lineage lineage;
  (void)state;
  set_up(&self, make_taxonomy(3, lineages, 2));
  normalise(&self); /* the genera equal; order and family have one class each, of probability 1 */
  tx_decode(self.decoder, self.logs, self.weights, &lineage);
  /* full: 1 * 1 * 1/2; gap: 1 * 1/2 * min(sqrt(1/2), 1) */
  assert_int_equal(lineage.taxa[1], 0);
  assert_true(fabs(lineage.score - log(0.5)) < 1e-12);
  assert_true(fabs(lineage.confidence[0] - 1) < 1e-15);
  assert_true(fabs(lineage.confidence[2] - 1 / (1 + sqrt(0.5))) < 1e-12);
  tear_down(&self);
}

/* Terminal taxa of higher ranks are answers; taxa with children are not. */
static void test_stops_where_the_taxonomy_does(void **state)
{
  static const char *const lineages[] = {"AF-", "AGS", "AG-"};
  example self;
  tx_decoded_lineage lineage;
  (void)state;
  set_up(&self, make_taxonomy(3, lineages, 3));
  assert_int_equal(tx_lineage_decoder_paths(self.decoder), 2); /* A F, and A G S; not A G */
  self.probabilities[1][0] = 3;                        /* F before G in the order of classes */
  normalise(&self);
  tx_decode(self.decoder, self.logs, self.weights, &lineage);
  assert_string_equal(tx_taxonomy_class_name(self.taxonomy, 1, lineage.taxa[1]), "F");
  assert_int_equal(lineage.taxa[2], -1);
  assert_true(lineage.confidence[2] == 0);
  tear_down(&self);
}

static void test_ties_and_extremes(void **state)
{
  static const char *const lineages[] = {"AFG", "AFH", "BIJ", "C--"};
  example self;
  tx_decoded_lineage lineage;
  (void)state;
  set_up(&self, make_taxonomy(3, lineages, 4));
  normalise(&self); /* uniform */
  tx_decode(self.decoder, self.logs, self.weights, &lineage);
  check_lineage(&self, &lineage);
  /* log-probabilities far beyond exp: still a path, still finite */
  for (size_t i = 0; i < tx_lineage_decoder_classes(self.decoder); i++) self.logs[i] = -1e30;
  self.logs[tx_lineage_decoder_start(self.decoder, 2)] = -1;
  tx_decode(self.decoder, self.logs, self.weights, &lineage);
  assert_int_equal(lineage.taxa[2], 0);
  assert_true(lineage.confidence[2] == 1);
  /* exact equals: the first */
  for (size_t i = 0; i < tx_lineage_decoder_classes(self.decoder); i++) self.logs[i] = -1;
  tx_decode(self.decoder, self.logs, self.weights, &lineage);
  assert_int_equal(lineage.path, 0);
  assert_true(fabs(lineage.confidence[0] - 0.25) < 1e-15);
  tear_down(&self);
}

static void test_round_down(void **state)
{
  (void)state;
  assert_true(tx_round_down(0) == 0);
  assert_true(tx_round_down(1) == 1);
  assert_true(tx_round_down(1 - 1e-15) == 1); /* the sum over all paths */
  assert_true(tx_round_down(0.99999999) == 0.9999);
  assert_true(tx_round_down(0.99996) == 0.9999);
  assert_true(tx_round_down(0.00009) == 0);
  assert_true(tx_round_down(-1e-18) == 0);
  assert_true(tx_round_down(1.0000001) == 1);
  for (int i = 0; i <= 10000; i++) assert_true(tx_round_down(i / 1e4) == i / 1e4);
}

static void test_cut(void **state)
{
  const tx_decoded_lineage whole = {-1, 0, {3, -1, 5, 7, 9}, {0.99996, 0, 0.8, 0.79999, 0.5}};
  tx_decoded_lineage lineage = whole;
  (void)state;
  tx_decoded_lineage_cut(&lineage, 5, 0);
  assert_int_equal(lineage.taxa[4], 9);
  assert_true(lineage.confidence[0] == 0.9999 && lineage.confidence[3] == 0.7999);
  lineage = whole;
  /* 0.8 reaches 0.8; 0.79999 is 0.7999 and does not; the gap ends nothing */
  tx_decoded_lineage_cut(&lineage, 5, 0.8);
  assert_int_equal(lineage.taxa[0], 3);
  assert_int_equal(lineage.taxa[2], 5);
  assert_int_equal(lineage.taxa[3], -1);
  assert_int_equal(lineage.taxa[4], -1);
  assert_true(lineage.confidence[3] == 0 && lineage.confidence[4] == 0);
  lineage = whole;
  tx_decoded_lineage_cut(&lineage, 5, 1);
  for (size_t r = 0; r < 5; r++) assert_int_equal(lineage.taxa[r], -1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_random_taxonomies), cmocka_unit_test(test_gap_gains_nothing),
      cmocka_unit_test(test_gap_against_full),  cmocka_unit_test(test_stops_where_the_taxonomy_does),
      cmocka_unit_test(test_ties_and_extremes), cmocka_unit_test(test_round_down),
      cmocka_unit_test(test_cut),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
