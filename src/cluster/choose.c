#include "cluster/choose.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "cluster/space.h"

enum { FINE = 32 };

size_t tx_choices(size_t most, size_t choices[TX_CHOICES_MAX])
{
  size_t found = 0;
  if (most < 2) return 0;
  for (size_t k = 2; k <= most && found < TX_CHOICES_MAX;) {
    choices[found++] = k;
    k += k * 15 / 100 > 1 ? k * 15 / 100 : 1;
  }
  if (choices[found - 1] != most && found < TX_CHOICES_MAX) choices[found++] = most;
  return found;
}

/* The best of some numbers of clusters, by its index. */
static tx_status best_of(const tx_cutter *cutter, const tx_rows *rows, tx_pool *pool, const size_t *choices,
                         size_t count, size_t *ret_best, tx_error *error)
{
  int32_t *labels = tx_malloc_aligned(count, rows->count * sizeof *labels);
  const int32_t **list = tx_malloc_aligned(count, sizeof *list);
  double *means = tx_malloc_aligned(count, sizeof *means);
  tx_status status = labels && list && means ? TX_OK : tx_fail_memory(error, "the choice of clusters");
  for (size_t i = 0; i < count && status == TX_OK; i++) {
    list[i] = labels + i * rows->count;
    status = cutter->cut(cutter->context, choices[i], labels + i * rows->count, error);
  }
  if (status == TX_OK)
    status = tx_silhouettes(rows, TX_SPACE_EUCLIDEAN, &(tx_partitions){count, list, choices}, pool, means,
                            NULL, error);
  *ret_best = 0;
  for (size_t i = 1; i < count && status == TX_OK; i++)
    if (means[i] > means[*ret_best]) *ret_best = i;
  free(labels);
  free(list);
  free(means);
  return status;
}

tx_status tx_choose(const tx_cutter *cutter, const tx_rows *rows, tx_pool *pool, size_t *ret_clusters,
                    tx_error *error)
{
  const size_t limit = rows->count ? rows->count - 1 : 0;
  size_t choices[TX_CHOICES_MAX], fine[FINE + 2];
  size_t count = tx_choices(cutter->most < limit ? cutter->most : limit, choices), best = 0, fine_count = 0;
  size_t low, high;
  tx_status status;
  *ret_clusters = 1;
  if (!count) return TX_OK;
  status = best_of(cutter, rows, pool, choices, count, &best, error);
  if (status != TX_OK) return status;
  *ret_clusters = choices[best];
  low = choices[best ? best - 1 : best];
  high = choices[best + 1 < count ? best + 1 : best];
  for (size_t i = 0; i <= FINE; i++) {
    const size_t k = low + (high - low) * i / FINE, last = fine_count ? fine[fine_count - 1] : 0;
    if (last < choices[best] && k > choices[best]) fine[fine_count++] = choices[best]; /* stays among them */
    if (!fine_count || fine[fine_count - 1] != k) fine[fine_count++] = k;
  }
  if (fine_count <= 3) return TX_OK; /* nothing between */
  status = best_of(cutter, rows, pool, fine, fine_count, &best, error);
  if (status == TX_OK) *ret_clusters = fine[best];
  return status;
}
