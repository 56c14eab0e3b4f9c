/* Model files: round trip, and refusal of whatever is damaged, foreign, inconsistent or of a newer
   version. */
#include "unit/model_fixture.h"

#include <fcntl.h>
#include <math.h>
#include <sys/types.h>

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

static void a_model_comes_back(void **state)
{
  tx_model *model = NULL;
  tx_error error = {0};
  (void)state;

  assert_int_equal(tx_model_open(place.path, &model, &error), TX_OK);
  assert_memory_equal(&model->dims, &fixture.dims, sizeof model->dims);
  assert_int_equal(model->tokenizer.kind, TX_TOKENIZER_KMER);
  assert_int_equal(model->tokenizer.k, 3);
  assert_int_equal(model->tokenizer.stride, 2);
  assert_int_equal(model->tokenizer.max_bases, 660);
  assert_string_equal(model->config, fixture_config);
  assert_string_equal(model->provenance, fixture_provenance);
  assert_int_equal(tx_model_width(model), 8);
  assert_int_equal(tx_model_offsets(model), 2);
  assert_int_equal((uintptr_t)model->weights[0] % 64, 0);
  for (size_t i = 0; i < tx_layout_count(&fixture.dims); i++) {
    tx_tensor_info info;
    tx_layout_tensor(&fixture.dims, i, &info);
    assert_memory_equal(model->weights[i], fixture.weights + info.offset, info.count * sizeof(float));
  }
  for (size_t rank = 0; rank < 3; rank++) {
    const tx_taxonomy *taxonomy = tx_model_taxonomy(model);
    assert_string_equal(tx_taxonomy_rank_name(taxonomy, rank), tx_taxonomy_rank_name(fixture.taxonomy, rank));
    assert_int_equal(tx_taxonomy_class_count(taxonomy, rank), fixture.dims.heads[rank].size);
    for (size_t i = 0; i < fixture.dims.heads[rank].size; i++)
      assert_string_equal(tx_taxonomy_class_name(taxonomy, rank, (int32_t)i),
                          tx_taxonomy_class_name(fixture.taxonomy, rank, (int32_t)i));
  }
  tx_model_close(model);
  tx_model_close(NULL);
}

/* Truncated or written over in place after the open: the model is as it was. */
static void the_file_may_change_afterwards(void **state)
{
  tx_model *model = NULL, *second = NULL;
  tx_error error = {0};
  size_t size;
  unsigned char *bytes = read_whole(place.path, &size);
  unsigned char *noise = malloc(size);
  (void)state;
  assert_non_null(noise);
  memset(noise, 0x7f, size);
  assert_int_equal(tx_model_open(place.path, &model, &error), TX_OK);
  write_whole(place.path, noise, size);
  write_whole(place.path, noise, 1);
  assert_int_equal(tx_model_convert(model, TX_PRECISION_STORED, place.path, NULL, &error), TX_OK);
  tx_model_close(model);
  free(noise);
  noise = read_whole(place.path, &size);
  assert_memory_equal(noise, bytes, size);
  assert_int_equal(tx_model_read("memory", bytes, size, &second, &error), TX_OK);
  tx_model_close(second);
  assert_int_equal(tx_model_read("memory", bytes, size - 1, &second, &error), TX_ERROR_MODEL);
  free(noise);
  free(bytes);
}

/* Two strands are one key more, which older versions refuse; without it the file is as it was. */
static void strands_are_kept(void **state)
{
  tx_model *model = NULL;
  tx_error error = {0};
  size_t size;
  unsigned char *bytes = read_whole(place.path, &size);
  (void)state;
  for (size_t at = 0; at + 9 < size; at++) assert_memory_not_equal(bytes + at, "\\\"strands", 9);
  free(bytes);
  fixture.dims.strands = 2;
  assert_int_equal(tx_model_write(place.path, &fixture.parts, &error), TX_OK);
  assert_int_equal(tx_model_open(place.path, &model, &error), TX_OK);
  assert_int_equal(model->dims.strands, 2);
  assert_true(tx_model_both_strands(model));
  assert_int_equal(tx_model_convert(model, TX_PRECISION_INT8, place.path, NULL, &error), TX_OK);
  tx_model_close(model);
  assert_int_equal(tx_model_open(place.path, &model, &error), TX_OK);
  assert_true(tx_model_both_strands(model));
  assert_int_equal(tx_model_convert(model, TX_PRECISION_FLOAT32, place.path, NULL, &error), TX_OK);
  tx_model_close(model);
  bytes = read_whole(place.path, &size);
  replace_text(bytes, size, "\\\"strands\\\":2", "\\\"strands\\\":3");
  refresh_checksum(bytes, size);
  write_whole(place.path, bytes, size);
  expect_model_fault(place.path, "strands");
  replace_text(bytes, size, "\\\"strands\\\":3", "\\\"strandz\\\":2");
  refresh_checksum(bytes, size);
  write_whole(place.path, bytes, size);
  expect_model_fault(place.path, "unknown key");
  free(bytes);
  fixture.dims.strands = 3;
  assert_int_equal(tx_model_write(place.path, &fixture.parts, &error), TX_ERROR_MODEL);
}

