#include "seq/tokenizer.h"

#include "base/error.h"
#include "seq/bases.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* BPE_BASES_PER_TOKEN: with 768 symbols a token of a barcode has 4 to 5 bases. */
enum { K_MIN = 3, K_MAX = 8, CHAR_SYMBOLS = 8, BPE_BASES_PER_TOKEN = 4 };

static const char *const kind_names[] = {"char", "kmer", "bpe"};

const char *tx_tokenizer_kind_name(tx_tokenizer_kind kind)
{
  return kind_names[kind];
}

tx_status tx_tokenizer_check(const tx_tokenizer *tokenizer, tx_error *error)
{
  uint32_t k = tokenizer->k, stride = tokenizer->stride;
  if ((unsigned)tokenizer->kind > TX_TOKENIZER_BPE)
    return tx_fail(error, TX_ERROR_USAGE, "tokenizer: unknown kind %d", (int)tokenizer->kind);
  if (tokenizer->kind != TX_TOKENIZER_KMER && (k != 1 || stride != 1))
    return tx_fail(error, TX_ERROR_USAGE, "tokenizer %s: k and stride are 1, not %" PRIu32 " and %" PRIu32,
                   kind_names[tokenizer->kind], k, stride);
  if (tokenizer->kind == TX_TOKENIZER_KMER && (k < K_MIN || k > K_MAX))
    return tx_fail(error, TX_ERROR_USAGE, "tokenizer kmer: k must be %d to %d, not %" PRIu32, K_MIN, K_MAX,
                   k);
  if (stride < 1 || stride > k)
    return tx_fail(error, TX_ERROR_USAGE, "tokenizer: the stride must be 1 to k = %" PRIu32 ", not %" PRIu32,
                   k, stride);
  if (tokenizer->max_bases > TX_TOKENIZER_BASES_MAX)
    return tx_fail(error, TX_ERROR_USAGE,
                   "tokenizer: max_bases must be at most %d (or 0 for all), not %" PRIu32,
                   TX_TOKENIZER_BASES_MAX, tokenizer->max_bases);
  if (tokenizer->pad_to > TX_TOKENIZER_PAD_MAX)
    return tx_fail(error, TX_ERROR_USAGE, "tokenizer: pad_to must be at most %d, not %" PRIu32,
                   TX_TOKENIZER_PAD_MAX, tokenizer->pad_to);
  if (tokenizer->pool_padding && tokenizer->pad_to == 0)
    return tx_fail(error, TX_ERROR_USAGE, "tokenizer: there is no padding in the mean without pad_to");
  return TX_OK;
}

size_t tx_tokenizer_symbols(const tx_tokenizer *tokenizer)
{
  if (tokenizer->kind == TX_TOKENIZER_CHAR) return CHAR_SYMBOLS;
  if (tokenizer->kind == TX_TOKENIZER_BPE)
    return tokenizer->bpe ? tx_bpe_symbols(tokenizer->bpe) : TX_BPE_FIRST;
  return TX_TOKEN_FIRST + ((size_t)1 << (2 * tokenizer->k));
}

size_t tx_tokenizer_vocabulary(const tx_tokenizer *tokenizer)
{
  return (tx_tokenizer_symbols(tokenizer) + 7) / 8 * 8;
}

size_t tx_tokenizer_offsets(const tx_tokenizer *tokenizer)
{
  return tokenizer->stride; /* 1 for all but k-mers */
}

size_t tx_tokenizer_bases_per_token(const tx_tokenizer *tokenizer)
{
  return tokenizer->kind == TX_TOKENIZER_BPE ? BPE_BASES_PER_TOKEN : tokenizer->stride;
}

static size_t padding_bases(const tx_tokenizer *tokenizer, size_t count)
{
  return tokenizer->pad_to > count ? tokenizer->pad_to - count : 0;
}

/* Number of whole windows of k bases, `stride` apart, in `count` bases; char is the case k = stride = 1. */
static size_t windows(const tx_tokenizer *tokenizer, size_t count)
{
  return count < tokenizer->k ? 0 : (count - tokenizer->k) / tokenizer->stride + 1;
}

size_t tx_tokenizer_bound(const tx_tokenizer *tokenizer, size_t count)
{
  return windows(tokenizer, count + padding_bases(tokenizer, count));
}

size_t tx_tokenizer_capacity(const tx_tokenizer *tokenizer, size_t count)
{
  const size_t bound = tx_tokenizer_bound(tokenizer, count);
  return tokenizer->bpe ? bound + tx_bpe_scratch(tokenizer->bpe, bound) : bound;
}

