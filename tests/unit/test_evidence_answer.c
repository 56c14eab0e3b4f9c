/* The answer of the references: known, new and strange barcodes, and what must hold for all of them. */
#include "tree_fixture.h"

#include "evidence/answer.h"

#include <math.h>

typedef struct fixture {
  tree *tree;
  tx_reference_set *set;
  tx_evidence *evidence;
} fixture;

static tx_evidence *prepare(const tx_reference_set *set)
{
  tx_evidence *evidence;
  tx_error error = {0};
  if (tx_evidence_create(set, &evidence, &error) != TX_OK) fail_msg("%s", error.message);
  return evidence;
}

static int set_up(void **state)
{
  static fixture f;
  f.tree = make_tree(5);
  f.set = fit_references(tree_references(f.tree, false), 2);
  f.evidence = prepare(f.set);
  *state = &f;
  return 0;
}

static int tear_down(void **state)
{
  fixture *f = *state;
  tx_evidence_free(f->evidence);
  tx_reference_set_free(f->set);
  free(f->tree);
  return 0;
}

static tx_evidence_answer answer(tx_evidence *evidence, const char *bases)
{
  const tx_evidence_options options = {.forward = true, .reverse = true};
  tx_evidence_answer a;
  assert_int_equal(tx_evidence_answer_record(evidence, &options, bases, strlen(bases), &a), TX_OK);
  return a;
}

static const char *name(const fixture *f, const tx_evidence_answer *a, size_t rank)
{
  return a->taxa[rank] < 0
             ? ""
             : tx_taxonomy_class_name(f->set->references->taxonomy, rank, a->taxa[rank]);
}

/* What holds for every answer. */
static void check(const fixture *f, const tx_evidence_answer *a)
{
  const tx_taxonomy *taxonomy = f->set->references->taxonomy;
  double above = 1;
  if (!a->like) return;
  for (size_t r = 0; r < TREE_RANKS; r++) {
    size_t rank;
    assert_true(a->confidence[r] >= 0 && a->confidence[r] <= above);
    above = a->confidence[r];
    if (r && a->taxa[r] >= 0) {
      assert_int_equal(tx_taxonomy_parent(taxonomy, r, a->taxa[r], &rank), a->taxa[r - 1]);
      assert_int_equal(rank, r - 1);
    }
  }
  assert_true(a->novelty >= 0 && a->novelty <= 1);
  assert_int_equal(a->reason == TX_REASON_NOVEL, a->novel_rank >= 0);
  if (a->novel_rank >= 0) assert_true(a->confidence[a->novel_rank] < 0.5);
  assert_true(a->nearest.identity >= 0 && a->nearest.identity <= 1);
  if (a->has_runner_up) assert_true(a->runner_up.columns >= TX_OVERLAP_MIN);
}

static void known_species_are_named(void **state)
{
  const fixture *f = *state;
  tx_random random;
  size_t right = 0;
  tx_random_seed(&random, 7, 0, 0, 0);
  for (size_t i = 0; i < f->tree->count; i++) {
    const tree_record *record = &f->tree->records[i];
    char bases[TREE_BASES + 1];
    tx_evidence_answer a;
    memcpy(bases, record->bases, sizeof bases);
    mutate(&random, bases, 2);
    a = answer(f->evidence, bases);
    check(f, &a);
    assert_true(a.like && !a.reversed);
    for (size_t r = 0; r + 1 < TREE_RANKS; r++) assert_string_equal(name(f, &a, r), record->names[r]);
    right += strcmp(name(f, &a, TREE_RANKS - 1), record->names[TREE_RANKS - 1]) == 0;
    assert_int_equal(a.nearest.columns, TREE_BASES);
    assert_int_equal(a.nearest.rank, TREE_RANKS - 1);
  }
  assert_true(right * 100 >= f->tree->count * 95);
}

