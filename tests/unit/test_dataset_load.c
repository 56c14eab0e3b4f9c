/* The training table: what is read, left out, split, labelled. */
#include "unit/train_fixture.h"

#include "dataset/dataset.h"
#include "seq/bases.h"

static const tx_tokenizer kmers = {TX_TOKENIZER_KMER, 4, 4, 0, 0, false, NULL};

static tx_status load(fixture *f, tx_dataset **dataset)
{
  const char *const inputs[] = {f->input};
  const tx_train_files files = {.inputs = inputs, .input_count = 1, .output = f->output};
  const tx_train_hooks hooks = {NULL, fixture_note, f, NULL};
  const tx_dataset_needs needs = {.labels = f->config.objective == TX_OBJECTIVE_TAXA,
                                  .tokens = f->config.objective == TX_OBJECTIVE_NEXT_TOKEN ? 3 : 2};
  f->notes[0] = 0;
  return tx_dataset_load(&f->config, &needs, &kmers, &files, &hooks, dataset, &f->error);
}

static void must_load(fixture *f, tx_dataset **dataset)
{
  if (load(f, dataset) != TX_OK) fail_msg("%s", f->error.message);
}

static int32_t class_of(const tx_dataset *dataset, size_t rank, const char *name)
{
  for (size_t c = 0; c < tx_taxonomy_class_count(dataset->taxonomy, rank); c++)
    if (strcmp(tx_taxonomy_class_name(dataset->taxonomy, rank, (int32_t)c), name) == 0) return (int32_t)c;
  return -1;
}

#define BASES50 "ACGTTGCAACGTAGCTAGCTAGGATCGATCGGATCGATTAGCTAGCTTAG"
#define HEADER "processid,order,tribe,family,species,dna_barcode,split\n"

static void test_split_and_ranks(void **state)
{
  fixture *f = *state;
  tx_dataset *dataset = NULL;
  uint8_t codes[256];
  fixture_write(f, "t.csv",
                HEADER "a,O,,F,S1," BASES50 BASES50 ",train\n"
                       "b,O,,,S2,--" BASES50 "acgtuNNN,train\n"
                       "c,O,,F,S1," BASES50 ",val\n"
                       "d,O,,F,S3," BASES50 ",val\n"
                       "e,O,T,F,S1," BASES50 ",val\n"
                       "f,O,,F,S1,ACGT,train\n"
                       "g,None,,,," BASES50 ",train\n"
                       "h,O,,F,S1," BASES50 ",test\n",
                f->input);
  must_load(f, &dataset);
  assert_int_equal(dataset->count, 5);
  assert_int_equal(dataset->train.count, 2);
  assert_int_equal(dataset->valid.count, 3);
  assert_int_equal(dataset->longest, 100);
  assert_int_equal(dataset->ranks, 3); /* tribe has a label in the validation part only */
  assert_non_null(strstr(f->notes, "rank tribe has no label"));
  assert_non_null(strstr(f->notes, "1 of other splits, 1 too short, 1 without any label"));
  /* gaps removed, U read as T, trailing N stripped */
  assert_int_equal(tx_dataset_codes(dataset, 1, codes), 55);
  assert_memory_equal(codes + 50, "\0\1\2\3\3", 5);
  assert_int_equal(tx_dataset_label_of(dataset, 0, 2), class_of(dataset, 2, "S1"));
  assert_int_equal(tx_dataset_label_of(dataset, 1, 1), TX_LABEL_NONE);
  assert_int_equal(tx_dataset_label_of(dataset, 1, 2), class_of(dataset, 2, "S2"));
  assert_int_equal(tx_dataset_label_of(dataset, 2, 2), class_of(dataset, 2, "S1"));
  assert_int_equal(tx_dataset_label_of(dataset, 3, 2), TX_LABEL_UNKNOWN);
  assert_int_equal(tx_dataset_label_of(dataset, 3, 1), class_of(dataset, 1, "F"));
  assert_int_equal(dataset->labelled[1], 1);
  assert_int_equal(dataset->valid_labelled[2], 3);
  tx_dataset_free(dataset);
}

