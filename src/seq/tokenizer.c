#include "seq/tokenizer.h"

#include "base/error.h"
#include "seq/bases.h"

#include <inttypes.h>
#include <string.h>

enum { K_MIN = 3, K_MAX = 8, CHAR_SYMBOLS = 8 };

static const char *kind_name(tx_tokenizer_kind kind)
{
  return kind == TX_TOKENIZER_CHAR ? "char" : "kmer";
}

tx_status tx_tokenizer_check(const tx_tokenizer *tokenizer, tx_error *error)
{
  uint32_t k = tokenizer->k, stride = tokenizer->stride;
  if (tokenizer->kind != TX_TOKENIZER_CHAR && tokenizer->kind != TX_TOKENIZER_KMER)
    return tx_fail(error, TX_ERROR_USAGE, "tokenizer: unknown kind %d", (int)tokenizer->kind);
  if (tokenizer->kind == TX_TOKENIZER_CHAR && (k != 1 || stride != 1))
    return tx_fail(error, TX_ERROR_USAGE, "tokenizer char: k and stride are 1, not %" PRIu32 " and %" PRIu32, k, stride);
  if (tokenizer->kind == TX_TOKENIZER_KMER && (k < K_MIN || k > K_MAX))
    return tx_fail(error, TX_ERROR_USAGE, "tokenizer kmer: k must be %d to %d, not %" PRIu32, K_MIN, K_MAX, k);
  if (stride < 1 || stride > k)
    return tx_fail(error, TX_ERROR_USAGE, "tokenizer: the stride must be 1 to k = %" PRIu32 ", not %" PRIu32, k, stride);
  if (tokenizer->pad_to > TX_TOKENIZER_PAD_MAX)
    return tx_fail(error, TX_ERROR_USAGE, "tokenizer: pad_to must be at most %d, not %" PRIu32, TX_TOKENIZER_PAD_MAX, tokenizer->pad_to);
  return TX_OK;
}

size_t tx_tokenizer_symbols(const tx_tokenizer *tokenizer)
{
  if (tokenizer->kind == TX_TOKENIZER_CHAR) return CHAR_SYMBOLS;
  return TX_TOKEN_FIRST + ((size_t)1 << (2 * tokenizer->k));
}

size_t tx_tokenizer_vocabulary(const tx_tokenizer *tokenizer)
{
  return (tx_tokenizer_symbols(tokenizer) + 7) / 8 * 8;
}

size_t tx_tokenizer_offsets(const tx_tokenizer *tokenizer)
{
  return tokenizer->kind == TX_TOKENIZER_CHAR ? 1 : tokenizer->stride;
}

static size_t padding_bases(const tx_tokenizer *tokenizer, size_t count)
{
  return tokenizer->pad_to > count ? tokenizer->pad_to - count : 0;
}

/* Whole windows of k bases, `stride` apart, in `count` bases; char is the case k = stride = 1. */
static size_t windows(const tx_tokenizer *tokenizer, size_t count)
{
  return count < tokenizer->k ? 0 : (count - tokenizer->k) / tokenizer->stride + 1;
}

size_t tx_tokenizer_bound(const tx_tokenizer *tokenizer, size_t count)
{
  return windows(tokenizer, count + padding_bases(tokenizer, count));
}

static void encode_chars(const uint8_t *codes, size_t count, int32_t *ids)
{
  for (size_t i = 0; i < count; i++) ids[i] = TX_TOKEN_FIRST + (codes[i] < TX_BASE_N ? codes[i] : TX_BASE_N);
}

/* One pass for every stride: the last k bases stand in `value`, two bits each, and `certain` counts those since the last N. */
static void encode_kmers(const tx_tokenizer *tokenizer, const uint8_t *codes, size_t start, size_t padding, size_t total, int32_t *ids)
{
  const uint32_t k = tokenizer->k, mask = ((uint32_t)1 << (2 * k)) - 1;
  uint32_t value = 0, certain = 0;
  size_t used = 0;
  for (size_t i = start, end = start + k - 1; i < total; i++) {
    uint32_t code = i < padding ? TX_BASE_N : codes[i - padding];
    certain = code < TX_BASE_N ? certain + (certain < k) : 0;
    value = (value << 2 | (code & 3)) & mask;
    if (i != end) continue;
    ids[used++] = certain == k ? (int32_t)(TX_TOKEN_FIRST + value) : TX_TOKEN_UNK;
    end += tokenizer->stride;
  }
}

