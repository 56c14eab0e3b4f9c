/* Heads of a model file besides those of the taxa: each kind is a key more, is kept by a conversion, and is
   checked. */
#include "unit/model_fixture.h"

static scratch place;
static model_fixture fixture;

static int set_up(void **state)
{
  tx_error error = {0};
  (void)state;
  scratch_create(&place);
  fixture_create(&fixture);
  return tx_model_write(place.path, &fixture.parts, &error) == TX_OK ? 0 : -1;
}

static int tear_down(void **state)
{
  (void)state;
  fixture_free(&fixture);
  scratch_remove(&place);
  return 0;
}

/* A head of the strand is one key more, and two tensors. */
static void a_head_of_the_strand_is_kept(void **state)
{
  tx_model *model = NULL;
  tx_error error = {0};
  size_t size, elements = tx_layout_elements(&fixture.dims);
  unsigned char *bytes = read_whole(place.path, &size);
  tx_model_parts parts = fixture.parts;
  tx_dims dims = fixture.dims;
  float *weights;
  (void)state;
  for (size_t at = 0; at + 11 < size; at++) assert_memory_not_equal(bytes + at, "strand_head", 11);
  free(bytes);
  dims.heads[dims.head_count++] = (tx_head){TX_HEAD_STRAND, 1};
  weights = calloc(tx_layout_elements(&dims), sizeof *weights);
  assert_non_null(weights);
  memcpy(weights, fixture.weights, elements * sizeof *weights);
  for (size_t i = elements; i < tx_layout_elements(&dims); i++) weights[i] = (float)i;
  parts.dims = &dims;
  parts.weights = weights;
  assert_int_equal(tx_model_write(place.path, &parts, &error), TX_OK);
  assert_int_equal(tx_model_open(place.path, &model, &error), TX_OK);
  assert_true(tx_model_tells_strand(model));
  assert_int_equal(tx_dims_ranks(&model->dims) + 1, model->dims.head_count);
  assert_memory_equal(model->weights[tx_layout_count(&dims) - 2], weights + elements,
                      dims.width * sizeof *weights);
  assert_int_equal(tx_model_convert(model, TX_PRECISION_INT8, place.path, NULL, &error), TX_OK);
  tx_model_close(model);
  assert_int_equal(tx_model_open(place.path, &model, &error), TX_OK);
  assert_true(tx_model_tells_strand(model));
  assert_int_equal(tx_model_convert(model, TX_PRECISION_FLOAT32, place.path, NULL, &error), TX_OK);
  tx_model_close(model);
  bytes = read_whole(place.path, &size);
  replace_text(bytes, size, "\\\"strand_head\\\":1", "\\\"strand_head\\\":2");
  refresh_checksum(bytes, size);
  write_whole(place.path, bytes, size);
  expect_model_fault(place.path, "strand_head");
  free(bytes);
  dims.heads[dims.head_count - 1].size = 2;
  assert_int_equal(tx_model_write(place.path, &parts, &error), TX_ERROR_MODEL);
  dims.heads[dims.head_count - 1].size = 1;
  dims.strands = 2;
  assert_int_equal(tx_model_write(place.path, &parts, &error), TX_ERROR_MODEL);
  free(weights);
}

/* A head of several labels is one key more, its size that of the whole taxonomy; no head of taxa goes with
   it. */
