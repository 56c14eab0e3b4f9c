/* Trainings on sets of taxa: what the labels say of the taxa, the loss, threads and resuming. */
#include "unit/train_runs.h"

#include "dataset/lineages.h"
#include "taxon/nodes.h"
#include "tensor/multilabel.h"

static const tx_tokenizer kmers = {TX_TOKENIZER_KMER, 4, 4, 0, 0, false, NULL};

/* A table of two species in one record each, one of them named as far as the genus in one record of three. */
static void write_mixed(fixture *f)
{
  FILE *file;
  snprintf(f->input, sizeof f->input, "%s/mixed.tsv", f->folder);
  file = fopen(f->input, "wb");
  assert_non_null(file);
  fprintf(file, "id\ttaxa\tsplit\tsequence\n");
  for (size_t i = 0; i < 60; i++) {
    const size_t species[2] = {i % FIXTURE_SPECIES, (i / FIXTURE_SPECIES + i + 1) % FIXTURE_SPECIES};
    fprintf(file, "m%zu\t", i);
    for (size_t s = 0; s < 2; s++) {
      fprintf(file, "%sOrder|Genus%zu", s ? ";" : "", species[s] / 2);
      if (i % 3 || s) fprintf(file, "|Species%zu", species[s]);
    }
    fprintf(file, "\t%s\t", i % 5 == 4 ? "val" : "train");
    for (size_t s = 0; s < 2; s++) {
      tx_random random;
      tx_random_seed(&random, 7, species[s], 0, 0);
      for (size_t b = 0; b < 80; b++) fputc("ACGT"[tx_random_below(&random, 4)], file);
    }
    fputc('\n', file);
  }
  assert_int_equal(fclose(file), 0);
  fixture_set(f, "objective", "multilabel");
  fixture_set(f, "taxa-column", "taxa");
  fixture_set(f, "ranks", "order,genus,species");
  fixture_set(f, "crop", "0");
  fixture_set(f, "learning-rate", "0.01");
}

static tx_status load(fixture *f, tx_dataset **dataset)
{
  const char *const inputs[] = {f->input};
  const tx_train_files files = {.inputs = inputs, .input_count = 1, .output = f->output};
  const tx_train_hooks hooks = {NULL, fixture_note, f, NULL};
  const tx_dataset_needs needs = {.labels = true, .tokens = 2};
  return tx_dataset_load(&f->config, &needs, &kmers, &files, &hooks, dataset, &f->error);
}

#define BASES50 "ACGTTGCAACGTAGCTAGCTAGGATCGATCGGATCGATTAGCTAGCTTAG"

static int8_t state_of(const tx_dataset *dataset, const int8_t *states, const char *name)
{
  const int64_t node = tx_taxonomy_find_node(dataset->taxonomy, name);
  if (node < 0) fail_msg("no taxon '%s'", name);
  return states[node];
}

static void annotate(const tx_dataset *dataset, size_t record, int8_t *states)
{
  int32_t parents[32];
  assert_true(tx_taxonomy_node_count(dataset->taxonomy) <= 32);
  tx_taxonomy_node_parents(dataset->taxonomy, parents);
  assert_true(tx_dataset_annotate(dataset, (uint32_t)record, parents, states));
}

/* Lineages cut at any rank, names of single taxa, which mean the lineage that another record has, and a
   validation record that goes on with a species which no training record has. */
