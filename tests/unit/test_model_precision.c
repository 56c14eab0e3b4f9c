/* Model files in bf16 and int8: what comes back, what conversion keeps, and refusal of files that are wrong
   in their own ways. */
#include "unit/model_fixture.h"

#include "infer/classifier.h"
#include "tensor/quantise.h"

#include <float.h>
#include <math.h>

enum { MANY = 256 };

static scratch place;
static model_fixture fixture;

static int set_up(void **state)
{
  (void)state;
  scratch_create(&place);
  fixture_create(&fixture);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  fixture_free(&fixture);
  scratch_remove(&place);
  return 0;
}

static void write_fixture(tx_precision precision)
{
  tx_error error = {0};
  fixture.parts.precision = precision;
  if (tx_model_write(place.path, &fixture.parts, &error) != TX_OK) fail_msg("%s", error.message);
}

static tx_model *open_fixture(void)
{
  tx_model *model = NULL;
  tx_error error = {0};
  if (tx_model_open(place.path, &model, &error) != TX_OK) fail_msg("%s", error.message);
  return model;
}

/* Converts the file in its place. */
static void convert(tx_precision precision)
{
  tx_model *model = open_fixture();
  tx_error error = {0};
  if (tx_model_convert(model, precision, place.path, NULL, &error) != TX_OK) fail_msg("%s", error.message);
  tx_model_close(model);
}

/* What the format makes of a tensor. */
static void check_tensor(const tx_model *model, const tx_tensor_info *info, const float *values)
{
  const float *wanted = fixture.weights + info->offset;
  char name[TX_TENSOR_NAME_SIZE + 6];
  if (info->dimensions != 2 || model->stored == TX_PRECISION_FLOAT32) {
    assert_memory_equal(values, wanted, info->count * sizeof *values);
    return;
  }
  snprintf(name, sizeof name, "%s.scale", info->name);
  for (size_t i = 0; i < info->count; i++)
    if (model->stored == TX_PRECISION_BF16) {
      assert_true(values[i] == tx_bf16_to_float(tx_bf16_from_float(wanted[i])));
    } else {
      const double scale =
          (double)((const float *)tx_safetensors_find(model->file, name)->data)[i / info->shape[1]];
      assert_true(fabs((double)values[i] - (double)wanted[i]) <= scale / 2);
    }
}

static size_t data_bytes(const tx_model *model)
{
  size_t bytes = 0;
  for (size_t i = 0; i < tx_safetensors_count(model->file); i++)
    bytes += tx_safetensors_at(model->file, i)->size;
  return bytes;
}

static void weights_come_back(void **state)
{
  /* The tensors of two dimensions have 1952 elements in 220 rows. */
  const size_t saved[] = {
      [TX_PRECISION_FLOAT32] = 0, [TX_PRECISION_BF16] = 2 * 1952, [TX_PRECISION_INT8] = 3 * 1952 - 4 * 220};
  size_t plain = 0;
  (void)state;
  for (tx_precision stored = TX_PRECISION_FLOAT32; stored <= TX_PRECISION_INT8; stored++) {
    tx_model *model;
    write_fixture(stored);
    model = open_fixture();
    assert_int_equal(tx_model_stored_precision(model), stored);
    assert_string_equal(tx_safetensors_metadata(model->file, "taxamba.format"),
                        stored == TX_PRECISION_FLOAT32 ? "1" : "2");
    assert_string_equal(model->config, fixture_config);
    assert_string_equal(model->provenance, fixture_provenance);
    for (size_t i = 0; i < tx_layout_count(&fixture.dims); i++) {
      tx_tensor_info info;
      tx_layout_tensor(&fixture.dims, i, &info);
      check_tensor(model, &info, model->weights[i]);
    }
    if (stored == TX_PRECISION_FLOAT32) plain = data_bytes(model);
    assert_int_equal(data_bytes(model), plain - saved[stored]);
    tx_model_close(model);
  }
}

/* Position embeddings are a matrix as the embedding of the tokens is; a file without them has no key for
   them. */
