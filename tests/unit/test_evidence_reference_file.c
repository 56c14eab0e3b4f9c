/* The file of a reference set: round trip, and every way in which one can be wrong. */
#include <math.h>
#include <sys/stat.h>

#include "unit/model_fixture.h"
#include "unit/made_records.h"

static scratch place;
static made_records made;
static tx_reference_set *whole;

/* Weights of a network for the longer length. */
static void give_witness(tx_fitted_weights *fitted)
{
  tx_witness_length *length = &fitted->witness.lengths[1];
  fitted->witness.present = true;
  fitted->witness.network = 0x0123abcd;
  fitted->witness.lengths[0].scores.records = 12;
  length->scores = (tx_witness_scores){
      .fitted = true, .helps = true, .weight = {0.5, 0.25, 0}, .records = 40, .asked = 9, .log_loss = 0.5,
      .log_loss_with = 0.25, .gain_error = 0.125, .corrected = 3, .spoiled = 1};
  memcpy(length->weights.of, length->scores.weight, sizeof length->weights.of);
  length->split[TX_SPLIT_HIGHER] = (tx_split_scores){
      .fitted = true, .helps = true, .offset = -0.5, .slope = 2, .records = 7, .network = 30, .neither = 31,
      .loss = 0.5, .loss_with = 0.25, .gain_error = 0.125, .right = 20, .wrong = 2};
  length->reliability.weight[0][9] = 40;
  length->reliability.examples[0] = 40;
}

static int make_place(void **state)
{
  tx_error error = {0};
  (void)state;
  scratch_create(&place);
  assert_int_equal(tx_reference_set_write(whole, place.path, NULL, &error), TX_OK);
  return 0;
}

static int remove_place(void **state)
{
  (void)state;
  scratch_remove(&place);
  return 0;
}

static void expect_fault(const char *word)
{
  tx_reference_set *set = NULL;
  tx_error error = {0};
  if (tx_reference_set_open(place.path, &set, &error) != TX_ERROR_MODEL) fail_msg("taken: '%s'", word);
  assert_null(set);
  assert_null(strchr(error.message, '\n'));
  if (!strstr(error.message, word)) fail_msg("'%s' is not in '%s'", word, error.message);
  assert_memory_equal(error.message, place.path, strlen(place.path));
}

static void expect_same_bytes(const unsigned char *bytes, size_t size)
{
  size_t other_size;
  unsigned char *other = read_whole(place.path, &other_size);
  assert_int_equal(size, other_size);
  assert_memory_equal(bytes, other, size);
  free(other);
}

static void what_is_written_is_read_back(void **state)
{
  tx_reference_set *set = NULL, *again = NULL;
  tx_error error = {0};
  size_t size;
  unsigned char *bytes = read_whole(place.path, &size);
  (void)state;
  assert_int_equal(tx_reference_set_open(place.path, &set, &error), TX_OK);
  expect_equal_references(whole->references, set->references);
  assert_int_equal(set->space.kinds, whole->space.kinds);
  assert_memory_equal(&set->fitted, &whole->fitted, sizeof set->fitted);
  assert_string_equal(set->provenance, "{}");
  assert_int_equal(tx_reference_set_count(set), made.count - 1);
  assert_int_equal(tx_reference_set_records(set), made.count);
  assert_int_equal(tx_reference_set_write(set, place.path, NULL, &error), TX_OK);
  expect_same_bytes(bytes, size);
  assert_int_equal(tx_reference_set_read("memory", bytes, size, &again, &error), TX_OK);
  expect_equal_references(set->references, again->references);
  tx_reference_set_free(set);
  tx_reference_set_free(again);
  free(bytes);
}

