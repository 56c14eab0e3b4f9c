/* Calibration: what labels tell, that a fit on records makes better answers for others of their kind, and
   that it depends on nothing else. */
#include "tree_fixture.h"

#include "evidence/calibration_records.h"
#include "evidence/prior.h"
#include "evidence/trials.h"

#include "unit/scratch.h"

#include <math.h>

enum { NOTES_SIZE = 4096 };

static tree *whole; /* references are those of species that do not end in "c", but for their last record */
static scratch place;

static bool is_new(const tree_record *record)
{
  return record->names[3][strlen(record->names[3]) - 1] == 'c';
}

/* Weights that hardly look at the barcodes. */
static tx_reference_set *make_set(void)
{
  tx_references_builder *builder = begin_references();
  tx_reference_set *set = NULL;
  tx_error error = {0};
  for (size_t i = 0; i < whole->count; i++)
    if (!is_new(&whole->records[i]) && i % TREE_RECORDS != 3) add_tree_record(builder, &whole->records[i]);
  if (tx_reference_set_create(end_references(builder), &set, &error) != TX_OK) fail_msg("%s", error.message);
  set->fitted.length_count = 2;
  set->fitted.lengths[0] = 150;
  set->fitted.lengths[1] = TREE_BASES;
  assert_int_equal(tx_prior_estimate(&set->space, set->fitted.prior, &error), TX_OK);
  for (size_t l = 0; l < 2; l++)
    for (size_t k = 0; k < set->space.kinds; k++) set->fitted.weights[l].of[k][TX_FEATURE_FAR] = -0.1;
  return set;
}

static void put_record(FILE *file, const tree_record *record)
{
  fprintf(file, "%s,%s,%s,%s,%s,%s\n", record->id, record->bases, record->names[0], record->names[1],
          record->names[2], record->names[3]);
}

/* A table of records that are no references: the last of each known species, and with `fresh` all of new
   species. */
static FILE *begin_table(bool fresh, bool backwards)
{
  FILE *file = fopen(place.path, "w");
  assert_non_null(file);
  fputs("id,sequence,order,family,genus,species\n", file);
  for (size_t i = 0; i < whole->count; i++) {
    const size_t at = backwards ? whole->count - 1 - i : i;
    const tree_record *record = &whole->records[at];
    if (is_new(record) ? fresh : at % TREE_RECORDS == 3) put_record(file, record);
  }
  return file;
}

static void write_table(bool fresh, bool backwards)
{
  assert_int_equal(fclose(begin_table(fresh, backwards)), 0);
}

static void hear_note(void *context, const char *line)
{
  char *notes = context;
  snprintf(notes + strlen(notes), NOTES_SIZE - strlen(notes), "%s\n", line);
}

static tx_status calibrate(tx_reference_set *set, size_t threads, tx_calibration_report *report, char *notes,
                           tx_error *error)
{
  const char *path = place.path;
  const tx_labelled_options labelled = {0};
  const tx_calibrate_options options = {
      .threads = threads, .seed = 3, .hooks = {.message = hear_note, .context = notes}};
  tx_labelled *reader = NULL;
  tx_status status = tx_labelled_open(&path, 1, &labelled, &reader, error);
  notes[0] = '\0';
  if (status == TX_OK) status = tx_reference_set_calibrate(set, reader, &options, report, error);
  tx_labelled_close(reader);
  return status;
}

static void must_calibrate(tx_reference_set *set, size_t threads, tx_calibration_report *report, char *notes)
{
  tx_error error = {0};
  if (calibrate(set, threads, report, notes, &error) != TX_OK) fail_msg("%s", error.message);
}

static int set_up(void **state)
{
  (void)state;
  whole = make_tree(7);
  scratch_create(&place);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  free(whole);
  scratch_remove(&place);
  return 0;
}

static void expect_use(const tx_reference_set *set, const char *const *taxa, tx_label_use use, int rank)
{
  int got_rank = -2;
  int32_t taxon = -2;
  assert_int_equal(tx_labels_use(set->references->taxonomy, taxa, &got_rank, &taxon), use);
  if (use == TX_LABELS_CLEAR) {
    assert_int_equal(got_rank, rank);
    if (rank < 0)
      assert_int_equal(taxon, -1);
    else
      assert_string_equal(tx_taxonomy_class_name(set->references->taxonomy, (size_t)rank, taxon), taxa[rank]);
  }
}