static void the_same_parts_give_the_same_bytes(void **state)
{
  tx_error error = {0};
  size_t first_size, second_size;
  unsigned char *first = read_whole(place.path, &first_size), *second;
  (void)state;
  assert_int_equal(tx_model_write(place.path, &fixture.parts, &error), TX_OK);
  second = read_whole(place.path, &second_size);
  assert_int_equal(first_size, second_size);
  assert_memory_equal(first, second, first_size);
  free(first);
  free(second);
}

static void a_checkpoint_carries_more(void **state)
{
  static const float moment[3] = {1, 2, 3};
  static const int64_t order[2] = {7, -8};
  const tx_section extra[] = {
      {.name = "bytes", .dtype = TX_DTYPE_U8, .dimensions = 1, .shape = {5}, .data = "12345", .size = 5},
      {.name = "optimiser.m",
       .dtype = TX_DTYPE_F32,
       .dimensions = 1,
       .shape = {3},
       .data = moment,
       .size = sizeof moment},
      {.name = "taxamba.unheard_of",
       .dtype = TX_DTYPE_I64,
       .dimensions = 1,
       .shape = {2},
       .data = order,
       .size = sizeof order}};
  const tx_metadata metadata[] = {
      {"taxamba.kind", "checkpoint"}, {"taxamba.progress", "{\"step\":3}"}, {"other", "x"}};
  tx_model_parts parts = fixture.parts;
  tx_model *model = NULL;
  tx_error error = {0};
  char *text = NULL;
  (void)state;

  parts.extra = extra;
  parts.extra_count = 3;
  parts.extra_metadata = metadata;
  parts.extra_metadata_count = 3;
  assert_int_equal(tx_model_write(place.path, &parts, &error), TX_OK);
  assert_int_equal(tx_model_open(place.path, &model, &error), TX_OK);
  assert_string_equal(tx_safetensors_metadata(model->file, "taxamba.kind"), "checkpoint");
  assert_string_equal(tx_safetensors_metadata(model->file, "taxamba.progress"), "{\"step\":3}");
  assert_memory_equal(tx_safetensors_find(model->file, "optimiser.m")->data, moment, sizeof moment);
  assert_memory_equal(tx_safetensors_find(model->file, "taxamba.unheard_of")->data, order, sizeof order);
  assert_memory_equal(tx_safetensors_find(model->file, "bytes")->data, "12345", 5);
  assert_int_equal(tx_model_describe(model, false, &text, &error), TX_OK);
  assert_non_null(strstr(text, "1 (checkpoint)"));
  free(text);
  tx_model_close(model);
}

/* Every length of the header, and some of the data. */
static void truncated_files_are_refused(void **state)
{
  size_t size, data_at;
  unsigned char *bytes = read_whole(place.path, &size);
  int descriptor;
  (void)state;
  data_at = 8 + (size_t)bytes[0] + ((size_t)bytes[1] << 8) + ((size_t)bytes[2] << 16);
  assert_true(data_at < size && data_at % 64 == 0);
  descriptor = open(place.path, O_WRONLY);
  assert_true(descriptor >= 0);
  for (size_t left = size - 1; left > 0; left -= left > data_at + 97 ? 97 : 1) {
    assert_int_equal(ftruncate(descriptor, (off_t)left), 0);
    expect_model_fault(place.path, left >= 8 ? "truncated: the header promises" : "not a safetensors file");
  }
  assert_int_equal(ftruncate(descriptor, 0), 0);
  expect_model_fault(place.path, "the file is empty");
  close(descriptor);
  free(bytes);
}

static void flip(int descriptor, const unsigned char *bytes, size_t at, unsigned char mask)
{
  const unsigned char changed = bytes[at] ^ mask;
  tx_model *model = NULL;
  tx_error error = {0};
  assert_int_equal(pwrite(descriptor, &changed, 1, (off_t)at), 1);
  if (tx_model_open(place.path, &model, &error) != TX_ERROR_MODEL)
    fail_msg("byte %zu flipped by %02x goes unseen", at, mask);
  assert_int_equal(pwrite(descriptor, bytes + at, 1, (off_t)at), 1);
}

