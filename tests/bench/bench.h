/* What the benchmarks share beside peaks and reports: options, memory, timing. */
#ifndef TX_BENCH_BENCH_H
#define TX_BENCH_BENCH_H

#include "base/pool.h"

#include <stddef.h>
#include <taxamba/param.h>

/* Fills `object` from "--name value" arguments after its defaults. --help prints the table and ends the
   program with 0, a mistake ends it with 2. */
void tx_bench_arguments(const tx_param *params, size_t count, void *object, int argument_count,
                        char **arguments);

/* Ends the program with 1 if pointer is NULL; otherwise returns it. */
void *tx_bench_must(void *pointer);
/* The same for a status. */
void tx_bench_must_do(tx_status status, const tx_error *error);

/* Shortest of `repeats` (>= 1) runs of `items` tasks, in seconds. */
double tx_bench_best(tx_pool *pool, size_t repeats, size_t items, tx_pool_task task, void *context);

#endif
