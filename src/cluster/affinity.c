#include "cluster/affinity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

size_t tx_affinity_memory(size_t count)
{
  size_t size;
  return tx_multiply(count, count, &size) && tx_multiply(size, 3 * sizeof(float), &size) ? size : SIZE_MAX;
}

enum {
  ROWS = 64, /* rows whose responsibilities are added up together */
  BLOCK = 64 /* columns of a row whose largest is found together */
};

/* One iteration reads and writes each matrix once: the availabilities of a row are those that follow from the
   iteration before, and are formed where the row is read for its responsibilities. */
typedef struct messages {
  size_t count, blocks; /* blocks of ROWS rows */
  float damping;
  bool first;                                        /* iteration: all availabilities are still 0 */
  float *similarity, *responsibility, *availability; /* (count, count) */
  double *sums;  /* (blocks, count) positive responsibilities for each column, of the rows of a block */
  float *wanted; /* (count) how much each column is wanted by all rows, its own included as it is */
  float *own;    /* (count) the availabilities of the columns for themselves: the diagonal */
  unsigned char *exemplar; /* (count) now */
  uint32_t *same;          /* (count) iterations since that changed */
} messages;

static void store_similarity(void *context, size_t row, const double *distances, size_t thread)
{
  const messages *m = context;
  float *to = m->similarity + row * m->count;
  (void)thread;
  for (size_t j = 0; j < m->count; j++) to[j] = (float)-distances[j];
}

/* The index-th smallest of some numbers, which are put in another order (Hoare 1961). */
static float select_number(float *numbers, size_t count, size_t index)
{
  size_t low = 0, high = count - 1;
  while (low < high) {
    const float pivot = numbers[low + (high - low) / 2];
    size_t i = low, j = high;
    for (;;) {
      while (numbers[i] < pivot) i++;
      while (numbers[j] > pivot) j--;
      if (i >= j) break;
      {
        const float swapped = numbers[i];
        numbers[i++] = numbers[j];
        numbers[j--] = swapped;
      }
    }
    if (index <= j)
      high = j;
    else
      low = j + 1;
  }
  return numbers[index];
}

static float median(float *numbers, size_t count)
{
  const float upper = select_number(numbers, count, count / 2);
  return count % 2 ? upper : (select_number(numbers, count, count / 2 - 1) + upper) / 2;
}

/* The largest and the second largest sum of availability and similarity in a row, and the column of the
   largest, the first of equal ones. */
typedef struct two_best {
  float first, second;
  size_t column;
} two_best;

static two_best find_best(const float *restrict similarity, const float *restrict availability, size_t count)
{
  two_best best = {-INFINITY, -INFINITY, 0};
  for (size_t from = 0; from < count; from += BLOCK) {
    const size_t end = from + BLOCK < count ? from + BLOCK : count;
    float most = -INFINITY;
#pragma omp simd reduction(max : most)
    for (size_t j = from; j < end; j++) {
      const float sum = availability[j] + similarity[j];
      most = sum > most ? sum : most;
    }
    if (most <= best.second) continue; /* few columns are looked at one by one */
    for (size_t j = from; j < end; j++) {
      const float sum = availability[j] + similarity[j];
      if (sum <= best.second) continue;
      if (sum > best.first) {
        best.second = best.first;
        best.first = sum;
        best.column = j;
      } else {
        best.second = sum;
      }
    }
  }
  return best;
}

static float positive(float x)
{
  return x > 0 ? x : 0;
}

/* New availabilities of one row: how much the other rows want each column. */
static void form_availability(const messages *m, size_t row)
{
  const size_t count = m->count;
  const float *restrict responsibility = m->responsibility + row * count, *restrict wanted = m->wanted;
  float *restrict availability = m->availability + row * count;
  const float kept = m->damping, taken = 1 - m->damping;
#pragma omp simd
  for (size_t j = 0; j < count; j++) {
    const float rest = wanted[j] - positive(responsibility[j]);
    availability[j] = kept * availability[j] + taken * (rest < 0 ? rest : 0);
  }
  availability[row] = m->own[row];
}