/* Encodes each base as a token, the padding first; `unknown` is the token of N. */
static void encode_bases(const uint8_t *codes, size_t start, size_t padding, size_t total, int32_t unknown,
                         int32_t *ids)
{
  for (size_t i = start; i < total; i++) {
    const uint8_t code = i < padding ? TX_BASE_N : codes[i - padding];
    *ids++ = code < TX_BASE_N ? TX_TOKEN_FIRST + code : unknown;
  }
}

/* Encodes k-mers, in one pass for every stride: `value` has the last k bases, two bits each, and `certain`
   counts the bases since the last N. */
static void encode_kmers(const tx_tokenizer *tokenizer, const uint8_t *codes, size_t start, size_t padding,
                         size_t total, int32_t *ids)
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

size_t tx_tokenizer_encode(const tx_tokenizer *tokenizer, const uint8_t *codes, size_t count, size_t offset,
                           int32_t *ids, size_t *ret_padding)
{
  size_t padding = padding_bases(tokenizer, count), total = count + padding;
  size_t start = offset < total ? offset : total;
  size_t length = windows(tokenizer, total - start);
  if (ret_padding) *ret_padding = start < padding ? windows(tokenizer, padding - start) : 0;
  if (length == 0) return 0;
  if (tokenizer->kind == TX_TOKENIZER_KMER)
    encode_kmers(tokenizer, codes, start, padding, total, ids);
  else
    encode_bases(codes, start, padding, total,
                 tokenizer->kind == TX_TOKENIZER_CHAR ? TX_TOKEN_FIRST + TX_BASE_N : TX_TOKEN_UNK, ids);
  return tokenizer->bpe ? tx_bpe_encode(tokenizer->bpe, ids, length, ids + length) : length;
}

static void append_merges(const tx_bpe *bpe, tx_bytes *out)
{
  tx_bytes_text(out, ",\"merges\":[");
  for (size_t i = 0; bpe && i < tx_bpe_merges(bpe); i++) {
    const tx_bpe_pair pair = tx_bpe_merge(bpe, i);
    tx_bytes_printf(out, "%s[%" PRId32 ",%" PRId32 "]", i ? "," : "", pair.left, pair.right);
  }
  tx_bytes_text(out, "]");
}

tx_status tx_tokenizer_write(const tx_tokenizer *tokenizer, tx_bytes *out, tx_error *error)
{
  tx_status status = tx_tokenizer_check(tokenizer, error);
  if (status != TX_OK) return status;
  tx_bytes_printf(out,
                  "{\"kind\":\"%s\",\"k\":%" PRIu32 ",\"stride\":%" PRIu32 ",\"max_bases\":%" PRIu32
                  ",\"pad_to\":%" PRIu32,
                  kind_names[tokenizer->kind], tokenizer->k, tokenizer->stride, tokenizer->max_bases,
                  tokenizer->pad_to);
  if (tokenizer->pool_padding) tx_bytes_text(out, ",\"pool_padding\":true");
  if (tokenizer->kind == TX_TOKENIZER_BPE) append_merges(tokenizer->bpe, out);
  tx_bytes_text(out, "}");
  return out->failed ? tx_fail_memory(error, "the tokenizer's description") : TX_OK;
}

static tx_status read_kind(const tx_json *json, tx_tokenizer *tokenizer, tx_error *error)
{
  const char *kind;
  tx_status status = tx_json_get_string(json, "kind", &kind, error);
  if (status != TX_OK) return status;
  for (unsigned i = 0; i < sizeof kind_names / sizeof *kind_names; i++) {
    if (strcmp(kind, kind_names[i]) != 0) continue;
    tokenizer->kind = (tx_tokenizer_kind)i;
    return TX_OK;
  }
  return tx_fail(error, TX_ERROR_MODEL, "tokenizer: unknown kind \"%.64s\" (a newer version?)", kind);
}

/* Refuses unknown fields: a field that this version does not know would change the tokens, so it must not be
   skipped. */
static tx_status check_keys(const tx_json *json, tx_tokenizer_kind kind, tx_error *error)
{
  static const char *const known[] = {"kind", "k", "stride", "max_bases", "pad_to", "pool_padding",
                                      "merges"};
  const size_t count = sizeof known / sizeof known[0] - (kind == TX_TOKENIZER_BPE ? 0 : 1);
  for (const tx_json *child = tx_json_first(json); child; child = tx_json_next(child)) {
    const char *key = tx_json_key(child);
    size_t i = 0;
    while (i < count && (!key || strcmp(key, known[i]) != 0)) i++;
    if (i == count)
      return tx_fail(error, TX_ERROR_MODEL,
                     "tokenizer: unknown field \"%.64s\" (a newer version?)",
                     key ? key : "");
  }
  return TX_OK;
}

