/* References and the search in them: content, order, exclusions, and the nearest by brute force. */
#include "tree_fixture.h"

static void references_do_not_depend_on_the_order_of_the_input(void **state)
{
  tree *t = make_tree(1);
  tx_references *a = tree_references(t, false), *b = tree_references(t, true);
  size_t records = 0;
  (void)state;
  assert_int_equal(a->count, b->count);
  assert_int_equal(a->records, t->count);
  for (size_t i = 0; i < a->count; i++) {
    const tx_sequence x = tx_references_sequence(a, i), y = tx_references_sequence(b, i);
    size_t x_length, y_length;
    const char *x_id = tx_references_id(a, i, &x_length), *y_id = tx_references_id(b, i, &y_length);
    assert_int_equal(tx_sequence_compare(&x, &y), 0);
    assert_int_equal(x_length, y_length);
    assert_memory_equal(x_id, y_id, x_length);
    assert_memory_equal(tx_references_lineage(a, i), tx_references_lineage(b, i),
                        TREE_RANKS * sizeof(int32_t));
    records += a->references[i].records;
  }
  assert_int_equal(records, t->count);
  tx_references_free(a);
  tx_references_free(b);
  free(t);
}

static void equal_barcodes_are_one_reference_of_each_lineage(void **state)
{
  static const char *const known[] = {"O", "F", "G", "G s"}, *const other[] = {"O", "F", "G", "G t"},
                    *const genus[] = {"O", "F", "G", NULL}, *const none[] = {NULL, NULL, NULL, NULL};
  static const char bases[] = "ACGTACCATTGACCATAGGGATTACACCATGAGCCATTTAGACCAGATTACAGGG";
  tx_references_builder *builder = begin_references();
  tx_references *references;
  uint64_t too_short, unlabelled;
  size_t length, count = 0;
  (void)state;
  add_record(builder, "b|k__Fungi;p__x", bases, known);
  add_record(builder, "a;tax=k:Fungi,p:x;", bases, known);
  add_record(builder, "c", bases, other);
  add_record(builder, "d", bases, genus);
  add_record(builder, "e", bases, none);
  add_record(builder, "f", "ACGT", known);
  tx_references_builder_left_out(builder, &too_short, &unlabelled);
  assert_int_equal(too_short, 1);
  assert_int_equal(unlabelled, 1);
  references = end_references(builder);
  assert_int_equal(references->count, 3);
  assert_int_equal(references->records, 4);
  for (size_t i = 0; i < references->count; i++) {
    const char *id = tx_references_id(references, i, &length);
    assert_int_equal(length, 1);
    if (references->references[i].records != 2) continue;
    assert_int_equal(*id, 'a'); /* the first of the names */
    count++;
  }
  assert_int_equal(count, 1);
  tx_references_free(references);
}

static tx_search_index *make_index(const tx_references *references)
{
  tx_search_index *index;
  tx_error error = {0};
  if (tx_search_index_create(references, &index, &error) != TX_OK) fail_msg("%s", error.message);
  return index;
}

static tx_search *make_search(const tx_search_index *index)
{
  tx_search *search;
  tx_error error = {0};
  if (tx_search_create(index, &search, &error) != TX_OK) fail_msg("%s", error.message);
  return search;
}

/* Substitutions alone, so that a column-wise count is the distance. */
static size_t differences(const tx_sequence *a, const tx_sequence *b)
{
  size_t count = 0;
  for (size_t i = 0; i < a->count; i++) count += tx_sequence_set(a, i) != tx_sequence_set(b, i);
  return count;
}

static void finds_the_nearest(void **state)
{
  tree *t = make_tree(2);
  tx_references *references = tree_references(t, false);
  tx_search_index *index = make_index(references);
  tx_search *search = make_search(index);
  tx_sequence_buffer query = {0};
  tx_random random;
  (void)state;
  tx_random_seed(&random, 3, 0, 0, 0);
  for (size_t round = 0; round < 200; round++) {
    char bases[TREE_BASES + 1];
    const tx_candidate *found;
    size_t count, least = TREE_BASES;
    uint32_t votes;
    memcpy(bases, t->records[tx_random_below(&random, t->count)].bases, sizeof bases);
    mutate(&random, bases, tx_random_below(&random, 20));
    assert_true(tx_sequence_fill(&query, bases, TREE_BASES, false));
    found = tx_search_run(search, &query.view, NULL, &count, &votes);
    assert_true(count > 0 && count <= TX_CANDIDATES_MAX);
    for (size_t i = 0; i < references->count; i++) {
      const tx_sequence own = tx_references_sequence(references, i);
      const size_t d = differences(&own, &query.view);
      if (d < least) least = d;
    }
    assert_int_equal(found[0].alignment.mismatches, least);
    assert_int_equal(found[0].alignment.length, TREE_BASES);
    for (size_t i = 1; i < count; i++) assert_true(found[i - 1].distance <= found[i].distance);
    for (size_t i = 0; i < count; i++) {
      const tx_sequence own = tx_references_sequence(references, found[i].reference);
      assert_true(found[i].alignment.mismatches <= differences(&own, &query.view));
      assert_true(votes >= found[i].alignment.votes);
    }
  }
  tx_sequence_buffer_free(&query);
  tx_search_free(search);
  tx_search_index_free(index);
  tx_references_free(references);
  free(t);
}

