/* From records to predictions with a small random model: the same answer for every thread count, batch, order
   and neighbour. */
#include "unit/predict_fixture.h"

static void same_for_threads_batches_and_order(void **state)
{
  static const size_t threads[] = {1, 2, 3, 4, 8}, batches[] = {1, 7, 64}, caches[] = {0, 5000, 1 << 20};
  static answer first[RECORDS], other[RECORDS];
  size_t backwards[RECORDS], calls = 0, strands = 0;
  tx_predict_options options = make_options();
  (void)state;
  options.strand = TX_STRAND_BOTH;
  options.offsets = OFFSETS;
  predict(&options, all_texts(), RECORDS, NULL, first);
  for (size_t i = 0; i < RECORDS; i++) {
    backwards[i] = RECORDS - 1 - i;
    calls += first[i].prediction.status == TX_RECORD_OK;
    strands += first[i].prediction.strand == '-';
  }
  assert_true(calls > RECORDS / 2 && calls < RECORDS);
  assert_true(strands > 10 && strands < calls - 10);
  for (size_t t = 0; t < 5; t += TX_LIGHT_TESTS ? 4 : 1)
    for (size_t b = 0; b < 3; b += TX_LIGHT_TESTS ? 2 : 1)
      for (int order = TX_LIGHT_TESTS; order < 2; order++) {
        options.threads = threads[t];
        options.batch = batches[b];
        options.cache_bytes = caches[(t + b) % 3];
        memset(other, 0, sizeof other);
        predict(&options, all_texts(), RECORDS, order ? backwards : NULL, other);
        for (size_t i = 0; i < RECORDS; i++) assert_true(same_answer(&first[i], &other[i]));
      }
}

static void lineages_are_coherent_and_vary(void **state)
{
  static answer answers[RECORDS];
  bool seen[RANKS * 6] = {false};
  size_t different = 0;
  tx_predict_options options = make_options();
  (void)state;
  predict(&options, all_texts(), RECORDS, NULL, answers);
  for (size_t i = 0; i < RECORDS; i++) {
    const tx_prediction *prediction = &answers[i].prediction;
    int32_t lineage[TX_RANKS_MAX];
    size_t lowest = RANKS;
    double above = 1;
    if (prediction->status != TX_RECORD_OK) continue;
    for (size_t r = 0; r < RANKS; r++) {
      if (prediction->taxa[r] < 0) continue;
      assert_true(prediction->confidence[r] <= above && prediction->confidence[r] >= 0);
      assert_true(tx_round_down(prediction->confidence[r]) == prediction->confidence[r]);
      above = prediction->confidence[r];
      lowest = r;
    }
    assert_true(lowest < RANKS);
    tx_taxonomy_lineage(tx_model_taxonomy(model), lowest, prediction->taxa[lowest], lineage);
    assert_memory_equal(lineage, prediction->taxa, RANKS * sizeof *lineage);
    seen[lowest * 6 + (size_t)prediction->taxa[lowest]] = true;
  }
  for (size_t i = 0; i < RANKS * 6; i++) different += seen[i];
  assert_true(different >= 3);
}

/* Minus is plus of the reverse complement, also for records longer than the model reads; both takes one of
   the two. */
static void strands(void **state)
{
  size_t reversed = 0;
  (void)state;
  for (size_t i = 0; i < 40; i++) {
    tx_predict_options options = make_options();
    char turned[LONGEST + 1];
    answer plus, minus, turned_plus, both, turned_both;
    reverse_complement(bases[i], turned);
    plus = predict_one(&options, bases[i]);
    turned_plus = predict_one(&options, turned);
    options.strand = TX_STRAND_MINUS;
    minus = predict_one(&options, bases[i]);
    if (minus.prediction.status == TX_RECORD_OK) {
      assert_int_equal(minus.prediction.strand, '-');
      minus.prediction.strand = '+';
    }
    assert_true(same_answer(&minus, &turned_plus));
    options.strand = TX_STRAND_BOTH;
    both = predict_one(&options, bases[i]);
    turned_both = predict_one(&options, turned);
    if (both.prediction.status != TX_RECORD_OK) {
      assert_int_equal(both.prediction.strand, '.');
      continue;
    }
    /* they agree on the better strand */
    assert_int_equal(both.prediction.strand + turned_both.prediction.strand, '+' + '-');
    reversed += both.prediction.strand == '-';
    turned_both.prediction.strand = both.prediction.strand;
    assert_true(same_answer(&both, &turned_both));
    if (both.prediction.strand == '-') minus.prediction.strand = '-';
    assert_true(same_answer(&both, both.prediction.strand == '-' ? &minus : &plus));
  }
  assert_true(reversed > 5 && reversed < 35);
}

