/* A tokenizer's description, up to the first newline, then a sequence that it cuts into tokens at each
   offset. */
#include "seq/tokenizer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seq/bases.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition, const char *what)
{
  if (condition) return;
  fprintf(stderr, "fuzz_tokenizer: %s\n", what);
  abort();
}

/* Bases that an id stands for, from the merges. */
static size_t spell(const tx_bpe *bpe, int32_t id, uint8_t *codes, size_t capacity)
{
  size_t count;
  require(capacity > 0, "more bases than there were");
  if (id < TX_BPE_FIRST) {
    *codes = id == TX_BPE_UNKNOWN ? TX_BASE_N : (uint8_t)(id - TX_BPE_BASES);
    return 1;
  }
  count = spell(bpe, tx_bpe_merge(bpe, (size_t)id - TX_BPE_FIRST).left, codes, capacity);
  return count +
         spell(bpe, tx_bpe_merge(bpe, (size_t)id - TX_BPE_FIRST).right, codes + count, capacity - count);
}

/* The tokens of a BPE tokenizer, padding left out, are the bases, and no merge would fit any more. */
static void check_words(const tx_bpe *bpe, const int32_t *ids, size_t used, const uint8_t *codes,
                        size_t count)
{
  uint8_t *spelt = malloc(count + 1);
  size_t at = 0;
  require(spelt != NULL, "out of memory");
  for (size_t i = 0; i < used; i++) at += spell(bpe, ids[i], spelt + at, count - at);
  require(at == count && memcmp(spelt, codes, count) == 0, "the tokens are not the bases");
  for (size_t m = 0; m < tx_bpe_merges(bpe); m++)
    for (size_t i = 1; i < used; i++)
      require(ids[i - 1] != tx_bpe_merge(bpe, m).left || ids[i] != tx_bpe_merge(bpe, m).right,
              "a pair is left");
  free(spelt);
}

static void encode_all(const tx_tokenizer *tokenizer, const char *letters, size_t length)
{
  uint8_t *codes = malloc(length + 1);
  size_t count = codes ? tx_bases_encode(letters, length, codes) : 0;
  size_t symbols = tx_tokenizer_symbols(tokenizer);
  count = tx_bases_trim(codes, count, tokenizer->max_bases);
  size_t bound = tx_tokenizer_bound(tokenizer, count);
  size_t capacity = tx_tokenizer_capacity(tokenizer, count);
  int32_t *ids = malloc((capacity ? capacity : 1) * sizeof *ids);
  require(codes && ids, "out of memory");
  for (size_t offset = 0; offset < tx_tokenizer_offsets(tokenizer); offset++) {
    size_t padding, used = tx_tokenizer_encode(tokenizer, codes, count, offset, ids, &padding);
    require(used <= bound && padding <= used, "more tokens than promised");
    for (size_t i = 0; i < used; i++)
      require(ids[i] >= TX_TOKEN_UNK && (size_t)ids[i] < symbols, "an id out of range");
    if (tokenizer->bpe) check_words(tokenizer->bpe, ids + padding, used - padding, codes, count);
  }
  free(codes);
  free(ids);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const char *text = (const char *)data;
  const char *newline = size ? memchr(text, '\n', size) : NULL;
  size_t length = newline ? (size_t)(newline - text) : size;
  tx_json *document = NULL;
  tx_tokenizer tokenizer, again;
  tx_bytes written = {0};
  tx_error error;
  if (tx_json_parse(text, length, "tokenizer", &document, &error) != TX_OK) return 0;
  if (tx_tokenizer_read(document, &tokenizer, &error) == TX_OK) {
    tx_json *copy = NULL;
    encode_all(&tokenizer, newline ? newline + 1 : "", newline ? size - length - 1 : 0);
    require(tx_tokenizer_write(&tokenizer, &written, &error) == TX_OK, "a good tokenizer cannot be written");
    require(tx_json_parse(written.data, written.size, "tokenizer", &copy, &error) == TX_OK,
            "written text cannot be parsed");
    require(tx_tokenizer_read(copy, &again, &error) == TX_OK, "written text cannot be read");
    require(again.kind == tokenizer.kind && again.k == tokenizer.k && again.stride == tokenizer.stride &&
                again.max_bases == tokenizer.max_bases && again.pad_to == tokenizer.pad_to &&
                tx_tokenizer_symbols(&again) == tx_tokenizer_symbols(&tokenizer),
            "another tokenizer comes back");
    if (again.bpe) {
      tx_bytes twice = {0};
      require(tx_tokenizer_write(&again, &twice, &error) == TX_OK && twice.size == written.size &&
                  memcmp(twice.data, written.data, twice.size) == 0,
              "other merges come back");
      tx_bytes_free(&twice);
    }
    tx_tokenizer_free(&again);
    tx_tokenizer_free(&tokenizer);
    tx_json_free(copy);
    tx_bytes_free(&written);
  }
  tx_json_free(document);
  return 0;
}
