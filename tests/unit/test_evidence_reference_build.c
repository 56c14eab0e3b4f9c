/* Reference sets from labelled files: the same in any order and with any number of threads, what is left out
   is told, and adding is building at once. */
#include "unit/made_records.h"

enum { NOTES_SIZE = 8192 };

static made_records made;
static scratch place;

/* What the hooks were told. */
typedef struct heard {
  char notes[NOTES_SIZE];
  uint64_t records;
  bool fitted;
  volatile int stop;
  uint64_t stop_at;
} heard;

static void hear_note(void *context, const char *line)
{
  heard *all = context;
  snprintf(all->notes + strlen(all->notes), NOTES_SIZE - strlen(all->notes), "%s\n", line);
}

static void hear_progress(void *context, const tx_reference_progress *progress)
{
  heard *all = context;
  all->records = progress->records;
  all->fitted = all->fitted || progress->fitting;
  if (all->stop_at && progress->records >= all->stop_at) all->stop = 1;
}

static int make_place(void **state)
{
  (void)state;
  scratch_create(&place);
  return 0;
}

static int remove_place(void **state)
{
  (void)state;
  scratch_remove(&place);
  return 0;
}

/* A table of the records below `end`: those of each remainder by `step` together. */
static void write_table(size_t end, size_t step)
{
  FILE *file = fopen(place.path, "w");
  assert_non_null(file);
  fputs("id,sequence,split,family,genus,species\n", file);
  for (size_t from = step; from-- > 0;)
    for (size_t i = from; i < end; i += step) {
      const made_record *record = &made.records[i];
      fprintf(file, "%s,%s,%s,%s,%s,%s\n", record->id, record->bases, "train", record->taxa[0],
              record->taxa[1], record->taxa[2]);
    }
  assert_int_equal(fclose(file), 0);
}

/* The records below `end`, with an order, and a class that changes after 24 of them. */
static void write_classes(size_t end)
{
  FILE *file = fopen(place.path, "w");
  assert_non_null(file);
  fputs("id,sequence,class,order,family,genus,species\n", file);
  for (size_t i = 0; i < end; i++) {
    const made_record *record = &made.records[i];
    fprintf(file, "%s,%s,Class%d,Order%d,%s,%s,%s\n", record->id, record->bases, i >= 24, i >= 24,
            record->taxa[0], record->taxa[1], record->taxa[2]);
  }
  assert_int_equal(fclose(file), 0);
}

/* The records from `first` on, in a table with other columns. */
static void write_rest(size_t first)
{
  FILE *file = fopen(place.path, "w");
  assert_non_null(file);
  fputs("id,sequence,species,tribe,genus,family\n", file);
  for (size_t i = first; i < made.count; i++)
    fprintf(file, "%s,%s,%s,x,%s,%s\n", made.records[i].id, made.records[i].bases, made.records[i].taxa[2],
            made.records[i].taxa[1], made.records[i].taxa[0]);
  assert_int_equal(fclose(file), 0);
}

static tx_status build(const tx_reference_options *options, tx_reference_set **ret_set, tx_error *error)
{
  const char *path = place.path;
  const tx_labelled_options labelled = {0};
  tx_labelled *reader = NULL;
  tx_status status = tx_labelled_open(&path, 1, &labelled, &reader, error);
  if (status == TX_OK) status = tx_reference_set_build(reader, options, ret_set, error);
  tx_labelled_close(reader);
  return status;
}

static tx_reference_set *must_build(const tx_reference_options *options)
{
  tx_reference_set *set = NULL;
  tx_error error = {0};
  if (build(options, &set, &error) != TX_OK) fail_msg("%s", error.message);
  return set;
}

/* The bytes of its file; the caller frees them. */
static unsigned char *bytes_of(const tx_reference_set *set, size_t *ret_size)
{
  tx_error error = {0};
  assert_int_equal(tx_reference_set_write(set, place.path, NULL, &error), TX_OK);
  return read_whole(place.path, ret_size);
}

static void order_and_threads_make_no_difference(void **state)
{
  size_t size, other_size;
  unsigned char *bytes = NULL;
  (void)state;
  for (size_t step = 1; step <= 7; step += 3) {
    tx_reference_set *set;
    unsigned char *other;
    write_table(made.count, step);
    set = must_build(&(tx_reference_options){.threads = step, .seed = 3});
    other = bytes_of(set, &other_size);
    tx_reference_set_free(set);
    if (bytes) {
      assert_int_equal(size, other_size);
      assert_memory_equal(bytes, other, size);
      free(other);
    } else {
      bytes = other;
      size = other_size;
    }
  }
  free(bytes);
}

static void the_hooks_are_told(void **state)
{
  static heard all;
  tx_reference_set *set;
  FILE *file;
  (void)state;
  memset(&all, 0, sizeof all);
  write_table(made.count, 1);
  file = fopen(place.path, "a");
  assert_non_null(file);
  fprintf(file, "short,ACGT,train,Family0,Genus0,\n");
  fprintf(file, "plain,%s,train,,,\n", made.records[0].bases);
  fprintf(file, "other,%s,test,Family0,Genus0,\n", made.records[0].bases);
  fprintf(file, "wrong,%s,train,Family1,,Genus1 other\n", made.records[0].bases);
  fclose(file);
  set = must_build(&(tx_reference_options){
      .threads = 1, .usual_split = "train", .hooks = {hear_progress, hear_note, NULL, &all, NULL}});
  assert_int_equal(all.records, made.count + 4);
  assert_true(all.fitted);
  if (!strstr(all.notes,
              "read 54 records: 1 of other splits, 1 too short, 1 without any label\n") ||
      !strstr(all.notes, "dereplicated: 51 records, 48 distinct barcodes, 50 references; barcodes with "
                         "contradicting labels: 2, all kept") ||
      !strstr(all.notes, "Genus1 other"))
    fail_msg("%s", all.notes);
  assert_non_null(
      strstr(set->provenance, "{\"file\":\"file.safetensors\",\"split\":\"train\",\"records\":53}"));
  assert_non_null(strstr(set->provenance, "\"seed\":0,\"fitted_references\":50}"));
  tx_reference_set_free(set);
}