static void descriptions_tell_what_is_there(void **state)
{
  static const char *const lines[] = {"49, of 50 records", "distinct barcodes 48\n",
                                      "1 barcodes with contradicting labels", "180 bases",
                                      "weights for       100, 180 bases",
                                      "network           0123abcd as a witness",
                                      "  100             no weights: 12 records\n",
                                      "  180             0.50 0.25 0.00; 0.5000 0.2500, 0.2500 +- ",
                                      " +- 0.1250; 3, 1 of 40: helps\n",
                                      "that the references lack: where they may be",
                                      "  180             higher: -0.50 2.00; 0.5000 0.2500, 0.2500 +- ",
                                      " +- 0.1250; 20, 2 of 61: helps\n",
                                      "  genus           6 taxa, 49 ref"};
  static const char *const keys[] = {"\"references\":49",
                                     "\"records\":50",
                                     "\"distinct_barcodes\":48,",
                                     "\"contradictions\":1,",
                                     "\"median_length\":180",
                                     "\"k\":8",
                                     "\"weight_lengths\":[100,180]",
                                     "\"witness\":{\"network\":\"0123abcd\",\"lengths\":[{",
                                     "\"fitted\":false,\"helps\":false,\"weights\":[0,0,0],",
                                     "\"records\":40,\"asked\":9,\"log_loss\":[0.5,0.25],",
                                     "\"corrected\":0,\"spoiled\":0},{",
                                     "\"gain_error\":0.125,\"corrected\":3,\"spoiled\":1,\"only_network\":{",
                                     "{\"higher\":{\"helps\":true,\"offset\":-0.5,\"slope\":2,\"records\":7,",
                                     "\"right\":20,\"wrong\":2}}}]}",
                                     "\"provenance\":{}}",
                                     "{\"name\":\"species\",\"taxa\":13,\"refer"};
  char *text = NULL;
  tx_error error = {0};
  (void)state;
  assert_int_equal(tx_reference_set_describe(whole, false, &text, &error), TX_OK);
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
    if (!strstr(text, lines[i])) fail_msg("'%s' is not in\n%s", lines[i], text);
  free(text);
  assert_int_equal(tx_reference_set_describe(whole, true, &text, &error), TX_OK);
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    if (!strstr(text, keys[i])) fail_msg("'%s' is not in\n%s", keys[i], text);
  free(text);
}

static void truncated_files_are_refused(void **state)
{
  size_t size;
  unsigned char *bytes = read_whole(place.path, &size);
  (void)state;
  for (size_t left = size - 1; left > 0; left -= left > 97 ? 97 : 1) {
    write_whole(place.path, bytes, left);
    expect_fault(left >= 8 ? "truncated" : "not a safetensors file");
  }
  write_whole(place.path, bytes, 0);
  expect_fault("the file is empty");
  free(bytes);
}

static void flipped_bits_are_found(void **state)
{
  tx_reference_set *set = NULL;
  tx_error error = {0};
  size_t size;
  unsigned char *bytes = read_whole(place.path, &size);
  (void)state;
  for (size_t at = 0; at < size; at += at < 200 ? 1 : 41) {
    bytes[at] ^= (unsigned char)(1 << at % 8);
    if (tx_reference_set_read("flipped", bytes, size, &set, &error) != TX_ERROR_MODEL)
      fail_msg("byte %zu flipped goes unseen", at);
    bytes[at] ^= (unsigned char)(1 << at % 8);
  }
  free(bytes);
}

/* Replaces a text of the header and mends the checksum. */
static void edit_header(const char *from, const char *to)
{
  size_t size;
  unsigned char *bytes = read_whole(place.path, &size);
  replace_text(bytes, size, from, to);
  refresh_checksum(bytes, size);
  write_whole(place.path, bytes, size);
  free(bytes);
}

static void other_versions_are_refused(void **state)
{
  (void)state;
  edit_header("\"taxamba.format\":\"1\"", "\"taxamba.format\":\"9\"");
  expect_fault("newer Taxamba");
  edit_header("\"taxamba.format\":\"9\"", "\"taxamba.format\":\"1\"");
  edit_header("\"references.format\":\"2\"", "\"references.format\":\"1\"");
  expect_fault("have format '1', and this version reads 2: made by another version: update Taxamba, or run "
               "taxamba index again");
}

