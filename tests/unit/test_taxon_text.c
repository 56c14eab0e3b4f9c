/* The text form of a taxonomy: written, read back, and refused when anything is wrong. Records under one
   ID. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "taxon/duplicates.h"
#include "taxon/taxonomy.h"

static const char good[] = "order\tfamily\tgenus\n"
                           "0\t-1\t-1\tDiptera\n"
                           "0\t-1\t-1\tRosales\n"
                           "1\t0\t0\tMuscidae\n"
                           "1\t0\t1\tMoraceae\n"
                           "2\t1\t0\tMusca\n"
                           "2\t1\t1\tMorus\n"
                           "2\t0\t0\tMorus\n"
                           "2\t-1\t-1\tMorus\n";

static void test_round_trip(void **state)
{
  tx_taxonomy *taxonomy;
  tx_bytes bytes = {0};
  tx_error error;
  int32_t lineage[3];
  size_t rank;
  (void)state;
  assert_int_equal(tx_taxonomy_read(good, strlen(good), &taxonomy, &error), TX_OK);
  assert_int_equal(tx_taxonomy_class_count(taxonomy, 2), 4);
  tx_taxonomy_lineage(taxonomy, 2, 1, lineage);
  assert_int_equal(lineage[0], 1);
  assert_int_equal(lineage[1], 1);
  assert_int_equal(lineage[2], 1);
  tx_taxonomy_lineage(taxonomy, 2, 2, lineage);
  assert_int_equal(lineage[0], 0);
  assert_int_equal(lineage[1], -1);
  assert_int_equal(tx_taxonomy_parent(taxonomy, 2, 2, &rank), 0);
  assert_int_equal(rank, 0);
  assert_true(tx_taxonomy_knows(taxonomy, 1, "Moraceae"));
  assert_int_equal(tx_taxonomy_write(taxonomy, &bytes, &error), TX_OK);
  assert_int_equal(bytes.size, strlen(good));
  assert_memory_equal(bytes.data, good, bytes.size);
  tx_bytes_free(&bytes);
  tx_taxonomy_free(taxonomy);
}

static void test_refusals(void **state)
{
  static const char *const bad[] = {
      "",
      "order", /* no newline */
      "\norder\n",
      "\n0\t-1\t-1\tA\n", /* a taxon without ranks */
      "\tfamily\n",       /* a rank without a name */
      "order\torder\n",
      "order\t\n",
      "order\r\n",
      "a\tb\tc\td\te\tf\tg\th\ti\tj\tk\tl\tm\tn\to\tp\tq\n",
      "order\n0\t-1\t-1\tA", /* no newline at the end */
      "order\n0\t-1\t-1\n",  /* three fields */
      "order\n0\t-1\t-1\tA\tB\n",
      "order\n0\t-1\t-1\t\n",  /* no name */
      "order\n1\t-1\t-1\tA\n", /* no such rank */
      "order\n-1\t-1\t-1\tA\n",
      "order\n00\t-1\t-1\tA\n",
      "order\n+0\t-1\t-1\tA\n",
      "order\n 0\t-1\t-1\tA\n",
      "order\n0x0\t-1\t-1\tA\n",
      "order\n4294967296\t-1\t-1\tA\n",
      "order\n99999999999999999999999999\t-1\t-1\tA\n",
      "order\n0\t0\t0\tA\n", /* its own parent */
      "order\n0\t-1\t0\tA\n",
      "order\tfamily\n0\t-1\t-1\tA\n1\t0\t-1\tB\n",
      "order\tfamily\n0\t-1\t-1\tA\n1\t0\t1\tB\n", /* no such parent */
      "order\tfamily\n0\t-1\t-1\tA\n1\t0\t-2\tB\n",
      "order\tfamily\n0\t-1\t-1\tA\n1\t1\t0\tB\n",
      "order\tfamily\n1\t0\t0\tB\n0\t-1\t-1\tA\n", /* the parent comes later */
      "order\tfamily\n1\t-1\t-1\tB\n0\t-1\t-1\tA\n",
      "order\n0\t-1\t-1\tA\n\n",
      "order\n0\t-1\t-1\tA\n0\t-1\t-1\tA\n", /* twins */
      "order\n0\t-1\t-1\tA\001\n",
      "order\n0\t-1\t-1\tA\r\n",
      "order\n0\t-1\t-1\tA\177\n",
  };
  static const char nul[] = "order\n0\t-1\t-1\tA\0B\n";
  tx_taxonomy *taxonomy;
  tx_error error;
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    tx_status status = tx_taxonomy_read(bad[i], strlen(bad[i]), &taxonomy, &error);
    if (status != TX_ERROR_MODEL) fail_msg("text %zu gave %d", i, (int)status);
    assert_null(taxonomy);
    assert_true(strlen(error.message) > 0);
  }
  assert_int_equal(tx_taxonomy_read(nul, sizeof nul - 1, &taxonomy, &error), TX_ERROR_MODEL);
  assert_int_equal(tx_taxonomy_read(NULL, 0, &taxonomy, &error), TX_ERROR_MODEL);
}

