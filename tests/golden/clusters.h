/* What the golden tests of clusterings share: golden/clusters.safetensors and its two sets of points, 300
   invented ones and embeddings of 289 barcodes. Made with numpy 1.24.2, scipy 1.10.1, scikit-learn 1.2.1 and
   umap-learn 0.5.3, HDBSCAN and affinity propagation by independent implementations of their definitions. */
#ifndef TX_TESTS_CLUSTERS_H
#define TX_TESTS_CLUSTERS_H

#include "golden/golden.h"

#include "cluster/rows.h"

static tx_safetensors *golden_file;
static const char *const golden_sets[] = {"synthetic", "coi"};

static inline int golden_open(void **state)
{
  tx_error error;
  (void)state;
  return tx_safetensors_open(TX_TESTS_DIR "/golden/clusters.safetensors", 0, &golden_file, &error) != TX_OK;
}

static inline int golden_close(void **state)
{
  (void)state;
  tx_safetensors_close(golden_file);
  return 0;
}

static inline const double *golden_doubles(const char *prefix, const char *name, size_t count)
{
  const tx_section *section = golden_section(golden_file, prefix, name);
  assert_int_equal(section->dtype, TX_DTYPE_F64);
  assert_int_equal(section->size, count * sizeof(double));
  return section->data;
}

static inline const int32_t *golden_ints(const char *prefix, const char *name, size_t count)
{
  const tx_section *section = golden_section(golden_file, prefix, name);
  assert_int_equal(section->dtype, TX_DTYPE_I32);
  assert_int_equal(section->size, count * sizeof(int32_t));
  return section->data;
}

static inline size_t golden_count(const char *prefix, const char *name, size_t size)
{
  return golden_section(golden_file, prefix, name)->size / size;
}

static inline tx_rows golden_rows(const char *set)
{
  const size_t width = strcmp(set, "coi") == 0 ? 256 : 16;
  const tx_section *section = golden_section(golden_file, set, ".x");
  const float *x = section->data;
  tx_rows rows;
  tx_error error;
  assert_int_equal(section->dtype, TX_DTYPE_F32);
  if (tx_rows_create(section->size / sizeof *x / width, width, &rows, &error) != TX_OK)
    fail_msg("%s", error.message);
  for (size_t i = 0; i < rows.count * width; i++) rows.x[i] = (double)x[i];
  return rows;
}

static inline tx_pool *golden_pool(size_t threads)
{
  tx_pool *pool = NULL;
  tx_error error;
  if (tx_pool_create(threads, &pool, &error) != TX_OK) fail_msg("%s", error.message);
  return pool;
}

/* Records whose cluster, with the numbers of the two matched one to one by first appearance, is another. */
static inline size_t golden_moved(const int32_t *got, const int32_t *want, size_t count)
{
  size_t moved = 0;
  for (size_t i = 0; i < count; i++) {
    size_t a = 0, b = 0;
    while (got[a] != got[i]) a++;
    while (want[b] != want[i]) b++;
    moved += a != b;
  }
  return moved;
}

static inline void assert_same_partition(const int32_t *got, const int32_t *want, size_t count)
{
  assert_int_equal(golden_moved(got, want, count), 0);
}

/* |got - want| <= relative * |want| + absolute. */
static inline void assert_near(const char *what, double got, double want, double relative, double absolute)
{
  if (!(fabs(got - want) <= relative * fabs(want) + absolute))
    fail_msg("%s is %.15g, expected %.15g", what, got, want);
}

#endif