static void positions_come_back(void **state)
{
  const tx_dims dims = fixture.dims;
  float *weights = fixture.weights;
  (void)state;
  write_fixture(TX_PRECISION_FLOAT32);
  {
    tx_model *model = open_fixture();
    assert_int_equal(model->dims.positions, 0);
    assert_null(strstr(tx_safetensors_metadata(model->file, "taxamba.dims"), "positions"));
    tx_model_close(model);
  }
  fixture.dims.positions = 5;
  fixture.weights = malloc(tx_layout_elements(&fixture.dims) * sizeof *weights);
  assert_non_null(fixture.weights);
  tx_layout_initialise(&fixture.dims, 12, fixture.weights);
  fixture.parts.weights = fixture.weights;
  for (tx_precision stored = TX_PRECISION_FLOAT32; stored <= TX_PRECISION_INT8; stored++) {
    tx_model *model;
    char *text = NULL;
    tx_error error = {0};
    write_fixture(stored);
    model = open_fixture();
    assert_int_equal(model->dims.positions, 5);
    assert_int_equal(tx_safetensors_find(model->file, "emb.positions")->shape[0], 5);
    for (size_t i = 0; i < tx_layout_count(&fixture.dims); i++) {
      tx_tensor_info info;
      tx_layout_tensor(&fixture.dims, i, &info);
      check_tensor(model, &info, model->weights[i]);
    }
    assert_int_equal(tx_model_describe(model, false, &text, &error), TX_OK);
    assert_non_null(strstr(text, "MLP 12, 5 positions\n"));
    free(text);
    tx_model_close(model);
  }
  free(fixture.weights);
  fixture.weights = weights;
  fixture.parts.weights = weights;
  fixture.dims = dims;
}

/* Its weights are packed for the precision that is asked for. */
static void any_file_computes_in_any_precision(void **state)
{
  tx_model *model = NULL;
  tx_classifier *classifier = NULL;
  tx_predict_options options;
  tx_error error = {0};
  (void)state;
  tx_predict_defaults(&options);
  for (tx_precision stored = TX_PRECISION_FLOAT32; stored <= TX_PRECISION_INT8; stored++) {
    write_fixture(stored);
    model = open_fixture();
    assert_int_equal(tx_model_stored_precision(model), stored);
    for (int precision = TX_PRECISION_STORED; precision <= TX_PRECISION_INT8; precision++) {
      options.precision = (tx_precision)precision;
      assert_int_equal(tx_classifier_create(model, &options, &classifier, &error), TX_OK);
      assert_non_null(classifier->opt_weights);
      assert_int_equal(tx_classifier_precision(classifier),
                       precision == TX_PRECISION_STORED ? stored : options.precision);
      tx_classifier_free(classifier);
    }
    options.precision = (tx_precision)4;
    assert_int_equal(tx_classifier_create(model, &options, &classifier, &error), TX_ERROR_USAGE);
    assert_null(classifier);
    tx_model_close(model);
  }
  assert_string_equal(tx_precision_name(TX_PRECISION_STORED), "stored");
  assert_string_equal(tx_precision_name((tx_precision)4), "unknown");
}

/* In the order of the data: each section at a multiple of its element, whatever stands before it. */
static void sections_are_aligned(void **state)
{
  static const float three[3] = {1, 2, 3};
  const tx_section extra[] = {
      {.name = "odd", .dtype = TX_DTYPE_U8, .dimensions = 1, .shape = {5}, .data = "12345", .size = 5},
      {.name = "numbers",
       .dtype = TX_DTYPE_F32,
       .dimensions = 1,
       .shape = {3},
       .data = three,
       .size = sizeof three},
      {.name = "small", .dtype = TX_DTYPE_I8, .dimensions = 1, .shape = {3}, .data = "abc", .size = 3}};
  (void)state;
  fixture.parts.extra = extra;
  fixture.parts.extra_count = 3;
  for (tx_precision stored = TX_PRECISION_FLOAT32; stored <= TX_PRECISION_INT8; stored++) {
    tx_model *model;
    size_t at = 0, scales = 0;
    write_fixture(stored);
    model = open_fixture();
    for (size_t i = 0; i < tx_safetensors_count(model->file); i++) {
      const tx_section *section = tx_safetensors_at(model->file, i);
      size_t elements = 1;
      for (size_t j = 0; j < section->dimensions; j++) elements *= (size_t)section->shape[j];
      assert_int_equal(at % (section->size / elements), 0);
      at += section->size;
      if (strstr(section->name, ".scale")) scales++;
    }
    assert_int_equal(scales, stored == TX_PRECISION_INT8 ? 1 + 2 * 4 + 3 : 0);
    assert_memory_equal(tx_safetensors_find(model->file, "odd")->data, "12345", 5);
    assert_memory_equal(tx_safetensors_find(model->file, "numbers")->data, three, sizeof three);
    tx_model_close(model);
  }
}

