/* The machine's own peaks alone. */
#include "bench.h"
#include "peak.h"
#include "report.h"

typedef struct options {
  uint64_t threads;
  double seconds;
  char json[TX_TEXT_SIZE];
} options;

static const tx_param params[] = {
    {"threads", 0, TX_PARAM_COUNT, offsetof(options, threads), 1, 64, "1", "N", "", "Threads."},
    {"seconds", 0, TX_PARAM_REAL, offsetof(options, seconds), 0, 10, "0.03", "S", "",
     "Seconds of one repeat; the best of ten counts."},
    {"json", 0, TX_PARAM_OUTPUT, offsetof(options, json), 0, 0, "", "FILE", "",
     "Write the results as JSON; - is standard output."},
};

int main(int argument_count, char **arguments)
{
  static options given;
  tx_bench_report report = {.program = "bench_peak"};
  tx_bench_peaks peaks;
  tx_pool *pool;
  tx_error error;
  tx_bench_arguments(params, sizeof params / sizeof *params, &given, argument_count, arguments);
  tx_bench_must_do(tx_pool_create(given.threads, &pool, &error), &error);
  if (!tx_bench_measure_peaks(pool, given.seconds, &peaks)) tx_bench_must(NULL);
  tx_pool_free(pool);
  tx_bench_report_peaks(&report, &peaks);
  return tx_bench_report_close(&report, given.json) ? 0 : 1;
}
