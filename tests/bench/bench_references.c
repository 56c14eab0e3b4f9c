/* A reference set and queries with known labels: recall of the true taxon among the candidates of the search,
   accuracy of the answer, speed on one thread, time to load and memory. Queries are searched whole and cut:
   the last 313 bases (Leray's fragment) and 150 bases at a place that their number decides. */
#include "bench.h"

#include "base/memory.h"
#include "evidence/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

typedef struct options {
  char references[TX_TEXT_SIZE], queries[TX_TEXT_SIZE], rank[TX_TEXT_SIZE];
} options;

static const tx_param params[] = {
    {"references", 0, TX_PARAM_INPUT, offsetof(options, references), 0, 0, "", "FILE", "",
     "References, of taxamba index."},
    {"queries", 0, TX_PARAM_INPUT, offsetof(options, queries), 0, 0, "", "FILE", "",
     "Labelled FASTA or table."},
    {"rank", 0, TX_PARAM_TEXT, offsetof(options, rank), 0, 0, "species", "NAME", "",
     "The rank that recall and accuracy are counted at; queries whose taxon has no reference are left out."},
};

typedef struct query {
  char *bases;
  size_t count;
  int32_t taxon;
} query;

typedef struct queries {
  query *of;
  size_t count, capacity;
} queries;

/* Of the processor, so that other programs disturb less. */
static double processor_seconds(void)
{
  return (double)clock() / CLOCKS_PER_SEC;
}

static int find_rank(const tx_taxonomy *taxonomy, const char *name)
{
  for (size_t r = 0; r < tx_taxonomy_rank_count(taxonomy); r++)
    if (strcmp(tx_taxonomy_rank_name(taxonomy, r), name) == 0) return (int)r;
  fprintf(stderr, "bench_references: the references have no rank %s\n", name);
  exit(1);
}

static int32_t find_taxon(const tx_taxonomy *taxonomy, size_t rank, const char *name)
{
  for (size_t i = 0; i < tx_taxonomy_class_count(taxonomy, rank); i++)
    if (strcmp(tx_taxonomy_class_name(taxonomy, rank, (int32_t)i), name) == 0) return (int32_t)i;
  return -1;
}

static void read_queries(const options *given, const tx_taxonomy *taxonomy, size_t rank, queries *ret)
{
  const char *const path = given->queries;
  const tx_labelled_options how = {.ranks = given->rank};
  tx_labelled *reader;
  tx_labelled_record labelled;
  tx_error error;
  tx_status status;
  tx_bench_must_do(tx_labelled_open(&path, 1, &how, &reader, &error), &error);
  while ((status = tx_labelled_next(reader, &labelled, &error)) == TX_OK) {
    const int32_t taxon = labelled.taxa[0] ? find_taxon(taxonomy, rank, labelled.taxa[0]) : -1;
    if (taxon < 0) continue;
    if (!tx_reserve(&ret->of, &ret->capacity, ret->count + 1, sizeof *ret->of)) tx_bench_must(NULL);
    ret->of[ret->count++] =
        (query){tx_bench_must(tx_copy_text(labelled.record.bases, labelled.record.base_count)),
                labelled.record.base_count, taxon};
  }
  if (status != TX_END) tx_bench_must_do(status, &error);
  tx_labelled_close(reader);
}

typedef struct part {
  const char *name;
  size_t bases; /* 0: all */
  bool last;
} part;

static const part parts[] = {{"full", 0, false}, {"last313", 313, true}, {"random150", 150, false}};

static void cut(const part *p, const query *q, size_t number, const char **ret_bases, size_t *ret_count)
{
  *ret_bases = q->bases;
  *ret_count = q->count;
  if (!p->bases || q->count <= p->bases) return;
  *ret_count = p->bases;
  *ret_bases += p->last ? q->count - p->bases : (number * 7919 + 13) % (q->count - p->bases + 1);
}

typedef struct counts {
  size_t candidates, right;
  double seconds;
} counts;

static bool among(const tx_reference_set *set, const tx_evidence *evidence, size_t rank, int32_t taxon)
{
  size_t count;
  const tx_candidate *candidates = tx_evidence_candidates(evidence, &count);
  for (size_t i = 0; i < count; i++)
    if (tx_references_lineage(set->references, candidates[i].reference)[rank] == taxon) return true;
  return false;
}

static counts measure(const tx_reference_set *set, size_t rank, const queries *all, const part *p)
{
  const tx_evidence_options both = {.forward = true, .reverse = true};
  counts sum = {0};
  tx_evidence *evidence;
  tx_error error;
  double begin;
  tx_bench_must_do(tx_evidence_create(set, &evidence, &error), &error);
  begin = processor_seconds();
  for (size_t i = 0; i < all->count; i++) {
    tx_evidence_answer answer;
    const char *bases;
    size_t count;
    cut(p, &all->of[i], i, &bases, &count);
    if (tx_evidence_answer_record(evidence, &both, bases, count, &answer) != TX_OK) tx_bench_must(NULL);
    sum.candidates += among(set, evidence, rank, all->of[i].taxon);
    sum.right += answer.like && answer.taxa[rank] == all->of[i].taxon;
  }
  sum.seconds = processor_seconds() - begin;
  tx_evidence_free(evidence);
  return sum;
}

static double peak_mib(void)
{
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)usage.ru_maxrss / 1024;
}

int main(int argument_count, char **arguments)
{
  static options given;
  queries all = {0};
  tx_reference_set *set;
  tx_error error;
  size_t rank;
  double begin;
  tx_bench_arguments(params, sizeof params / sizeof *params, &given, argument_count, arguments);
  begin = processor_seconds();
  tx_bench_must_do(tx_reference_set_open(given.references, &set, &error), &error);
  printf("%zu references, %zu representatives, loaded in %.2f s of one processor\n",
         tx_reference_set_count(set),
         set->index->groups ? set->index->groups->count : tx_reference_set_count(set),
         processor_seconds() - begin);
  rank = (size_t)find_rank(tx_reference_set_taxonomy(set), given.rank);
  read_queries(&given, tx_reference_set_taxonomy(set), rank, &all);
  printf("| part | queries | %s among the candidates, %% | right, %% | queries/s of one processor "
         "|\n|---|---|---|---|---|\n",
         given.rank);
  for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
    const counts sum = measure(set, rank, &all, &parts[p]);
    const double n = (double)all.count;
    printf("| %s | %zu | %.1f | %.1f | %.0f |\n", parts[p].name, all.count, 100 * (double)sum.candidates / n,
           100 * (double)sum.right / n, n / sum.seconds);
  }
  printf("peak memory %.0f MiB\n", peak_mib());
  for (size_t i = 0; i < all.count; i++) free(all.of[i].bases);
  free(all.of);
  tx_reference_set_free(set);
  return fflush(stdout) || ferror(stdout) ? 1 : 0;
}