/* A sequence that is its own reverse complement: a tie, which goes to the strand as given. */
static void strand_tie(void **state)
{
  tx_predict_options options = make_options();
  char text[129], half[65], turned[65];
  (void)state;
  for (size_t i = 0; i < 64; i++) half[i] = "ACGT"[(i * i + i / 3) % 4];
  half[64] = '\0';
  reverse_complement(half, turned);
  snprintf(text, sizeof text, "%s%s", half, turned);
  options.strand = TX_STRAND_BOTH;
  assert_int_equal(predict_one(&options, text).prediction.strand, '+');
}

/* Log-probabilities of one head for one embedding, by the definition. */
static void head(const float *embedding, size_t rank, double *probabilities)
{
  size_t count = tx_layout_count(&model->dims), classes = model->dims.heads[rank].size;
  const float *weight = NULL, *bias = NULL;
  double sum = 0;
  char weight_name[TX_TENSOR_NAME_SIZE], bias_name[TX_TENSOR_NAME_SIZE];
  snprintf(weight_name, sizeof weight_name, "heads.%zu.weight", rank);
  snprintf(bias_name, sizeof bias_name, "heads.%zu.bias", rank);
  for (size_t i = 0; i < count; i++) {
    tx_tensor_info info;
    tx_layout_tensor(&model->dims, i, &info);
    if (strcmp(info.name, weight_name) == 0) weight = model->weights[i];
    if (strcmp(info.name, bias_name) == 0) bias = model->weights[i];
  }
  assert_non_null(weight);
  assert_non_null(bias);
  for (size_t c = 0; c < classes; c++) {
    double logit = bias[c];
    for (size_t d = 0; d < WIDTH; d++) logit += (double)weight[c * WIDTH + d] * embedding[d];
    probabilities[c] = exp(logit);
    sum += probabilities[c];
  }
  for (size_t c = 0; c < classes; c++) probabilities[c] /= sum;
}

/* Offsets: embeddings and probabilities are means over the record read from its first, second, third base. */
static void offsets_are_averaged(void **state)
{
  tx_lineage_decoder *decoder = NULL;
  tx_error error;
  (void)state;
  assert_int_equal(tx_lineage_decoder_create(tx_model_taxonomy(model), &decoder, &error), TX_OK);
  for (size_t i = 0; i < 8; i++) {
    tx_predict_options options = make_options();
    char text[MAX_BASES + 1];
    double mean[WIDTH] = {0}, logs[32] = {0}, weights[32];
    tx_decoded_lineage lineage;
    answer averaged;
    snprintf(text, sizeof text, "%.200s", bases[i]);
    text[strlen(text) - 1] = 'A'; /* no N to be trimmed at the end */
    for (size_t offset = 0; offset < OFFSETS; offset++) {
      answer single = predict_one(&options, text + offset);
      for (size_t d = 0; d < WIDTH; d++) mean[d] += single.embedding[d] / (double)OFFSETS;
      for (size_t r = 0; r < RANKS; r++) {
        double probabilities[8];
        head(single.embedding, r, probabilities);
        for (size_t c = 0; c < model->dims.heads[r].size; c++)
          logs[tx_lineage_decoder_start(decoder, r) + c] += probabilities[c] / OFFSETS;
      }
    }
    options.offsets = OFFSETS;
    averaged = predict_one(&options, text);
    for (size_t d = 0; d < WIDTH; d++)
      assert_true(fabs(averaged.embedding[d] - mean[d]) <= 1e-6 + 1e-5 * fabs(mean[d]));
    for (size_t k = 0; k < tx_lineage_decoder_classes(decoder); k++) logs[k] = log(logs[k]);
    tx_decode(decoder, logs, weights, &lineage);
    for (size_t r = 0; r < RANKS; r++) {
      assert_int_equal(averaged.prediction.taxa[r], lineage.taxa[r]);
      /* one was rounded down */
      assert_true(fabs(averaged.prediction.confidence[r] - lineage.confidence[r]) < 2e-4);
    }
  }
  tx_lineage_decoder_free(decoder);
}