/* Barcodes farther from every reference than species are from each other. */
static void new_taxa_are_told(void **state)
{
  const fixture *f = *state;
  tx_random random;
  size_t novel = 0, rounds = 200;
  tx_random_seed(&random, 8, 0, 0, 0);
  for (size_t i = 0; i < rounds; i++) {
    char bases[TREE_BASES + 1];
    tx_evidence_answer a;
    memcpy(bases, f->tree->records[i].bases, sizeof bases);
    mutate(&random, bases, 40);
    a = answer(f->evidence, bases);
    check(f, &a);
    novel += a.like && a.reason == TX_REASON_NOVEL;
  }
  assert_true(novel * 100 >= rounds * 90);
}

static void strangers_are_unlike(void **state)
{
  static const char *const texts[] = {"", "ACGT", "NNNNNNNNNNNNNNNNNNNNNNNNNNNNNNN",
                                      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
  const fixture *f = *state;
  tx_random random;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    const tx_evidence_answer a = answer(f->evidence, texts[i]);
    assert_false(a.like);
  }
  tx_random_seed(&random, 9, 0, 0, 0);
  for (size_t i = 0; i < 200; i++) {
    char bases[TREE_BASES + 1] = {0};
    tx_evidence_answer a;
    if (i % 2) { /* the reverse of a barcode is no barcode */
      for (size_t j = 0; j < TREE_BASES; j++) bases[j] = f->tree->records[i].bases[TREE_BASES - 1 - j];
    } else {
      for (size_t j = 0; j < TREE_BASES; j++) bases[j] = "ACGT"[tx_random_below(&random, 4)];
    }
    a = answer(f->evidence, bases);
    assert_false(a.like);
  }
}

static void assert_same(const tx_evidence_answer *a, const tx_evidence_answer *b)
{
  for (size_t r = 0; r < TREE_RANKS; r++) {
    assert_int_equal(a->taxa[r], b->taxa[r]);
    assert_true(a->confidence[r] == b->confidence[r]);
  }
  assert_int_equal(a->novel_rank, b->novel_rank);
  assert_true(a->novelty == b->novelty);
  assert_int_equal(a->nearest.reference, b->nearest.reference);
  assert_true(a->nearest.identity == b->nearest.identity);
  assert_int_equal(a->has_runner_up, b->has_runner_up);
}

static void strands_answer_alike(void **state)
{
  const fixture *f = *state;
  const tx_evidence_options plus = {.forward = true}, minus = {.reverse = true};
  for (size_t i = 0; i < f->tree->count; i += 3) {
    const char *bases = f->tree->records[i].bases;
    char other[TREE_BASES + 1];
    tx_evidence_answer a = answer(f->evidence, bases), b;
    reverse_complement(bases, other);
    b = answer(f->evidence, other);
    assert_true(a.like && b.like && !a.reversed && b.reversed);
    assert_same(&a, &b);
    assert_int_equal(tx_evidence_answer_record(f->evidence, &plus, other, TREE_BASES, &b), TX_OK);
    assert_false(b.like);
    assert_int_equal(tx_evidence_answer_record(f->evidence, &minus, other, TREE_BASES, &b), TX_OK);
    assert_same(&a, &b);
  }
}

static void fragments_are_named(void **state)
{
  const fixture *f = *state;
  for (size_t length = 60; length <= 300; length += 60)
    for (size_t i = 0; i < f->tree->count; i += 5) {
      const tree_record *record = &f->tree->records[i];
      char bases[TREE_BASES + 1] = {0};
      tx_evidence_answer a;
      memcpy(bases, record->bases + (i * 37) % (TREE_BASES - length + 1), length);
      a = answer(f->evidence, bases);
      check(f, &a);
      assert_true(a.like);
      assert_string_equal(name(f, &a, 0), record->names[0]);
      assert_int_equal(a.nearest.columns, length);
      assert_true(a.nearest.identity == 1);
    }
}

/* With flanks of other sequence, as in a read that goes beyond the barcode. */
static void longer_sequences_are_named(void **state)
{
  enum { FLANK = 3000 };
  const fixture *f = *state;
  tx_random random;
  tx_random_seed(&random, 21, 0, 0, 0);
  for (size_t i = 0; i < f->tree->count; i += 20) {
    const tree_record *record = &f->tree->records[i];
    char bases[2 * FLANK + TREE_BASES + 1] = {0};
    tx_evidence_answer a;
    for (size_t j = 0; j < 2 * FLANK + TREE_BASES; j++) bases[j] = "ACGT"[tx_random_below(&random, 4)];
    memcpy(bases + FLANK, record->bases, TREE_BASES);
    a = answer(f->evidence, bases);
    check(f, &a);
    assert_true(a.like && !a.reversed);
    assert_int_equal(a.nearest.columns, TREE_BASES);
    assert_string_equal(name(f, &a, TREE_RANKS - 1), record->names[TREE_RANKS - 1]);
  }
}