static void labels_tell_the_deepest_known_taxon(void **state)
{
  tx_reference_set *set = make_set();
  (void)state;
  expect_use(set, (const char *[]){"Ta", "Tab", "Tabc", "Tabca"}, TX_LABELS_CLEAR, 3);
  expect_use(set, (const char *[]){NULL, NULL, NULL, "Tabca"}, TX_LABELS_CLEAR, 3);
  expect_use(set, (const char *[]){"Ta", "Tab", "Tabc", "Tabcc"}, TX_LABELS_CLEAR, 2);
  expect_use(set, (const char *[]){"Ta", "Tab", "other", "Tabcc"}, TX_LABELS_CLEAR, 1);
  expect_use(set, (const char *[]){"Ta", "Tab", "other", NULL}, TX_LABELS_CLEAR, 1);
  expect_use(set, (const char *[]){"other", "other", "other", "other"}, TX_LABELS_CLEAR, -1);
  expect_use(set, (const char *[]){NULL, NULL, NULL, NULL}, TX_LABELS_NONE, 0);
  /* The species, or the genus, may be known or not. */
  expect_use(set, (const char *[]){"Ta", "Tab", "Tabc", NULL}, TX_LABELS_OPEN, 0);
  expect_use(set, (const char *[]){"Ta", "Tab", NULL, "other"}, TX_LABELS_OPEN, 0);
  expect_use(set, (const char *[]){NULL, NULL, NULL, "other"}, TX_LABELS_OPEN, 0);
  expect_use(set, (const char *[]){"Tb", "Tab", "Tabc", "Tabca"}, TX_LABELS_CONTRADICT, 0);
  tx_reference_set_free(set);
}

/* The lowest outcome on the way up from the known taxon; "none" without one. */
static void the_truth_is_the_deepest_outcome(void **state)
{
  static tx_outcome outcomes[4];
  tx_reference_set *set = make_set();
  const int32_t lineage[TREE_RANKS] = {1, 2, 3, 4};
  (void)state;
  for (size_t i = 0; i < 3; i++) outcomes[i] = (tx_outcome){.rank = 3 - (int)i, .taxon = 4 - (int32_t)i};
  outcomes[3] = (tx_outcome){.rank = -1, .taxon = -1};
  assert_int_equal(tx_outcomes_truth(&set->space, lineage, 3, outcomes, 4), 0);
  assert_int_equal(tx_outcomes_truth(&set->space, lineage, 2, outcomes, 4), 1);
  assert_int_equal(tx_outcomes_truth(&set->space, lineage, 0, outcomes, 4), 3);
  assert_int_equal(tx_outcomes_truth(&set->space, lineage, -1, outcomes, 4), 3);
  outcomes[0].taxon = 5; /* the species is not among the candidates */
  assert_int_equal(tx_outcomes_truth(&set->space, lineage, 3, outcomes, 4), 1);
  tx_reference_set_free(set);
}

/* Weights of a network were fitted with other weights of the evidence. */
static void without_the_network_its_weights_go(void **state)
{
  tx_reference_set *set = make_set();
  tx_calibration_report report = {0};
  char notes[NOTES_SIZE];
  (void)state;
  set->fitted.witness.present = true;
  set->fitted.witness.lengths[1].scores.fitted = true;
  write_table(true, false);
  must_calibrate(set, 2, &report, notes);
  assert_non_null(strstr(notes, "the weights of a network that the references had are left out"));
  assert_false(set->fitted.witness.present || set->fitted.witness.lengths[1].scores.fitted);
  assert_false(report.lengths[1].witness.fitted);
  tx_reference_set_free(set);
}

static void the_error_is_weighted_by_the_bins(void **state)
{
  static tx_reliability table;
  (void)state;
  assert_true(tx_reliability_error(&table, 1) == 0);
  table.weight[1][3] = 2, table.confidence[1][3] = 0.7, table.right[1][3] = 1;
  table.weight[1][9] = 6, table.confidence[1][9] = 5.7, table.right[1][9] = 5;
  assert_true(fabs(tx_reliability_error(&table, 1) - (0.3 + 0.7) / 8) < 1e-12);
  assert_true(tx_reliability_error(&table, 0) == 0);
}

