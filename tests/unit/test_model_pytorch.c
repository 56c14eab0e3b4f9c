/* Checkpoints of PyTorch that are wrong, hostile, or of another network: each is refused with what is wrong,
   and what lies outside of a storage is never read. */
#include "model/pytorch_file.h"

#include "model/fingerprint.h"
#include "unit/made_zip.h"
#include "unit/model_fixture.h"

#include <taxamba/pytorch.h>

/* {"w": a tensor}: its storage, its first element, its shape and strides follow. */
#define TENSOR(storage, rest) "\x80\2}U\1wctorch._utils\n_rebuild_tensor_v2\n(" storage rest "tRs."
#define STORAGE(type, key, count) "(U\7storagectorch\n" type "\nU\1" key "U\3cpuK" count "tQ"

typedef struct wrong_case {
  const char *pickle;
  size_t size;
  const char *message;
} wrong_case;

#define CASE(pickle, message)                                                                                \
  {                                                                                                          \
    pickle, sizeof pickle - 1, message                                                                       \
  }

static tx_status read_archive(const char *pickle, size_t size, tx_pytorch_file **ret_file, made_zip *zip,
                              tx_error *error)
{
  static const float numbers[] = {0, 1, 2, 3, 4, 5, 6, 7};
  memset(zip, 0, sizeof *zip);
  made_content(zip, "x/data.pkl", pickle, size);
  made_content(zip, "x/data/0", numbers, sizeof numbers);
  made_end(zip);
  assert_false(zip->bytes.failed || zip->directory.failed);
  return tx_pytorch_read("x.ckpt", zip->bytes.data, zip->bytes.size, ret_file, error);
}

static void tensors_are_read(void **state)
{
  /* elements 1, 3, 5 and 2, 4, 6 of the storage: transposed */
  static const char pickle[] = TENSOR(STORAGE("FloatStorage", "0", "\x08"), "K\1K\2K\3\x86K\1K\2\x86");
  static const float expected[] = {1, 3, 5, 2, 4, 6};
  float values[6];
  tx_pytorch_file *file = NULL;
  tx_error error = {0};
  made_zip zip;
  (void)state;
  if (read_archive(pickle, sizeof pickle - 1, &file, &zip, &error) != TX_OK) fail_msg("%s", error.message);
  assert_int_equal(tx_pytorch_count(file), 1);
  assert_int_equal(tx_pytorch_find(file, "w")->count, 6);
  assert_true(tx_pytorch_copy(tx_pytorch_find(file, "w"), values));
  assert_memory_equal(values, expected, sizeof values);
  assert_null(tx_pytorch_other_name(file, 0));
  tx_pytorch_close(file);
  made_free(&zip);
}

static void types_are_converted(void **state)
{
  static const unsigned char halves[] = {0x00, 0x3c, 0x01, 0x80,
                                         0xff, 0x7b, 0x00, 0x7c}; /* 1, -2^-24, 65504 */
  static const unsigned char brains[] = {0x80, 0x3f, 0x20, 0xc1}; /* 1, -10 */
  float values[4];
  tx_pytorch_tensor tensor = {
      .dtype = TX_DTYPE_F16, .dimensions = 1, .count = 4, .shape = {4}, .stride = {1}};
  const double number = 0.1;
  (void)state;
  tensor.data = halves;
  assert_true(tx_pytorch_copy(&tensor, values));
  assert_true(values[0] == 1 && values[1] == -0x1p-24F && values[2] == 65504 && values[3] > 1e38F);
  tensor = (tx_pytorch_tensor){
      .dtype = TX_DTYPE_BF16, .dimensions = 1, .count = 2, .shape = {2}, .stride = {1}, .data = brains};
  assert_true(tx_pytorch_copy(&tensor, values));
  assert_true(values[0] == 1 && values[1] == -10);
  tensor = (tx_pytorch_tensor){.dtype = TX_DTYPE_F64, .count = 1, .data = (const unsigned char *)&number};
  assert_true(tx_pytorch_copy(&tensor, values));
  assert_true(values[0] == 0.1F);
  tensor.dtype = TX_DTYPE_I64;
  assert_false(tx_pytorch_copy(&tensor, values));
}

