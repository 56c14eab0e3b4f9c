/* Retrieval across modalities against golden/retrieval*: vectors of three modalities, their labels, and the
   scores of numpy in float64, written independently. */
#include "golden/golden.h"

#include "base/content.h"
#include "base/json.h"
#include "eval/retrieval.h"

enum { WIDTH = 6, RANKS = 4, SPACES = 3, COMBINATIONS = 21 };

static const char *const ranks[RANKS] = {"order", "family", "genus", "species"};
static const char *const spaces[SPACES] = {"image", "dna", "text"};
static const char *const sets[TX_RETRIEVAL_SETS] = {"key", "seen", "unseen"};

/* Adds a line "id, split, order, family, genus, species" of the labels. */
static void add_line(tx_retrieval *retrieval, const tx_safetensors *file, char *line)
{
  const char *fields[6] = {NULL}, *taxa[RANKS];
  const float *vectors[SPACES];
  size_t set = 0, row;
  tx_error error;
  for (size_t i = 0; i < 6; i++) {
    fields[i] = line;
    line += strcspn(line, "\t");
    if (*line) *line++ = '\0';
  }
  while (strcmp(sets[set], fields[1]) != 0) set++;
  row = retrieval->sets[set].count;
  for (size_t r = 0; r < RANKS; r++) taxa[r] = fields[2 + r];
  for (size_t m = 0; m < SPACES; m++) {
    char name[32];
    const tx_section *section;
    snprintf(name, sizeof name, "%s.%s", sets[set], spaces[m]);
    section = golden_section(file, "", name);
    assert_true((row + 1) * WIDTH * sizeof(float) <= section->size);
    vectors[m] = (const float *)section->data + row * WIDTH;
  }
  assert_int_equal(tx_retrieval_add(retrieval, (tx_retrieval_set)set, taxa, vectors, &error), TX_OK);
}

static void check_result(const tx_json *scores, const tx_retrieval_result *result)
{
  static const char *const figures[TX_FIGURES] = {"seen", "unseen", "harmonic"};
  char key[80];
  const tx_json *want;
  snprintf(key, sizeof key, "%s->%s", result->query, result->key);
  want = tx_json_get(scores, key);
  if (!want) fail_msg("no combination %s", key);
  for (size_t r = 0; r < RANKS; r++)
    for (size_t t = 0; t < TX_TOPS; t++)
      for (size_t f = 0; f < TX_FIGURES; f++)
        for (int macro = 0; macro < 2; macro++) {
          const double got = macro ? result->scores[r].macro[t][f] : result->scores[r].micro[t][f];
          char name[80];
          snprintf(name, sizeof name, "%s.%s.top%zu.%s", figures[f], macro ? "macro" : "micro", 2 * t + 1,
                   ranks[r]);
          const double expected = tx_json_number(tx_json_get(want, name));
          if (!(fabs(got - expected) <= 1e-12))
            fail_msg("%s, %s: %.15g, expected %.15g", key, name, got, expected);
        }
}

static void test_scores(void **state)
{
  const tx_retrieval_options options = {.threads = 2};
  tx_safetensors *file = NULL;
  tx_retrieval *retrieval = NULL;
  tx_content labels, text;
  tx_json *scores = NULL;
  tx_error error;
  char *line;
  size_t combinations = 0;
  (void)state;
  assert_int_equal(tx_safetensors_open(TX_TESTS_DIR "/golden/retrieval.safetensors", 0, &file, &error),
                   TX_OK);
  assert_int_equal(tx_content_read(TX_TESTS_DIR "/golden/retrieval_labels.tsv", NULL, &labels, &error),
                   TX_OK);
  assert_int_equal(tx_content_read(TX_TESTS_DIR "/golden/retrieval_scores.json", NULL, &text, &error),
                   TX_OK);
  assert_int_equal(tx_json_parse((const char *)text.data, text.size, "scores", &scores, &error), TX_OK);
  assert_int_equal(tx_retrieval_create(ranks, RANKS, &retrieval, &error), TX_OK);
  for (size_t m = 0; m < SPACES; m++) tx_retrieval_add_space(retrieval, spaces[m], WIDTH);
  retrieval->dna = SPACES; /* the vectors of the DNA are given, too */
  line = calloc(labels.size + 1, 1);
  assert_non_null(line);
  memcpy(line, labels.data, labels.size);
  for (char *at = strchr(line, '\n') + 1, *next; *at; at = next) {
    next = at + strcspn(at, "\n");
    if (*next) *next++ = '\0';
    add_line(retrieval, file, at);
  }
  if (tx_retrieval_run(retrieval, &options, &error) != TX_OK) fail_msg("%s", error.message);
  for (size_t i = 0; i < retrieval->result_count; i++) {
    if (strcmp(retrieval->results[i].query, "baseline") == 0) continue;
    check_result(scores, &retrieval->results[i]);
    combinations++;
  }
  assert_int_equal(combinations, COMBINATIONS);
  tx_retrieval_free(retrieval);
  tx_json_free(scores);
  tx_content_free(&text);
  tx_content_free(&labels);
  tx_safetensors_close(file);
  free(line);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_scores)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
