/* taxamba/param.h: defaults, strict values, suggestions, JSON both ways. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <taxamba/param.h>

#include "base/random.h"

typedef struct settings {
  char before;
  bool augment;
  char between;
  uint64_t width;
  uint64_t seed;
  double rate;
  double wide;
  char file[TX_TEXT_SIZE];
  int strand;
  char after;
} settings;

static const tx_param table[] = {
    {"augment", 'a', TX_PARAM_FLAG, offsetof(settings, augment), 0, 0, "true", NULL, "Data", "."},
    {"d-model", 0, TX_PARAM_COUNT, offsetof(settings, width), 8, 4096, "256", "N", "Encoder", "."},
    {"seed", 's', TX_PARAM_COUNT, offsetof(settings, seed), 0, 18446744073709551615.0, "1", "N", "Run", "."},
    {"learning-rate", 0, TX_PARAM_REAL, offsetof(settings, rate), 0, 1, "0.002", "RATE", "Optimiser", "."},
    {"wide", 0, TX_PARAM_REAL, offsetof(settings, wide), -DBL_MAX, DBL_MAX, "-1e-3", "X", "Optimiser", "."},
    {"train-file", 'f', TX_PARAM_INPUT, offsetof(settings, file), 0, 0, "", "FILE", "Input", "."},
    {"strand", 0, TX_PARAM_CHOICE, offsetof(settings, strand), 0, 0, "both", "plus|minus|both", "Input", "."},
};
enum { COUNT = sizeof table / sizeof *table };

static settings now;

static int set_defaults(void **state)
{
  (void)state;
  memset(&now, 0x55, sizeof now);
  return tx_param_defaults(table, COUNT, &now, NULL);
}

static void sets_defaults(void **state)
{
  (void)state;
  assert_true(now.augment);
  assert_int_equal(now.width, 256);
  assert_int_equal(now.seed, 1);
  assert_true(now.rate == 0.002);
  assert_true(now.wide == -1e-3);
  assert_string_equal(now.file, "");
  assert_int_equal(now.strand, 2);
  assert_int_equal(now.before, 0x55); /* and nothing else */
  assert_int_equal(now.between, 0x55);
  assert_int_equal(now.after, 0x55);
}

static void refuses_wrong_tables(void **state)
{
  (void)state;
  tx_error error = {0};
  tx_param wrong[2] = {table[1], table[1]};
  assert_int_equal(tx_param_defaults(wrong, 2, &now, &error), TX_ERROR_USAGE);
  assert_non_null(strstr(error.message, "twice"));
  wrong[0].standard = "5000";
  assert_int_equal(tx_param_defaults(wrong, 1, &now, &error), TX_ERROR_USAGE);
  wrong[0] = table[COUNT - 1];
  wrong[0].standard = "up";
  assert_int_equal(tx_param_defaults(wrong, 1, &now, &error), TX_ERROR_USAGE);
}

static void accepts(const char *name, const char *text)
{
  tx_error error = {0};
  if (tx_param_set(table, COUNT, &now, name, text, &error)) fail_msg("%s", error.message);
}

static void refuses(const char *name, const char *text, const char *message)
{
  static settings before;
  tx_error error = {0};
  memcpy(&before, &now, sizeof now);
  assert_int_equal(tx_param_set(table, COUNT, &now, name, text, &error), TX_ERROR_USAGE);
  assert_string_equal(error.message, message);
  assert_memory_equal(&before, &now, sizeof now);
}

static void reads_values(void **state)
{
  (void)state;
  accepts("augment", "false");
  assert_false(now.augment);
  accepts("d-model", "8");
  accepts("d-model", "4096");
  accepts("d-model", "00064");
  assert_int_equal(now.width, 64);
  accepts("seed", "18446744073709551615");
  assert_true(now.seed == UINT64_MAX);
  accepts("learning-rate", "1");
  accepts("learning-rate", "5e-4");
  assert_true(now.rate == 5e-4);
  accepts("learning-rate", "1e-999"); /* zero, as near as a double comes */
  accepts("wide", "+.5");
  accepts("wide", "-2.");
  assert_true(now.wide == -2);
  accepts("train-file", " any text, \"quoted\"\n");
  assert_string_equal(now.file, " any text, \"quoted\"\n");
  accepts("train-file", "");
  accepts("strand", "plus");
  assert_int_equal(now.strand, 0);
  accepts("strand", "minus");
  assert_int_equal(now.strand, 1);
}