size_t tx_tokenizer_encode(const tx_tokenizer *tokenizer, const uint8_t *codes, size_t count, size_t offset, int32_t *ids,
                           size_t *ret_padding)
{
  size_t padding = padding_bases(tokenizer, count), total = count + padding;
  size_t start = offset < total ? offset : total;
  size_t length = windows(tokenizer, total - start);
  if (ret_padding) *ret_padding = start < padding ? windows(tokenizer, padding - start) : 0;
  if (length == 0) return 0;
  if (tokenizer->kind == TX_TOKENIZER_CHAR) {
    size_t leading = start < padding ? padding - start : 0;
    for (size_t i = 0; i < leading; i++) ids[i] = TX_TOKEN_FIRST + TX_BASE_N;
    if (total > start + leading) encode_chars(codes + (start + leading - padding), total - start - leading, ids + leading);
  } else {
    encode_kmers(tokenizer, codes, start, padding, total, ids);
  }
  return length;
}

tx_status tx_tokenizer_write(const tx_tokenizer *tokenizer, tx_bytes *out, tx_error *error)
{
  tx_status status = tx_tokenizer_check(tokenizer, error);
  if (status != TX_OK) return status;
  tx_bytes_printf(out, "{\"kind\":\"%s\",\"k\":%" PRIu32 ",\"stride\":%" PRIu32 ",\"max_bases\":%" PRIu32 ",\"pad_to\":%" PRIu32 "}",
                  kind_name(tokenizer->kind), tokenizer->k, tokenizer->stride, tokenizer->max_bases, tokenizer->pad_to);
  return out->failed ? tx_fail_memory(error, "the tokenizer's description") : TX_OK;
}

/* A field this version does not know would change the tokens, so it is no field to skip. */
static tx_status check_keys(const tx_json *json, tx_error *error)
{
  static const char *const known[] = {"kind", "k", "stride", "max_bases", "pad_to"};
  for (const tx_json *child = tx_json_first(json); child; child = tx_json_next(child)) {
    const char *key = tx_json_key(child);
    size_t i = 0, count = sizeof known / sizeof known[0];
    while (i < count && (!key || strcmp(key, known[i]) != 0)) i++;
    if (i == count) return tx_fail(error, TX_ERROR_MODEL, "tokenizer: unknown field \"%.64s\" (a newer version?)", key ? key : "");
  }
  return TX_OK;
}

static tx_status read_fields(const tx_json *json, tx_tokenizer *tokenizer, tx_error *error)
{
  const struct {
    const char *key;
    uint32_t *value;
  } fields[] = {{"k", &tokenizer->k}, {"stride", &tokenizer->stride}, {"max_bases", &tokenizer->max_bases}, {"pad_to", &tokenizer->pad_to}};
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
    uint64_t value;
    tx_status status = tx_json_get_count(json, fields[i].key, 0, UINT32_MAX, &value, error);
    if (status != TX_OK) return status;
    *fields[i].value = (uint32_t)value;
  }
  return tx_tokenizer_check(tokenizer, error);
}

tx_status tx_tokenizer_read(const tx_json *json, tx_tokenizer *tokenizer, tx_error *error)
{
  tx_tokenizer read = {0};
  const char *kind;
  tx_status status;
  if (!json || !tx_json_is_object(json)) return tx_fail(error, TX_ERROR_MODEL, "tokenizer: expected a JSON object");
  status = check_keys(json, error);
  if (status == TX_OK) status = tx_json_get_string(json, "kind", &kind, error);
  if (status == TX_OK) {
    if (strcmp(kind, "char") == 0)
      read.kind = TX_TOKENIZER_CHAR;
    else if (strcmp(kind, "kmer") == 0)
      read.kind = TX_TOKENIZER_KMER;
    else
      return tx_fail(error, TX_ERROR_MODEL, "tokenizer: unknown kind \"%.64s\" (a newer version?)", kind);
    status = read_fields(json, &read, error);
  }
  if (status == TX_OK) {
    *tokenizer = read;
  } else if (status == TX_ERROR_DATA || status == TX_ERROR_USAGE) {
    /* Wherever it was found, it is the model file that is wrong. */
    status = TX_ERROR_MODEL;
    if (error) error->code = status;
  }
  return status;
}