static void test_several_splits(void **state)
{
  fixture *f = *state;
  tx_dataset *dataset = NULL;
  fixture_write(f, "t.csv",
                HEADER "a,O,,F,S1," BASES50 ",one\nb,O,,F,S2," BASES50 ",two\nc,O,,F,S2," BASES50 ",three\n",
                f->input);
  fixture_set(f, "split", "one, two");
  fixture_set(f, "valid-split", "three");
  must_load(f, &dataset);
  assert_int_equal(dataset->train.count, 2);
  assert_int_equal(dataset->valid.count, 1);
  tx_dataset_free(dataset);
}

static void test_hold_out(void **state)
{
  fixture *f = *state;
  tx_dataset *first = NULL, *second = NULL, *other = NULL;
  fixture_table(f, "t.csv", 20, false, f->input); /* 120 records */
  fixture_set(f, "valid-fraction", "0.1");
  must_load(f, &first);
  assert_non_null(strstr(f->notes, "held out"));
  must_load(f, &second);
  fixture_set(f, "seed", "2");
  must_load(f, &other);
  assert_int_equal(first->train.count, 108);
  assert_int_equal(first->valid.count, 12);
  assert_memory_equal(first->valid.records, second->valid.records, 12 * sizeof(uint32_t));
  assert_int_equal(first->fingerprint, second->fingerprint);
  assert_memory_not_equal(first->valid.records, other->valid.records, 12 * sizeof(uint32_t));
  assert_true(first->fingerprint != other->fingerprint);
  for (size_t i = 1; i < first->train.count; i++)
    assert_true(first->train.records[i] > first->train.records[i - 1]);
  for (size_t i = 0; i < first->valid.count; i++)
    for (size_t j = 0; j < first->train.count; j++)
      assert_true(first->valid.records[i] != first->train.records[j]);
  tx_dataset_free(first);
  tx_dataset_free(second);
  tx_dataset_free(other);
}

/* A validation file with its ranks in another order and one missing. */
static void test_validation_file(void **state)
{
  fixture *f = *state;
  tx_dataset *dataset = NULL;
  char path[192];
  fixture_write(f, "t.csv", HEADER "a,O,,F,S1," BASES50 ",train\nb,O,,F,S2," BASES50 ",val\n", f->input);
  fixture_write(f, "v.csv", "id,sequence,species,order\nx," BASES50 ",S1,O\ny," BASES50 ",S2,O\n", path);
  fixture_set(f, "valid-file", path);
  fixture_set(f, "ranks", "");
  must_load(f, &dataset);
  assert_int_equal(dataset->train.count, 1);
  assert_int_equal(dataset->valid.count, 2);
  assert_int_equal(tx_dataset_label_of(dataset, dataset->valid.records[0], 2), 0);
  assert_int_equal(tx_dataset_label_of(dataset, dataset->valid.records[0], 1), TX_LABEL_NONE);
  assert_int_equal(tx_dataset_label_of(dataset, dataset->valid.records[1], 2), TX_LABEL_UNKNOWN);
  tx_dataset_free(dataset);
}

static void test_nothing_to_learn(void **state)
{
  fixture *f = *state;
  tx_dataset *dataset = NULL;
  fixture_write(f, "t.csv", HEADER "a,None,,,," BASES50 ",train\nb,O,,F,S," BASES50 ",test\n", f->input);
  assert_int_equal(load(f, &dataset), TX_ERROR_DATA);
  assert_non_null(strstr(f->error.message, "no labelled record in split 'train' of "));
  assert_non_null(strstr(f->error.message, "t.csv"));
  assert_non_null(strstr(f->error.message, "'test'"));
  fixture_write(f, "t.fasta", ">a\n" BASES50 "\n", f->input);
  assert_int_equal(load(f, &dataset), TX_ERROR_DATA);
  assert_non_null(strstr(f->error.message, "no labelled record in "));
  snprintf(f->input, sizeof f->input, "%s/absent", f->folder);
  assert_int_equal(load(f, &dataset), TX_ERROR_IO);
}