static void a_head_of_several_labels_is_kept(void **state)
{
  const size_t nodes = tx_taxonomy_node_count(fixture.parts.taxonomy);
  tx_model *model = NULL;
  tx_error error = {0};
  tx_model_parts parts = fixture.parts;
  tx_dims dims = fixture.dims;
  float *weights;
  (void)state;
  dims.heads[0] = (tx_head){TX_HEAD_STRAND, 1};
  dims.heads[1] = (tx_head){TX_HEAD_MULTILABEL, nodes};
  dims.head_count = 2;
  weights = calloc(tx_layout_elements(&dims), sizeof *weights);
  assert_non_null(weights);
  for (size_t i = 0; i < tx_layout_elements(&dims); i++) weights[i] = (float)(i % 97) / 97;
  parts.dims = &dims;
  parts.weights = weights;
  assert_int_equal(tx_model_write(place.path, &parts, &error), TX_OK);
  assert_int_equal(tx_model_open(place.path, &model, &error), TX_OK);
  assert_true(tx_model_is_multilabel(model) && tx_model_tells_strand(model));
  assert_int_equal(model->dims.heads[tx_dims_multilabel_head(&model->dims)].size, nodes);
  assert_int_equal(tx_dims_ranks(&model->dims), 0);
  assert_int_equal(tx_model_convert(model, TX_PRECISION_INT8, place.path, NULL, &error), TX_OK);
  tx_model_close(model);
  assert_int_equal(tx_model_open(place.path, &model, &error), TX_OK);
  assert_true(tx_model_is_multilabel(model));
  assert_int_equal(tx_model_convert(model, TX_PRECISION_FLOAT32, place.path, NULL, &error), TX_OK);
  tx_model_close(model);
  dims.heads[1].size++; /* not the taxonomy's */
  free(weights);
  weights = calloc(tx_layout_elements(&dims), sizeof *weights);
  assert_non_null(weights);
  parts.weights = weights;
  assert_int_equal(tx_model_write(place.path, &parts, &error), TX_ERROR_MODEL);
  dims = fixture.dims; /* heads of taxa beside it */
  dims.heads[dims.head_count++] = (tx_head){TX_HEAD_MULTILABEL, nodes};
  assert_int_equal(tx_model_write(place.path, &parts, &error), TX_ERROR_MODEL);
  free(weights);
}

/* A head of numbers, with what they are. */
static void a_head_of_numbers_is_kept(void **state)
{
  const tx_regression regression = {
      .count = 2, .outputs = {{"length", false, 1.5, 0.25}, {"a+\"b\"", true, -3, 1e-3}}};
  tx_model *model = NULL;
  tx_error error = {0};
  size_t size, elements = tx_layout_elements(&fixture.dims);
  unsigned char *bytes = read_whole(place.path, &size);
  double embedding[4096] = {1};
  tx_model_parts parts = fixture.parts;
  tx_dims dims = fixture.dims;
  float *weights;
  (void)state;
  for (size_t at = 0; at + 10 < size; at++) assert_memory_not_equal(bytes + at, "regression", 10);
  free(bytes);
  dims.heads[dims.head_count++] = (tx_head){TX_HEAD_STRAND, 1};
  dims.heads[dims.head_count++] = (tx_head){TX_HEAD_REGRESSION, 2};
  weights = calloc(tx_layout_elements(&dims), sizeof *weights);
  assert_non_null(weights);
  memcpy(weights, fixture.weights, elements * sizeof *weights);
  for (size_t i = elements; i < tx_layout_elements(&dims); i++) weights[i] = (float)(i - elements + 1);
  parts.dims = &dims;
  parts.weights = weights;
  assert_int_equal(tx_model_write(place.path, &parts, &error), TX_ERROR_MODEL);
  parts.opt_regression = &regression;
  assert_int_equal(tx_model_write(place.path, &parts, &error), TX_OK);
  assert_int_equal(tx_model_open(place.path, &model, &error), TX_OK);
  assert_true(tx_model_tells_strand(model));
  assert_int_equal(tx_model_trait_count(model), 2);
  assert_string_equal(tx_model_trait_name(model, 1), "a+\"b\"");
  assert_true(!tx_model_trait_is_log(model, 0) && tx_model_trait_is_log(model, 1));
  assert_true(dims.width <= 4096);
  { /* behind the head of the strand, D weights and a bias, come 2 D weights and 2 biases */
    const double first = (double)dims.width + 2, bias = 3 * (double)dims.width + 2;
    assert_true(tx_model_trait(model, 0, embedding) == 1.5 + 0.25 * (first + bias));
  }
  assert_int_equal(tx_model_convert(model, TX_PRECISION_BF16, place.path, NULL, &error), TX_OK);
  tx_model_close(model);
  assert_int_equal(tx_model_open(place.path, &model, &error), TX_OK);
  assert_string_equal(tx_model_trait_name(model, 0), "length");
  tx_model_close(model);
  bytes = read_whole(place.path, &size);
  replace_text(bytes, size, "\\\"transform\\\":\\\"none", "\\\"transform\\\":\\\"nine");
  refresh_checksum(bytes, size);
  write_whole(place.path, bytes, size);
  expect_model_fault(place.path, "transform");
  free(bytes);
  dims.heads[dims.head_count - 1].size = 17;
  assert_int_equal(tx_model_write(place.path, &parts, &error), TX_ERROR_MODEL);
  free(weights);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_head_of_the_strand_is_kept, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_head_of_several_labels_is_kept, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_head_of_numbers_is_kept, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
