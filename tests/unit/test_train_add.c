/* Training from a model with another table: the taxa that are lost, and --add, which keeps them. */
#include "unit/train_runs.h"

#include "evidence/reference_set.h"
#include "nn/layout.h"

#include <taxamba/references.h>

/* A table of species first..last-1. narrow: without the columns of order and family. */
static void write_table(fixture *f, size_t first, size_t last, bool narrow)
{
  FILE *file;
  char whole[192], line[1024];
  snprintf(f->input, sizeof f->input, "%s/second.csv", f->folder);
  snprintf(whole, sizeof whole, "%s/whole.csv", f->folder);
  file = fopen(whole, "wb");
  assert_non_null(file);
  for (size_t s = first; s < last; s++)
    for (size_t i = 0; i < 8; i++) fixture_row(file, s, i, i % 4 == 2 ? "val" : "train");
  assert_int_equal(fclose(file), 0);
  file = fopen(whole, "rb");
  assert_non_null(file);
  FILE *table = fopen(f->input, "wb");
  assert_non_null(table);
  fprintf(table, "processid,%sgenus,species,dna_barcode,split\n", narrow ? "" : "order,family,");
  while (fgets(line, sizeof line, file)) {
    char *id_end = strchr(line, ','), *order_end = strchr(id_end + 1, ','),
         *family_end = strchr(order_end + 1, ',');
    if (narrow)
      fprintf(table, "%.*s%s", (int)(id_end - line), line, family_end);
    else
      fputs(line, table);
  }
  fclose(file);
  assert_int_equal(fclose(table), 0);
}

static void must_train(fixture *f, const char *output)
{
  watch w = {0};
  f->notes[0] = 0;
  if (watch_run(f, &w, NULL, output, false) != TX_OK) fail_msg("%s", f->error.message);
}

static int32_t find_class(const tx_taxonomy *taxonomy, size_t rank, const char *name)
{
  for (size_t c = 0; c < tx_taxonomy_class_count(taxonomy, rank); c++)
    if (!strcmp(tx_taxonomy_class_name(taxonomy, rank, (int32_t)c), name)) return (int32_t)c;
  return -1;
}

/* Whether all taxa of the old model are in the new one, with the same rows of the heads. */
static bool kept_rows(const tx_model *old, const tx_model *new)
{
  for (size_t r = 0; r < tx_taxonomy_rank_count(old->taxonomy); r++)
    for (size_t c = 0; c < tx_taxonomy_class_count(old->taxonomy, r); c++) {
      const int32_t found =
          find_class(new->taxonomy, r, tx_taxonomy_class_name(old->taxonomy, r, (int32_t)c));
      const size_t from = tx_head_tensor(&old->dims, r), to = tx_head_tensor(&new->dims, r);
      const size_t width = old->dims.width;
      if (found < 0 ||
          memcmp(old->weights[from] + c * width, new->weights[to] + (size_t)found * width,
                 width * sizeof(float)) != 0 ||
          old->weights[from + 1][c] != new->weights[to + 1][found])
        return false;
    }
  return true;
}

/* A model of species 0 to 3, trained; then the table of others is the input. */
static void train_first(fixture *f, char path[256])
{
  snprintf(path, 256, "%s/first", f->folder);
  write_table(f, 0, 4, false);
  must_train(f, path);
  fixture_set(f, "init", path);
}

static void taxa_that_are_lost_are_named(void **state)
{
  fixture *f = *state;
  char first[256];
  train_first(f, first);
  write_table(f, 2, 6, false);
  must_train(f, f->output);
  assert_null(strstr(f->notes, "taxa of rank order"));
  assert_non_null(strstr(f->notes, "lost: 1 of the 2 taxa of rank genus that "));
  assert_non_null(strstr(f->notes, "/first has, such as 'Genus0'"));
  assert_non_null(strstr(f->notes, "lost: 2 of the 4 taxa of rank species that "));
  assert_non_null(strstr(f->notes, "such as 'Species0', 'Species1'"));
  fixture_set(f, "ranks", "order,genus");
  must_train(f, f->output);
  assert_non_null(strstr(f->notes, "lost: 4 of the 4 taxa of rank species that "));
}