static void passes_over_what_is_excluded(void **state)
{
  tree *t = make_tree(2);
  tx_references *references = tree_references(t, false);
  tx_search_index *index = make_index(references);
  tx_search *search = make_search(index);
  (void)state;
  for (size_t i = 0; i < references->count; i += 7) {
    const tx_sequence query = tx_references_sequence(references, i);
    const int32_t *lineage = tx_references_lineage(references, i);
    size_t count;
    uint32_t votes;
    const tx_exclusion itself = {(int64_t)i, -1, 0};
    const tx_candidate *found = tx_search_run(search, &query, NULL, &count, &votes);
    assert_int_equal(found[0].alignment.mismatches, 0);
    found = tx_search_run(search, &query, &itself, &count, &votes);
    for (size_t j = 0; j < count; j++) assert_int_not_equal(found[j].reference, i);
    for (size_t rank = 0; rank < TREE_RANKS; rank++) {
      const tx_exclusion taxon = {-1, lineage[rank], rank};
      found = tx_search_run(search, &query, &taxon, &count, &votes);
      for (size_t j = 0; j < count; j++)
        assert_int_not_equal(tx_references_lineage(references, found[j].reference)[rank], lineage[rank]);
    }
  }
  tx_search_free(search);
  tx_search_index_free(index);
  tx_references_free(references);
  free(t);
}

static void strange_barcodes_find_nothing(void **state)
{
  static const char *const texts[] = {"", "A", "ACGTACG",
                                      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
  tree *t = make_tree(2);
  tx_references *references = tree_references(t, false);
  tx_search_index *index = make_index(references);
  tx_search *search = make_search(index);
  tx_sequence_buffer query = {0};
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    size_t count;
    uint32_t votes;
    assert_true(tx_sequence_fill(&query, texts[i], strlen(texts[i]), false));
    tx_search_run(search, &query.view, NULL, &count, &votes);
    assert_int_equal(count, 0);
    assert_true(votes < 16);
  }
  tx_sequence_buffer_free(&query);
  tx_search_free(search);
  tx_search_index_free(index);
  tx_references_free(references);
  free(t);
}

/* Codons without stops in frame 1 of some references, random bases in others. */
static void coding_markers_are_recognised(void **state)
{
  tx_random random;
  (void)state;
  tx_random_seed(&random, 9, 0, 0, 0);
  for (int coding = 0; coding < 2; coding++) {
    static const char *const taxa[] = {"O", "F", "G", "G s"};
    tx_references_builder *builder = begin_references();
    tx_references *references;
    tx_search_index *index;
    for (size_t i = 0; i < 20; i++) {
      char bases[304] = "A";
      for (size_t at = 1; at + 3 < sizeof bases; at += 3) {
        do
          for (size_t j = 0; j < 3; j++) bases[at + j] = "ACGT"[tx_random_below(&random, 4)];
        while (coding && (memcmp(bases + at, "TAA", 3) == 0 || memcmp(bases + at, "TAG", 3) == 0));
      }
      bases[301] = '\0';
      add_record(builder, "x", bases, taxa);
    }
    references = end_references(builder);
    index = make_index(references);
    assert_int_equal(index->coding, coding);
    if (coding) assert_int_equal(index->frames[0], 1);
    tx_search_index_free(index);
    tx_references_free(references);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(references_do_not_depend_on_the_order_of_the_input),
      cmocka_unit_test(equal_barcodes_are_one_reference_of_each_lineage),
      cmocka_unit_test(finds_the_nearest),
      cmocka_unit_test(passes_over_what_is_excluded),
      cmocka_unit_test(strange_barcodes_find_nothing),
      cmocka_unit_test(coding_markers_are_recognised),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