static void order_of_the_references_does_not_matter(void **state)
{
  const fixture *f = *state;
  tx_reference_set *set = fit_references(tree_references(f->tree, true), 1);
  tx_evidence *evidence = prepare(set);
  assert_memory_equal(&set->fitted, &f->set->fitted, sizeof set->fitted);
  for (size_t i = 0; i < f->tree->count; i += 3) {
    const tx_evidence_answer a = answer(f->evidence, f->tree->records[i].bases),
                             b = answer(evidence, f->tree->records[i].bases);
    assert_same(&a, &b);
  }
  tx_evidence_free(evidence);
  tx_reference_set_free(set);
}

/* A sequence without a k-mer that some reference has. */
static void make_unrelated(const tx_reference_set *set, tx_random *random, char *bases, size_t count)
{
  const tx_kmer_lists *lists = set->index->lists;
  const uint32_t mask = (uint32_t)((UINT64_C(1) << 2 * lists->k) - 1);
  size_t used = 0;
  uint32_t kmer = 0;
  while (used < count) {
    const uint32_t first = (uint32_t)tx_random_below(random, 4);
    size_t tried = 0;
    for (; tried < 4; tried++) {
      const uint32_t base = (first + (uint32_t)tried) % 4;
      const uint32_t next = (kmer >> 2 | base << 2 * (lists->k - 1)) & mask;
      if (used + 1 >= lists->k && lists->starts[next] != lists->starts[next + 1]) continue;
      kmer = next;
      bases[used++] = "ACGT"[base];
      break;
    }
    if (tried == 4) used = 0; /* a dead end: from the start */
  }
  bases[count] = '\0';
}

/* With the same weights, a reference that shares nothing with the barcodes has no say. */
static void unrelated_references_change_nothing(void **state)
{
  static const char *const taxa[] = {"Z", "Zf", "Zg", "Zg s"};
  const fixture *f = *state;
  tx_references_builder *builder = begin_references();
  tx_reference_set *set = NULL;
  tx_evidence *evidence;
  tx_error error = {0};
  char bases[301];
  tx_random random;
  for (size_t i = 0; i < f->tree->count; i++) add_tree_record(builder, &f->tree->records[i]);
  tx_random_seed(&random, 11, 0, 0, 0);
  make_unrelated(f->set, &random, bases, 300);
  add_record(builder, "z", bases, taxa);
  if (tx_reference_set_create(end_references(builder), &set, &error) != TX_OK) fail_msg("%s", error.message);
  set->fitted = f->set->fitted;
  evidence = prepare(set);
  for (size_t i = 0; i < f->tree->count; i += 3) {
    const tx_evidence_answer a = answer(f->evidence, f->tree->records[i].bases),
                             b = answer(evidence, f->tree->records[i].bases);
    for (size_t r = 0; r < TREE_RANKS; r++) {
      assert_string_equal(name(f, &a, r), tx_taxonomy_class_name(set->references->taxonomy, r, b.taxa[r]));
      assert_true(a.confidence[r] == b.confidence[r]);
    }
  }
  tx_evidence_free(evidence);
  tx_reference_set_free(set);
}