/* Quantising what is quantised changes no byte, and nothing but the note when it went by way of float32. */
static void quantising_twice_is_quantising_once(void **state)
{
  (void)state;
  for (tx_precision stored = TX_PRECISION_FLOAT32; stored <= TX_PRECISION_INT8; stored++) {
    unsigned char *first, *second;
    size_t first_size, second_size;
    tx_model *before, *after;
    write_fixture(TX_PRECISION_FLOAT32);
    convert(stored);
    first = read_whole(place.path, &first_size);
    convert(stored);
    convert(TX_PRECISION_STORED);
    second = read_whole(place.path, &second_size);
    assert_int_equal(first_size, second_size);
    assert_memory_equal(first, second, first_size);
    free(first);
    free(second);
    before = open_fixture();
    convert(TX_PRECISION_FLOAT32);
    convert(stored);
    after = open_fixture();
    assert_int_equal(tx_safetensors_count(before->file), tx_safetensors_count(after->file));
    for (size_t i = 0; i < tx_safetensors_count(before->file); i++) {
      const tx_section *one = tx_safetensors_at(before->file, i), *other = tx_safetensors_at(after->file, i);
      assert_string_equal(one->name, other->name);
      assert_int_equal(one->dtype, other->dtype);
      assert_int_equal(one->size, other->size);
      assert_memory_equal(one->data, other->data, one->size);
    }
    tx_model_close(before);
    tx_model_close(after);
  }
}

static void a_conversion_keeps_the_rest(void **state)
{
  static const float scales[72];
  const tx_section extra[] = {
      {.name = "calibration",
       .dtype = TX_DTYPE_F32,
       .dimensions = 2,
       .shape = {3, 24},
       .data = scales,
       .size = sizeof scales},
      {.name = "emb.weight.scale",
       .dtype = TX_DTYPE_F32,
       .dimensions = 1,
       .shape = {72},
       .data = scales,
       .size = sizeof scales},
      {.name = "bytes", .dtype = TX_DTYPE_U8, .dimensions = 1, .shape = {3}, .data = "xyz", .size = 3}};
  const tx_metadata metadata[] = {{"note", "caf\xc3\xa9 \"x\"\n"}, {"taxamba.later", "{}"}};
  tx_model *model;
  (void)state;
  fixture.parts.extra = extra;
  fixture.parts.extra_count = 3;
  fixture.parts.extra_metadata = metadata;
  fixture.parts.extra_metadata_count = 2;
  write_fixture(TX_PRECISION_FLOAT32);
  convert(TX_PRECISION_INT8);
  model = open_fixture();
  assert_int_equal(tx_safetensors_find(model->file, "calibration")->size, sizeof scales);
  assert_memory_equal(tx_safetensors_find(model->file, "bytes")->data, "xyz", 3);
  /* the name is that of the scales */
  assert_true(((const float *)tx_safetensors_find(model->file, "emb.weight.scale")->data)[0] > 0);
  assert_string_equal(tx_safetensors_metadata(model->file, "note"), metadata[0].value);
  assert_string_equal(tx_safetensors_metadata(model->file, "taxamba.later"), "{}");
  assert_string_equal(model->config, fixture_config);
  assert_string_equal(tx_taxonomy_class_name(model->taxonomy, 2, 0), "Carabus auratus");
  tx_model_close(model);
  convert(TX_PRECISION_FLOAT32);
  model = open_fixture();
  assert_null(tx_safetensors_find(model->file, "emb.weight.scale"));
  assert_non_null(tx_safetensors_find(model->file, "calibration"));
  assert_null(tx_safetensors_metadata(model->file, "taxamba.precision"));
  tx_model_close(model);
}

static void expect_provenance(tx_precision precision, const char *wanted)
{
  tx_model *model;
  convert(precision);
  model = open_fixture();
  assert_string_equal(model->provenance, wanted);
  tx_model_close(model);
}