static void refuses_values(void **state)
{
  (void)state;
  const char *const counts[] = {"",
                                " 64",
                                "64 ",
                                "-64",
                                "+64",
                                "6.4e1",
                                "0x40",
                                "64x",
                                "7",
                                "4097",
                                "18446744073709551616",
                                "99999999999999999999999"};
  const char *const reals[] = {"",    " 1",   "1 ",    "nan", "inf", "-inf", "0x1p-3", "1,5",
                               "1.5", "-0.1", "1e999", "e5",  "--1", "1e",   ".",      "1-1"};
  char message[200];
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    snprintf(message, sizeof message, "--d-model: '%s' is not a whole number from 8 to 4096", counts[i]);
    refuses("d-model", counts[i], message);
  }
  for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) {
    snprintf(message, sizeof message, "--learning-rate: '%s' is not a number from 0 to 1", reals[i]);
    refuses("learning-rate", reals[i], message);
  }
  refuses("augment", "yes", "--augment: 'yes' is not true or false");
  refuses("augment", "", "--augment: '' is not true or false");
  refuses("strand", "up", "--strand: 'up' is not one of plus, minus, both");
  refuses("strand", "", "--strand: '' is not one of plus, minus, both");
  refuses("strand", "plus|minus", "--strand: 'plus|minus' is not one of plus, minus, both");
  refuses("strand", "pl", "--strand: 'pl' is not one of plus, minus, both");
  refuses("strand", "plusx", "--strand: 'plusx' is not one of plus, minus, both");
}

static void bounds_texts(void **state)
{
  (void)state;
  char text[TX_TEXT_SIZE + 1];
  tx_error error = {0};
  memset(text, 't', sizeof text);
  text[TX_TEXT_SIZE - 1] = '\0';
  accepts("train-file", text);
  assert_string_equal(now.file, text);
  text[TX_TEXT_SIZE - 1] = 't';
  text[TX_TEXT_SIZE] = '\0';
  assert_int_equal(tx_param_set(table, COUNT, &now, "train-file", text, &error), TX_ERROR_USAGE);
  assert_non_null(strstr(error.message, "4095 bytes"));
}

static void suggests_names(void **state)
{
  (void)state;
  char name[300];
  tx_error error = {0};
  refuses("dmodel", "1", "unknown option --dmodel; did you mean --d-model?");
  refuses("d_model", "1", "unknown option --d_model; did you mean --d-model?");
  refuses("learning-rat", "1", "unknown option --learning-rat; did you mean --learning-rate?");
  refuses("laerning-rate", "1", "unknown option --laerning-rate; did you mean --learning-rate?");
  refuses("sed", "1", "unknown option --sed; did you mean --seed?");
  /* a beginning is not taken for the name */
  refuses("learn", "1", "unknown option --learn; did you mean --learning-rate?");
  refuses("Seed", "1", "unknown option --Seed; did you mean --seed?");
  refuses("zzzz", "1", "unknown option --zzzz");
  refuses("", "1", "unknown option --");
  memset(name, 'n', sizeof name);
  name[sizeof name - 1] = '\0';
  assert_int_equal(tx_param_set(table, COUNT, &now, name, "1", &error), TX_ERROR_USAGE);
}

static void reads_json(void **state)
{
  (void)state;
  const char json[] =
      "{\"strand\": \"minus\", \"d-model\": 64, \"augment\": false, \"learning-rate\": 1,\n \"train-file\": "
      "\"a b\", \"seed\": "
      "\"18446744073709551615\"}";
  tx_error error = {0};
  if (tx_param_read_json(table, COUNT, &now, "c.json", json, sizeof json - 1, &error))
    fail_msg("%s", error.message);
  assert_int_equal(now.strand, 1);
  assert_int_equal(now.width, 64);
  assert_false(now.augment);
  assert_true(now.rate == 1);
  assert_true(now.wide == -1e-3); /* not named, so as it was */
  assert_string_equal(now.file, "a b");
  assert_true(now.seed == UINT64_MAX);
}