/* One bit of every byte of the header (each bit of the first hundred), and of sampled bytes of the data. */
static void flipped_bits_are_found(void **state)
{
  size_t size, data_at;
  unsigned char *bytes = read_whole(place.path, &size);
  const int descriptor = open(place.path, O_WRONLY);
  tx_model *model = NULL;
  tx_error error = {0};
  uint32_t random = 1;
  (void)state;
  assert_true(descriptor >= 0);
  data_at = 8 + (size_t)bytes[0] + ((size_t)bytes[1] << 8) + ((size_t)bytes[2] << 16);
  for (size_t at = 0; at < data_at; at++) {
    if (at < 100)
      for (unsigned bit = 0; bit < 8; bit++) flip(descriptor, bytes, at, (unsigned char)(1U << bit));
    else
      flip(descriptor, bytes, at, (unsigned char)(1U << at % 8));
    flip(descriptor, bytes, at, 0xff);
  }
  for (int i = 0; i < 1000; i++) {
    random = random * 1664525U + 1013904223U;
    flip(descriptor, bytes, data_at + (random >> 3) % (size - data_at), (unsigned char)(1U << random % 8));
  }
  close(descriptor);
  assert_int_equal(tx_model_open(place.path, &model, &error), TX_OK); /* and whole again */
  tx_model_close(model);
  free(bytes);
}

static void damage_has_its_message(void **state)
{
  size_t size;
  unsigned char *bytes = read_whole(place.path, &size);
  (void)state;
  bytes[size - 1] ^= 4;
  write_whole(place.path, bytes, size);
  expect_model_fault(place.path, "checksum mismatch: the file is damaged; get it again");
  free(bytes);
}

/* Edits that keep the lengths, with the checksum made right: what is inside must be found wrong for
   itself. */