static void the_provenance_tells_the_conversion(void **state)
{
  (void)state;
  fixture.parts.provenance = " {\"seed\":18446744073709551615}"; /* kept digit by digit */
  write_fixture(TX_PRECISION_FLOAT32);
  expect_provenance(TX_PRECISION_FLOAT32, " {\"seed\":18446744073709551615}");
  expect_provenance(TX_PRECISION_BF16, "{\"converted_from\":[\"float32\"],\"seed\":18446744073709551615}");
  expect_provenance(TX_PRECISION_INT8,
                    "{\"converted_from\":[\"bf16\",\"float32\"],\"seed\":18446744073709551615}");
  expect_provenance(TX_PRECISION_INT8,
                    "{\"converted_from\":[\"bf16\",\"float32\"],\"seed\":18446744073709551615}");
  fixture.parts.provenance = NULL;
  write_fixture(TX_PRECISION_FLOAT32);
  expect_provenance(TX_PRECISION_INT8, "{\"converted_from\":[\"float32\"]}");
  fixture.parts.provenance = "{\"name\":\"x\",\"converted_from\":7}"; /* somebody else's */
  write_fixture(TX_PRECISION_FLOAT32);
  expect_provenance(TX_PRECISION_INT8, "{\"name\":\"x\",\"converted_from\":7}");
}

static void what_cannot_be_converted_stays(void **state)
{
  static const tx_metadata checkpoint[] = {{"taxamba.kind", "checkpoint"}};
  tx_model *model;
  tx_error error = {0};
  size_t size;
  (void)state;
  fixture.weights[3] = FLT_MAX;
  write_fixture(TX_PRECISION_FLOAT32);
  model = open_fixture();
  size = tx_model_file_size(model);
  assert_int_equal(tx_model_convert(model, TX_PRECISION_BF16, place.path, NULL, &error), TX_ERROR_NUMERIC);
  assert_non_null(strstr(error.message, "a weight of 'emb.weight' is too large for bf16"));
  assert_int_equal(tx_model_convert(model, (tx_precision)4, place.path, NULL, &error), TX_ERROR_USAGE);
  tx_model_close(model);
  model = open_fixture();
  assert_int_equal(tx_model_file_size(model), size);
  /* its scale has an end */
  assert_int_equal(tx_model_convert(model, TX_PRECISION_INT8, place.path, NULL, &error), TX_OK);
  tx_model_close(model);
  tx_model_close(open_fixture());

  fixture.parts.extra_metadata = checkpoint;
  fixture.parts.extra_metadata_count = 1;
  fixture.parts.precision = TX_PRECISION_INT8;
  assert_int_equal(tx_model_write(place.path, &fixture.parts, &error), TX_ERROR_MODEL);
  write_fixture(TX_PRECISION_FLOAT32);
  model = open_fixture();
  assert_int_equal(tx_model_convert(model, TX_PRECISION_INT8, place.path, NULL, &error), TX_ERROR_MODEL);
  assert_non_null(strstr(error.message, "a checkpoint keeps its weights"));
  tx_model_close(model);
}

/* Writes the file anew with one section replaced (left out for one without a name) and one metadata value
   replaced (left out for NULL). NULL: all stay. */
static void rewrite(const char *name, const tx_section *replacement, const char *key, const char *value)
{
  tx_safetensors *file = NULL;
  tx_section sections[MANY];
  tx_metadata all[32], metadata[32];
  size_t count = 0, keys = 0;
  tx_error error = {0};
  assert_int_equal(tx_safetensors_open(place.path, 1, &file, &error), TX_OK);
  for (size_t i = 0; i < tx_safetensors_count(file); i++) {
    sections[count] = *tx_safetensors_at(file, i);
    if (name && strcmp(sections[count].name, name) == 0) sections[count] = *replacement;
    if (sections[count].name) count++;
  }
  assert_true(count <= MANY && tx_safetensors_metadata_count(file) <= 32);
  tx_safetensors_metadata_list(file, all);
  for (size_t i = 0; i < tx_safetensors_metadata_count(file); i++) {
    if (strcmp(all[i].key, "taxamba.crc32") == 0) continue;
    metadata[keys] = all[i];
    if (key && strcmp(all[i].key, key) == 0) metadata[keys].value = value;
    if (metadata[keys].value) keys++;
  }
  assert_int_equal(tx_safetensors_write(place.path, sections, count, metadata, keys, &error), TX_OK);
  tx_safetensors_close(file);
}