static void other_networks_are_refused(void **state)
{
  (void)state;
  edit_header("\"references.witness_format\":\"1\"", "\"references.witness_format\":\"2\"");
  expect_fault("the weights of the network have format '2', and this version reads 1: made by another "
               "version");
  edit_header("\"references.witness_format\":\"2\"", "\"references.witness_format\":\"1\"");
  edit_header("\"references.witness_network\":\"0123abcd\"", "\"references.witness_network\":\"0123abcg\"");
  expect_fault("'references.witness_network' is no checksum");
  edit_header("\"references.witness_network\":\"0123abcg\"", "\"references.witness_network\":\"0123abcd\"");
  edit_header("\"references.split_format\":\"1\"", "\"references.split_format\":\"3\"");
  expect_fault("the weights of the network's taxa have format '3', and this version reads 1: made by another "
               "version");
}

/* Files of before it named taxa that the references lack have weights of the network alone. */
static void without_taxa_of_the_network_nothing_is_written_of_them(void **state)
{
  tx_split_scores *split = whole->fitted.witness.lengths[1].split;
  const tx_split_scores kept = split[TX_SPLIT_HIGHER];
  tx_reference_set *set = NULL;
  tx_split_weights weights;
  tx_error error = {0};
  size_t size;
  unsigned char *bytes;
  (void)state;
  split[TX_SPLIT_HIGHER] = (tx_split_scores){.fitted = false};
  assert_int_equal(tx_reference_set_write(whole, place.path, NULL, &error), TX_OK);
  split[TX_SPLIT_HIGHER] = kept;
  bytes = read_whole(place.path, &size);
  for (size_t i = 0; i + 6 < size; i++) assert_int_not_equal(memcmp(bytes + i, ".split", 6), 0);
  free(bytes);
  assert_int_equal(tx_reference_set_open(place.path, &set, &error), TX_OK);
  assert_true(tx_fitted_witness_is_used(&set->fitted, TX_WITNESS_HELPING, 180));
  assert_false(tx_fitted_split_at(&set->fitted, TX_WITNESS_FITTED, 180, &weights));
  tx_reference_set_free(set);
  assert_true(tx_fitted_split_at(&whole->fitted, TX_WITNESS_HELPING, 180, &weights));
  assert_true(weights.used[TX_SPLIT_HIGHER] && !weights.used[TX_SPLIT_LOWEST] && weights.slope[1] == 2);
  assert_false(tx_fitted_split_at(&whole->fitted, TX_WITNESS_FITTED, 110, &weights)); /* the other length */
  assert_false(tx_fitted_split_at(&whole->fitted, TX_WITNESS_NEVER, 180, &weights));
}

/* Files of before the network could be a witness have nothing of it. */
static void without_a_network_nothing_is_written_of_it(void **state)
{
  tx_reference_set *set = NULL;
  tx_error error = {0};
  size_t size;
  unsigned char *bytes;
  (void)state;
  whole->fitted.witness.present = false;
  assert_int_equal(tx_reference_set_write(whole, place.path, NULL, &error), TX_OK);
  whole->fitted.witness.present = true;
  bytes = read_whole(place.path, &size);
  for (size_t i = 0; i + 8 < size; i++) assert_int_not_equal(memcmp(bytes + i, ".witness", 8), 0);
  free(bytes);
  assert_int_equal(tx_reference_set_open(place.path, &set, &error), TX_OK);
  assert_false(set->fitted.witness.present);
  assert_false(tx_fitted_witness_is_used(&set->fitted, TX_WITNESS_FITTED, 100));
  tx_reference_set_free(set);
}

static void other_features_are_refused(void **state)
{
  (void)state;
  edit_header("one,", "two,");
  expect_fault("made by another version: run taxamba index again");
}

