#include "optim/kl.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Operations of a step, up to a factor, which does not change their order. */
static double work_of(const tx_kl_entry *entry)
{
  const double m = (double)entry->state.rows, n = (double)entry->state.columns;
  return m * n * (m + n) + m * m * m + n * n * n;
}

/* Orders the most expensive first, so that no thread begins one while the others have finished; equal ones in
   the order of the layout. */
static int compare_work(const void *left, const void *right)
{
  const tx_kl_entry *a = left, *b = right;
  const double work_a = work_of(a), work_b = work_of(b);
  if (work_a > work_b) return -1;
  if (work_a < work_b) return 1;
  return a->offset < b->offset ? -1 : a->offset > b->offset;
}

/* Whether a group has an entry. The matrices of a frozen encoder have none. */
static bool takes(const tx_parameter_group *group)
{
  return group->preconditioned && !group->frozen;
}

/* Number of equal parts of at most `block` elements. */
static size_t parts(size_t side, size_t block)
{
  return (side + block - 1) / block;
}

/* Entries of the blocks of a matrix; returns their number. Rows and columns of a part differ by 1 at most. */
static size_t cut(const tx_parameter_group *group, size_t block, tx_kl_entry *entries)
{
  const size_t rows = group->tensor.shape[0], columns = group->tensor.shape[1], down = parts(rows, block),
               across = parts(columns, block);
  for (size_t i = 0; i < down; i++)
    for (size_t j = 0; j < across; j++) {
      const size_t top = i * rows / down, left = j * columns / across;
      tx_kl_entry *entry = &entries[i * across + j];
      entry->state.rows = (i + 1) * rows / down - top;
      entry->state.columns = (j + 1) * columns / across - left;
      entry->offset = group->tensor.offset + top * columns + left;
      entry->stride = columns;
      entry->rate = group->rate;
      entry->decay = group->decay;
      memcpy(entry->name, group->tensor.name, sizeof entry->name);
    }
  return down * across;
}

static tx_status make_entries(const tx_parameter_groups *groups, tx_kl *kl, tx_error *error)
{
  const size_t block = kl->options.block;
  for (size_t i = 0; i < groups->count; i++) {
    const tx_tensor_info *tensor = &groups->groups[i].tensor;
    if (!takes(&groups->groups[i])) continue;
    kl->count += parts(tensor->shape[0], block) * parts(tensor->shape[1], block);
    kl->matrices++;
  }
  if (kl->count == 0) return TX_OK;
  kl->entries = calloc(kl->count, sizeof *kl->entries);
  if (!kl->entries) return tx_fail_memory(error, "the optimiser");
  for (size_t i = 0, used = 0; i < groups->count; i++) {
    const tx_parameter_group *group = &groups->groups[i];
    if (takes(group)) used += cut(group, block, kl->entries + used);
  }
  qsort(kl->entries, kl->count, sizeof *kl->entries, compare_work);
  return TX_OK;
}

static tx_status make_memory(size_t threads, tx_kl *kl, tx_error *error)
{
  size_t at = 0;
  if (kl->count == 0) return TX_OK;
  for (size_t i = 0; i < kl->count; i++) {
    const tx_kl_matrix *matrix = &kl->entries[i].state;
    const size_t scratch = tx_kl_matrix_scratch(matrix->rows, matrix->columns);
    kl->elements += tx_kl_matrix_elements(&kl->options, matrix->rows, matrix->columns);
    if (scratch > kl->lane_scratch) kl->lane_scratch = scratch;
  }
  kl->lanes = threads < kl->count ? threads : kl->count;
  if (kl->lanes == 0) kl->lanes = 1;
  kl->state = tx_calloc_aligned(kl->elements, sizeof *kl->state);
  kl->scratch = tx_malloc_aligned(kl->lanes * kl->lane_scratch, sizeof *kl->scratch);
  if (!kl->state || !kl->scratch)
    return tx_fail(error, TX_ERROR_MEMORY,
                   "out of memory for the factors of %zu matrices (%zu MiB): lower --preconditioner-limit "
                   "or --threads", kl->matrices,
                   (kl->elements + kl->lanes * kl->lane_scratch) / ((1 << 20) / sizeof(float)));
  for (size_t i = 0; i < kl->count; i++) {
    tx_kl_matrix *matrix = &kl->entries[i].state;
    const size_t rows = matrix->rows, columns = matrix->columns;
    tx_kl_matrix_place(&kl->options, rows, columns, kl->state + at, matrix);
    at += tx_kl_matrix_elements(&kl->options, rows, columns);
  }
  return TX_OK;
}

tx_status tx_kl_create(const tx_parameter_groups *groups, const tx_kl_options *options, size_t threads,
                       tx_kl *kl, tx_error *error)
{
  tx_status status;
  memset(kl, 0, sizeof *kl);
  kl->options = *options;
  status = make_entries(groups, kl, error);
  if (status == TX_OK && kl->count)
    status = tx_blas_load("train with --optimiser adamw, which does without", error);
  if (status == TX_OK && kl->count) snprintf(kl->library, sizeof kl->library, "%s", tx_blas_version());
  if (status == TX_OK) status = make_memory(threads, kl, error);
  if (status != TX_OK) tx_kl_free(kl);
  return status;
}

void tx_kl_free(tx_kl *kl)
{
  if (!kl) return;
  free(kl->state);
  free(kl->entries);
  free(kl->scratch);
  memset(kl, 0, sizeof *kl);
}

typedef struct kl_task {
  tx_kl *kl;
  double learning_rate;
  float scale;
  const float *gradients;
  float *weights;
  atomic_size_t next; /* first matrix that no lane has taken */
} kl_task;

/* Runs one lane, with a scratch of its own: it takes matrices until none is left. */
static void run_lane(void *context, size_t item, size_t thread)
{
  kl_task *task = context;
  tx_kl *kl = task->kl;
  float *scratch = kl->scratch + item * kl->lane_scratch;
  (void)thread;
  for (size_t i = atomic_fetch_add(&task->next, 1); i < kl->count; i = atomic_fetch_add(&task->next, 1)) {
    tx_kl_entry *entry = &kl->entries[i];
    const tx_kl_update update = {.step = kl->step,
                                 .learning_rate = task->learning_rate * entry->rate,
                                 .decay = entry->decay,
                                 .scale = task->scale,
                                 .stride = entry->stride,
                                 .gradient = task->gradients + entry->offset,
                                 .weights = task->weights + entry->offset};
    if (kl->step == 0)
      entry->status = tx_kl_matrix_start(&kl->options, &entry->state, &update, scratch, &entry->fault);
    else
      entry->status = tx_kl_matrix_step(&kl->options, &entry->state, &update, scratch, &entry->fault);
  }
}

tx_status tx_kl_step(tx_kl *kl, tx_pool *pool, double learning_rate, float scale, const float *gradients,
                     float *weights, const tx_kl_entry **ret_failed)
{
  kl_task task = {
      .kl = kl, .learning_rate = learning_rate, .scale = scale, .gradients = gradients, .weights = weights};
  *ret_failed = NULL;
  if (kl->count == 0) return TX_OK;
  atomic_init(&task.next, 0);
  tx_pool_run(pool, kl->lanes, run_lane, &task);
  kl->step++;
  for (size_t i = 0; i < kl->count && !*ret_failed; i++)
    if (kl->entries[i].status != TX_OK) *ret_failed = &kl->entries[i];
  return *ret_failed ? (*ret_failed)->status : TX_OK;
}