/* A model that only embeds has no ranks. */
static void test_no_ranks(void **state)
{
  tx_taxonomy *taxonomy;
  tx_bytes bytes = {0};
  tx_error error;
  (void)state;
  assert_int_equal(tx_taxonomy_read("\n", 1, &taxonomy, &error), TX_OK);
  assert_int_equal(tx_taxonomy_rank_count(taxonomy), 0);
  assert_int_equal(tx_taxonomy_write(taxonomy, &bytes, &error), TX_OK);
  assert_int_equal(bytes.size, 1);
  assert_int_equal(bytes.data[0], '\n');
  tx_bytes_free(&bytes);
  tx_taxonomy_free(taxonomy);
}

/* Every text cut short is refused or is a smaller taxonomy; none is read beyond its end. */
static void test_truncations(void **state)
{
  size_t accepted = 0;
  (void)state;
  for (size_t length = 0; length < strlen(good); length++) {
    tx_taxonomy *taxonomy;
    tx_error error;
    char *text = malloc(length + 1);
    tx_status status;
    assert_non_null(text);
    memcpy(text, good, length);
    status = tx_taxonomy_read(text, length, &taxonomy, &error);
    assert_true(status == TX_OK || status == TX_ERROR_MODEL);
    if (status == TX_OK) {
      assert_int_equal(text[length - 1], '\n');
      accepted++;
    }
    tx_taxonomy_free(taxonomy);
    free(text);
  }
  assert_int_equal(accepted, 8); /* at the ends of its lines but the last */
}

static void test_duplicates(void **state)
{
  static const char *const ranks[] = {"family", "genus"};
  static const char *const one[] = {"Apidae", "Apis"};
  static const char *const less[] = {"Apidae", NULL};
  static const char *const other[] = {"Apidae", "Bombus"};
  tx_taxonomy_builder *builder;
  tx_duplicates *duplicates;
  int32_t lineages[3];
  tx_error error;
  (void)state;
  assert_int_equal(tx_taxonomy_builder_create(ranks, 2, &builder, &error), TX_OK);
  assert_int_equal(tx_taxonomy_builder_add(builder, one, "a.csv", 2, &lineages[0], &error), TX_OK);
  assert_int_equal(tx_taxonomy_builder_add(builder, less, "a.csv", 3, &lineages[1], &error), TX_OK);
  assert_int_equal(tx_taxonomy_builder_add(builder, other, "b.csv", 4, &lineages[2], &error), TX_OK);
  assert_int_equal(tx_duplicates_create(builder, &duplicates, &error), TX_OK);
  assert_int_equal(tx_duplicates_add(duplicates, "X1", 2, lineages[0], "a.csv", 2, &error), TX_OK);
  assert_int_equal(tx_duplicates_add(duplicates, "X1", 2, lineages[0], "a.csv", 9, &error), TX_OK);
  assert_int_equal(tx_duplicates_add(duplicates, "X1", 2, lineages[1], "a.csv", 3, &error), TX_OK);
  assert_int_equal(tx_duplicates_add(duplicates, "", 0, lineages[1], "a.csv", 3, &error), TX_OK);
  assert_int_equal(tx_duplicates_add(duplicates, "", 0, lineages[2], "a.csv", 3, &error), TX_OK);
  assert_int_equal(tx_duplicates_report_count(duplicates), 0);
  assert_int_equal(tx_duplicates_add(duplicates, "X1", 2, lineages[2], "b.csv", 4, &error), TX_OK);
  assert_int_equal(tx_duplicates_report_count(duplicates), 1);
  assert_string_equal(tx_duplicates_report(duplicates, 0), "record 'X1' is genus 'Apis' in a.csv:2 and "
      "'Bombus' in b.csv:4");
  for (uint64_t i = 0; i < 100000; i++) {
    char id[16];
    snprintf(id, sizeof id, "ID%d", (int)i);
    assert_int_equal(tx_duplicates_add(duplicates, id, strlen(id), lineages[0], "a.csv", i, &error), TX_OK);
  }
  assert_int_equal(tx_duplicates_repeated(duplicates), 3);
  for (uint64_t i = 0; i < 100000; i += 1000) {
    char id[16];
    snprintf(id, sizeof id, "ID%d", (int)i);
    assert_int_equal(tx_duplicates_add(duplicates, id, strlen(id), lineages[2], "b.csv", i, &error), TX_OK);
  }
  assert_int_equal(tx_duplicates_repeated(duplicates), 103);
  assert_int_equal(tx_duplicates_contradicting(duplicates), 101);
  tx_duplicates_free(duplicates);
  tx_duplicates_free(NULL);
  tx_taxonomy_builder_free(builder);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_round_trip),  cmocka_unit_test(test_refusals),   cmocka_unit_test(test_no_ranks),
      cmocka_unit_test(test_truncations), cmocka_unit_test(test_duplicates),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
