/* The encoder and heads against golden/mamba2_encoder.safetensors: every intermediate result, logits and
   gradients, at each CPU level of this machine. */
#include "golden/golden.h"

#include "base/memory.h"
#include "nn/inference.h"
#include "tensor/loss.h"

enum { SEQUENCES = 3, LENGTH = 29, RANKS = 4 };

typedef struct fixture {
  tx_safetensors *file;
  tx_dims dims;
  const float **weights;
  int32_t ids[SEQUENCES * LENGTH];
  uint32_t starts[SEQUENCES + 1];
  tx_pack pack;
} fixture;

static int set_up(void **state)
{
  fixture *f = calloc(1, sizeof *f);
  tx_error error;
  const int64_t *ids;
  assert_non_null(f);
  if (tx_safetensors_open(TX_TESTS_DIR "/golden/mamba2_encoder.safetensors", 0, &f->file, &error) != TX_OK)
    fail_msg("%s", error.message);
  f->dims = (tx_dims){.vocabulary = 72,
                      .width = 32,
                      .layers = 2,
                      .state = 16,
                      .head_width = 16,
                      .expand = 2,
                      .kernel = 4,
                      .mlp = 128,
                      .head_count = RANKS,
                      .heads = {{TX_HEAD_TAXA, 1},
                                {TX_HEAD_TAXA, 3},
                                {TX_HEAD_TAXA, 5},
                                {TX_HEAD_TAXA, 11}}};
  assert_null(tx_dims_fault(&f->dims));
  f->weights = calloc(tx_layout_count(&f->dims), sizeof *f->weights);
  assert_non_null(f->weights);
  for (size_t i = 0; i < tx_layout_count(&f->dims); i++) {
    tx_tensor_info info;
    tx_layout_tensor(&f->dims, i, &info);
    f->weights[i] = golden_floats(f->file, "w.", info.name, info.count);
  }
  ids = golden_section(f->file, "", "ids")->data;
  for (size_t i = 0; i < SEQUENCES * LENGTH; i++) f->ids[i] = (int32_t)ids[i];
  for (uint32_t i = 0; i <= SEQUENCES; i++) f->starts[i] = i * LENGTH;
  f->pack = (tx_pack){.sequences = SEQUENCES, .starts = f->starts, .ids = f->ids};
  *state = f;
  return 0;
}

static int tear_down(void **state)
{
  fixture *f = *state;
  tx_safetensors_close(f->file);
  free(f->weights);
  free(f);
  return 0;
}

static tx_work *new_work(const fixture *f, void **ret_memory)
{
  const size_t size = tx_network_work_size(&f->dims, TX_PRECISION_FLOAT32, SEQUENCES * LENGTH, SEQUENCES);
  assert_true(size > 0);
  *ret_memory = tx_malloc_aligned(size, 1);
  assert_non_null(*ret_memory);
  return tx_network_work_init(&f->dims, TX_PRECISION_FLOAT32, SEQUENCES * LENGTH, SEQUENCES, *ret_memory);
}

static void check_probe(void *context, size_t layer, const char *name, const float *values, size_t rows,
                        size_t columns)
{
  const fixture *f = context;
  char full[32];
  snprintf(full, sizeof full, "layer%zu.%s", layer, name);
  golden_compare(full, values, golden_floats(f->file, "", full, rows * columns), rows * columns, 1e-5);
}

static void compare_logits(const fixture *f, size_t rank, const float *logits)
{
  char name[16];
  snprintf(name, sizeof name, "logits%zu", rank);
  golden_compare(name, logits, golden_floats(f->file, "", name, SEQUENCES * f->dims.heads[rank].size),
                 SEQUENCES * f->dims.heads[rank].size, 1e-5);
}

static void forward_matches(void **state)
{
  fixture *f = *state;
  void *memory;
  tx_work *work = new_work(f, &memory);
  tx_network_set_probe(work, check_probe, f);
  tx_network_forward(&f->dims, f->weights, &f->pack, work);
  golden_compare("hidden", tx_network_hidden(work),
                 golden_floats(f->file, "", "hidden", SEQUENCES * LENGTH * 32), SEQUENCES * LENGTH * 32,
                 1e-5);
  for (size_t r = 0; r < RANKS; r++) compare_logits(f, r, tx_network_outputs(work, r));
  free(memory);
}

static void check_inference_probe(void *context, size_t layer, const char *name, const float *values,
                                  size_t rows, size_t columns)
{
  const fixture *f = context;
  if (strcmp(name, "hidden")) {
    check_probe(context, layer, name, values, rows, columns);
    return;
  }
  golden_compare(name, values, golden_floats(f->file, "", name, rows * columns), rows * columns, 1e-5);
}

static void inference_matches(void **state)
{
  fixture *f = *state;
  void *weights_memory = tx_malloc_aligned(tx_inference_weights_size(&f->dims, TX_PRECISION_FLOAT32), 1);
  void *work_memory = tx_malloc_aligned(tx_inference_work_size(&f->dims, TX_PRECISION_FLOAT32, SEQUENCES), 1);
  tx_inference_weights *weights;
  tx_inference_work *work;
  assert_true(weights_memory && work_memory);
  weights = tx_inference_weights_init(&f->dims, f->weights, TX_PRECISION_FLOAT32, weights_memory);
  work = tx_inference_work_init(weights, SEQUENCES, work_memory);
  tx_inference_set_probe(work, check_inference_probe, f);
  for (int turn = 0; turn < 2; turn++) { /* the second time the first layer comes from the table */
    tx_inference_forward(weights, &f->pack, work);
    for (size_t r = 0; r < RANKS; r++) compare_logits(f, r, tx_inference_outputs(work, r));
  }
  free(work_memory);
  free(weights_memory);
}

static void gradients_match(void **state)
{
  fixture *f = *state;
  void *memory;
  tx_work *work = new_work(f, &memory);
  const size_t elements = tx_layout_elements(&f->dims);
  float *gradients = tx_calloc_aligned(elements, sizeof *gradients);
  const int64_t *labels = golden_section(f->file, "", "labels")->data;
  double loss = 0;
  assert_non_null(gradients);
  tx_network_forward(&f->dims, f->weights, &f->pack, work);
  /* The golden loss: per rank the mean over the batch, summed over ranks. */
  for (size_t r = 0; r < RANKS; r++) {
    int32_t rank_labels[SEQUENCES];
    for (size_t s = 0; s < SEQUENCES; s++) rank_labels[s] = (int32_t)labels[s * RANKS + r];
    loss += tx_cross_entropy(tx_network_outputs(work, r), rank_labels, SEQUENCES, f->dims.heads[r].size, 0.0f,
                             1.0f / SEQUENCES, NULL) /
            SEQUENCES;
  }
  assert_true(fabs(loss - strtod(tx_safetensors_metadata(f->file, "loss"), NULL)) < 1e-5 * loss);
  tx_network_backward(&f->dims, f->weights, &f->pack, work, NULL, gradients);
  for (size_t i = 0; i < tx_layout_count(&f->dims); i++) {
    tx_tensor_info info;
    tx_layout_tensor(&f->dims, i, &info);
    golden_compare(info.name, gradients + info.offset, golden_floats(f->file, "g.", info.name, info.count),
                   info.count, 1e-4);
  }
  free(gradients);
  free(memory);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(forward_matches),
      cmocka_unit_test(inference_matches),
      cmocka_unit_test(gradients_match),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