static void metadata_must_agree_with_the_weights(void **state)
{
  static const tx_metadata named[] = {{"taxamba.precision", "float32"}};
  static const struct {
    const char *key, *value, *word;
  } cases[] = {
      {"taxamba.precision", NULL, "it has no taxamba.precision"},
      {"taxamba.precision", "fp4", "its weights are of precision 'fp4', not float32, bf16 or int8"},
      {"taxamba.precision", "stored", "of precision 'stored'"},
      {"taxamba.precision", "", "of precision ''"},
      {"taxamba.precision", "bf16", "'emb.weight' have the wrong shape or type: this model of precision "
                                    "bf16 has them as BF16"},
      {"taxamba.precision", "float32", "'emb.weight' have the wrong shape or type: this model of precision "
                                       "float32 has them as F32"},
      {"taxamba.format", "1", "'emb.weight' have the wrong shape or type"},
      {"taxamba.format", "3", "was written by a newer Taxamba (format 3; this one reads up to 2): update "
                              "Taxamba"},
      {"taxamba.kind", "checkpoint", "a checkpoint whose weights are int8, not float32"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    write_fixture(TX_PRECISION_INT8);
    rewrite(NULL, NULL, cases[i].key, cases[i].value);
    expect_model_fault(place.path, cases[i].word);
  }
  fixture.parts.extra_metadata = named;
  fixture.parts.extra_metadata_count = 1;
  write_fixture(TX_PRECISION_FLOAT32); /* format 2 has all three */
  rewrite(NULL, NULL, "taxamba.format", "2");
  tx_model_close(open_fixture());
}

static void wrong_sections_are_refused(void **state)
{
  static const float floats[72 * 8];
  const struct {
    const char *name;
    tx_section replacement;
    const char *word;
  } cases[] = {
      {"emb.weight.scale", {.name = NULL}, "the scales 'emb.weight.scale' are missing"},
      {"emb.weight.scale",
       {"emb.weight.scale", TX_DTYPE_F32, 2, {36, 2}, floats, 288},
       "the scales 'emb.weight.scale' have the wrong shape"},
      {"emb.weight.scale",
       {"emb.weight.scale", TX_DTYPE_F32, 1, {71}, floats, 284},
       "one F32 for each of 72 rows is needed"},
      {"emb.weight.scale",
       {"emb.weight.scale", TX_DTYPE_F32, 1, {73}, floats, 292},
       "one F32 for each of 72 rows is needed"},
      {"emb.weight.scale",
       {"emb.weight.scale", TX_DTYPE_I32, 1, {72}, floats, 288},
       "have the wrong shape or type"},
      {"emb.weight.scale",
       {"emb.weight.scale", TX_DTYPE_F32, 1, {72}, floats, 288},
       "'emb.weight.scale' are not all finite and above 0"},
      {"emb.weight",
       {"emb.weight", TX_DTYPE_U8, 2, {72, 8}, floats, 576},
       "this model of precision int8 "
       "has them as I8"},
      {"emb.weight",
       {"emb.weight", TX_DTYPE_F32, 2, {72, 8}, floats, 2304},
       "'emb.weight' have the wrong "
       "shape or type"},
      {"emb.weight",
       {"emb.weight", TX_DTYPE_BF16, 2, {72, 8}, floats, 1152},
       "'emb.weight' have the wrong "
       "shape or type"},
      {"emb.weight",
       {"emb.weight", TX_DTYPE_I8, 2, {8, 72}, floats, 576},
       "'emb.weight' have the wrong "
       "shape or type"},
      {"emb.weight", {.name = NULL}, "the weights 'emb.weight' are missing"},
      {"ln_f.bias",
       {"ln_f.bias", TX_DTYPE_BF16, 1, {8}, floats, 16},
       "this model of precision int8 has "
       "them as F32"},
      {"layers.0.mixer.conv1d.weight",
       {"layers.0.mixer.conv1d.weight", TX_DTYPE_I8, 3, {24, 1, 4}, floats, 96},
       "'layers.0.mixer.conv1d.weight' have the wrong shape or type"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    write_fixture(TX_PRECISION_INT8);
    rewrite(cases[i].name, &cases[i].replacement, NULL, NULL);
    expect_model_fault(place.path, cases[i].word);
  }
}

/* Puts bytes into the data of a section. */
static void poke(const char *name, size_t at, const void *bytes, size_t count)
{
  unsigned char copy[4096];
  tx_safetensors *file = NULL;
  tx_section section;
  tx_error error = {0};
  assert_int_equal(tx_safetensors_open(place.path, 1, &file, &error), TX_OK);
  section = *tx_safetensors_find(file, name);
  assert_true(section.size <= sizeof copy && at + count <= section.size);
  memcpy(copy, section.data, section.size);
  memcpy(copy + at, bytes, count);
  tx_safetensors_close(file);
  section.name = name;
  section.data = copy;
  rewrite(name, &section, NULL, NULL);
}

static void wrong_numbers_are_refused(void **state)
{
  static const float scales[] = {NAN, INFINITY, 0, -0.0f, -1};
  static const uint16_t halves[] = {0x7f80, 0xff80, 0x7fc0, 0xffff};
  const int8_t low = -128, high = 127;
  const float largest = FLT_MAX, not_a_number = NAN;
  (void)state;
  for (size_t i = 0; i < sizeof scales / sizeof *scales; i++)
    for (size_t at = 0; at < 4; at += 3) {
      write_fixture(TX_PRECISION_INT8);
      poke("heads.2.weight.scale", 4 * at, &scales[i], 4);
      expect_model_fault(place.path, "the scales 'heads.2.weight.scale' are not all finite and above 0");
    }
  for (size_t at = 0; at < 32; at += 31) {
    write_fixture(TX_PRECISION_INT8);
    poke("heads.2.weight", at, &low, 1);
    expect_model_fault(place.path, "the weights 'heads.2.weight' hold -128");
  }
  write_fixture(TX_PRECISION_INT8);
  poke("heads.2.weight", 5, &high, 1);
  poke("heads.2.weight.scale", 0, &largest, 4);
  expect_model_fault(place.path, "the weights 'heads.2.weight' are not all finite");
  write_fixture(TX_PRECISION_INT8);
  poke("heads.2.bias", 4, &not_a_number, 4);
  expect_model_fault(place.path, "the weights 'heads.2.bias' are not all finite");
  for (size_t i = 0; i < sizeof halves / sizeof *halves; i++) {
    write_fixture(TX_PRECISION_BF16);
    poke("layers.1.fc2.weight", 2 * (8 * 12 - 1), &halves[i], 2);
    expect_model_fault(place.path, "the weights 'layers.1.fc2.weight' are not all finite");
  }
}

static void damage_is_found(void **state)
{
  (void)state;
  for (tx_precision stored = TX_PRECISION_BF16; stored <= TX_PRECISION_INT8; stored++) {
    unsigned char *bytes;
    size_t size;
    write_fixture(stored);
    bytes = read_whole(place.path, &size);
    write_whole(place.path, bytes, size / 2);
    expect_model_fault(place.path, "truncated: the header promises");
    write_whole(place.path, bytes, size - 1);
    expect_model_fault(place.path, "truncated: the header promises");
    bytes[size - 400] ^= 1;
    write_whole(place.path, bytes, size);
    expect_model_fault(place.path, "checksum mismatch");
    free(bytes);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(weights_come_back, set_up, tear_down),
      cmocka_unit_test_setup_teardown(positions_come_back, set_up, tear_down),
      cmocka_unit_test_setup_teardown(any_file_computes_in_any_precision, set_up, tear_down),
      cmocka_unit_test_setup_teardown(sections_are_aligned, set_up, tear_down),
      cmocka_unit_test_setup_teardown(quantising_twice_is_quantising_once, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_conversion_keeps_the_rest, set_up, tear_down),
      cmocka_unit_test_setup_teardown(the_provenance_tells_the_conversion, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_cannot_be_converted_stays, set_up, tear_down),
      cmocka_unit_test_setup_teardown(metadata_must_agree_with_the_weights, set_up, tear_down),
      cmocka_unit_test_setup_teardown(wrong_sections_are_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(wrong_numbers_are_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(damage_is_found, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
