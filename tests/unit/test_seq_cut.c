/* Cutting of records: windows, amplicons, random fragments, and what is no window. */
#include "seq/cut.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FORWARD_SITE "GGAACAGGATGAACAGTATACCCCCC"
#define REVERSE_SITE "TGATTTTTTGGACACCCAGAAGTCTA"
#define LERAY "GGWACWGGWTGAACWGTWTAYCCYCC,TAIACYTCIGGRTGICCRAARAAYCA"

static tx_record_cutter *make(const tx_cut_options *options)
{
  tx_record_cutter *cutter = NULL;
  tx_error error = {0};
  if (tx_record_cutter_create(options, &cutter, &error) != TX_OK) fail_msg("%s", error.message);
  return cutter;
}

static tx_record record_of(const char *id, const char *bases)
{
  return (tx_record){.id = id, .id_length = strlen(id), .bases = bases, .base_count = strlen(bases)};
}

static bool cut(tx_record_cutter *cutter, tx_record *record)
{
  tx_error error = {0};
  bool left = false;
  assert_int_equal(tx_record_cutter_cut(cutter, record, &left, &error), TX_OK);
  return left;
}

static void expect_window(const char *window, const char *bases, const char *want)
{
  tx_record_cutter *cutter = make(&(tx_cut_options){.opt_window = window});
  tx_record record = record_of("a", bases);
  const bool left = cut(cutter, &record);
  assert_int_equal(left, want != NULL);
  if (want) {
    assert_int_equal(record.base_count, strlen(want));
    assert_memory_equal(record.bases, want, record.base_count);
  }
  tx_record_cutter_free(cutter);
}

static void windows(void **state)
{
  (void)state;
  expect_window("1,4", "ACGTTTGG", "ACGT");
  expect_window("3,3", "ACGTTTGG", "G");
  expect_window("-3,-1", "ACGTTTGG", "TGG");
  expect_window("2,-2", "ACGTTTGG", "CGTTTG");
  expect_window("-4,5", "ACGTTTGG", "T");
  expect_window("-20,-1", "ACGTTTGG", "ACGTTTGG"); /* as far as there are bases */
  expect_window("7,20", "ACGTTTGG", "GG");
  expect_window("1,4", "A-C G.TTTGG", "ACGT"); /* gaps are no bases */
  expect_window("9,20", "ACGTTTGG", NULL);
  expect_window("-20,-10", "ACGTTTGG", NULL);
  expect_window("-2,3", "ACGTTTGG", NULL);
}

static void what_is_no_window(void **state)
{
  static const char *const faults[] = {"1", "1,", ",4", "0,4", "1,0", "5,2", "-1,-5", "a,b", "1,2,3", "1;2",
                                       "1,99999999999999999999", "1,4 "};
  (void)state;
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    tx_record_cutter *cutter = NULL;
    tx_error error = {0};
    assert_int_equal(tx_record_cutter_create(&(tx_cut_options){.opt_window = faults[i]}, &cutter, &error),
                     TX_ERROR_USAGE);
    assert_null(cutter);
    assert_non_null(strstr(error.message, "is not FIRST,LAST"));
  }
}

/* The place depends on seed and id, not on the records before it. */
static void fragments(void **state)
{
  enum { BASES = 500, CROP = 20, RECORDS = 60 };
  char bases[BASES + 1] = "", places[2][RECORDS];
  size_t different = 0;
  (void)state;
  for (size_t i = 0; i < BASES; i++) bases[i] = "ACGT"[(i * i / 7 + i / 3) % 4];
  memset(places, 0, sizeof places);
  for (size_t run = 0; run < 3; run++) {
    tx_record_cutter *cutter = make(&(tx_cut_options){.crop = CROP, .seed = run == 2 ? 9 : 1});
    for (size_t i = 0; i < RECORDS; i++) {
      const size_t n = run == 1 ? RECORDS - 1 - i : i;
      char id[8];
      tx_record record;
      snprintf(id, sizeof id, "r%zu", n);
      record = record_of(id, bases);
      assert_true(cut(cutter, &record));
      assert_int_equal(record.base_count, CROP);
      if (run == 0) places[0][n] = record.bases[3], places[1][n] = record.bases[11];
      else if (run == 1)
        assert_true(places[0][n] == record.bases[3] && places[1][n] == record.bases[11]);
      else
        different += places[0][n] != record.bases[3] || places[1][n] != record.bases[11];
    }
    tx_record_cutter_free(cutter);
  }
  assert_true(different > RECORDS / 2);
  { /* a shorter record stays whole */
    tx_record_cutter *cutter = make(&(tx_cut_options){.crop = CROP});
    tx_record record = record_of("s", "ACGTACGT");
    assert_true(cut(cutter, &record));
    assert_int_equal(record.base_count, 8);
    tx_record_cutter_free(cutter);
  }
}

/* The amplicon comes first, the window is one of it. */
static void amplicons(void **state)
{
  tx_record_cutter *cutter = make(&(tx_cut_options){.opt_amplicon = LERAY, .opt_window = "2,4"});
  tx_record both = record_of("a", "TTTT" FORWARD_SITE "ACGTTACG" REVERSE_SITE "AA"),
            one = record_of("b", FORWARD_SITE "CCATGCCCGATTTTT"), none = record_of("c", "ACGTACGTACGTAAGT"),
            empty = record_of("d", FORWARD_SITE REVERSE_SITE), outside = record_of("e", FORWARD_SITE "A");
  char text[300];
  (void)state;
  tx_record_cutter_describe(cutter, text, sizeof text);
  assert_true(cut(cutter, &both));
  assert_memory_equal(both.bases, "CGT", 3);
  assert_true(cut(cutter, &one));
  assert_memory_equal(one.bases, "CAT", 3);
  assert_int_equal(one.base_count, 3);
  assert_false(cut(cutter, &none));
  assert_false(cut(cutter, &empty));
  assert_false(cut(cutter, &outside));
  tx_record_cutter_describe(cutter, text, sizeof text);
  assert_string_equal(text, "amplicon: 1 records have the sites of both primers, 2 of one, 2 are left out; "
                            "window: 1 records have nothing of it and are left out");
  tx_record_cutter_free(cutter);
  cutter = make(&(tx_cut_options){.opt_amplicon = "", .opt_window = ""});
  none = record_of("c", "ACGTACGTACGTAAGT");
  assert_true(cut(cutter, &none));
  assert_int_equal(none.base_count, 16);
  tx_record_cutter_describe(cutter, text, sizeof text);
  assert_string_equal(text, "");
  tx_record_cutter_free(cutter);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(windows),
      cmocka_unit_test(what_is_no_window),
      cmocka_unit_test(fragments),
      cmocka_unit_test(amplicons),
  };
  return cmocka_run_group_tests_name("seq/cut", tests, NULL, NULL);
}