static void letters_are_normalised(void **state)
{
  tx_predict_options options = make_options();
  char other[4 * LONGEST];
  size_t length = 0;
  answer plain = predict_one(&options, bases[0]), changed;
  (void)state;
  for (const char *letter = bases[0]; *letter; letter++) {
    char lower = (char)(*letter + 'a' - 'A');
    other[length++] = lower == 't' ? 'u' : lower == 'n' ? 'R' : lower;
    if (length % 3 == 0) other[length++] = '-';
  }
  other[length] = '\0';
  changed = predict_one(&options, other);
  assert_true(same_answer(&plain, &changed));
}

/* What lies beyond max_bases, and N at the end, is not read. */
static void long_records_are_cut(void **state)
{
  tx_predict_options options = make_options();
  char text[MAX_BASES + 201];
  answer whole, cut;
  (void)state;
  for (size_t i = 0; i < MAX_BASES + 200; i++) text[i] = "ACGT"[(i * 7 + i / 5) % 4];
  text[MAX_BASES + 200] = '\0';
  whole = predict_one(&options, text);
  text[MAX_BASES] = '\0';
  cut = predict_one(&options, text);
  assert_true(same_answer(&whole, &cut));
  text[200] = '\0';
  cut = predict_one(&options, text);
  memset(text + 200, 'N', 30);
  text[230] = '\0';
  whole = predict_one(&options, text);
  assert_true(same_answer(&whole, &cut));
}

static void expect_status(size_t min_bases, const char *text, tx_strand strand, tx_record_status status)
{
  tx_predict_options options = make_options();
  answer got;
  options.min_bases = min_bases;
  options.strand = strand;
  options.offsets = OFFSETS;
  got = predict_one(&options, text);
  assert_int_equal(got.prediction.status, status);
  if (status == TX_RECORD_OK) return;
  assert_int_equal(got.prediction.strand, '.');
  assert_null(got.prediction.embedding);
  for (size_t r = 0; r < TX_RANKS_MAX; r++) assert_int_equal(got.prediction.taxa[r], -1);
}

static void statuses(void **state)
{
  (void)state;
  expect_status(50, "", TX_STRAND_PLUS, TX_RECORD_NO_BASES);
  expect_status(0, "", TX_STRAND_BOTH, TX_RECORD_NO_BASES);
  expect_status(0, "--..", TX_STRAND_PLUS, TX_RECORD_NO_BASES);
  expect_status(0, "NNNNNNRYNNNN", TX_STRAND_BOTH, TX_RECORD_NO_BASES);
  expect_status(0, "AC", TX_STRAND_PLUS, TX_RECORD_TOO_SHORT); /* not one k-mer */
  expect_status(0, "ACG", TX_STRAND_PLUS, TX_RECORD_OK);       /* one, at offset 0 alone */
  expect_status(4, "ACGNNNT", TX_STRAND_PLUS, TX_RECORD_OK);
  expect_status(5, "ACGNNNT", TX_STRAND_PLUS, TX_RECORD_TOO_SHORT);
  expect_status(5, "ACGNNNT", TX_STRAND_BOTH, TX_RECORD_TOO_SHORT);
}

