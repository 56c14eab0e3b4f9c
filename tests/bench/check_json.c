/* Whether standard input is one JSON document of a benchmark: an object with an array "results" of named
   numbers. */
#include "bench.h"

#include "base/bytes.h"
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>

int main(void)
{
  tx_bytes text = {0};
  char piece[4096];
  size_t size, count = 0;
  tx_json *document;
  tx_error error;
  while ((size = fread(piece, 1, sizeof piece, stdin)) > 0) tx_bytes_append(&text, piece, size);
  if (text.failed) tx_bench_must(NULL);
  tx_bench_must_do(tx_json_parse(text.data ? text.data : "", text.size, "standard input", &document, &error),
                   &error);
  for (const tx_json *r = tx_json_first(tx_json_get(document, "results")); r; r = tx_json_next(r), count++) {
    const tx_json *name = tx_json_get(r, "name"), *value = tx_json_get(r, "value");
    if (name && tx_json_string(name) && value && tx_json_is_number(value)) continue;
    fprintf(stderr, "result %zu has no name or no value\n", count + 1);
    return 1;
  }
  tx_json_free(document);
  tx_bytes_free(&text);
  if (!count) fprintf(stderr, "no results\n");
  return count ? 0 : 1;
}