static void inconsistent_contents_are_refused(void **state)
{
  static const struct {
    const char *from, *to, *word;
  } cases[] = {
      {"\"taxamba.format\":\"1\"", "\"taxamba.format\":\"3\"",
       "was written by a newer Taxamba (format 3; this one reads up to 2): update Taxamba"},
      {"\"taxamba.format\":\"1\"", "\"taxamba.format\":\"2\"", "it has no taxamba.precision"},
      {"\"taxamba.format\":\"1\"", "\"taxamba.format\":\"x\"", "no version"},
      {"\"taxamba.format\"", "\"taxamba.formak\"", "not a Taxamba model"},
      {"\"taxamba.kind\":\"model\"", "\"taxamba.kind\":\"modal\"", "of kind 'modal'"},
      {"\"taxamba.dims\"", "\"taxamba.dimz\"", "no taxamba.dims"},
      {"\"taxamba.config\"", "\"taxamba.konfig\"", "no taxamba.config"},
      {"\"taxamba.provenance\"", "\"taxamba.provenancy\"", "no taxamba.provenance"},
      {"\"taxamba.tokenizer\"", "\"taxamba.tokenixer\"", "no taxamba.tokenizer"},
      {"{\\\"vocabulary\\\":72", "[\\\"vocabulary\\\":72", "the description of the network is not valid"},
      {"\\\"vocabulary\\\":72", "\\\"vocabulary\\\":71", "symbols but the embedding"},
      {"\\\"width\\\":8", "\\\"width\\\":9", "head width"},
      {"\\\"width\\\":8", "\\\"width\\\":0", "d_model"},
      {"\\\"layers\\\":2", "\\\"layers\\\":3", "'layers.2.norm1.weight' are missing"},
      {"\\\"layers\\\":2", "\\\"layerz\\\":2", "layers"},
      {"\\\"state\\\":4", "\\\"state\\\":5", "wrong shape"},
      {"\\\"mlp\\\":12", "\\\"mlp\\\":13", "wrong shape"},
      {"\\\"mlp\\\":12", "\\\"mlp\\\":-2", "mlp"},
      {"\\\"mlp\\\":12", "\\\"mlp\\\":.5", "not valid"},
      {"\\\"classes\\\":[2,2,4]", "\\\"classes\\\":[2,2,5]", "taxa but its head"},
      {"\\\"classes\\\":[2,2,4]", "\\\"classes\\\":[2,222]", "ranks but the network"},
      {"\\\"classes\\\":[2,2,4]", "\\\"classes\\\":\\\"abc\\\"", "classes"},
      {"\\\"classes\\\":[2,2,4]", "\\\"classes\\\":[2,2,0]", "classes"},
      {"\\\"kind\\\":\\\"kmer\\\"", "\\\"kind\\\":\\\"kner\\\"", "tokenizer is not valid"},
      {"\\\"k\\\":3", "\\\"k\\\":4", "symbols but the embedding"},
      {"\\\"stride\\\":2", "\\\"stride\\\":9", "tokenizer is not valid"},
      {"\"taxamba.config\":\"{", "\"taxamba.config\":\"x", "the configuration is not valid"},
      {"\"taxamba.provenance\":\"{", "\"taxamba.provenance\":\"[", "the provenance is not valid"},
      {"\"taxamba.taxonomy\"", "\"taxamba.taxonomi\"", "the taxonomy is missing"},
      {"\"layers.0.fc1.weight\"", "\"layers.0.fc3.weight\"", "'layers.0.fc1.weight' are missing"},
      {"\"ln_f.weight\":{\"dtype\":\"F32\"", "\"ln_f.weight\":{\"dtype\":\"I32\"",
       "'ln_f.weight' have the wrong shape or type"},
      {"\"emb.weight\":{\"dtype\":\"F32\",\"shape\":[72,8]",
       "\"emb.weight\":{\"dtype\":\"F32\",\"shape\":[8,72]", "wrong shape"},
      {"\"emb.weight\":{\"dtype\":\"F32\",\"shape\":[72,8]",
       "\"emb.weight\":{\"dtype\":\"F32\",\"shape\":[ "
       "576]",
       "wrong shape"},
      {"\"emb.weight\":{\"dtype\":\"F32\",\"shape\":[72,8]",
       "\"emb.weight\":{\"dtype\":\"F32\",\"shape\":[72,9]", "does not fit"},
      {"Aedes aegypti", "Aedes\taegypti", "taxonomy is not valid"},
      {"Aedes aegypti", "Aedes\x1b[2Jypti", "control characters"},
      /* U+009B is an escape and a bracket in one */
      {"Aedes aegypti",
       "Aedes\xC2\x9B"
       "2Jypti",
       "control characters"},
      {"family", "fa\x1b[ly", "a control character in rank name"},
      {"\\\"max_bases\\\":660,\\\"pad_to\\\":0", "\\\"max_bases\\\":9e6,\\\"pad_to\\\":0",
       "max_bases must be at most 1048576"},
      {"\\\"max_bases\\\":660,\\\"pad_to\\\":0", "\\\"max_bases\\\":0,\\\"pad_to\\\":1e6",
       "pad_to must be at most 8192"},
  };
  size_t size;
  unsigned char *bytes = read_whole(place.path, &size), *edited = malloc(size);
  (void)state;
  assert_non_null(edited);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    memcpy(edited, bytes, size);
    replace_text(edited, size, cases[i].from, cases[i].to);
    refresh_checksum(edited, size);
    write_whole(place.path, edited, size);
    expect_model_fault(place.path, cases[i].word);
  }
  free(edited);
  free(bytes);
}

static void weights_that_are_not_finite_are_refused(void **state)
{
  static const float wrong[] = {NAN, INFINITY, -INFINITY};
  size_t size;
  unsigned char *bytes = read_whole(place.path, &size);
  const size_t data_at = 8 + (size_t)bytes[0] + ((size_t)bytes[1] << 8);
  tx_error error = {0};
  (void)state;
  for (size_t i = 0; i < 3; i++) {
    const size_t at = i * (tx_layout_elements(&fixture.dims) - 1) / 2;
    float kept;
    memcpy(&kept, bytes + data_at + 4 * at, 4);
    memcpy(bytes + data_at + 4 * at, &wrong[i], 4);
    refresh_checksum(bytes, size);
    write_whole(place.path, bytes, size);
    expect_model_fault(place.path, "are not all finite");
    memcpy(bytes + data_at + 4 * at, &kept, 4);

    fixture.weights[at] = wrong[i]; /* nor are they written: the file stays as it is */
    assert_int_equal(tx_model_write(place.path, &fixture.parts, &error), TX_ERROR_NUMERIC);
    fixture.weights[at] = kept;
    expect_model_fault(place.path, "are not all finite");
  }
  free(bytes);
}

