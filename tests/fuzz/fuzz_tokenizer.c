/* A tokenizer's description, up to the first newline, then a sequence that it cuts into tokens at each offset. */
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

static void encode_all(const tx_tokenizer *tokenizer, const char *letters, size_t length)
{
  uint8_t *codes = malloc(length + 1);
  size_t count = codes ? tx_bases_encode(letters, length, codes) : 0;
  size_t symbols = tx_tokenizer_symbols(tokenizer);
  count = tx_bases_trim(codes, count, tokenizer->max_bases);
  size_t bound = tx_tokenizer_bound(tokenizer, count);
  int32_t *ids = malloc((bound ? bound : 1) * sizeof *ids);
  require(codes && ids, "out of memory");
  for (size_t offset = 0; offset < tx_tokenizer_offsets(tokenizer); offset++) {
    size_t padding, used = tx_tokenizer_encode(tokenizer, codes, count, offset, ids, &padding);
    require(used <= bound && padding <= used, "more tokens than promised");
    for (size_t i = 0; i < used; i++) require(ids[i] >= TX_TOKEN_UNK && (size_t)ids[i] < symbols, "an id out of range");
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
    require(tx_json_parse(written.data, written.size, "tokenizer", &copy, &error) == TX_OK, "written text cannot be parsed");
    require(tx_tokenizer_read(copy, &again, &error) == TX_OK, "written text cannot be read");
    require(again.kind == tokenizer.kind && again.k == tokenizer.k && again.stride == tokenizer.stride &&
                again.max_bases == tokenizer.max_bases && again.pad_to == tokenizer.pad_to,
            "another tokenizer comes back");
    tx_json_free(copy);
    tx_bytes_free(&written);
  }
  tx_json_free(document);
  return 0;
}
