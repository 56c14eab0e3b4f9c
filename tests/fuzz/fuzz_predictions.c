/* The table of predictions that eval reads, any bytes: it ends in an orderly way, and every row that was read can be found and has names
   and confidences. */
#include "harness.h"

#include <stdarg.h>
#include <stdbool.h>
#include <sys/types.h>

static const uint8_t *table_data;
static size_t table_size;

static FILE *open_table(void)
{
  return fmemopen((void *)(uintptr_t)table_data, table_size, "r"); /* only read, but its type lacks the const */
}

/* The reader belongs to the program, which has no interface for a table in memory: it is compiled in, and opens this one. */
#define fopen(path, mode) ((void)(path), (void)(mode), open_table())
#include "../../tools/idmap.c"
#include "../../tools/predictions.c"
#undef fopen

static const volatile int never;

const volatile int *tx_stop_flag(void)
{
  return &never;
}

tx_status tx_cli_fail(tx_error *error, tx_status code, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(error->message, sizeof error->message, format, arguments);
  va_end(arguments);
  error->code = code;
  return code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const double least = size % 3 ? 0 : 0.5;
  tx_predictions predictions;
  tx_error error = {0};
  tx_status status;
  table_data = data;
  table_size = size;
  if (size == 0) return 0; /* not every system has empty files in memory */
  status = tx_predictions_read("fuzz", least, &predictions, &error);
  if (status != TX_OK) {
    require(status == TX_ERROR_DATA || status == TX_ERROR_MEMORY, "an error of another kind");
    require_error(status, &error);
    return 0;
  }
  require(predictions.rank_count > 0 && predictions.rank_count <= TX_RANKS_MAX, "no ranks");
  for (size_t i = 0; i < predictions.ids.count; i++) {
    const char *called[TX_RANKS_MAX];
    double confidence[TX_RANKS_MAX];
    bool deepest = false;
    require(tx_predictions_find(&predictions, predictions.ids.keys[i], called, confidence), "a row that is not found");
    for (size_t r = predictions.rank_count; r-- > 0;) {
      require(confidence[r] >= 0 && confidence[r] <= 1, "no confidence");
      if (!called[r]) continue;
      require(called[r][0] != '\0', "a name without letters");
      require(deepest || confidence[r] >= least, "a lineage that is not cut");
      deepest = true;
    }
  }
  tx_predictions_clear(&predictions);
  return 0;
}
