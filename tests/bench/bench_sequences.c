/* Sequences of a labelled table as FASTA, for benchmarks of tools that search references: those of one split
   as they are, then, when more are asked for, copies of them with substitutions at random. The same seed
   gives the same bytes on every machine. */
#include "bench.h"

#include "base/memory.h"
#include "base/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <taxamba/labelled.h>

typedef struct options {
  char table[TX_TEXT_SIZE], split[TX_TEXT_SIZE];
  bool sintax;
  uint64_t count, seed;
  double substitutions;
} options;

static const tx_param params[] = {
    {"table", 0, TX_PARAM_INPUT, offsetof(options, table), 0, 0, "", "FILE", "",
     "Table in the layout of BIOSCAN-5M."},
    {"split", 0, TX_PARAM_TEXT, offsetof(options, split), 0, 0, "train", "NAME", "",
     "Its rows of this split."},
    {"sintax", 0, TX_PARAM_FLAG, offsetof(options, sintax), 0, 0, "false", NULL, "",
     "true: headers with the lineage, as vsearch --sintax reads it."},
    {"count", 0, TX_PARAM_COUNT, offsetof(options, count), 0, 100000000, "0", "N", "",
     "Sequences; 0 for each row once."},
    {"substitutions", 0, TX_PARAM_REAL, offsetof(options, substitutions), 0, 1, "0.01", "P", "",
     "Probability of another base at each place of a copy."},
    {"seed", 0, TX_PARAM_COUNT, offsetof(options, seed), 0, 1e15, "1", "N", "", "Seed of the substitutions."},
};

typedef struct sequence {
  char *header, *bases;
} sequence;

/* Taxa without what separates them in such a header. */
static char *header_of(const tx_labelled *reader, const tx_labelled_record *record, bool sintax)
{
  char text[4096];
  int size = snprintf(text, sizeof text, "%s%s", record->record.id, sintax ? ";tax=" : "");
  const char *comma = "";
  for (size_t r = 0; sintax && r < tx_labelled_rank_count(reader) && size < (int)sizeof text; r++) {
    if (!record->taxa[r]) continue;
    size += snprintf(text + size, sizeof text - (size_t)size, "%s%c:%s", comma,
                     *tx_labelled_rank_name(reader, r), record->taxa[r]);
    comma = ",";
    for (char *at = text + size - (int)strlen(record->taxa[r]); size < (int)sizeof text && *at; at++)
      if (strchr(" ,;", *at)) *at = '_';
  }
  if (size + 1 >= (int)sizeof text) {
    fprintf(stderr, "bench_sequences: the labels of %s are too long\n", record->record.id);
    exit(1);
  }
  if (sintax) memcpy(text + size, ";", 2);
  return tx_bench_must(tx_copy_text(text, strlen(text)));
}

static sequence *read_table(const options *given, size_t *ret_count)
{
  const char *const path = given->table;
  const tx_labelled_options how = {
      .format = TX_LABELLED_TABLE, .split = given->split, .ranks = "order,family,genus,species"};
  tx_labelled *reader;
  tx_labelled_record record;
  tx_error error;
  tx_status status;
  sequence *sequences = NULL;
  size_t count = 0, capacity = 0;
  tx_bench_must_do(tx_labelled_open(&path, 1, &how, &reader, &error), &error);
  while ((status = tx_labelled_next(reader, &record, &error)) == TX_OK) {
    if (!record.record.base_count) continue;
    if (!tx_reserve(&sequences, &capacity, count + 1, sizeof *sequences)) tx_bench_must(NULL);
    sequences[count].header = header_of(reader, &record, given->sintax);
    sequences[count++].bases = tx_bench_must(tx_copy_text(record.record.bases, record.record.base_count));
  }
  if (status != TX_END) tx_bench_must_do(status, &error);
  tx_labelled_close(reader);
  *ret_count = count;
  return sequences;
}

/* Copy number `number`: its own stream, so that a sequence does not depend on how many are asked for. */
static void print_copy(const sequence *s, size_t number, const options *given)
{
  static const char letters[] = "ACGT";
  tx_random stream;
  tx_random_seed(&stream, given->seed, number, 0, 0);
  printf(">c%zu_%s\n", number, s->header);
  for (const char *base = s->bases; *base; base++) {
    const char *known = strchr(letters, *base);
    putchar(known && tx_random_real(&stream) < given->substitutions
                ? letters[((size_t)(known - letters) + 1 + tx_random_below(&stream, 3)) % 4]
                : *base);
  }
  putchar('\n');
}

int main(int argument_count, char **arguments)
{
  static options given;
  sequence *sequences;
  size_t rows, wanted;
  tx_bench_arguments(params, sizeof params / sizeof *params, &given, argument_count, arguments);
  sequences = read_table(&given, &rows);
  if (!rows) {
    fprintf(stderr, "bench_sequences: no sequence of split %s in %s\n", given.split, given.table);
    return 1;
  }
  wanted = given.count ? given.count : rows;
  for (size_t i = 0; i < wanted; i++) {
    if (i < rows)
      printf(">%s\n%s\n", sequences[i].header, sequences[i].bases);
    else
      print_copy(&sequences[i % rows], i, &given);
  }
  for (size_t i = 0; i < rows; i++) {
    free(sequences[i].header);
    free(sequences[i].bases);
  }
  free(sequences);
  return fflush(stdout) || ferror(stdout) ? 1 : 0;
}