static void parts_that_do_not_fit_are_not_written(void **state)
{
  tx_dims dims = fixture.dims;
  tx_tokenizer tokenizer = fixture.tokenizer;
  tx_model_parts parts = fixture.parts;
  tx_error error = {0};
  (void)state;
  unlink(place.path);
  parts.dims = &dims;
  parts.tokenizer = &tokenizer;
  dims.heads[0].size = 1;
  assert_int_equal(tx_model_write(place.path, &parts, &error), TX_ERROR_MODEL);
  dims = fixture.dims;
  dims.head_count = 2;
  assert_int_equal(tx_model_write(place.path, &parts, &error), TX_ERROR_MODEL);
  dims = fixture.dims;
  dims.kernel = 9;
  assert_int_equal(tx_model_write(place.path, &parts, &error), TX_ERROR_MODEL);
  dims = fixture.dims;
  tokenizer.k = 4;
  assert_int_equal(tx_model_write(place.path, &parts, &error), TX_ERROR_MODEL);
  assert_int_not_equal(access(place.path, F_OK), 0);
}

static void foreign_files_are_refused(void **state)
{
  tx_model *model = NULL;
  tx_error error = {0};
  (void)state;
  assert_int_equal(tx_model_open(TX_TESTS_DIR "/golden/mamba2_encoder.safetensors", &model, &error),
                   TX_ERROR_MODEL);
  assert_non_null(strstr(error.message, "not a Taxamba model"));
  write_whole(place.path, ">a\nACGT\n", 8);
  expect_model_fault(place.path, "not a safetensors file");
  assert_int_equal(tx_model_open(place.folder, &model, &error), TX_ERROR_IO);
  assert_int_equal(tx_model_open("/nonexistent/x.safetensors", &model, &error), TX_ERROR_IO);
  assert_null(model);
}

static void the_environment_names_the_default(void **state)
{
  tx_model *model = NULL;
  tx_error error = {0};
  (void)state;
  assert_int_equal(setenv("TAXAMBA_MODEL", place.path, 1), 0);
  assert_string_equal(tx_model_default_path(), place.path);
  assert_int_equal(tx_model_open(NULL, &model, &error), TX_OK);
  tx_model_close(model);
  assert_int_equal(tx_model_open("", &model, &error), TX_OK);
  tx_model_close(model);
  assert_int_equal(setenv("TAXAMBA_MODEL", "", 1), 0); /* as if it were not set */
  assert_true(strlen(tx_model_default_path()) > 0);
  assert_string_not_equal(tx_model_default_path(), place.path);
  assert_int_equal(unsetenv("TAXAMBA_MODEL"), 0);
  assert_non_null(strstr(tx_model_default_path(), "/coi-arthropoda.safetensors"));
}

static void shipped_models_have_names(void **state)
{
  char *path = NULL;
  tx_model *model = NULL;
  tx_error error = {0};
  (void)state;
  assert_int_equal(tx_model_path("simulated", &path, &error), TX_OK);
  assert_non_null(strstr(path, "/models/simulated.safetensors"));
  free(path);
  assert_int_equal(tx_model_open("simulated", &model, &error), TX_OK);
  tx_model_close(model);
  model = NULL;
  assert_int_equal(tx_model_path("./simulated", &path, &error), TX_OK); /* a path */
  assert_string_equal(path, "./simulated");
  free(path);
  assert_int_equal(tx_model_open("no-such-model", &model, &error), TX_ERROR_IO);
  assert_non_null(strstr(error.message, "no-such-model"));
  write_whole("simulated", "x", 1); /* a file of that name does not stand in for it */
  assert_int_equal(tx_model_path("simulated", &path, &error), TX_OK);
  assert_non_null(strstr(path, "/models/simulated.safetensors"));
  free(path);
  unlink("simulated");
  /* a path: shipped names have no ending */
  assert_int_equal(tx_model_path("simulated.safetensors", &path, &error), TX_OK);
  assert_string_equal(path, "simulated.safetensors");
  free(path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_model_comes_back, set_up, tear_down),
      cmocka_unit_test_setup_teardown(the_file_may_change_afterwards, set_up, tear_down),
      cmocka_unit_test_setup_teardown(strands_are_kept, set_up, tear_down),
      cmocka_unit_test_setup_teardown(the_same_parts_give_the_same_bytes, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_checkpoint_carries_more, set_up, tear_down),
      cmocka_unit_test_setup_teardown(truncated_files_are_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(flipped_bits_are_found, set_up, tear_down),
      cmocka_unit_test_setup_teardown(damage_has_its_message, set_up, tear_down),
      cmocka_unit_test_setup_teardown(inconsistent_contents_are_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(weights_that_are_not_finite_are_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(parts_that_do_not_fit_are_not_written, set_up, tear_down),
      cmocka_unit_test_setup_teardown(foreign_files_are_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(the_environment_names_the_default, set_up, tear_down),
      cmocka_unit_test_setup_teardown(shipped_models_have_names, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