static void add_keeps_rows_and_references(void **state)
{
  fixture *f = *state;
  char first[256];
  tx_model *old, *new;
  tx_reference_set *before = NULL, *after = NULL;
  train_first(f, first);
  write_table(f, 3, 6, false); /* one old species, and its genus */
  fixture_set(f, "add", "true");
  fixture_set(f, "learning-rate", "0");
  must_train(f, f->output);
  assert_null(strstr(f->notes, "lost: "));
  assert_non_null(
      strstr(f->notes, "heads order, family, genus (2 taxa, 1 new), species (4 taxa, 2 new) from"));
  old = open_model(first);
  new = open_model(f->output);
  assert_int_equal(tx_taxonomy_class_count(new->taxonomy, 3), 6);
  assert_true(kept_rows(old, new));
  assert_true(same_tensors(old, new, 0, tx_head_tensor(&old->dims, 0)));
  assert_int_equal(tx_reference_set_of_model(old, &before, &f->error), TX_OK);
  assert_int_equal(tx_reference_set_of_model(new, &after, &f->error), TX_OK);
  assert_true(tx_reference_set_count(after) > tx_reference_set_count(before));
  tx_reference_set_free(before);
  tx_reference_set_free(after);
  tx_model_close(old);
  tx_model_close(new);
}

/* The input need not have all ranks: what it says of a genus is joined with the genus that the model
   knows. */
static void add_takes_narrow_tables(void **state)
{
  fixture *f = *state;
  char first[256];
  tx_model *old, *new;
  train_first(f, first);
  write_table(f, 3, 6, true);
  fixture_set(f, "add", "true");
  fixture_set(f, "learning-rate", "0");
  must_train(f, f->output);
  old = open_model(first);
  new = open_model(f->output);
  assert_int_equal(tx_taxonomy_rank_count(new->taxonomy), 4);
  assert_int_equal(tx_taxonomy_class_count(new->taxonomy, 2), 3);
  assert_true(kept_rows(old, new));
  tx_model_close(old);
  tx_model_close(new);
}

static void add_resumes(void **state)
{
  fixture *f = *state;
  char first[256], whole[256];
  watch w = {.stop_at = 2};
  train_first(f, first);
  write_table(f, 3, 6, false);
  fixture_set(f, "add", "true");
  snprintf(whole, sizeof whole, "%s/whole", f->folder);
  must_train(f, whole);
  assert_int_equal(watch_run(f, &w, NULL, f->output, false), TX_STOPPED);
  fixture_set(f, "add", "false");
  w.stop_at = 0;
  assert_int_equal(watch_run(f, &w, NULL, f->output, true), TX_ERROR_USAGE);
  fixture_set(f, "add", "true");
  if (watch_run(f, &w, NULL, f->output, true) != TX_OK) fail_msg("%s", f->error.message);
  assert_same_bytes(whole, f->output);
}

static void add_needs_taxa(void **state)
{
  fixture *f = *state;
  char first[256];
  watch w = {0};
  snprintf(first, sizeof first, "%s/first", f->folder);
  fixture_set(f, "objective", "next-token");
  must_train(f, first);
  fixture_set(f, "objective", "taxa");
  fixture_set(f, "add", "true");
  assert_int_equal(watch_run(f, &w, NULL, f->output, false), TX_ERROR_USAGE);
  assert_non_null(strstr(f->error.message, "--add has no effect without --init"));
  fixture_set(f, "init", first);
  assert_int_equal(watch_run(f, &w, NULL, f->output, false), TX_ERROR_USAGE);
  assert_non_null(strstr(f->error.message, "has no taxa: leave it out"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
  const struct CMUnitTest tests[] = {
      TEST(taxa_that_are_lost_are_named), TEST(add_keeps_rows_and_references), TEST(add_takes_narrow_tables),
      TEST(add_resumes), TEST(add_needs_taxa),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