static void wrong_tensors_are_refused(void **state)
{
  static const wrong_case cases[] = {
      CASE("\x80\2}U\1wcposix\nsystem\nU\4true\x85Rs.", "calls 'posix system', which is refused"),
      CASE("\x80\2}U\1wcbuiltins\neval\nU\1"
           "1\x85Rs.",
           "calls 'builtins eval', which is refused"),
      CASE("\x80\2cposix\nsystem\nU\4true\x85R.", "no state dict but what is made by posix system"),
      CASE("\x80\2K\1.", "no state dict"),
      CASE("\x80\2}U\1wK\1s.", "'w' of its state dict is no tensor"),
      CASE("\x80\2}K\1K\2s.", "a key of its state dict is no name"),
      CASE("\x80\2}U\3a\0bK\2s.", "a key of its state dict is no name"),
      CASE("\x80\2N", "its pickle is not valid at byte 3: it is cut off"),
      CASE("\x80\2I1\n.", "operation 0x49 at byte 2, which is not read"),
      /* elements outside of the storage, by each of the numbers */
      CASE(TENSOR(STORAGE("FloatStorage", "0", "\x09"), "K\0K\1\x85K\1\x85"), "too short"),
      CASE(TENSOR(STORAGE("DoubleStorage", "0", "\x05"), "K\0K\1\x85K\1\x85"), "too short"),
      CASE(TENSOR(STORAGE("FloatStorage", "7", "\x08"), "K\0K\1\x85K\1\x85"), "no storage in the file"),
      CASE(TENSOR(STORAGE("QInt8Storage", "0", "\x08"), "K\0K\1\x85K\1\x85"), "'torch QInt8Storage'"),
      CASE(TENSOR(STORAGE("FloatStorage", "0", "\x08"), "K\0K\x09\x85K\1\x85"), "outside of its storage"),
      CASE(TENSOR(STORAGE("FloatStorage", "0", "\x08"), "K\1K\x08\x85K\1\x85"), "outside of its storage"),
      CASE(TENSOR(STORAGE("FloatStorage", "0", "\x08"), "K\0K\5\x85K\2\x85"), "outside of its storage"),
      CASE(TENSOR(STORAGE("FloatStorage", "0", "\x08"), "K\x09K\0\x85K\1\x85"), NULL), /* empty */
      CASE(TENSOR(STORAGE("FloatStorage", "0", "\x08"), "J\xff\xff\xff\xffK\1\x85K\1\x85"), "outside"),
      CASE(TENSOR(STORAGE("FloatStorage", "0", "\x08"), "K\0J\xff\xff\xff\xff\x85K\1\x85"), "outside"),
      CASE(TENSOR(STORAGE("FloatStorage", "0", "\x08"), "K\0K\2\x85J\xff\xff\xff\xff\x85"), "outside"),
      /* repeated elements, and products that overflow */
      CASE(TENSOR(STORAGE("FloatStorage", "0", "\x08"), "K\0J\xff\xff\xff\x7f\x85K\0\x85"), "outside"),
      CASE(TENSOR(STORAGE("FloatStorage", "0", "\x08"),
                  "K\0\x8a\x08\0\0\0\0\1\0\0\0\x8a\x08\0\0\0\0\1\0\0\0\x86K\1K\1\x86"),
           "outside"),
      CASE(TENSOR(STORAGE("FloatStorage", "0", "\x08"), "K\0(K\1K\1K\1K\1K\1t(K\1K\1K\1K\1K\1t"), "four"),
      CASE(TENSOR(STORAGE("FloatStorage", "0", "\x08"), "K\0K\1\x85K\1K\1\x86"), "outside"),
      CASE(TENSOR("K\1", "K\0K\1\x85K\1\x85"), "no valid storage"),
      CASE(TENSOR("K\1Q", "K\0K\1\x85K\1\x85"), "no valid storage"),
      CASE("\x80\2}U\1wctorch._utils\n_rebuild_tensor_v2\n)Rs.", "no valid storage"),
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    tx_pytorch_file *file = NULL;
    tx_error error = {0};
    made_zip zip;
    const tx_status status = read_archive(cases[i].pickle, cases[i].size, &file, &zip, &error);
    if (cases[i].message) {
      assert_int_equal(status, TX_ERROR_MODEL);
      if (!strstr(error.message, cases[i].message) || strncmp(error.message, "x.ckpt: ", 8) != 0)
        fail_msg("case %zu: '%s' does not say '%s'", i, error.message, cases[i].message);
    } else if (status != TX_OK) {
      fail_msg("case %zu: %s", i, error.message);
    }
    tx_pytorch_close(file);
    made_free(&zip);
  }
}