static tx_status read_fields(const tx_json *json, tx_tokenizer *tokenizer, tx_error *error)
{
  const tx_json *pool = tx_json_get(json, "pool_padding"); /* only where it is true: 0.1.0 refuses it */
  const struct {
    const char *key;
    uint32_t *value;
  } fields[] = {{"k", &tokenizer->k},
                {"stride", &tokenizer->stride},
                {"max_bases", &tokenizer->max_bases},
                {"pad_to", &tokenizer->pad_to}};
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
    uint64_t value;
    tx_status status = tx_json_get_count(json, fields[i].key, 0, UINT32_MAX, &value, error);
    if (status != TX_OK) return status;
    *fields[i].value = (uint32_t)value;
  }
  if (pool) {
    if (!tx_json_is_bool(pool) || !tx_json_bool(pool))
      return tx_fail(error, TX_ERROR_MODEL, "tokenizer: \"pool_padding\" can only be true");
    tokenizer->pool_padding = true;
  }
  return tx_tokenizer_check(tokenizer, error);
}

/* Reads an id of a pair, and returns the next of the two; a number that is not a symbol becomes 0, which no
   merge may have. */
static const tx_json *read_id(const tx_json *item, int32_t *ret_id)
{
  const double number = item && tx_json_is_number(item) ? tx_json_number(item) : 0;
  *ret_id =
      number > 0 && number < TX_BPE_SYMBOLS_MAX && number == (double)(int32_t)number ? (int32_t)number : 0;
  return item ? tx_json_next(item) : NULL;
}

static tx_status read_merges(const tx_json *json, tx_tokenizer *tokenizer, tx_error *error)
{
  const tx_json *merges = tx_json_get(json, "merges");
  tx_bpe_pair *pairs;
  size_t count = 0;
  tx_status status = TX_OK;
  if (!merges || !tx_json_is_array(merges))
    return tx_fail(error, TX_ERROR_MODEL, "tokenizer: \"merges\" is missing or no array");
  for (const tx_json *item = tx_json_first(merges); item; item = tx_json_next(item)) count++;
  if (count > TX_BPE_SYMBOLS_MAX)
    return tx_fail(error, TX_ERROR_MODEL, "tokenizer: %zu merges are too many", count);
  pairs = calloc(count + 1, sizeof *pairs);
  if (!pairs) return tx_fail_memory(error, "a tokenizer");
  count = 0;
  for (const tx_json *item = tx_json_first(merges); item && status == TX_OK; item = tx_json_next(item)) {
    tx_bpe_pair *pair = &pairs[count];
    if (!tx_json_is_array(item) || read_id(read_id(tx_json_first(item), &pair->left), &pair->right) ||
        !pair->left || !pair->right)
      status = tx_fail(error, TX_ERROR_MODEL, "tokenizer: merge %zu is no pair of symbols", count);
    count++;
  }
  if (status == TX_OK) status = tx_bpe_create(pairs, count, &tokenizer->bpe, error);
  free(pairs);
  return status;
}

tx_status tx_tokenizer_read(const tx_json *json, tx_tokenizer *tokenizer, tx_error *error)
{
  tx_tokenizer read = {0};
  tx_status status;
  if (!json || !tx_json_is_object(json))
    return tx_fail(error, TX_ERROR_MODEL,
                   "tokenizer: expected a JSON object");
  status = read_kind(json, &read, error);
  if (status == TX_OK) status = check_keys(json, read.kind, error);
  if (status == TX_OK) status = read_fields(json, &read, error);
  if (status == TX_OK && read.kind == TX_TOKENIZER_BPE) status = read_merges(json, &read, error);
  if (status == TX_OK) {
    *tokenizer = read;
  } else if (status == TX_ERROR_DATA || status == TX_ERROR_USAGE) {
    /* Whichever check fails, it is the model file that is wrong. */
    status = TX_ERROR_MODEL;
    if (error) error->code = status;
  }
  return status;
}

void tx_tokenizer_free(tx_tokenizer *tokenizer)
{
  tx_bpe_free(tokenizer->bpe);
  tokenizer->bpe = NULL;
}
