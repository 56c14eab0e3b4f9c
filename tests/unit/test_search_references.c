/* References: dereplicated and ordered by content, whatever the order of the records; added to others. */
#include "unit/made_records.h"

static made_records made;

static tx_references *build(size_t count)
{
  tx_references_builder *builder = make_builder();
  add_records(builder, &made, 0, count, 1);
  return finish(builder);
}

static void equal_records_are_one_reference(void **state)
{
  tx_references *references = build(made.count);
  size_t doubles = 0, length, distinct;
  (void)state;
  assert_int_equal(references->records, made.count);
  assert_int_equal(references->count, made.count - 1);
  for (size_t i = 0; i < references->count; i++) {
    if (i) assert_true(tx_references_compare(references, i - 1, i) < 0);
    if (references->references[i].records == 1) continue;
    doubles++;
    assert_int_equal(references->references[i].records, 2);
    assert_memory_equal(tx_references_id(references, i, &length), "again0", 6); /* before "r08" */
  }
  assert_int_equal(doubles, 1);
  assert_int_equal(tx_references_conflicts(references, &distinct), 1);
  assert_int_equal(distinct, references->count - 1);
  assert_int_equal(tx_references_median_length(references), MADE_BASES);
  tx_references_free(references);
}

static void the_order_of_the_records_does_not_matter(void **state)
{
  tx_references *references = build(made.count), *other;
  tx_references_builder *builder = make_builder();
  (void)state;
  for (size_t first = 7; first-- > 0;) add_records(builder, &made, first, made.count, 7);
  other = finish(builder);
  expect_equal_references(references, other);
  tx_references_free(references);
  tx_references_free(other);
}

static void adding_is_building_at_once(void **state)
{
  tx_references *all = build(made.count);
  (void)state;
  for (size_t part = 1; part < made.count; part += 5) {
    tx_references *first = build(part), *second;
    tx_references_builder *builder = make_builder();
    tx_error error = {0};
    assert_int_equal(tx_references_builder_take(builder, first, "first", &error), TX_OK);
    assert_int_equal(tx_references_builder_count(builder), part);
    add_records(builder, &made, part, made.count, 1);
    second = finish(builder);
    expect_equal_references(all, second);
    tx_references_free(first);
    tx_references_free(second);
  }
  tx_references_free(all);
}

static void counts_of_records_add_up(void **state)
{
  tx_references *references = build(made.count), *twice;
  tx_references_builder *builder = make_builder();
  tx_error error = {0};
  (void)state;
  for (size_t i = 0; i < 2; i++)
    assert_int_equal(tx_references_builder_take(builder, references, "old", &error), TX_OK);
  twice = finish(builder);
  assert_int_equal(twice->count, references->count);
  assert_int_equal(twice->records, 2 * references->records);
  for (size_t i = 0; i < twice->count; i++)
    assert_int_equal(twice->references[i].records, 2 * references->references[i].records);
  tx_references_free(references);
  tx_references_free(twice);
}

static void a_rank_without_labels_is_left_out(void **state)
{
  static const char *const ranks[] = {"kingdom", "family", "tribe", "genus", "species"};
  tx_references_builder *builder = NULL;
  tx_references *references, *plain = build(made.count);
  tx_error error = {0};
  (void)state;
  assert_int_equal(tx_references_builder_create(ranks, 5, &builder, &error), TX_OK);
  assert_int_equal(tx_references_builder_take(builder, plain, "plain", &error), TX_OK);
  references = finish(builder);
  expect_equal_references(plain, references);
  tx_references_free(references);

  assert_int_equal(tx_references_builder_create(ranks, 3, &builder, &error), TX_OK);
  assert_int_equal(tx_references_builder_take(builder, plain, "plain", &error), TX_ERROR_USAGE);
  assert_non_null(strstr(error.message, "'genus'"));
  tx_references_builder_free(builder);
  tx_references_free(plain);
}

static void what_cannot_be_a_reference_is_counted(void **state)
{
  tx_references_builder *builder = make_builder();
  tx_references *references = NULL;
  made_records bad = {.count = 2};
  tx_error error = {0};
  uint64_t too_short, unlabelled;
  (void)state;
  bad.records[0] = bad.records[1] = made.records[0];
  bad.records[0].bases[49] = '\0';
  memset(bad.records[1].taxa, 0, sizeof bad.records[1].taxa);
  add_records(builder, &bad, 0, 2, 1);
  tx_references_builder_left_out(builder, &too_short, &unlabelled);
  assert_int_equal(too_short, 1);
  assert_int_equal(unlabelled, 1);
  assert_int_equal(tx_references_builder_finish(builder, &references, &error), TX_ERROR_DATA);
  assert_null(references);
  tx_references_builder_free(builder);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equal_records_are_one_reference),
      cmocka_unit_test(the_order_of_the_records_does_not_matter),
      cmocka_unit_test(adding_is_building_at_once),
      cmocka_unit_test(counts_of_records_add_up),
      cmocka_unit_test(a_rank_without_labels_is_left_out),
      cmocka_unit_test(what_cannot_be_a_reference_is_counted),
  };
  make_records(&made);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