/* A table row that is damaged ends the load with its place. */
static void test_damaged_table(void **state)
{
  fixture *f = *state;
  tx_dataset *dataset = NULL;
  fixture_write(f, "t.csv", HEADER "a,O,,F,S1," BASES50 ",train\nb,O,,F\n", f->input);
  assert_int_equal(load(f, &dataset), TX_ERROR_DATA);
  assert_int_equal(f->error.line, 3);
  assert_non_null(strstr(f->error.message, "t.csv:3"));
}

static void test_repeated_ids(void **state)
{
  fixture *f = *state;
  tx_dataset *dataset = NULL;
  fixture_write(f, "t.csv",
                HEADER "a,O,,F,S1," BASES50 ",train\na,O,,F,S2," BASES50 ",train\na,O,,F,," BASES50
                       ",train\n",
                f->input);
  must_load(f, &dataset);
  assert_int_equal(dataset->count, 3);
  assert_non_null(strstr(f->notes, "2 records repeat an earlier ID, 1 of them with a contradicting label"));
  tx_dataset_free(dataset);
}

/* Many names under two parents: the notes stay a handful. */
static void test_notes_are_few(void **state)
{
  fixture *f = *state;
  tx_dataset *dataset = NULL;
  FILE *file;
  size_t lines = 0;
  snprintf(f->input, sizeof f->input, "%s/t.csv", f->folder);
  file = fopen(f->input, "wb");
  assert_non_null(file);
  fputs(HEADER, file);
  for (int i = 0; i < 60; i++) fprintf(file, "r%d,O,,F%d,S%d," BASES50 ",train\n", i, i % 2, i / 2);
  assert_int_equal(fclose(file), 0);
  fixture_set(f, "valid-fraction", "0");
  must_load(f, &dataset);
  assert_int_equal(tx_taxonomy_class_count(dataset->taxonomy, 2), 60);
  for (const char *c = f->notes; *c; c++) lines += *c == '\n';
  assert_true(lines < 20);
  assert_non_null(strstr(f->notes, "and 20 more notes"));
  tx_dataset_free(dataset);
}

/* 2.5 million barcodes of 660 bases must fit in 4 GiB; 100,000 are measured here. */
static void test_memory(void **state)
{
  enum { RECORDS = 100000, LENGTH = 660 };
  static const char *const ranks[] = {"family", "species"};
  tx_dataset *dataset = fixture_dataset(ranks, 2);
  uint8_t codes[LENGTH], back[LENGTH + 1];
  tx_random random;
  (void)state;
  for (size_t i = 0; i < RECORDS; i++) {
    char species[16];
    const char *const taxa[] = {"F", species};
    snprintf(species, sizeof species, "S%zu", i % 5000);
    tx_random_seed(&random, 5, i, 0, 0);
    for (size_t j = 0; j < LENGTH; j++) codes[j] = (uint8_t)tx_random_below(&random, 5);
    fixture_add(dataset, codes, LENGTH - i % 2, taxa, i + 2);
  }
  assert_true(tx_dataset_memory(dataset) / RECORDS < 700); /* growing by half leaves at most a third unused */
  assert_true((double)tx_dataset_memory(dataset) / RECORDS * 2.5e6 < 2.0 * 1073741824.0);
  assert_int_equal(tx_dataset_codes(dataset, RECORDS - 1, back), LENGTH - 1);
  assert_memory_equal(back, codes, LENGTH - 1);
  tx_dataset_free(dataset);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
  const struct CMUnitTest tests[] = {
      TEST(test_split_and_ranks), TEST(test_several_splits),   TEST(test_hold_out),
      TEST(test_validation_file), TEST(test_nothing_to_learn), TEST(test_damaged_table),
      TEST(test_repeated_ids),    TEST(test_notes_are_few),    TEST(test_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
