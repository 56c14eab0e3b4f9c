/* JSON configuration files: tx_param_read_json over a table with every type of parameter. What was read must
   survive a round through tx_param_write_json, and values must lie in their bounds. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <taxamba/param.h>

typedef struct settings {
  bool augment;
  uint64_t width;
  double rate;
  char name[TX_TEXT_SIZE];
  int kind;
} settings;

static const tx_param table[] = {
    {"augment", 'a', TX_PARAM_FLAG, offsetof(settings, augment), 0, 0, "false", NULL, "Data",
     "Whether to augment."},
    {"d-model", 0, TX_PARAM_COUNT, offsetof(settings, width), 8, 4096, "256", "N", "Encoder", "Width."},
    {"learning-rate", 0, TX_PARAM_REAL, offsetof(settings, rate), 0, 1, "0.001", "RATE", "Optimisation",
     "Step size."},
    {"metric", 0, TX_PARAM_TEXT, offsetof(settings, name), 0, 0, "", "NAME", "Control", "Metric."},
    {"tokenizer", 0, TX_PARAM_CHOICE, offsetof(settings, kind), 0, 0, "kmer", "char|kmer", "Tokenizer",
     "Tokenizer."},
};
enum { TABLE_COUNT = sizeof table / sizeof *table };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static settings read, again; /* large for a stack */
  tx_error error;
  char *json = NULL;
  if (tx_param_defaults(table, TABLE_COUNT, &read, &error) != TX_OK) abort();
  const tx_status status =
      tx_param_read_json(table, TABLE_COUNT, &read, "fuzz.json", (const char *)data, size, &error);
  if (status != TX_OK) {
    if (error.code != status || !memchr(error.message, '\0', sizeof error.message) ||
        error.message[0] == '\0')
      abort();
    if (strchr(error.message, '\n')) abort();
    return 0;
  }
  if (read.width < 8 || read.width > 4096 || !(read.rate >= 0 && read.rate <= 1) || read.kind < 0 ||
      read.kind > 1)
    abort();
  if (!memchr(read.name, '\0', sizeof read.name)) abort();
  if (tx_param_write_json(table, TABLE_COUNT, &read, &json, &error) != TX_OK) abort();
  if (tx_param_defaults(table, TABLE_COUNT, &again, &error) != TX_OK) abort();
  if (tx_param_read_json(table, TABLE_COUNT, &again, "round.json", json, strlen(json), &error) != TX_OK) {
    /* text that is no UTF-8 is written with replacement characters, which may make it too long; nothing else
       may fail */
    if (strlen(read.name) * 3 < TX_TEXT_SIZE) abort();
  } else if (again.augment != read.augment || again.width != read.width || again.kind != read.kind ||
             again.rate < read.rate || again.rate > read.rate) {
    abort();
  }
  free(json);
  return 0;
}