/* Equal barcodes of two species: neither gets more than the other but by their numbers. */
static void equal_barcodes_share(void **state)
{
  const fixture *f = *state;
  static const char *const one[] = {"Ta", "Taa", "Taaa", "new one"},
                    *const two[] = {"Ta", "Taa", "Taaa", "new two"};
  tx_references_builder *builder = begin_references();
  tx_reference_set *set = NULL;
  tx_evidence *evidence;
  tx_error error = {0};
  tx_evidence_answer a;
  char bases[TREE_BASES + 1];
  tx_random random;
  tx_random_seed(&random, 12, 0, 0, 0);
  memcpy(bases, f->tree->records[0].bases, sizeof bases);
  mutate(&random, bases, 25);
  for (size_t i = 0; i < f->tree->count; i++) add_tree_record(builder, &f->tree->records[i]);
  add_record(builder, "p", bases, one);
  add_record(builder, "q", bases, two);
  if (tx_reference_set_create(end_references(builder), &set, &error) != TX_OK) fail_msg("%s", error.message);
  set->fitted = f->set->fitted;
  evidence = prepare(set);
  a = answer(evidence, bases);
  assert_true(a.confidence[3] <= 0.5 && a.confidence[2] > 0.5);
  assert_true(a.has_runner_up);
  assert_true(a.runner_up.identity == 1 && a.nearest.identity == 1);
  tx_evidence_free(evidence);
  tx_reference_set_free(set);
}

/* A third of the families have no name, as when a table leaves a rank blank. */
static void gaps_stay_gaps(void **state)
{
  const fixture *f = *state;
  tx_references_builder *builder = begin_references();
  tx_reference_set *set = NULL;
  tx_evidence *evidence;
  for (size_t i = 0; i < f->tree->count; i++) {
    const tree_record *record = &f->tree->records[i];
    const char *taxa[TREE_RANKS];
    for (size_t r = 0; r < TREE_RANKS; r++) taxa[r] = record->names[r];
    if (record->names[1][2] == 'a') taxa[1] = NULL;
    add_record(builder, record->id, record->bases, taxa);
  }
  set = fit_references(end_references(builder), 2);
  evidence = prepare(set);
  for (size_t i = 0; i < f->tree->count; i++) {
    const tree_record *record = &f->tree->records[i];
    const tx_evidence_answer a = answer(evidence, record->bases);
    assert_int_equal(a.taxa[1] < 0, record->names[1][2] == 'a');
    assert_string_equal(tx_taxonomy_class_name(set->references->taxonomy, 2, a.taxa[2]), record->names[2]);
    assert_true(a.confidence[2] > 0.5);
  }
  tx_evidence_free(evidence);
  tx_reference_set_free(set);
}

static void the_prior_shifts_the_answer(void **state)
{
  const fixture *f = *state;
  static const double shy[] = {.1, .6, .1, .1, .1};
  const tx_evidence_options usual = {.forward = true}, wary = {.forward = true, .opt_prior = shy},
                            same = {.forward = true, .opt_prior = f->set->fitted.prior};
  assert_int_equal(f->set->space.kinds, 5);
  for (size_t i = 0; i < f->tree->count; i += 9) {
    const char *bases = f->tree->records[i].bases;
    tx_evidence_answer a, b;
    assert_int_equal(tx_evidence_answer_record(f->evidence, &usual, bases, TREE_BASES, &a), TX_OK);
    assert_int_equal(tx_evidence_answer_record(f->evidence, &wary, bases, TREE_BASES, &b), TX_OK);
    assert_true(b.novelty >= a.novelty);
    /* What the fit's prior says of the names is kept beside it. */
    for (size_t r = 0; r < TREE_RANKS; r++) {
      assert_true(a.fitted_confidence[r] == a.confidence[r]);
      if (memcmp(a.taxa, b.taxa, TREE_RANKS * sizeof *a.taxa) == 0)
        assert_true(fabs(b.fitted_confidence[r] - a.confidence[r]) < 1e-12);
    }
    assert_int_equal(tx_evidence_answer_record(f->evidence, &same, bases, TREE_BASES, &b), TX_OK);
    assert_same(&a, &b);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(known_species_are_named),
      cmocka_unit_test(new_taxa_are_told),
      cmocka_unit_test(strangers_are_unlike),
      cmocka_unit_test(strands_answer_alike),
      cmocka_unit_test(fragments_are_named),
      cmocka_unit_test(longer_sequences_are_named),
      cmocka_unit_test(order_of_the_references_does_not_matter),
      cmocka_unit_test(unrelated_references_change_nothing),
      cmocka_unit_test(equal_barcodes_share),
      cmocka_unit_test(gaps_stay_gaps),
      cmocka_unit_test(the_prior_shifts_the_answer),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