static void other_files_are_refused(void **state)
{
  model_fixture fixture;
  tx_model *model = NULL;
  tx_error error = {0};
  const float number = 1;
  const tx_section section = {"x", TX_DTYPE_F32, 0, {0}, &number, sizeof number};
  (void)state;
  assert_int_equal(tx_model_open(place.path, &model, &error), TX_ERROR_MODEL);
  assert_non_null(strstr(error.message, "neither a model nor a checkpoint but of kind 'references'"));
  fixture_create(&fixture);
  assert_int_equal(tx_model_write(place.path, &fixture.parts, &error), TX_OK);
  expect_fault("not a reference file but of kind 'model', without references: make one with taxamba index");
  fixture_free(&fixture);
  assert_int_equal(tx_safetensors_write(place.path, &section, 1, NULL, 0, &error), TX_OK);
  expect_fault("a safetensors file of another program");
  write_whole(place.path, ">a\nACGTACGT\n", 12);
  expect_fault("not a safetensors file");
}

/* The references as sections of a model; then the same without one of them. */
static void they_can_stand_in_a_model(void **state)
{
  model_fixture fixture;
  tx_reference_sections sections;
  tx_reference_set *set = NULL;
  tx_model *model = NULL;
  tx_error error = {0};
  (void)state;
  fixture_create(&fixture);
  assert_int_equal(tx_reference_sections_create(whole, &sections, &error), TX_OK);
  fixture.parts.extra = sections.sections;
  fixture.parts.extra_count = sections.section_count;
  fixture.parts.extra_metadata = sections.metadata;
  fixture.parts.extra_metadata_count = sections.metadata_count;
  assert_int_equal(tx_model_write(place.path, &fixture.parts, &error), TX_OK);
  assert_int_equal(tx_model_open(place.path, &model, &error), TX_OK);
  assert_int_equal(tx_reference_sections_read("model", model->file, &set, &error), TX_OK);
  expect_equal_references(whole->references, set->references);
  assert_memory_equal(&set->fitted, &whole->fitted, sizeof set->fitted);
  tx_reference_set_free(set);
  tx_model_close(model);
  fixture.parts.extra_count = 0;
  fixture.parts.extra_metadata_count = 0;
  assert_int_equal(tx_model_write(place.path, &fixture.parts, &error), TX_OK);
  assert_int_equal(tx_model_open(place.path, &model, &error), TX_OK);
  assert_int_equal(tx_reference_sections_read("model", model->file, &set, &error), TX_ERROR_MODEL);
  assert_non_null(strstr(error.message, "model: it has no references"));
  tx_model_close(model);
  tx_reference_sections_free(&sections);
  fixture_free(&fixture);
}

/* One number of a section, and what it becomes. */
typedef struct edit {
  const char *section;
  size_t at;
  int64_t value;
  const char *fault;
} edit;

static void write_edited(const edit *change)
{
  tx_metadata metadata[2 + TX_REFERENCE_METADATA] = {{"taxamba.format", "1"}, {"taxamba.kind", "references"}};
  tx_reference_sections own;
  void *data = NULL;
  tx_error error = {0};
  assert_int_equal(tx_reference_sections_create(whole, &own, &error), TX_OK);
  memcpy(metadata + 2, own.metadata, sizeof own.metadata);
  for (size_t i = 0; i < own.section_count; i++) {
    tx_section *section = &own.sections[i];
    if (strcmp(section->name, change->section) != 0) continue;
    data = malloc(section->size);
    assert_non_null(data);
    memcpy(data, section->data, section->size);
    if (section->dtype == TX_DTYPE_I64) ((int64_t *)data)[change->at] = change->value;
    if (section->dtype == TX_DTYPE_F64) ((double *)data)[change->at] = change->value == 7 ? NAN : -1e7;
    if (section->dtype == TX_DTYPE_I32) ((int32_t *)data)[change->at] = (int32_t)change->value;
    if (section->dtype == TX_DTYPE_U8) ((char *)data)[change->at] = (char)change->value;
    section->data = data;
  }
  assert_non_null(data);
  assert_int_equal(tx_safetensors_write(place.path, own.sections, own.section_count, metadata,
                                        2 + own.metadata_count, &error),
                   TX_OK);
  free(data);
  tx_reference_sections_free(&own);
}

