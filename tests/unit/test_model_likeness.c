/* The chain of the bases in a file: written and read again, absent, and what is no such chain. */
#include "model/model_likeness.h"

#include "unit/scratch.h"

#include <math.h>

static int8_t scores[TX_LIKENESS_WORDS];

static tx_status read_back(const tx_section *sections, size_t count, tx_likeness *likeness, int8_t *ret_first,
                           tx_error *error)
{
  const tx_metadata format = {"taxamba.format", "1"};
  scratch place;
  tx_safetensors *read = NULL;
  tx_status status;
  scratch_create(&place);
  assert_int_equal(tx_safetensors_write(place.path, sections, count, &format, 1, error), TX_OK);
  assert_int_equal(tx_safetensors_open(place.path, 1, &read, error), TX_OK);
  status = tx_likeness_read(place.path, read, likeness, error);
  *ret_first = likeness->scores ? likeness->scores[5] : 0;
  tx_safetensors_close(read);
  scratch_remove(&place);
  return status;
}

static void round_trip(void **state)
{
  const tx_likeness likeness = {scores, 2, {100, 658}, {-0.5, 0.25}}, none = {0};
  tx_likeness_parts parts;
  tx_likeness read;
  tx_error error;
  int8_t first;
  (void)state;
  scores[5] = -17;
  tx_likeness_list(&likeness, &parts);
  assert_int_equal(parts.count, TX_LIKENESS_SECTIONS);
  assert_int_equal(read_back(parts.sections, parts.count, &read, &first, &error), TX_OK);
  assert_int_equal(first, -17);
  assert_int_equal(read.lengths, 2);
  assert_true(fabs(read.length[1] - 658) < 1e-9 && fabs(read.threshold[0] + 0.5) < 1e-9);
  tx_likeness_list(&none, &parts);
  assert_int_equal(parts.count, 0);
  tx_likeness_list(NULL, &parts);
  assert_int_equal(parts.count, 0);
  assert_int_equal(read_back(parts.sections, 0, &read, &first, &error), TX_OK);
  assert_null(read.scores);
}

static void refuses(const tx_likeness_parts *parts, size_t count, const char *text)
{
  tx_likeness read;
  tx_error error;
  int8_t first;
  assert_int_equal(read_back(parts->sections, count, &read, &first, &error), TX_ERROR_MODEL);
  if (!strstr(error.message, text)) fail_msg("%s", error.message);
}

static void faults(void **state)
{
  const tx_likeness likeness = {scores, 3, {60, 100, 658}, {-0.5, 0, 0.25}};
  tx_likeness_parts parts;
  (void)state;
  tx_likeness_list(&likeness, &parts);
  refuses(&parts, 1, "the chain of the bases needs"); /* no scores */
  parts.sections[1].shape[0] = TX_LIKENESS_WORDS / 2;
  parts.sections[1].size = TX_LIKENESS_WORDS / 2;
  refuses(&parts, 2, "the chain of the bases needs");
  tx_likeness_list(&likeness, &parts);
  parts.sections[1].dtype = TX_DTYPE_U8;
  refuses(&parts, 2, "the chain of the bases needs");
  tx_likeness_list(&likeness, &parts);
  parts.sections[0].shape[0] = 2;
  parts.sections[0].shape[1] = 3;
  refuses(&parts, 2, "the chain of the bases needs");
  tx_likeness_list(&likeness, &parts);
  parts.thresholds[4] = 100; /* two lengths alike */
  refuses(&parts, 2, "not finite or not by length");
  tx_likeness_list(&likeness, &parts);
  parts.thresholds[1] = NAN;
  refuses(&parts, 2, "not finite or not by length");
  tx_likeness_list(&likeness, &parts);
  parts.thresholds[0] = 0;
  refuses(&parts, 2, "not finite or not by length");
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(round_trip), cmocka_unit_test(faults)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
