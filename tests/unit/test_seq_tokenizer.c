/* Tokenizers against a slow reference that works on letters, and their JSON. */
#include "seq/tokenizer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "seq/bases.h"

static tx_tokenizer kmer(uint32_t k, uint32_t stride)
{
  return (tx_tokenizer){.kind = TX_TOKENIZER_KMER, .k = k, .stride = stride};
}

static const tx_tokenizer chars = {.kind = TX_TOKENIZER_CHAR, .k = 1, .stride = 1};

/* The id of one window, from the text of the definition: place in the lexicographic list of all words over
   ACGT. */
static int32_t reference_id(tx_tokenizer_kind kind, const char *window, size_t k)
{
  int32_t id = 0;
  if (kind == TX_TOKENIZER_CHAR) return 3 + (int32_t)(strchr("ACGTN", *window) - "ACGTN");
  for (size_t i = 0; i < k; i++) {
    if (window[i] == 'N') return TX_TOKEN_UNK;
    id = id * 4 + (int32_t)(strchr("ACGT", window[i]) - "ACGT");
  }
  return 3 + id;
}

/* Pads the letters, then cuts windows at offset, offset + stride, ... */
static size_t reference_encode(const tx_tokenizer *tokenizer, const char *letters, size_t count,
                               size_t offset, int32_t *ids, size_t *padding)
{
  size_t pad = tokenizer->pad_to > count ? tokenizer->pad_to - count : 0, used = 0;
  char *padded = malloc(pad + count + 1);
  assert_non_null(padded);
  memset(padded, 'N', pad);
  memcpy(padded + pad, letters, count);
  *padding = 0;
  for (size_t at = offset; at + tokenizer->k <= pad + count; at += tokenizer->stride) {
    if (at + tokenizer->k <= pad) ++*padding;
    ids[used++] = reference_id(tokenizer->kind, padded + at, tokenizer->k);
  }
  free(padded);
  return used;
}

static void compare(const tx_tokenizer *tokenizer, const char *letters, size_t count, size_t offset)
{
  size_t bound = tx_tokenizer_bound(tokenizer, count), got_padding = 99, padding, length, got_length;
  int32_t *ids = malloc((count + tokenizer->pad_to + 1) * sizeof *ids);
  int32_t *got = malloc((bound + 1) * sizeof *got); /* one more, to see that it stays untouched */
  uint8_t *codes = malloc(count + 1);
  assert_true(ids && got && codes);
  assert_int_equal(tx_bases_encode(letters, count, codes), count);
  for (size_t i = 0; i <= bound; i++) got[i] = -7;
  length = reference_encode(tokenizer, letters, count, offset, ids, &padding);
  got_length = tx_tokenizer_encode(tokenizer, codes, count, offset, got, &got_padding);
  assert_int_equal(got_length, length);
  assert_true(length <= bound);
  if (offset == 0) assert_int_equal(length, bound);
  assert_int_equal(got_padding, padding);
  for (size_t i = 0; i < length; i++) {
    assert_int_equal(got[i], ids[i]);
    assert_true((size_t)got[i] < tx_tokenizer_symbols(tokenizer));
  }
  for (size_t i = length; i <= bound; i++) assert_int_equal(got[i], -7);
  assert_int_equal(tx_tokenizer_encode(tokenizer, codes, count, offset, got, NULL), length);
  free(ids);
  free(got);
  free(codes);
}

static void agrees_with_reference(void **state)
{
  tx_random random;
  (void)state;
  tx_random_seed(&random, 11, 0, 0, 0);
  for (uint32_t k = 1; k <= 8; k++) {
    if (k == 2) continue;
    for (uint32_t stride = 1; stride <= k; stride++)
      for (size_t round = 0; round < 40; round++) {
        tx_tokenizer tokenizer = k == 1 ? chars : kmer(k, stride);
        char letters[200];
        size_t count = round < 20 ? round : (size_t)tx_random_below(&random, sizeof letters);
        for (size_t i = 0; i < count; i++)
          letters[i] = tx_random_below(&random, 12) ? "ACGT"[tx_random_below(&random, 4)] : 'N';
        if (round & 1) tokenizer.pad_to = (uint32_t)tx_random_below(&random, 150);
        for (size_t offset = 0; offset <= k; offset++) compare(&tokenizer, letters, count, offset);
        compare(&tokenizer, letters, count, count + 1);
        compare(&tokenizer, letters, count, 100000);
      }
  }
}

