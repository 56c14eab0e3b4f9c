/* A folder with a small labelled table, a configuration of a small network, and the notes of a run. */
#ifndef TX_TESTS_TRAIN_FIXTURE_H
#define TX_TESTS_TRAIN_FIXTURE_H

#include "base/random.h"
#include "dataset/dataset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <taxamba/train.h>
#include <unistd.h>

#include <cmocka.h>

enum { FIXTURE_SPECIES = 6, FIXTURE_BASES = 240, FIXTURE_NOTES = 65536 };

typedef struct fixture {
  char folder[128];
  char input[192];
  char output[192];
  char checkpoint[224];
  char log[192];
  char notes[FIXTURE_NOTES];
  tx_train_config config;
  tx_error error;
} fixture;

static inline void fixture_note(void *context, const char *line)
{
  fixture *f = context;
  const size_t used = strlen(f->notes);
  snprintf(f->notes + used, sizeof f->notes - used, "%s\n", line);
}

static inline void fixture_set(fixture *f, const char *name, const char *value)
{
  size_t count;
  const tx_param *params = tx_train_params(&count);
  if (tx_param_set(params, count, &f->config, name, value, &f->error) != TX_OK)
    fail_msg("%s", f->error.message);
}

/* Writes `text` to a file of the folder; path holds at least 192 characters. */
static inline void fixture_write(const fixture *f, const char *name, const char *text, char *path)
{
  FILE *file;
  snprintf(path, 192, "%s/%s", f->folder, name);
  file = fopen(path, "wb");
  assert_non_null(file);
  assert_true(fputs(text, file) >= 0);
  assert_int_equal(fclose(file), 0);
}

/* One row: a barcode of `species` with about 1 % of its bases changed. Species 2 i and 2 i + 1 are one
   genus. */
static inline void fixture_row(FILE *file, size_t species, uint64_t individual, const char *split)
{
  char bases[FIXTURE_BASES + 1];
  tx_random species_random, random;
  tx_random_seed(&species_random, 7, species, 0, 0);
  tx_random_seed(&random, 7, species, individual, 1);
  for (size_t i = 0; i < FIXTURE_BASES; i++) {
    const uint64_t base = tx_random_below(&species_random, 4);
    bases[i] = "ACGT"[tx_random_below(&random, 100) == 0 ? tx_random_below(&random, 4) : base];
  }
  bases[FIXTURE_BASES] = 0;
  fprintf(file, "R%zu-%llu,Order,%s,Genus%zu,", species, (unsigned long long)individual,
          individual % 3 ? "Family" : "", species / 2);
  if (individual % 8 == 7)
    fprintf(file, "None");
  else
    fprintf(file, "Species%zu", species);
  fprintf(file, ",%s%s%s\n", bases, *split ? "," : "", split);
}

/* Individuals of every species; one in three lacks its family, one in eight its species, one in four
   validates. */
static inline void fixture_table(fixture *f, const char *name, size_t individuals, bool with_split,
                                 char *path)
{
  FILE *file;
  snprintf(path, 192, "%s/%s", f->folder, name);
  file = fopen(path, "wb");
  assert_non_null(file);
  fprintf(file, "processid,order,family,genus,species,dna_barcode%s\n", with_split ? ",split" : "");
  for (size_t s = 0; s < FIXTURE_SPECIES; s++)
    for (size_t i = 0; i < individuals; i++)
      fixture_row(file, s, i, !with_split ? "" : i % 4 == 2 ? "val" : "train");
  assert_int_equal(fclose(file), 0);
}

/* An empty dataset of these ranks; records are added with fixture_add and labelled with tx_dataset_label. */
static inline tx_dataset *fixture_dataset(const char *const *ranks, size_t count)
{
  tx_dataset *dataset = NULL;
  tx_error error;
  assert_int_equal(tx_dataset_create(&dataset, &error), TX_OK);
  assert_int_equal(tx_dataset_set_ranks(dataset, ranks, count, &error), TX_OK);
  return dataset;
}

/* Adds a record to the training part: the lineage taxa[ranks] stands in this line of file "f". */
static inline void fixture_add(tx_dataset *dataset, const uint8_t *codes, size_t count,
                               const char *const *taxa, uint64_t line)
{
  int32_t lineage;
  tx_error error;
  assert_int_equal(tx_taxonomy_builder_add(dataset->builder, taxa, "f", line, &lineage, &error), TX_OK);
  assert_int_equal(tx_dataset_add(dataset, &dataset->train, codes, count, (uint32_t)lineage, &error), TX_OK);
}

static inline int fixture_set_up(void **state)
{
  size_t count;
  const tx_param *params = tx_train_params(&count);
  const char *parent = getenv("TMPDIR");
  fixture *f = calloc(1, sizeof *f);
  assert_non_null(f);
  snprintf(f->folder, sizeof f->folder, "%s/taxamba_train_XXXXXX",
           parent && *parent && strlen(parent) < 90 ? parent : "/tmp");
  assert_non_null(mkdtemp(f->folder));
  snprintf(f->output, sizeof f->output, "%s/model.safetensors", f->folder);
  snprintf(f->checkpoint, sizeof f->checkpoint, "%s.checkpoint", f->output);
  snprintf(f->log, sizeof f->log, "%s/log.jsonl", f->folder);
  fixture_table(f, "table.csv", 8, true, f->input);
  if (tx_param_defaults(params, count, &f->config, &f->error) != TX_OK) fail_msg("%s", f->error.message);
  fixture_set(f, "tokenizer", "kmer");
  fixture_set(f, "k", "4");
  fixture_set(f, "crop", "0.3");
  fixture_set(f, "crop-minimum", "0.5");
  fixture_set(f, "strand-share", "0");
  fixture_set(f, "contrast", "0");
  fixture_set(f, "ema", "0");
  fixture_set(f, "d-model", "32");
  fixture_set(f, "d-state", "16");
  fixture_set(f, "headdim", "16");
  fixture_set(f, "mlp-width", "64");
  fixture_set(f, "batch", "12");
  fixture_set(f, "shard", "4");
  fixture_set(f, "epochs", "3");
  fixture_set(f, "threads", "2");
  *state = f;
  return 0;
}

static inline int fixture_tear_down(void **state)
{
  fixture *f = *state;
  char command[256];
  snprintf(command, sizeof command, "rm -rf '%s'", f->folder);
  assert_int_equal(system(command), 0);
  free(f);
  return 0;
}

#endif