/* A record whose bases lie beyond what one strand reads is called from the other. */
static void one_strand_can_be_called(void **state)
{
  tx_predict_options options = make_options();
  char text[MAX_BASES + 101];
  answer got;
  (void)state;
  memset(text, 'N', MAX_BASES);
  for (size_t i = 0; i < 100; i++) text[MAX_BASES + i] = "ACGT"[(i * i + i) % 4 ^ (i % 3 == 0)];
  text[MAX_BASES + 100] = '\0';
  expect_status(50, text, TX_STRAND_PLUS, TX_RECORD_NO_BASES);
  options.strand = TX_STRAND_BOTH;
  got = predict_one(&options, text);
  assert_int_equal(got.prediction.status, TX_RECORD_OK);
  assert_int_equal(got.prediction.strand, '-');
}

static void thresholds_cut(void **state)
{
  static answer whole[RECORDS], cut[RECORDS];
  tx_predict_options options = make_options();
  size_t lost = 0, kept = 0;
  (void)state;
  predict(&options, all_texts(), RECORDS, NULL, whole);
  options.min_confidence = 0.6;
  predict(&options, all_texts(), RECORDS, NULL, cut);
  for (size_t i = 0; i < RECORDS; i++)
    for (size_t r = 0; r < RANKS; r++) {
      const tx_prediction *before = &whole[i].prediction, *after = &cut[i].prediction;
      if (before->taxa[r] < 0) continue;
      assert_int_equal(after->taxa[r], before->confidence[r] >= 0.6 ? before->taxa[r] : -1);
      lost += after->taxa[r] < 0;
      kept += after->taxa[r] >= 0;
    }
  assert_true(lost > 10 && kept > 10);
}

static void embeddings_of_length_one(void **state)
{
  tx_predict_options options = make_options();
  answer plain = predict_one(&options, bases[1]), unit;
  double square = 0, product = 0, length = 0;
  (void)state;
  options.normalise = true;
  options.classify = false;
  unit = predict_one(&options, bases[1]);
  for (size_t d = 0; d < WIDTH; d++) {
    square += (double)unit.embedding[d] * unit.embedding[d];
    product += (double)unit.embedding[d] * plain.embedding[d];
    length += (double)plain.embedding[d] * plain.embedding[d];
  }
  assert_true(fabs(square - 1) < 1e-6);
  assert_true(fabs(product - sqrt(length)) < 1e-5 * sqrt(length));
  for (size_t r = 0; r < RANKS; r++) assert_int_equal(unit.prediction.taxa[r], -1); /* not asked for */
  options.embed = false;
  options.classify = true;
  assert_null(predict_one(&options, bases[1]).prediction.embedding);
}

static void expect_usage(const tx_predict_options *options, const char *word)
{
  session self = {NULL, 0, 0, NULL, NULL, 0};
  tx_error error = {0};
  assert_int_equal(
      tx_predict(model, options, &(tx_predict_steps){next_text, &self, keep, NULL, &self}, NULL, &error),
      TX_ERROR_USAGE);
  if (!strstr(error.message, word)) fail_msg("expected '%s' in '%s'", word, error.message);
}

static void bad_options(void **state)
{
  tx_predict_options good = make_options(), options;
  (void)state;
  options = good, options.threads = 0, expect_usage(&options, "threads");
  options = good, options.threads = 100000, expect_usage(&options, "threads");
  options = good, options.batch = 0, expect_usage(&options, "batch");
  options = good, options.offsets = 0, expect_usage(&options, "offsets");
  options = good, options.offsets = OFFSETS + 1, expect_usage(&options, "offsets");
  options = good, options.min_confidence = 1.01, expect_usage(&options, "min-confidence");
  options = good, options.min_confidence = NAN, expect_usage(&options, "min-confidence");
  options = good, options.min_bases = MAX_BASES + 1, expect_usage(&options, "min-bases");
  options = good, options.strand = (tx_strand)7, expect_usage(&options, "strand");
  options = good, options.embed = options.classify = false, expect_usage(&options, "neither");
}