static void numbers_kmers_lexicographically(void **state)
{
  const tx_tokenizer three = kmer(3, 3), six = kmer(6, 6);
  static const uint8_t codes[] = {0, 0, 0, 0, 0, 1, 3, 3, 3, 0, 4, 0, 3, 2};
  int32_t ids[8];
  (void)state;
  assert_int_equal(tx_tokenizer_encode(&three, codes, sizeof codes, 0, ids, NULL), 4);
  assert_int_equal(ids[0], 3);  /* AAA */
  assert_int_equal(ids[1], 4);  /* AAC */
  assert_int_equal(ids[2], 66); /* TTT */
  assert_int_equal(ids[3], TX_TOKEN_UNK);
  assert_int_equal(tx_tokenizer_encode(&six, codes, sizeof codes, 1, ids, NULL), 2);
  assert_int_equal(ids[0], 3 + 0 * 1024 + 0 * 256 + 0 * 64 + 0 * 16 + 1 * 4 + 3);
  assert_int_equal(ids[1], TX_TOKEN_UNK);
}

static void pads_as_barcodemamba(void **state)
{
  tx_tokenizer padded = chars;
  static const uint8_t codes[] = {0, 1, 2, 3, 4};
  static const int32_t expected[] = {7, 7, 7, 3, 4, 5, 6, 7};
  int32_t ids[8];
  size_t padding;
  (void)state;
  padded.pad_to = 8;
  assert_int_equal(tx_tokenizer_encode(&padded, codes, 5, 0, ids, &padding), 8);
  assert_memory_equal(ids, expected, sizeof ids);
  assert_int_equal(padding, 3);
  assert_int_equal(tx_tokenizer_encode(&padded, NULL, 0, 0, ids, &padding), 8); /* nothing but padding */
  assert_int_equal(padding, 8);
}

static void counts_symbols(void **state)
{
  static const size_t symbols[] = {67, 259, 1027, 4099, 16387, 65539},
                      vocabulary[] = {72, 264, 1032, 4104, 16392, 65544};
  (void)state;
  assert_int_equal(tx_tokenizer_symbols(&chars), 8);
  assert_int_equal(tx_tokenizer_vocabulary(&chars), 8);
  assert_int_equal(tx_tokenizer_offsets(&chars), 1);
  for (uint32_t k = 3; k <= 8; k++) {
    const tx_tokenizer tokenizer = kmer(k, k - 1);
    assert_int_equal(tx_tokenizer_symbols(&tokenizer), symbols[k - 3]);
    assert_int_equal(tx_tokenizer_vocabulary(&tokenizer), vocabulary[k - 3]);
    assert_int_equal(tx_tokenizer_offsets(&tokenizer), k - 1);
  }
}