static void refuses_json(void **state)
{
  (void)state;
  static settings before;
  static const char *const cases[][2] = {
      {"{\"d-model\": 2.5}", "c.json: d-model: '2.5' is not a whole number from 8 to 4096"},
      {"{\"d-model\": -8}", "c.json: d-model: '-8' is not a whole number from 8 to 4096"},
      {"{\"d-model\": 1e300}", "c.json: d-model: '1.0000000000000001e+300' is not a whole number from 8 to "
                               "4096"},
      {"{\"d-model\": \"sixty\"}", "c.json: d-model: 'sixty' is not a whole number from 8 to 4096"},
      {"{\"d-model\": true}", "c.json: d-model: must be a whole number"},
      {"{\"seed\": 9007199254740994}", "c.json: seed: '9007199254740994' is not a whole number from 0 to "
                                       "18446744073709551616"},
      {"{\"learning-rate\": 2}", "c.json: learning-rate: '2' is not a number from 0 to 1"},
      {"{\"learning-rate\": \"0.5\"}", "c.json: learning-rate: must be a number"},
      {"{\"augment\": 1}", "c.json: augment: must be true or false"},
      {"{\"augment\": \"true\"}", "c.json: augment: must be true or false"},
      {"{\"train-file\": 7}", "c.json: train-file: must be a string"},
      {"{\"train-file\": null}", "c.json: train-file: must be a string"},
      {"{\"strand\": 1}", "c.json: strand: must be a string"},
      {"{\"strand\": \"up\"}", "c.json: strand: 'up' is not one of plus, minus, both"},
      {"{\"d_model\": 64}", "c.json: unknown parameter 'd_model'; did you mean 'd-model'?"},
      {"{\"zzzz\": 64}", "c.json: unknown parameter 'zzzz'"},
      {"{\"seed\": 1, \"seed\": 2}", "c.json: the key 'seed' occurs twice"},
      {"{\"d-model\": 64, \"strand\": \"plus\", \"zzzz\": 1}", "c.json: unknown parameter 'zzzz'"},
      {"[]", "c.json: must be one JSON object of parameters"},
      {"7", "c.json: must be one JSON object of parameters"},
      {"{\"seed\": 1", "c.json:1: not valid JSON at its end"},
  };
  memcpy(&before, &now, sizeof now);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    tx_error error = {0};
    assert_int_equal(
        tx_param_read_json(table, COUNT, &now, "c.json", cases[i][0], strlen(cases[i][0]), &error),
        TX_ERROR_DATA);
    assert_string_equal(error.message, cases[i][1]);
    assert_memory_equal(&before, &now, sizeof now); /* all or nothing */
  }
}

static void writes_json(void **state)
{
  (void)state;
  char *json = NULL;
  accepts("train-file", "a \"b\"\n\xC3\xA9");
  accepts("seed", "18446744073709551615");
  accepts("learning-rate", "0.1");
  assert_int_equal(tx_param_write_json(table, COUNT, &now, &json, NULL), TX_OK);
  assert_string_equal(json,
                      "{\"augment\": true, \"d-model\": 256, \"seed\": \"18446744073709551615\", "
                      "\"learning-rate\": 0.1, \"wide\": -0.001, "
                      "\"train-file\": \"a \\\"b\\\"\\n\xC3\xA9\", \"strand\": \"both\"}");
  free(json);
  assert_int_equal(tx_param_write_json(table, 0, &now, &json, NULL), TX_OK);
  assert_string_equal(json, "{}");
  free(json);
}