static void test_annotations(void **state)
{
  fixture *f = *state;
  tx_dataset *dataset = NULL;
  int8_t states[32];
  write_mixed(f);
  fixture_write(f, "names.tsv",
                "id\ttaxa\tsplit\tsequence\n"
                "a\tb;O|G\ttrain\t" BASES50 "\n"
                "b\tO|G|a;P|H|b\ttrain\t" BASES50 "\n"
                "c\tO|G|c\ttrain\t" BASES50 "\n"
                "d\tP|H|new;Q\tval\t" BASES50 "\n",
                f->input);
  assert_int_equal(load(f, &dataset), TX_OK);
  assert_non_null(strstr(f->notes, "no lineage has the taxon 'Q'"));
  assert_non_null(strstr(f->notes, "taxa: order 2 (3 records), genus 2 (3 records), species 3 (3 records)"));
  annotate(dataset, 0, states);
  assert_int_equal(state_of(dataset, states, "P"), TX_NODE_PRESENT);
  assert_int_equal(state_of(dataset, states, "H"), TX_NODE_PRESENT);
  assert_int_equal(state_of(dataset, states, "b"), TX_NODE_PRESENT);
  assert_int_equal(state_of(dataset, states, "G"), TX_NODE_PRESENT);
  assert_int_equal(state_of(dataset, states, "a"), TX_NODE_UNKNOWN);
  assert_int_equal(state_of(dataset, states, "c"), TX_NODE_UNKNOWN);
  annotate(dataset, 2, states);
  assert_int_equal(state_of(dataset, states, "c"), TX_NODE_PRESENT);
  assert_int_equal(state_of(dataset, states, "a"), TX_NODE_ABSENT);
  assert_int_equal(state_of(dataset, states, "P"), TX_NODE_ABSENT);
  annotate(dataset, 3, states); /* it is a species of H, and none of those that are known */
  assert_int_equal(state_of(dataset, states, "H"), TX_NODE_PRESENT);
  assert_int_equal(state_of(dataset, states, "b"), TX_NODE_ABSENT);
  assert_int_equal(state_of(dataset, states, "O"), TX_NODE_ABSENT);
  tx_dataset_free(dataset);
  fixture_write(f, "two.tsv",
                "id\ttaxa\tsplit\tsequence\n"
                "a\tO|G|x;P|H|x\ttrain\t" BASES50 "\n"
                "b\tx\ttrain\t" BASES50 "\n",
                f->input);
  assert_int_equal(load(f, &dataset), TX_ERROR_DATA);
  assert_non_null(strstr(f->error.message, "the name 'x' in the column of the taxa is that of several taxa"));
}

static void test_threads_and_resuming(void **state)
{
  static const uint64_t stops[] = {1, 4, 6};
  fixture *f = *state;
  char whole[256];
  watch w = {0};
  write_mixed(f);
  fixture_set(f, "strand-share", "0.2"); /* the head of the strand goes with it */
  snprintf(whole, sizeof whole, "%s/whole", f->folder);
  fixture_set(f, "threads", "1");
  assert_int_equal(watch_run(f, &w, NULL, whole, false), TX_OK);
  for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
    watch stopped = {.stop_at = stops[i]};
    fixture_set(f, "threads", i % 2 ? "2" : "3");
    assert_int_equal(watch_run(f, &stopped, NULL, f->output, i > 0), TX_STOPPED);
  }
  assert_int_equal(watch_run(f, &w, NULL, f->output, true), TX_OK);
  assert_same_bytes(whole, f->output);
}

static void test_learns(void **state)
{
  fixture *f = *state;
  watch w = {0};
  tx_model *model;
  write_mixed(f);
  fixture_set(f, "epochs", TX_LIGHT_TESTS ? "4" : "20");
  fixture_set(f, "metric", "micro-F1");
  if (watch_run(f, &w, NULL, f->output, false) != TX_OK) fail_msg("%s", f->error.message);
  assert_string_equal(w.metric_name, "micro-F1");
  assert_true(w.last_loss < w.first_loss);
  if (!TX_LIGHT_TESTS) assert_true(w.metric > 0.8);
  model = open_model(f->output);
  assert_true(tx_model_is_multilabel(model));
  assert_int_equal(tx_dims_ranks(&model->dims), 0);
  assert_int_equal(model->dims.heads[tx_dims_multilabel_head(&model->dims)].size, 1 + 3 + 6);
  tx_model_close(model);
  fixture_set(f, "metric", "species-accuracy");
  assert_int_equal(watch_run(f, &w, NULL, f->output, false), TX_ERROR_USAGE);
  assert_non_null(strstr(f->error.message, "neither loss nor micro-F1"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
  const struct CMUnitTest tests[] = {TEST(test_annotations), TEST(test_threads_and_resuming),
                                     TEST(test_learns)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