static void checks_ranges(void **state)
{
  static const struct {
    tx_tokenizer tokenizer;
    const char *message; /* NULL: good */
  } cases[] = {
      {{TX_TOKENIZER_CHAR, 1, 1, 660, 660, false, NULL}, NULL},
      {{TX_TOKENIZER_KMER, 3, 1, 0, 0, false, NULL}, NULL},
      {{TX_TOKENIZER_KMER, 8, 8, TX_TOKENIZER_BASES_MAX, TX_TOKENIZER_PAD_MAX, false, NULL}, NULL},
      {{TX_TOKENIZER_CHAR, 2, 1, 0, 0, false, NULL}, "k and stride are 1"},
      {{TX_TOKENIZER_CHAR, 1, 0, 0, 0, false, NULL}, "k and stride are 1"},
      {{TX_TOKENIZER_KMER, 2, 1, 0, 0, false, NULL}, "k must be 3 to 8"},
      {{TX_TOKENIZER_KMER, 9, 1, 0, 0, false, NULL}, "k must be 3 to 8"},
      {{TX_TOKENIZER_KMER, 6, 0, 0, 0, false, NULL}, "stride must be 1 to k = 6"},
      {{TX_TOKENIZER_KMER, 6, 7, 0, 0, false, NULL}, "stride must be 1 to k = 6"},
      {{TX_TOKENIZER_KMER, 6, 6, 0, TX_TOKENIZER_PAD_MAX + 1, false, NULL}, "pad_to must be at most 8192"},
      {{TX_TOKENIZER_KMER, 6, 6, TX_TOKENIZER_BASES_MAX + 1, 0, false, NULL},
       "max_bases must be at most 1048576"},
      {{TX_TOKENIZER_KMER, 6, 6, 0, 660, true, NULL}, NULL},
      {{TX_TOKENIZER_KMER, 6, 6, 660, 0, true, NULL}, "no padding in the mean without pad_to"},
      {{(tx_tokenizer_kind)9, 6, 6, 0, 0, false, NULL}, "unknown kind 9"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    tx_error error = {0};
    tx_status status = tx_tokenizer_check(&cases[i].tokenizer, &error);
    assert_int_equal(status, cases[i].message ? TX_ERROR_USAGE : TX_OK);
    if (cases[i].message) assert_non_null(strstr(error.message, cases[i].message));
  }
}

static tx_status read_text(const char *text, tx_tokenizer *tokenizer, tx_error *error)
{
  tx_json *document = NULL;
  tx_status status = tx_json_parse(text, strlen(text), "test", &document, error);
  assert_int_equal(status, TX_OK);
  status = tx_tokenizer_read(document, tokenizer, error);
  tx_json_free(document);
  return status;
}

static void keeps_json(void **state)
{
  static const tx_tokenizer cases[] = {
      {TX_TOKENIZER_CHAR, 1, 1, 660, 660, false, NULL},
      {TX_TOKENIZER_KMER, 6, 6, 660, 0, false, NULL},
      {TX_TOKENIZER_CHAR, 1, 1, 660, 660, true, NULL},
      {TX_TOKENIZER_KMER, 8, 3, TX_TOKENIZER_BASES_MAX, 1300, false, NULL}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    tx_bytes text = {0};
    tx_tokenizer back = {0};
    tx_error error;
    assert_int_equal(tx_tokenizer_write(&cases[i], &text, &error), TX_OK);
    assert_int_equal(read_text(text.data, &back, &error), TX_OK);
    assert_int_equal(back.kind, cases[i].kind);
    assert_int_equal(back.k, cases[i].k);
    assert_int_equal(back.stride, cases[i].stride);
    assert_int_equal(back.max_bases, cases[i].max_bases);
    assert_int_equal(back.pad_to, cases[i].pad_to);
    assert_int_equal(back.pool_padding, cases[i].pool_padding);
    /* other files keep their bytes, and older versions read them */
    assert_true(cases[i].pool_padding == (strstr(text.data, "pool_padding") != NULL));
    tx_bytes_free(&text);
  }
}

static void keeps_merges(void **state)
{
  static const char text[] =
      "{\"kind\":\"bpe\",\"k\":1,\"stride\":1,\"max_bases\":660,\"pad_to\":0,\"merges\":[[3,6],[7,5],[5,5]]}";
  static const char none[] =
      "{\"kind\":\"bpe\",\"k\":1,\"stride\":1,\"max_bases\":0,\"pad_to\":12,\"merges\":[]}";
  const char *const cases[] = {text, none};
  (void)state;
  for (size_t i = 0; i < 2; i++) {
    tx_tokenizer back = {0};
    tx_bytes out = {0};
    tx_error error;
    assert_int_equal(read_text(cases[i], &back, &error), TX_OK);
    assert_int_equal(tx_tokenizer_symbols(&back), i ? 7 : 10);
    assert_int_equal(tx_tokenizer_write(&back, &out, &error), TX_OK);
    assert_string_equal(out.data, cases[i]);
    tx_bytes_free(&out);
    tx_tokenizer_free(&back);
  }
}

#define BPE(merges) "{\"kind\":\"bpe\",\"k\":1,\"stride\":1,\"max_bases\":0,\"pad_to\":0," merges "}"

static void refuses_bad_json(void **state)
{
  static const char *const cases[][2] = {
      {"[]", "expected a JSON object"},
      {"{}", "kind"},
      {"{\"kind\":\"wordpiece\",\"k\":1,\"stride\":1,\"max_bases\":0,\"pad_to\":0}",
       "unknown kind \"wordpiece\""},
      {"{\"kind\":\"kmer\",\"k\":6,\"stride\":6,\"max_bases\":0,\"pad_to\":0,\"merges\":[]}",
       "unknown field \"merges\""},
      {"{\"kind\":\"bpe\",\"k\":2,\"stride\":1,\"max_bases\":0,\"pad_to\":0,\"merges\":[]}",
       "bpe: k and stride are 1"},
      {"{\"kind\":\"bpe\",\"k\":1,\"stride\":1,\"max_bases\":0,\"pad_to\":0}", "\"merges\" is missing"},
      {BPE("\"merges\":{}"), "\"merges\" is missing or no array"},
      {BPE("\"merges\":[3,3]"), "merge 0 is no pair"},
      {BPE("\"merges\":[[3,3],[]]"), "merge 1 is no pair"},
      {BPE("\"merges\":[[3,3],[3]]"), "merge 1 is no pair"},
      {BPE("\"merges\":[[3,3,3]]"), "merge 0 is no pair"},
      {BPE("\"merges\":[{\"a\":3,\"b\":3}]"), "merge 0 is no pair"},
      {BPE("\"merges\":[[3,\"3\"]]"), "merge 0 is no pair"},
      {BPE("\"merges\":[[3,3.5]]"), "merge 0 is no pair"},
      {BPE("\"merges\":[[3,-3]]"), "merge 0 is no pair"},
      {BPE("\"merges\":[[3,1e300]]"), "merge 0 is no pair"},
      {BPE("\"merges\":[[3,2]]"), "only 3 to 6 can be joined"},
      {BPE("\"merges\":[[3,7]]"), "only 3 to 6 can be joined"},
      {BPE("\"merges\":[[3,4],[3,4]]"), "as does merge 0"},
      {BPE("\"merges\":[],\"dropout\":0"), "unknown field \"dropout\""},
      {"{\"kind\":6,\"k\":6,\"stride\":6,\"max_bases\":0,\"pad_to\":0}", "kind"},
      {"{\"kind\":\"kmer\",\"k\":6,\"stride\":6,\"max_bases\":0}", "pad_to"},
      {"{\"kind\":\"kmer\",\"k\":\"6\",\"stride\":6,\"max_bases\":0,\"pad_to\":0}", "k"},
      {"{\"kind\":\"kmer\",\"k\":9,\"stride\":6,\"max_bases\":0,\"pad_to\":0}", "k must be 3 to 8"},
      {"{\"kind\":\"kmer\",\"k\":6,\"stride\":7,\"max_bases\":0,\"pad_to\":0}", "stride"},
      {"{\"kind\":\"kmer\",\"k\":6.5,\"stride\":6,\"max_bases\":0,\"pad_to\":0}", "k"},
      {"{\"kind\":\"kmer\",\"k\":6,\"stride\":6,\"max_bases\":-1,\"pad_to\":0}", "max_bases"},
      {"{\"kind\":\"kmer\",\"k\":6,\"stride\":6,\"max_bases\":4294967296,\"pad_to\":0}", "max_bases"},
      {"{\"kind\":\"kmer\",\"k\":6,\"stride\":6,\"max_bases\":0,\"pad_to\":4000000000}", "pad_to"},
      {"{\"kind\":\"kmer\",\"k\":6,\"stride\":6,\"max_bases\":0,\"pad_to\":1000000}",
       "pad_to must be at most"},
      {"{\"kind\":\"kmer\",\"k\":6,\"stride\":6,\"max_bases\":0,\"pad_to\":0,\"canonical\":true}",
       "canonical"},
      {"{\"kind\":\"kmer\",\"k\":6,\"stride\":6,\"max_bases\":0,\"pad_to\":9,\"pool_padding\":false}",
       "can only be true"},
      {"{\"kind\":\"kmer\",\"k\":6,\"stride\":6,\"max_bases\":0,\"pad_to\":9,\"pool_padding\":1}",
       "can only be true"},
      {"{\"kind\":\"kmer\",\"k\":6,\"stride\":6,\"max_bases\":0,\"pad_to\":0,\"pool_padding\":true}",
       "no padding in the mean"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    tx_tokenizer tokenizer = {.k = 42};
    tx_error error = {0};
    assert_int_equal(read_text(cases[i][0], &tokenizer, &error), TX_ERROR_MODEL);
    assert_int_equal(error.code, TX_ERROR_MODEL);
    assert_non_null(strstr(error.message, cases[i][1]));
    assert_int_equal(tokenizer.k, 42); /* untouched */
  }
  assert_int_equal(tx_tokenizer_read(NULL, &(tx_tokenizer){0}, NULL), TX_ERROR_MODEL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(agrees_with_reference), cmocka_unit_test(numbers_kmers_lexicographically),
      cmocka_unit_test(pads_as_barcodemamba),  cmocka_unit_test(counts_symbols),
      cmocka_unit_test(checks_ranges),         cmocka_unit_test(keeps_json),
      cmocka_unit_test(keeps_merges),          cmocka_unit_test(refuses_bad_json),
  };
  return cmocka_run_group_tests_name("seq_tokenizer", tests, NULL, NULL);
}