/* Two names for one tensor, once the modules around the network are left out. */
static void names_lose_the_modules_around_them(void **state)
{
#define SMALL                                                                                                \
  "ctorch._utils\n_rebuild_tensor_v2\n(" STORAGE("FloatStorage", "0", "\x08") "K\0K\1\x85K\1\x85tR"
  static const char one[] = "\x80\2}U\x1bmodule._orig_mod.model.a.bb" SMALL "s.";
  static const char two[] = "\x80\2}(U\3a.b" SMALL "U\x09model.a.b" SMALL "u.";
  tx_pytorch_file *file = NULL;
  tx_error error = {0};
  made_zip zip;
  (void)state;
  if (read_archive(one, sizeof one - 1, &file, &zip, &error) != TX_OK) fail_msg("%s", error.message);
  assert_non_null(tx_pytorch_find(file, "a.bb"));
  tx_pytorch_close(file);
  made_free(&zip);
  file = NULL;
  assert_int_equal(read_archive(two, sizeof two - 1, &file, &zip, &error), TX_ERROR_MODEL);
  assert_non_null(strstr(error.message, "is there twice"));
  made_free(&zip);
}

/* A golden checkpoint with one word changed, which leaves its length. */
static void expect_refusal(const char *from, const char *to, const char *message)
{
  size_t size;
  unsigned char *data = read_whole(TX_TESTS_DIR "/golden/pytorch/char.ckpt", &size);
  tx_pytorch_file *file = NULL;
  tx_error error = {0};
  replace_text(data, size, from, to);
  assert_int_equal(tx_pytorch_read("x.ckpt", data, size, &file, &error), TX_ERROR_MODEL);
  if (!strstr(error.message, message)) fail_msg("'%s' does not say '%s'", error.message, message);
  free(data);
}

static void foreign_files_are_refused(void **state)
{
  static const char legacy[] = "\x80\2\x8a\nl\xfc\x9c"
                               "F\xf9 j\xa8P\x19.";
  tx_pytorch_file *file = NULL;
  tx_error error = {0};
  (void)state;
  assert_int_equal(tx_pytorch_read("x.pt", legacy, sizeof legacy - 1, &file, &error), TX_ERROR_MODEL);
  assert_non_null(strstr(error.message, "a pickle; open it with torch.load"));
  assert_int_equal(tx_pytorch_read("x.pt", ">a\nACGT\n", 8, &file, &error), TX_ERROR_MODEL);
  assert_non_null(strstr(error.message, "neither a checkpoint of PyTorch"));
  assert_int_equal(tx_pytorch_read("x.pt", "", 0, &file, &error), TX_ERROR_MODEL);
  assert_int_equal(tx_pytorch_read("x.pt", "PK\3\4", 4, &file, &error), TX_ERROR_MODEL);
  assert_null(file);
  expect_refusal("ln_f.weight", "ln_f.WEIGHT", "another checksum");
}

/* A file of tx_pytorch_export with one word changed. */
static void expect_no_import(const char *from, const char *to, const char *message)
{
  char exported[400];
  scratch place;
  tx_model *model = NULL;
  tx_error error = {0};
  unsigned char *data;
  size_t size;
  scratch_create(&place);
  snprintf(exported, sizeof exported, "%s/exported.safetensors", place.folder);
  assert_int_equal(tx_pytorch_import(TX_TESTS_DIR "/golden/pytorch/char.ckpt", NULL, place.path, &error),
                   TX_OK);
  assert_int_equal(tx_model_open(place.path, &model, &error), TX_OK);
  assert_int_equal(tx_pytorch_export(model, exported, NULL, &error), TX_OK);
  tx_model_close(model);
  data = read_whole(exported, &size);
  replace_text(data, size, from, to);
  refresh_checksum(data, size);
  write_whole(exported, data, size);
  free(data);
  assert_int_equal(tx_pytorch_import(exported, NULL, place.path, &error), TX_ERROR_MODEL);
  if (!strstr(error.message, message)) fail_msg("'%s' does not say '%s'", error.message, message);
  unlink(exported);
  scratch_remove(&place);
}