#define CELL(row, column) ((row)*TX_REFERENCE_COLUMNS + (column))

static void every_number_is_checked(void **state)
{
  static const edit edits[] = {
      {"references.table", CELL(3, TX_REFERENCE_LENGTH), 49, "reference 3 has 49 bases"},
      {"references.table", CELL(3, TX_REFERENCE_LENGTH), 16385, "reference 3 has 16385 bases"},
      {"references.table", CELL(3, TX_REFERENCE_LENGTH), -1, "reference 3 has 4294967295 bases"},
      {"references.table", CELL(3, TX_REFERENCE_LENGTH), 600, "the table does not fit the words"},
      {"references.table", CELL(3, TX_REFERENCE_LENGTH), 170, "reference 3 has bases behind its end"},
      {"references.table", CELL(3, TX_REFERENCE_LENGTH), 181, "reference 4 is not in order"},
      {"references.table", CELL(0, TX_REFERENCE_LINEAGE), 1,
       "reference 0 has a lineage that is out of order"},
      {"references.table", CELL(1, TX_REFERENCE_LINEAGE), 1000, "lineage that is out of order"},
      {"references.table", CELL(0, TX_REFERENCE_RECORDS), 0, "reference 0 stands for no record"},
      {"references.table", CELL(0, TX_REFERENCE_RECORDS), INT32_MAX, "too many exceptions or records"},
      {"references.table", CELL(0, TX_REFERENCE_EXCEPTIONS), 9, "does not fit the words, the exceptions"},
      {"references.table", CELL(0, TX_REFERENCE_EXCEPTIONS), 181, "too many exceptions"},
      {"references.table", CELL(0, TX_REFERENCE_ID_BYTES), 100, "does not fit"},
      {"references.words", 6, 1, "reference 0 has bases behind its end"},
      {"references.words", 5, -1, "reference 0 has bases behind its end"},
      {"references.words", 0, -1, "is not in order"},
      {"references.exceptions", 0, 179, "an exception behind its end"},
      {"references.exceptions", 0, -1, "an exception behind its end"},
      {"references.exceptions", 1, 0, "exceptions that are not in order"},
      {"references.exceptions", 1, -1, "an exception behind its end"},
      {"references.exceptions", 3, 0, "exceptions that are not in order"},
      {"references.exceptions", 2, 4, "an exception that is no set of bases"},
      {"references.exceptions", 2, 0, "an exception that is no set of bases"},
      {"references.exceptions", 2, 31, "an exception that is no set of bases"},
      {"references.exceptions", 7, 5, "an exception over another letter"},
      {"references.exceptions", 5, 15, "exceptions that are not in order"},
      {"references.lineages", 0, 2, "lineage 0 has a class that is out of range"},
      {"references.lineages", 0, -2, "lineage 0 has a class that is out of range"},
      {"references.lineages", 1, 5, "no path of the taxonomy"},
      {"references.lengths", 0, 0, "lengths that are not in order"},
      {"references.lengths", 1, 100, "lengths that are not in order"},
      {"references.lengths", 1, 20000, "lengths that are not in order"},
      {"references.weights", 5, 7, "a weight that is out of range"},
      {"references.weights", 6, 1, "a weight that is out of range"},
      {"references.prior", 0, 7, "a share that is out of range"},
      {"references.prior", 1, 1, "a share that is out of range"},
      {"references.reliability", 600, 7, "a reliability that is out of range"},
      {"references.reliability", 0, 1, "a reliability that is out of range"},
      {"references.witness", 0, 0, "a mark of the network that is neither 0 nor 1"},
      {"references.witness", 1, 7, "a mark of the network that is neither 0 nor 1"},
      {"references.witness", 2, 7, "a weight of the network that is out of range"},
      {"references.witness", 4, 0, "a weight of the network that is out of range"},
      {"references.witness", TX_WITNESS_COLUMNS + 5, 7, "a score of the network that is out of range"},
      {"references.split", TX_SPLIT_COLUMNS, 7, "a mark of the taxa of the network that is neither 0 nor 1"},
      {"references.split", TX_SPLIT_COLUMNS + 14, 7, "a weight of the taxa of the network that is out of"},
      {"references.split", TX_SPLIT_COLUMNS + 19, 7, "a score of the taxa of the network that is out of"},
      {"references.witness_reliability", 3, 7, "a reliability that is out of range"},
      {"references.taxonomy", 0, '\n', "taxonomy"},
      {"references.taxonomy", 9, 0, "a NUL byte"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
    write_edited(&edits[i]);
    expect_fault(edits[i].fault);
  }
}

static void every_section_must_be_there(void **state)
{
  tx_reference_sections own;
  tx_error error = {0};
  (void)state;
  assert_int_equal(tx_reference_sections_create(whole, &own, &error), TX_OK);
  for (size_t i = 0; i < own.section_count; i++) {
    char name[64], changed[64];
    snprintf(name, sizeof name, "\"%s\":", own.sections[i].name);
    memcpy(changed, name, sizeof changed);
    changed[1] = 'R';
    edit_header(name, changed);
    snprintf(name, sizeof name, "'%s' is missing", own.sections[i].name);
    expect_fault(name);
    assert_int_equal(tx_reference_set_write(whole, place.path, NULL, &error), TX_OK);
  }
  tx_reference_sections_free(&own);
}

static void weights_that_are_not_finite_are_not_written(void **state)
{
  tx_error error = {0};
  size_t size;
  unsigned char *bytes = read_whole(place.path, &size);
  const double kept = whole->fitted.weights[1].of[0][2];
  (void)state;
  whole->fitted.weights[1].of[0][2] = INFINITY;
  assert_int_equal(tx_reference_set_write(whole, place.path, NULL, &error), TX_ERROR_NUMERIC);
  expect_same_bytes(bytes, size);
  whole->fitted.weights[1].of[0][2] = kept;
  free(bytes);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(what_is_written_is_read_back, make_place, remove_place),
      cmocka_unit_test(descriptions_tell_what_is_there),
      cmocka_unit_test_setup_teardown(truncated_files_are_refused, make_place, remove_place),
      cmocka_unit_test_setup_teardown(flipped_bits_are_found, make_place, remove_place),
      cmocka_unit_test_setup_teardown(other_versions_are_refused, make_place, remove_place),
      cmocka_unit_test_setup_teardown(other_features_are_refused, make_place, remove_place),
      cmocka_unit_test_setup_teardown(other_networks_are_refused, make_place, remove_place),
      cmocka_unit_test_setup_teardown(without_taxa_of_the_network_nothing_is_written_of_them, make_place,
                                      remove_place),
      cmocka_unit_test_setup_teardown(without_a_network_nothing_is_written_of_it, make_place, remove_place),
      cmocka_unit_test_setup_teardown(other_files_are_refused, make_place, remove_place),
      cmocka_unit_test_setup_teardown(they_can_stand_in_a_model, make_place, remove_place),
      cmocka_unit_test_setup_teardown(every_number_is_checked, make_place, remove_place),
      cmocka_unit_test_setup_teardown(every_section_must_be_there, make_place, remove_place),
      cmocka_unit_test_setup_teardown(weights_that_are_not_finite_are_not_written, make_place, remove_place),
  };
  int failed;
  make_records(&made);
  whole = make_set(&made);
  give_witness(&whole->fitted);
  failed = cmocka_run_group_tests(tests, NULL, NULL);
  tx_reference_set_free(whole);
  return failed;
}
