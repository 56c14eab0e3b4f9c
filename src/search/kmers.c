#include "search/kmers.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { K_SMALL = 8, K_LARGE = 10, LARGE = 30000 };

unsigned tx_kmer_length(size_t references)
{
  return references < LARGE ? K_SMALL : K_LARGE;
}

/* Calls on the distinct k-mers of every reference: the first time to count them, the second to list them. */
typedef struct pass {
  const tx_references *references;
  const tx_groups *opt_groups;
  tx_kmer_lists *lists;
  uint32_t *last; /* (4^k) number + 1 of the last reference that had it */
  uint64_t *next; /* (4^k) where the next number goes; NULL: count */
} pass;

static void take(const pass *p, uint32_t kmer, uint32_t number)
{
  uint32_t gap = number + 1 - p->last[kmer];
  if (!gap) return;
  p->last[kmer] = number + 1;
  if (!p->next) {
    p->lists->counts[kmer]++;
    p->lists->starts[kmer + 1] += gap / TX_KMER_SKIP + 1;
    return;
  }
  for (; gap >= TX_KMER_SKIP; gap -= TX_KMER_SKIP) p->lists->gaps[p->next[kmer]++] = TX_KMER_SKIP;
  p->lists->gaps[p->next[kmer]++] = (uint16_t)gap;
}

static size_t listed(const pass *p)
{
  return p->opt_groups ? p->opt_groups->count : p->references->count;
}

static void scan(const pass *p)
{
  const unsigned k = p->lists->k;
  const uint32_t mask = (uint32_t)((UINT64_C(1) << 2 * k) - 1);
  memset(p->last, 0, ((size_t)mask + 1) * sizeof *p->last);
  for (size_t i = 0; i < listed(p); i++) {
    const tx_sequence sequence =
        tx_references_sequence(p->references, p->opt_groups ? p->opt_groups->representatives[i] : i);
    size_t at = 0, exception = 0, end;
    for (; tx_sequence_stretch(&sequence, &at, &exception, &end); at = end)
      for (size_t j = at; j + k <= end; j++)
        take(p, (uint32_t)tx_sequence_word(sequence.words, j) & mask, (uint32_t)i);
  }
}

static void weigh(tx_kmer_lists *lists, size_t kmers, size_t references)
{
  double total = 1;
  while (total <= (double)references) total *= 2;
  for (size_t i = 0; i < kmers; i++)
    if (lists->counts[i]) lists->weights[i] = (uint16_t)lround(256 * log(total / lists->counts[i]));
}

tx_status tx_kmer_lists_create(const tx_references *references, const tx_groups *opt_groups, unsigned k,
                               tx_kmer_lists **ret_lists, tx_error *error)
{
  const size_t kmers = (size_t)1 << 2 * k;
  tx_kmer_lists *lists = calloc(1, sizeof *lists);
  pass p = {references, opt_groups, lists, calloc(kmers, sizeof *p.last), NULL};
  uint64_t *next = malloc(kmers * sizeof *next);
  *ret_lists = NULL;
  if (lists) {
    lists->k = k;
    lists->starts = calloc(kmers + 1, sizeof *lists->starts);
    lists->counts = calloc(kmers, sizeof *lists->counts);
    lists->weights = calloc(kmers, sizeof *lists->weights);
  }
  if (!lists || !lists->starts || !lists->counts || !lists->weights || !p.last || !next) goto failed;
  scan(&p);
  for (size_t i = 0; i < kmers; i++) lists->starts[i + 1] += lists->starts[i];
  lists->gaps = malloc((lists->starts[kmers] + 1) * sizeof *lists->gaps);
  if (!lists->gaps) goto failed;
  memcpy(next, lists->starts, kmers * sizeof *next);
  p.next = next;
  scan(&p);
  weigh(lists, kmers, listed(&p));
  free(p.last);
  free(next);
  *ret_lists = lists;
  return TX_OK;
failed:
  free(p.last);
  free(next);
  tx_kmer_lists_free(lists);
  return tx_fail_memory(error, "the k-mers of the references");
}

void tx_kmer_lists_free(tx_kmer_lists *lists)
{
  if (!lists) return;
  free(lists->starts);
  free(lists->gaps);
  free(lists->counts);
  free(lists->weights);
  free(lists);
}