static void other_networks_are_refused(void **state)
{
  (void)state;
  expect_no_import("layers.1.mixer.D", "layers.1.mixer.E",
                   "'backbone.layers.1.mixer.E' is no part of the network");
  expect_no_import("backbone.ln_f.bias", "backbonE.ln_f.bias", "it has no 'backbone.ln_f.bias'");
  expect_no_import("backbone.embeddings.word", "backbonE.embeddings.word", "no network of BarcodeMamba");
  expect_no_import("layers.0.mlp.fc1.bias", "layers.0.mlp.fc3.bias", "no part of the network");
  expect_no_import("layers.0.norm1.bias", "layers.0.mixer.x_pr", "no part of the network");
  expect_no_import("\\\"char\\\"", "\\\"chaR\\\"", "its tokenizer is not valid: tokenizer: unknown kind");
  expect_no_import("\\\"pad_to\\\":60", "\\\"pad_to\\\":0 ", "no padding in the mean without pad_to");
}

/* What the published code lacks but a file can say comes back: several ranks, positions, learned tokens,
   the head of the strand, weights in fewer bits. Two strands are refused. */
static void models_come_back(void **state)
{
  static const char *const endings[] = {".ckpt", ".safetensors"};
  (void)state;
  for (size_t i = 0; i < 8; i++) {
    char exported[400];
    model_fixture fixture;
    scratch place;
    tx_model *model = NULL, *again = NULL;
    tx_error error = {0};
    fixture_create(&fixture);
    scratch_create(&place);
    snprintf(exported, sizeof exported, "%s/exported%s", place.folder, endings[i % 2]);
    fixture.parts.precision = i / 2 == 1 ? TX_PRECISION_INT8 : TX_PRECISION_FLOAT32;
    if (i / 2 == 2) {
      fixture.dims.positions = 5;
      fixture.dims.heads[fixture.dims.head_count++] = (tx_head){TX_HEAD_STRAND, 1};
      fixture.dims.vocabulary = 16;
      fixture.tokenizer = (tx_tokenizer){.kind = TX_TOKENIZER_BPE, .k = 1, .stride = 1};
      assert_int_equal(
          tx_bpe_create((const tx_bpe_pair[]){{3, 6}, {7, 5}}, 2, &fixture.tokenizer.bpe, &error), TX_OK);
    }
    if (i / 2 == 3) fixture.dims.strands = 2;
    assert_int_equal(tx_model_write(place.path, &fixture.parts, &error), TX_OK);
    assert_int_equal(tx_model_open(place.path, &model, &error), TX_OK);
    if (i / 2 == 3) {
      assert_int_equal(tx_pytorch_export(model, exported, NULL, &error), TX_ERROR_USAGE);
      assert_int_equal(access(exported, F_OK), -1);
    } else {
      assert_int_equal(tx_pytorch_export(model, exported, NULL, &error), TX_OK);
      if (tx_pytorch_import(exported, NULL, place.path, &error) != TX_OK) fail_msg("%s", error.message);
      assert_int_equal(tx_model_open(place.path, &again, &error), TX_OK);
      assert_int_equal(tx_model_fingerprint(again), tx_model_fingerprint(model)); /* weights, names of taxa */
      assert_int_equal(again->tokenizer.kind, model->tokenizer.kind);
      assert_int_equal(again->tokenizer.stride, model->tokenizer.stride);
      assert_int_equal(again->dims.positions, model->dims.positions);
      assert_int_equal(again->dims.head_count, model->dims.head_count);
      if (again->tokenizer.bpe) assert_int_equal(tx_bpe_merges(again->tokenizer.bpe), 2);
      tx_model_close(again);
      unlink(exported);
    }
    tx_model_close(model);
    tx_tokenizer_free(&fixture.tokenizer);
    fixture_free(&fixture);
    scratch_remove(&place);
  }
}

static void nothing_is_executed(void **state)
{
  tx_error error = {0};
  scratch place;
  (void)state;
  scratch_create(&place);
  assert_int_equal(tx_pytorch_import(TX_TESTS_DIR "/golden/pytorch/hostile.ckpt", NULL, place.path, &error),
                   TX_ERROR_MODEL);
  assert_non_null(strstr(error.message, "it calls 'posix system', which is refused"));
  assert_int_equal(access("pytorch_was_here", F_OK), -1);
  assert_int_equal(access(place.path, F_OK), -1);
  scratch_remove(&place);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tensors_are_read),          cmocka_unit_test(types_are_converted),
      cmocka_unit_test(wrong_tensors_are_refused), cmocka_unit_test(names_lose_the_modules_around_them),
      cmocka_unit_test(foreign_files_are_refused), cmocka_unit_test(other_networks_are_refused),
      cmocka_unit_test(models_come_back),          cmocka_unit_test(nothing_is_executed)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
