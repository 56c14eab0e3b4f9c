/* Answers for records much longer than the references: the barcode in them is found and compared. */
#include "tree_fixture.h"

#include "evidence/answer.h"
#include "search/region.h"

enum { FLANK = 9000, MOST = 2 * FLANK + TREE_BASES };

typedef struct fixture {
  tree *tree;
  tx_reference_set *set;
  tx_evidence *evidence;
} fixture;

static int set_up(void **state)
{
  static fixture f;
  tx_error error = {0};
  f.tree = make_tree(5);
  f.set = fit_references(tree_references(f.tree, false), 2);
  assert_int_equal(tx_evidence_create(f.set, &f.evidence, &error), TX_OK);
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

static tx_evidence_answer answer(const fixture *f, const char *letters, size_t count, bool forward,
                                 bool reverse)
{
  const tx_evidence_options options = {.forward = forward, .reverse = reverse};
  tx_evidence_answer a;
  assert_int_equal(tx_evidence_answer_record(f->evidence, &options, letters, count, &a), TX_OK);
  return a;
}

static void fill(tx_random *random, char *letters, size_t count)
{
  for (size_t i = 0; i < count; i++) letters[i] = "ACGT"[tx_random_below(random, 4)];
}

static void turn(char *letters, size_t count)
{
  for (size_t i = 0, j = count; i < j; i++) {
    const char last = letters[--j];
    letters[j] = "TGCAN"[strchr("ACGTN", letters[i]) - "ACGTN"];
    letters[i] = "TGCAN"[strchr("ACGTN", last) - "ACGTN"];
  }
}

/* A record with barcode `i` at a random place, uncertain letters here and there. Returns the place. */
static size_t make_record(const fixture *f, tx_random *random, size_t i, char record[MOST])
{
  const size_t before = tx_random_below(random, 2 * FLANK + 1);
  fill(random, record, MOST);
  for (size_t j = 0; j < 20; j++) {
    const size_t run = 1 + tx_random_below(random, 60);
    memset(record + tx_random_below(random, MOST - run + 1), 'N', run);
  }
  memcpy(record + before, f->tree->records[i].bases, TREE_BASES);
  return before;
}

static void assert_same(const tx_evidence_answer *a, const tx_evidence_answer *b)
{
  assert_true(b->like);
  for (size_t r = 0; r < TREE_RANKS; r++) assert_int_equal(a->taxa[r], b->taxa[r]);
  assert_int_equal(a->nearest.reference, b->nearest.reference);
  assert_true(a->nearest.identity == b->nearest.identity);
  assert_int_equal(a->nearest.columns, b->nearest.columns);
}

static void the_barcode_is_found(void **state)
{
  static char record[MOST], spread[2 * MOST];
  const fixture *f = *state;
  tx_random random;
  tx_random_seed(&random, 31, 0, 0, 0);
  for (size_t i = 0; i < f->tree->count; i += 20) {
    const tx_evidence_answer plain = answer(f, f->tree->records[i].bases, TREE_BASES, true, true);
    const size_t at = make_record(f, &random, i, record);
    size_t letters = 0;
    tx_evidence_answer a = answer(f, record, MOST, true, true), b;
    assert_int_equal(plain.part_count, 0);
    assert_same(&plain, &a);
    assert_false(a.reversed);
    assert_true(a.part_first <= at && a.part_first + a.part_count >= at + TREE_BASES);
    assert_true(a.part_count <= TREE_BASES + 200);
    /* gaps are no part of it */
    for (size_t j = 0; j < MOST; j++) {
      spread[letters++] = record[j];
      if (j % 3 == 0) spread[letters++] = '-';
    }
    b = answer(f, spread, letters, true, true);
    assert_same(&a, &b);
    assert_int_equal(a.part_first, b.part_first);
    assert_int_equal(a.part_count, b.part_count);
    /* nor is the strand */
    turn(record, MOST);
    b = answer(f, record, MOST, true, true);
    assert_same(&a, &b);
    assert_true(b.reversed);
    assert_true(b.part_first <= MOST - TREE_BASES - at && b.part_first + b.part_count >= MOST - at);
    assert_true(b.part_count <= TREE_BASES + 200);
    b = answer(f, record, MOST, false, true);
    assert_same(&a, &b);
    assert_false(answer(f, record, MOST, true, false).like);
  }
}

static void without_a_barcode_it_is_unlike(void **state)
{
  static char record[MOST];
  const fixture *f = *state;
  tx_random random;
  tx_random_seed(&random, 32, 0, 0, 0);
  for (size_t i = 0; i < 10; i++) {
    fill(&random, record, MOST);
    assert_false(answer(f, record, MOST, true, true).like);
  }
  memset(record, 'N', MOST);
  assert_false(answer(f, record, MOST, true, true).like);
  memset(record, 'A', MOST);
  assert_false(answer(f, record, MOST, true, true).like);
}

/* Of a record that is longer than what is searched, the start of each strand is. */
static void the_start_of_each_strand_is_searched(void **state)
{
  enum { LONG = TX_RECORD_MAX + 2 * TREE_BASES };
  char *record = malloc(LONG);
  const fixture *f = *state;
  tx_evidence_answer a;
  tx_random random;
  assert_non_null(record);
  tx_random_seed(&random, 33, 0, 0, 0);
  fill(&random, record, LONG);
  memcpy(record + LONG - TREE_BASES, f->tree->records[40].bases, TREE_BASES);
  assert_false(answer(f, record, LONG, true, false).like);
  turn(record + LONG - TREE_BASES, TREE_BASES);
  a = answer(f, record, LONG, false, true);
  assert_true(a.like && a.part_first + a.part_count == LONG);
  free(record);
}

static void ordinary_records_are_whole(void **state)
{
  const fixture *f = *state;
  const tx_search_index *index = f->set->index;
  assert_false(tx_region_is_in(index, TREE_BASES));
  assert_false(tx_region_is_in(index, 5 * TREE_BASES / 2));
  assert_true(tx_region_is_in(index, 5 * TREE_BASES / 2 + 1));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_barcode_is_found),
      cmocka_unit_test(without_a_barcode_it_is_unlike),
      cmocka_unit_test(the_start_of_each_strand_is_searched),
      cmocka_unit_test(ordinary_records_are_whole),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