static void records_make_better_answers(void **state)
{
  tx_reference_set *set = make_set();
  tx_calibration_report report = {0};
  char notes[NOTES_SIZE];
  const double known = set->fitted.prior[0], species = set->fitted.prior[1], genera = set->fitted.prior[2];
  (void)state;
  write_table(true, false);
  must_calibrate(set, 2, &report, notes);
  assert_int_equal(report.records, 54 + 108);
  assert_int_equal(report.taxa, 81);
  assert_int_equal(report.length_count, 2);
  for (size_t l = 0; l < 2; l++) {
    const tx_calibration_length *length = &report.lengths[l];
    assert_true(length->scored && length->fitted && length->records > 100);
    assert_true(length->after.log_loss < length->before.log_loss / 2);
    assert_true(length->after.ece < length->before.ece / 2);
    assert_true(length->after.accuracy >= length->before.accuracy);
    assert_true(isfinite(length->after.log_loss) && length->after.ece >= 0);
    double examples = 0;
    for (size_t k = 0; k < TX_KINDS_MAX; k++) examples += set->fitted.reliability[l].examples[k];
    assert_true(examples > (double)length->records);
  }
  /* Two in three records are new species: more than the old shares had. Kinds that they lack keep theirs. */
  assert_true(set->fitted.prior[1] > species + 0.1 && set->fitted.prior[0] < known - 0.1);
  assert_true(fabs(set->fitted.prior[0] + set->fitted.prior[1] - known - species) < 1e-9);
  assert_true(fabs(set->fitted.prior[2] - genera) < 1e-9);
  assert_non_null(
      strstr(set->provenance, "{\"calibrated_with\":[{\"file\":\"file.safetensors\",\"records\":162}]"));
  assert_non_null(strstr(set->provenance, "\"calibration_seed\":3"));
  assert_non_null(strstr(notes, "read 162 records"));
  tx_reference_set_free(set);
}

/* No record is of a new species: what tells them apart comes from held-out references. */
static void kinds_without_records_are_not_forgotten(void **state)
{
  tx_reference_set *set = make_set();
  tx_calibration_report report = {0};
  double sum = 0, prior[TX_KINDS_MAX];
  char notes[NOTES_SIZE];
  tx_error error = {0};
  (void)state;
  write_table(false, false);
  must_calibrate(set, 1, &report, notes);
  assert_int_equal(tx_prior_estimate(&set->space, prior, &error), TX_OK);
  for (size_t k = 0; k < set->space.kinds; k++) {
    assert_true(fabs(set->fitted.prior[k] - prior[k]) < 1e-9);
    sum += fabs(set->fitted.weights[1].of[k][TX_FEATURE_ONE]);
  }
  assert_true(report.lengths[1].fitted);
  assert_true(sum > 0.5 && sum < 100);
  tx_reference_set_free(set);
}

static void order_and_threads_make_no_difference(void **state)
{
  tx_fitted_weights first;
  tx_calibration_report report = {0};
  char notes[NOTES_SIZE];
  (void)state;
  for (size_t threads = 1; threads <= 3; threads += 2) {
    tx_reference_set *set = make_set();
    write_table(true, threads == 3);
    must_calibrate(set, threads, &report, notes);
    if (threads == 1)
      first = set->fitted;
    else
      assert_memory_equal(&first, &set->fitted, sizeof first);
    tx_reference_set_free(set);
  }
}

