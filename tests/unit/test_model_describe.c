/* What a model tells about itself. */
#include "base/json.h"

#include "unit/model_fixture.h"

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

/* Writes the fixture, opens it and describes it; the caller frees the result. */
static char *describe(bool json)
{
  tx_model *model = NULL;
  tx_error error = {0};
  char *text = NULL;
  assert_int_equal(tx_model_write(place.path, &fixture.parts, &error), TX_OK);
  assert_int_equal(tx_model_open(place.path, &model, &error), TX_OK);
  assert_int_equal(tx_model_describe(model, json, &text, &error), TX_OK);
  tx_model_close(model);
  assert_non_null(text);
  return text;
}

static void people_read_aligned_lines(void **state)
{
  static const char wanted[] = "format            1 (model)\n"
                               "precision         float32 (13724 bytes)\n"
                               "tokenizer         k-mers, k 3, stride 2, first 660 bases, 67 symbols\n"
                               "encoder           Mamba-2, width 8, 2 layers, state 4, head width 8, expand "
                               "2, convolution 4, MLP 12\n"
                               "parameters        2364\n"
                               "ranks             3\n"
                               "  order           2 taxa, training records 9\n"
                               "  family          2 taxa\n"
                               "  species         4 taxa\n"
                               "name              fixture\n"
                               "version           0.1.0\n"
                               "simulated         yes\n"
                               "data              file a.fasta, records 10\n"
                               "data              file b.fasta, records 2\n"
                               "best metric       0.96875\n"
                               "splits            train, val\n"
                               "seed              11\n";
  char *text = describe(false);
  (void)state;
  assert_string_equal(text, wanted);
  free(text);
}

static void programs_read_one_object(void **state)
{
  char *text = describe(true);
  tx_json *json = NULL;
  tx_error error = {0};
  uint64_t value;
  const char *word;
  const tx_json *rank;
  (void)state;
  assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1); /* one line */
  assert_int_equal(tx_json_parse(text, strlen(text), "the description", &json, &error), TX_OK);
  assert_int_equal(tx_json_get_count(json, "format", 1, 1, &value, &error), TX_OK);
  assert_int_equal(tx_json_get_string(json, "kind", &word, &error), TX_OK);
  assert_string_equal(word, "model");
  assert_int_equal(tx_json_get_string(json, "precision", &word, &error), TX_OK);
  assert_string_equal(word, "float32");
  assert_int_equal(tx_json_get_count(json, "bytes", 13724, 13724, &value, &error), TX_OK);
  assert_int_equal(tx_json_get_count(json, "parameters", 0, 1000000, &value, &error), TX_OK);
  assert_int_equal(value, tx_layout_elements(&fixture.dims));
  assert_int_equal(tx_json_get_count(tx_json_get(json, "tokenizer"), "k", 3, 3, &value, &error), TX_OK);
  assert_int_equal(tx_json_get_count(tx_json_get(json, "dims"), "width", 8, 8, &value, &error), TX_OK);
  rank = tx_json_first(tx_json_get(json, "ranks"));
  assert_int_equal(tx_json_get_string(rank, "name", &word, &error), TX_OK);
  assert_string_equal(word, "order");
  assert_int_equal(tx_json_get_count(rank, "taxa", 2, 2, &value, &error), TX_OK);
  assert_true(tx_json_number(tx_json_get(tx_json_get(json, "config"), "learning-rate")) == 0.0008);
  assert_string_equal(tx_json_string(tx_json_get(tx_json_get(json, "config"), "note")),
                      "a \"quoted\" caf\xc3\xa9");
  assert_true(tx_json_number(tx_json_get(tx_json_get(json, "provenance"), "best_metric")) == 0.96875);
  assert_true(tx_json_bool(tx_json_get(tx_json_get(json, "provenance"), "simulated")));
  tx_json_free(json);
  free(text);
}