/* New responsibilities of one row: how much better each column is than the best other. */
static void form_responsibility(const messages *m, size_t row)
{
  const size_t count = m->count;
  const float *restrict similarity = m->similarity + row * count, *restrict availability =
                                                                      m->availability + row * count;
  float *restrict responsibility = m->responsibility + row * count, of_best;
  const float kept = m->damping, taken = 1 - m->damping;
  const two_best best = find_best(similarity, availability, count);
  const float first = best.first;
  of_best = kept * responsibility[best.column] + taken * (similarity[best.column] - best.second);
#pragma omp simd
  for (size_t j = 0; j < count; j++)
    responsibility[j] = kept * responsibility[j] + taken * (similarity[j] - first);
  responsibility[best.column] = of_best;
}

static void pass_rows(void *context, size_t block, size_t thread)
{
  const messages *m = context;
  const size_t count = m->count, end = (block + 1) * ROWS < count ? (block + 1) * ROWS : count;
  double *restrict sums = m->sums + block * count;
  (void)thread;
  memset(sums, 0, count * sizeof *sums);
  for (size_t row = block * ROWS; row < end; row++) {
    const float *restrict responsibility = m->responsibility + row * count;
    if (!m->first) form_availability(m, row);
    form_responsibility(m, row);
#pragma omp simd
    for (size_t j = 0; j < count; j++) sums[j] += (double)positive(responsibility[j]);
  }
}

/* Adds the blocks up in their order, whatever the threads. The diagonal counts as it is, and sends what is
   left without it. */
static void add_blocks(messages *m)
{
  const float kept = m->damping, taken = 1 - m->damping;
  for (size_t block = 1; block < m->blocks; block++) {
    const double *restrict from = m->sums + block * m->count;
    double *restrict to = m->sums;
    for (size_t j = 0; j < m->count; j++) to[j] += from[j];
  }
  for (size_t j = 0; j < m->count; j++) {
    const float own = m->responsibility[j * m->count + j];
    const double others = m->sums[j] - (double)positive(own);
    m->own[j] = kept * m->own[j] + taken * (float)others;
    m->wanted[j] = (float)(others + (double)own);
  }
  m->first = false;
}

/* Whether no point has changed between being an exemplar and not in the last `stable` iterations. */
static bool note_exemplars(messages *m, size_t iteration, size_t stable, size_t *ret_exemplars)
{
  bool settled = iteration >= stable;
  *ret_exemplars = 0;
  for (size_t i = 0; i < m->count; i++) {
    const unsigned char now = m->own[i] + m->responsibility[i * m->count + i] > 0;
    m->same[i] = iteration && now == m->exemplar[i] ? m->same[i] + 1 : 1;
    m->exemplar[i] = now;
    settled = settled && m->same[i] >= stable;
    *ret_exemplars += now;
  }
  return settled;
}

static void assign(const messages *m, tx_affinity *own)
{
  for (size_t i = 0; i < m->count; i++) {
    own->labels[i] = 0;
    for (size_t c = 1; c < own->clusters; c++)
      if (m->similarity[i * m->count + own->exemplars[c]] >
          m->similarity[i * m->count + own->exemplars[own->labels[i]]])
        own->labels[i] = (int32_t)c;
  }
  for (size_t c = 0; c < own->clusters; c++) own->labels[own->exemplars[c]] = (int32_t)c;
}

/* Makes the exemplar of each cluster the member that is most similar to all of it. */
static void centre(const messages *m, tx_affinity *own)
{
  for (size_t c = 0; c < own->clusters; c++) {
    double best = -INFINITY;
    uint32_t chosen = own->exemplars[c];
    for (size_t j = 0; j < m->count; j++) {
      double sum = 0;
      if (own->labels[j] != (int32_t)c) continue;
      for (size_t i = 0; i < m->count; i++)
        if (own->labels[i] == (int32_t)c) sum += (double)m->similarity[i * m->count + j];
      if (sum > best) {
        best = sum;
        chosen = (uint32_t)j;
      }
    }
    own->exemplars[c] = chosen;
  }
}