static void adding_keeps_the_weights(void **state)
{
  static heard all;
  tx_reference_set *whole, *first, *second;
  tx_error error = {0};
  (void)state;
  memset(&all, 0, sizeof all);
  write_table(made.count, 1);
  whole = must_build(&(tx_reference_options){.threads = 1});
  write_table(40, 1);
  first = must_build(&(tx_reference_options){.threads = 1, .seed = 7});
  write_rest(40);
  second = must_build(&(tx_reference_options){
      .opt_base = first, .opt_base_name = "first", .hooks = {hear_progress, hear_note, NULL, &all, NULL}});
  assert_false(all.fitted);
  assert_non_null(strstr(all.notes, "rank tribe of the input is left aside"));
  expect_equal_references(whole->references, second->references);
  assert_memory_equal(&first->fitted, &second->fitted, sizeof first->fitted);
  assert_non_null(
      strstr(second->provenance, "\"records\":40},{\"file\":\"file.safetensors\",\"records\":10}"));
  assert_non_null(strstr(second->provenance, "\"seed\":7,\"fitted_references\":40}"));
  assert_int_equal(tx_reference_set_write(second, place.path, NULL, &error), TX_OK);
  tx_reference_set_free(whole);
  tx_reference_set_free(first);
  tx_reference_set_free(second);
}

/* One class, then two: there is a rank more to tell apart, and the old weights do not fit. */
static void other_ranks_are_fitted_anew(void **state)
{
  static heard all;
  tx_reference_set *first, *second;
  tx_error error = {0};
  tx_reference_set *none = NULL;
  (void)state;
  memset(&all, 0, sizeof all);
  write_classes(16);
  first = must_build(&(tx_reference_options){.threads = 1});
  write_classes(MADE_RECORDS);
  second = must_build(&(tx_reference_options){.threads = 1,
                                              .opt_base = first,
                                              .hooks = {hear_progress, hear_note, NULL, &all, NULL},
                                              .opt_base_name = "a"});
  assert_true(second->space.kinds > first->space.kinds);
  assert_true(all.fitted);
  assert_non_null(strstr(all.notes, "the weights are fitted anew"));
  write_whole(place.path, "id,sequence,tribe\na,ACGT,x\n", 27);
  assert_int_equal(build(&(tx_reference_options){.opt_base = first, .opt_base_name = "a"}, &none, &error),
                   TX_ERROR_DATA);
  assert_non_null(strstr(error.message, "no label at a rank of the references"));
  tx_reference_set_free(first);
  tx_reference_set_free(second);
}

static void nothing_to_compare_with_is_an_error(void **state)
{
  tx_reference_set *set = NULL;
  tx_error error = {0};
  static const char table[] = "id,sequence,split,genus\na,ACGT,train,x\nb,ACGT,val,x\nc,ACGT,train,\n";
  (void)state;
  write_whole(place.path, table, sizeof table - 1);
  assert_int_equal(build(&(tx_reference_options){.usual_split = "train"}, &set, &error), TX_ERROR_DATA);
  assert_string_equal(error.message,
                      "no reference in the input: of 3 records 1 have no label at any rank, 1 are too short "
                      "(fewer than 50 certain bases) and the rest are of other splits ('val'); choose with "
                      "--split");
  assert_null(set);
  write_whole(place.path, "id,sequence\na,ACGT\n", 19);
  assert_int_equal(build(&(tx_reference_options){0}, &set, &error), TX_ERROR_DATA);
}

static void a_stop_is_obeyed(void **state)
{
  static heard all;
  tx_reference_set *set = NULL;
  tx_error error = {0};
  (void)state;
  memset(&all, 0, sizeof all);
  write_table(made.count, 1);
  for (all.stop_at = 1; all.stop_at <= made.count; all.stop_at += 49) {
    all.stop = 0;
    assert_int_equal(
        build(
            &(tx_reference_options){.threads = 1, .hooks = {hear_progress, hear_note, NULL, &all, &all.stop}},
            &set, &error),
        TX_STOPPED);
    assert_null(set);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(order_and_threads_make_no_difference, make_place, remove_place),
      cmocka_unit_test_setup_teardown(the_hooks_are_told, make_place, remove_place),
      cmocka_unit_test_setup_teardown(adding_keeps_the_weights, make_place, remove_place),
      cmocka_unit_test_setup_teardown(other_ranks_are_fitted_anew, make_place, remove_place),
      cmocka_unit_test_setup_teardown(nothing_to_compare_with_is_an_error, make_place, remove_place),
      cmocka_unit_test_setup_teardown(a_stop_is_obeyed, make_place, remove_place),
  };
  make_records(&made);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