/* Notes of any shape can be shown, and nothing in them reaches a terminal as a control character. */
static void odd_notes_are_shown_safely(void **state)
{
  static const char odd[] =
      "{\"a\\u001b[2J\":\"b\\u001b[31m\\nc\",\"eight\":\"x\\u009b31m\\u202ey "
      "caf\\u00e9\",\"nothing\":null,\"no\":false,\"list\":[],\"deep\":{\"x\":[1,{\"y\":2.5e-9}]},"
      "\"a_very_long_key_indeed\":\"v\",\"seed\":5}";
  char *text;
  (void)state;
  fixture.parts.provenance = odd;
  fixture.parts.config = NULL;
  text = describe(false);
  for (const char *at = text; *at; at++) assert_true((unsigned char)*at >= 32 || *at == '\n');
  assert_non_null(strstr(text, "\na\\x1b[2J          b\\x1b[31m\\x0ac\n"));
  assert_non_null(strstr(text, "\neight             x\\u009b31m\\u202ey caf\xC3\xA9\n"));
  assert_non_null(strstr(text, "\nnothing           none\n"));
  assert_non_null(strstr(text, "\nno                no\n"));
  assert_non_null(strstr(text, "\ndeep              x 1, y 2.5e-09\n"));
  assert_non_null(strstr(text, "\na very long key indeed v\n"));
  assert_non_null(strstr(text, "\nseed              5\n"));
  free(text);
  text = describe(true);
  assert_non_null(strstr(text, "\"config\":{}"));
  assert_non_null(strstr(text, "\"a\\u001b[2J\":\"b\\u001b[31m\\nc\",\"eight\":\"x\\u009b31m"));
  assert_non_null(
      strstr(text, "\"nothing\":null,\"no\":false,\"list\":[],\"deep\":{\"x\":[1,{\"y\":2.5e-09}]}"));
  free(text);
}

static void a_bpe_model_is_described(void **state)
{
  static const tx_bpe_pair pairs[] = {{3, 6}, {7, 5}, {5, 5}};
  char *text;
  tx_error error;
  (void)state;
  fixture.tokenizer = (tx_tokenizer){.kind = TX_TOKENIZER_BPE, .k = 1, .stride = 1, .max_bases = 660};
  assert_int_equal(tx_bpe_create(pairs, 3, &fixture.tokenizer.bpe, &error), TX_OK);
  fixture.dims.vocabulary = 16;
  text = describe(false);
  assert_non_null(strstr(text, "\ntokenizer         byte pairs, 3 merges, up to 3 bases, first 660 bases, "
                               "10 symbols\n"));
  free(text);
  text = describe(true);
  assert_non_null(strstr(
      text,
      "\"tokenizer\":{\"kind\":\"bpe\",\"k\":1,\"stride\":1,\"merges\":3,\"longest\":3,\"max_bases\":660,"
      "\"pad_to\":0,\"symbols\":10}"));
  free(text);
  tx_tokenizer_free(&fixture.tokenizer);
}

static void a_model_of_both_strands_is_described(void **state)
{
  char *text = describe(true);
  (void)state;
  assert_non_null(strstr(text, "\"mlp\":12,\"positions\":0,\"strands\":1}"));
  free(text);
  fixture.dims.strands = 2;
  text = describe(false);
  assert_non_null(strstr(text, "\nstrands           both, their embeddings averaged: a barcode and its "
                               "reverse complement are the same\nparameters "));
  free(text);
  text = describe(true);
  assert_non_null(strstr(text, "\"mlp\":12,\"positions\":0,\"strands\":2}"));
  free(text);
}

static void a_char_model_is_described(void **state)
{
  char *text;
  (void)state;
  fixture.tokenizer =
      (tx_tokenizer){.kind = TX_TOKENIZER_CHAR, .k = 1, .stride = 1, .max_bases = 660, .pad_to = 660};
  fixture.dims.vocabulary = 8;
  text = describe(false);
  assert_non_null(strstr(text, "\ntokenizer         single bases, first 660 bases, padded to 660 bases, 8 "
                               "symbols\n"));
  free(text);
}

static void the_stored_precision_is_shown(void **state)
{
  char *text;
  (void)state;
  fixture.parts.precision = TX_PRECISION_INT8;
  text = describe(false);
  assert_ptr_equal(strstr(text, "format            2 (model)\nprecision         int8 ("), text);
  free(text);
  fixture.parts.precision = TX_PRECISION_BF16;
  text = describe(true);
  assert_ptr_equal(strstr(text, "{\"format\":2,\"kind\":\"model\",\"precision\":\"bf16\",\"bytes\":"), text);
  free(text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(people_read_aligned_lines, set_up, tear_down),
      cmocka_unit_test_setup_teardown(programs_read_one_object, set_up, tear_down),
      cmocka_unit_test_setup_teardown(odd_notes_are_shown_safely, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_char_model_is_described, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_bpe_model_is_described, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_model_of_both_strands_is_described, set_up, tear_down),
      cmocka_unit_test_setup_teardown(the_stored_precision_is_shown, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