/* Weights that overflow: an error that names the record, after the rows before it, also when it stands within
   a group and others have the same bases. */
static void answers_that_are_not_finite(void **state)
{
  const char *const texts[] = {"", "AC", "", "", bases[0], "", bases[0], bases[1], bases[0], bases[1]};
  answer answers[10];
  tx_predict_options options = make_options();
  tx_model *broken = NULL;
  char path[320];
  tx_error error = {0};
  (void)state;
  snprintf(path, sizeof path, "%s/broken.safetensors", place.folder);
  assert_int_equal(write_model(path, 1e42, &error), TX_OK);
  assert_int_equal(tx_model_open(path, &broken, &error), TX_OK);
  for (size_t i = 0; i < 18; i++) {
    session self = {texts, 10, 0, NULL, answers, 0};
    options.threads = 1 + i / 2 % 3;
    options.batch = i < 6 ? 64 : i < 12 ? 3 : 1;
    options.cache_bytes = i % 2 ? 1 << 20 : 0;
    assert_int_equal(
        tx_predict(broken, &options, &(tx_predict_steps){next_text, &self, keep, NULL, &self}, NULL, &error),
        TX_ERROR_NUMERIC);
    assert_int_equal(self.taken, 4);
    assert_int_equal(error.record, 5);
    assert_non_null(strstr(error.message, "made.fa:9: record 5"));
  }
  tx_model_close(broken);
  unlink(path);
}

/* The whole way to a file: the same bytes for every number of threads. */
static void same_bytes_in_a_file(void **state)
{
  char paths[3][320];
  unsigned char *first;
  size_t first_size, lines = 0;
  (void)state;
  for (size_t i = 0; i < 3; i++) {
    session self = {all_texts(), RECORDS, 0, NULL, NULL, 0};
    tx_predict_options options = make_options();
    tx_prediction_writer *writer = NULL;
    tx_error error;
    options.embed = false;
    options.threads = 1 + i;
    options.batch = i == 2 ? 1 : 64;
    snprintf(paths[i], sizeof paths[i], "%s/out%zu.tsv", place.folder, i);
    assert_int_equal(tx_prediction_writer_open(paths[i], TX_FORMAT_TSV, tx_model_taxonomy(model), NULL, NULL,
                                               &writer, &error),
                     TX_OK);
    assert_int_equal(tx_predict(model, &options,
                                &(tx_predict_steps){next_text, &self, tx_prediction_writer_put,
                                                    tx_prediction_writer_flush, writer},
                                NULL, &error),
                     TX_OK);
    assert_int_equal(tx_prediction_writer_commit(writer, &error), TX_OK);
  }
  first = read_whole(paths[0], &first_size);
  for (size_t i = 0; i < first_size; i++) lines += first[i] == '\n';
  assert_int_equal(lines, RECORDS + 1);
  for (size_t i = 1; i < 3; i++) {
    size_t size;
    unsigned char *data = read_whole(paths[i], &size);
    assert_int_equal(size, first_size);
    assert_memory_equal(data, first, size);
    free(data);
  }
  free(first);
  for (size_t i = 0; i < 3; i++) unlink(paths[i]);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(same_for_threads_batches_and_order),
      cmocka_unit_test(lineages_are_coherent_and_vary),
      cmocka_unit_test(strands),
      cmocka_unit_test(strand_tie),
      cmocka_unit_test(offsets_are_averaged),
      cmocka_unit_test(letters_are_normalised),
      cmocka_unit_test(long_records_are_cut),
      cmocka_unit_test(statuses),
      cmocka_unit_test(one_strand_can_be_called),
      cmocka_unit_test(thresholds_cut),
      cmocka_unit_test(embeddings_of_length_one),
      cmocka_unit_test(bad_options),
      cmocka_unit_test(answers_that_are_not_finite),
      cmocka_unit_test(same_bytes_in_a_file),
  };
  return cmocka_run_group_tests(tests, make_place, remove_place);
}