/* Random settings survive the way to JSON and back, and to text and back, bit for bit. */
static void survives_round_trips(void **state)
{
  (void)state;
  static settings again;
  static char text[TX_TEXT_SIZE];
  tx_random random;
  tx_random_seed(&random, 1, 2, 3, 4);
  for (int round = 0; round < 500; round++) {
    char *json = NULL;
    tx_error error = {0};
    now.augment = tx_random_below(&random, 2);
    now.width = 8 + tx_random_below(&random, 4089);
    now.seed = tx_random_next(&random) >> tx_random_below(&random, 64);
    now.rate = tx_random_real(&random);
    now.wide = ldexp(tx_random_normal(&random), (int)tx_random_below(&random, 2000) - 1000);
    now.strand = (int)tx_random_below(&random, 3);
    for (int i = 0; i < 20; i++) now.file[i] = (char)(1 + tx_random_below(&random, 127));
    now.file[20] = '\0';
    assert_int_equal(tx_param_write_json(table, COUNT, &now, &json, &error), TX_OK);
    assert_null(strchr(json, '\n'));
    for (int way = 0; way < 2; way++) {
      assert_int_equal(tx_param_defaults(table, COUNT, &again, &error), TX_OK);
      if (way == 0 && tx_param_read_json(table, COUNT, &again, "round.json", json, strlen(json), &error))
        fail_msg("%s", error.message);
      for (int i = 0; way == 1 && i < COUNT; i++) {
        assert_true(tx_param_format(&table[i], &now, text, sizeof text) < (int)sizeof text);
        if (tx_param_set(table, COUNT, &again, table[i].name, text, &error)) fail_msg("%s", error.message);
      }
      assert_true(again.augment == now.augment && again.width == now.width && again.seed == now.seed);
      assert_true(again.rate == now.rate && again.wide == now.wide && again.strand == now.strand);
      assert_string_equal(again.file, now.file);
    }
    free(json);
  }
}

static void formats_like_snprintf(void **state)
{
  (void)state;
  char text[8];
  assert_int_equal(tx_param_format(&table[COUNT - 1], &now, text, sizeof text), 4);
  assert_string_equal(text, "both");
  assert_int_equal(tx_param_format(&table[COUNT - 1], &now, text, 3), 4);
  assert_string_equal(text, "bo");
  assert_int_equal(tx_param_format(&table[1], &now, NULL, 0), 3);
  now.strand = 3;
  assert_int_equal(tx_param_format(&table[COUNT - 1], &now, text, sizeof text), 0);
  now.strand = -1;
  assert_int_equal(tx_param_format(&table[COUNT - 1], &now, text, sizeof text), 0);
}

/* A path among the texts would escape the comparison of outputs with inputs. */
static void a_file_says_whether_it_is_read_or_written(void **state)
{
  (void)state;
  tx_param param = {"model", 0, TX_PARAM_TEXT, 0, 0, 0, "", "FILE", "Input", "."};
  char field[TX_TEXT_SIZE] = "";
  tx_error error = {0};
  assert_int_equal(tx_param_defaults(&param, 1, field, &error), TX_ERROR_USAGE);
  assert_non_null(strstr(error.message, "read or written"));
  for (param.type = TX_PARAM_INPUT; param.type <= TX_PARAM_MODEL; param.type++) {
    assert_true(tx_param_is_text(param.type));
    assert_int_equal(tx_param_set(&param, 1, field, "model", "a name", &error), TX_OK);
    assert_string_equal(field, "a name");
    assert_int_equal(tx_param_defaults(&param, 1, field, &error), TX_OK);
    assert_string_equal(field, "");
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(sets_defaults, set_defaults),
      cmocka_unit_test_setup(refuses_wrong_tables, set_defaults),
      cmocka_unit_test_setup(reads_values, set_defaults),
      cmocka_unit_test_setup(refuses_values, set_defaults),
      cmocka_unit_test_setup(bounds_texts, set_defaults),
      cmocka_unit_test_setup(suggests_names, set_defaults),
      cmocka_unit_test_setup(reads_json, set_defaults),
      cmocka_unit_test_setup(refuses_json, set_defaults),
      cmocka_unit_test_setup(writes_json, set_defaults),
      cmocka_unit_test_setup(survives_round_trips, set_defaults),
      cmocka_unit_test_setup(formats_like_snprintf, set_defaults),
      cmocka_unit_test(a_file_says_whether_it_is_read_or_written),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