static int compare(const void *a, const void *b)
{
  const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static void find_clusters(const messages *m, tx_affinity *own)
{
  for (size_t i = 0; i < m->count; i++) {
    own->labels[i] = -1;
    if (m->exemplar[i]) own->exemplars[own->clusters++] = (uint32_t)i;
  }
  if (!own->clusters) return;
  assign(m, own);
  centre(m, own);
  assign(m, own);
  qsort(own->exemplars, own->clusters, sizeof *own->exemplars, compare);
  assign(m, own);
}

static void free_messages(messages *m)
{
  free(m->similarity);
  free(m->responsibility);
  free(m->availability);
  free(m->sums);
  free(m->wanted);
  free(m->own);
  free(m->exemplar);
  free(m->same);
}

static tx_status prepare(const tx_rows *rows, tx_pool *pool, messages *m, tx_affinity *own, tx_error *error)
{
  const size_t count = rows->count;
  float preference;
  tx_status status;
  m->similarity = tx_malloc_aligned(count, count * sizeof *m->similarity);
  m->responsibility = tx_calloc_aligned(count, count * sizeof *m->responsibility);
  m->availability = tx_calloc_aligned(count, count * sizeof *m->availability);
  m->sums = tx_calloc_aligned(m->blocks, count * sizeof *m->sums);
  m->wanted = tx_calloc_aligned(count, sizeof *m->wanted);
  m->own = tx_calloc_aligned(count, sizeof *m->own);
  m->exemplar = tx_calloc_aligned(count, sizeof *m->exemplar);
  m->same = tx_calloc_aligned(count, sizeof *m->same);
  own->labels = tx_calloc_aligned(count, sizeof *own->labels);
  own->exemplars = tx_calloc_aligned(count, sizeof *own->exemplars);
  if (!m->similarity || !m->responsibility || !m->availability || !m->sums || !m->wanted || !m->own ||
      !m->exemplar || !m->same || !own->labels || !own->exemplars)
    return tx_fail_memory(error, "affinity propagation");
  status = tx_rows_scan(rows, TX_ROW_SQUARED, false, pool, store_similarity, m, error);
  if (status != TX_OK) return status;
  memcpy(m->availability, m->similarity, count * count * sizeof *m->availability);
  preference = median(m->availability, count * count);
  memset(m->availability, 0, count * count * sizeof *m->availability);
  for (size_t i = 0; i < count; i++) m->similarity[i * count + i] = preference;
  return TX_OK;
}

void tx_affinity_free(tx_affinity *result)
{
  free(result->labels);
  free(result->exemplars);
}

tx_status tx_affinity_run(const tx_rows *rows, const tx_affinity_options *options, tx_pool *pool,
                          const volatile int *opt_stop, tx_affinity *ret_result, tx_error *error)
{
  messages m = {.count = rows->count,
                .blocks = (rows->count + ROWS - 1) / ROWS,
                .damping = (float)options->damping,
                .first = true};
  tx_affinity own = {0};
  tx_status status = prepare(rows, pool, &m, &own, error);
  while (status == TX_OK && own.iterations < options->iterations && !own.settled) {
    size_t exemplars = 0;
    if (opt_stop && *opt_stop) {
      status = TX_STOPPED;
      break;
    }
    tx_pool_run(pool, m.blocks, pass_rows, &m);
    add_blocks(&m);
    own.settled = note_exemplars(&m, own.iterations, options->stable, &exemplars) && exemplars > 0;
    own.iterations++;
  }
  if (status == TX_OK) find_clusters(&m, &own);
  free_messages(&m);
  if (status == TX_OK)
    *ret_result = own;
  else
    tx_affinity_free(&own);
  return status;
}