static void what_is_of_no_use_is_counted(void **state)
{
  tx_reference_set *set = make_set();
  tx_calibration_report report = {0};
  char notes[NOTES_SIZE], turned[TREE_BASES + 1];
  const tree_record *first = &whole->records[0];
  uint64_t equal;
  FILE *file;
  (void)state;
  write_table(false, false);
  must_calibrate(set, 1, &report, notes);
  equal = report.equal;
  file = begin_table(false, false);
  fprintf(file, "short,ACGT,Ta,Taa,Taaa,Taaaa\nplain,%s,,,,\nopen,%s,Ta,Taa,Taaa,\n", first->bases,
          first->bases);
  fprintf(file, "wrong,%s,Tb,Taa,Taaa,Taaaa\n", first->bases);
  fprintf(file, "strange,");
  for (size_t i = 0; i < 80; i++) fputs("ACACG", file);
  fprintf(file, ",Ta,Taa,Taaa,Taaaa\n");
  reverse_complement(first->bases, turned);
  fprintf(file, "equal,%s,Ta,Taa,Taaa,Taaaa\n", turned);
  assert_int_equal(fclose(file), 0);
  must_calibrate(set, 1, &report, notes);
  assert_int_equal(report.records, 55);
  assert_int_equal(report.equal, equal + 1);
  if (!strstr(notes, "read 60 records: 0 of other splits, 1 too short, 1 without any label; the weights are "
                     "fitted on 55 of 54 taxa") ||
      !strstr(notes, "left out: 1 without a label at a rank") ||
      !strstr(notes, "left out: 1 whose taxon the references have inside another one") ||
      !strstr(notes, "left out: 1 that resemble no reference") ||
      !strstr(notes, "of the barcodes equal a reference"))
    fail_msg("%s", notes);
  tx_reference_set_free(set);
}

/* Other spelling of the species: all of them look new. */
static void names_that_nobody_knows_are_told(void **state)
{
  tx_reference_set *set = make_set();
  tx_calibration_report report = {0};
  char notes[NOTES_SIZE];
  FILE *file = fopen(place.path, "w");
  (void)state;
  assert_non_null(file);
  fputs("id,sequence,order,family,genus,species\n", file);
  for (size_t i = 3; i < whole->count; i += TREE_RECORDS) {
    const tree_record *record = &whole->records[i];
    fprintf(file, "%s,%s,%s,%s,%s,%s_1\n", record->id, record->bases, record->names[0], record->names[1],
            record->names[2], record->names[3]);
  }
  assert_int_equal(fclose(file), 0);
  must_calibrate(set, 1, &report, notes);
  assert_non_null(strstr(notes, "no label at rank species is a taxon of the references"));
  assert_null(strstr(notes, "no label at rank genus"));
  tx_reference_set_free(set);
}

static void too_few_records_change_nothing(void **state)
{
  tx_reference_set *set = make_set();
  const tx_fitted_weights before = set->fitted;
  tx_calibration_report report = {0};
  tx_error error = {0};
  char notes[NOTES_SIZE];
  FILE *file = fopen(place.path, "w");
  (void)state;
  assert_non_null(file);
  fputs("id,sequence,order,family,genus,species\n", file);
  for (size_t i = 0; i < 29; i++) put_record(file, &whole->records[4 * i]);
  assert_int_equal(fclose(file), 0);
  assert_int_equal(calibrate(set, 1, &report, notes, &error), TX_ERROR_DATA);
  assert_non_null(strstr(error.message, "needs 30 records of at least 5 taxa, and there are 29 of 29"));
  file = fopen(place.path, "w");
  assert_non_null(file);
  fputs("id,sequence,order,family,genus,species\n", file);
  for (size_t i = 0; i < 40; i++) put_record(file, &whole->records[i % 16]);
  assert_int_equal(fclose(file), 0);
  assert_int_equal(calibrate(set, 1, &report, notes, &error), TX_ERROR_DATA);
  assert_non_null(strstr(error.message, "there are 40 of 4"));
  assert_memory_equal(&before, &set->fitted, sizeof before);
  assert_null(set->provenance);
  tx_reference_set_free(set);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(labels_tell_the_deepest_known_taxon),
      cmocka_unit_test(the_truth_is_the_deepest_outcome),
      cmocka_unit_test(the_error_is_weighted_by_the_bins),
      cmocka_unit_test(without_the_network_its_weights_go),
      cmocka_unit_test(records_make_better_answers),
      cmocka_unit_test(kinds_without_records_are_not_forgotten),
      cmocka_unit_test(order_and_threads_make_no_difference),
      cmocka_unit_test(what_is_of_no_use_is_counted),
      cmocka_unit_test(names_that_nobody_knows_are_told),
      cmocka_unit_test(too_few_records_change_nothing),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
