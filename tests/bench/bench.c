#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <taxamba/runtime.h>

static void print_help(const tx_param *params, size_t count, const char *program)
{
  printf("usage: %s [--OPTION VALUE]...\n", program);
  for (size_t i = 0; i < count; i++)
    printf("  --%-12s %s%s%s%s\n", params[i].name, params[i].help, *params[i].standard ? " (" : "",
           params[i].standard, *params[i].standard ? ")" : "");
}

void tx_bench_arguments(const tx_param *params, size_t count, void *object, int argument_count,
                        char **arguments)
{
  tx_error error;
  tx_bench_must_do(tx_param_defaults(params, count, object, &error), &error);
  for (int i = 1; i < argument_count; i++) {
    const char *name = arguments[i], *value = i + 1 < argument_count ? arguments[++i] : NULL;
    if (!strcmp(name, "--help")) {
      print_help(params, count, arguments[0]);
      exit(0);
    }
    if (strncmp(name, "--", 2) != 0 || !value) {
      fprintf(stderr, "%s: %s %s; see --help\n", arguments[0], name, value ? "is no option" : "has no value");
      exit(2);
    }
    if (tx_param_set(params, count, object, name + 2, value, &error) != TX_OK) {
      fprintf(stderr, "%s: %s\n", arguments[0], error.message);
      exit(2);
    }
  }
}

void *tx_bench_must(void *pointer)
{
  if (!pointer) {
    fprintf(stderr, "out of memory\n");
    exit(1);
  }
  return pointer;
}

void tx_bench_must_do(tx_status status, const tx_error *error)
{
  if (status != TX_OK) {
    fprintf(stderr, "%s\n", error->message);
    exit(1);
  }
}

double tx_bench_best(tx_pool *pool, size_t repeats, size_t items, tx_pool_task task, void *context)
{
  double best = 1e30;
  for (size_t i = 0; i < repeats; i++) {
    const double begin = tx_clock();
    double seconds;
    tx_pool_run(pool, items, task, context);
    seconds = tx_clock() - begin;
    if (seconds < best) best = seconds;
  }
  return best;
}
