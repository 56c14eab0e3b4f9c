/* Results of a benchmark: one aligned table for people and, on request, one JSON document.

   {"program": ..., "date": ..., "machine": {"cpu", "processors", "level"}, "versions": {"taxamba",
   "libraries", "compiler"},
    "results": [{"name", "threads", "value", "unit", "seconds", "elements", "work", "work_unit", "peak",
    "share"}, ...]} */
#ifndef TX_BENCH_REPORT_H
#define TX_BENCH_REPORT_H

#include "peak.h"

#include <stdbool.h>
#include <stddef.h>

enum { TX_BENCH_NAME_SIZE = 64 };

/* One figure. Zero or NULL is "does not apply" and is left out of table and document. Units and names of
   peaks are string constants of the caller. */
typedef struct tx_bench_result {
  char name[TX_BENCH_NAME_SIZE];
  size_t threads;
  double value; /* in `unit`: "GFLOP/s", "GB/s", "records/s", "MiB", "ms" */
  const char *unit;
  double seconds;        /* of one call in one thread */
  double elements;       /* that a call computes; the table shows nanoseconds for each */
  double work;           /* of one call (or record), in `work_unit` */
  const char *work_unit; /* "FLOP", "op" (integers), "byte" */
  const char *peak;      /* the figure's limit: "float32", "bf16", "int8", "L1" .. "DRAM" */
  double share;          /* of that peak, 1 is all of it */
} tx_bench_result;

typedef struct tx_bench_report {
  const char *program; /* borrowed */
  tx_bench_result *results;
  size_t count, capacity;
} tx_bench_report;

/* Copies the result. Ends the program when there is no memory. */
void tx_bench_report_add(tx_bench_report *report, const tx_bench_result *result);
/* The peaks themselves, as results. */
void tx_bench_report_peaks(tx_bench_report *report, const tx_bench_peaks *peaks);
/* Fills in work, unit, value and share of `work` operations of a format (or bytes of a memory) in `seconds`
   by each thread at once. */
void tx_bench_rate_operations(tx_bench_result *result, const tx_bench_peaks *peaks, tx_bench_format format,
                              double work, double seconds);
void tx_bench_rate_bytes(tx_bench_result *result, const tx_bench_peaks *peaks, tx_bench_memory memory,
                         double work, double seconds);
/* Prints the table (to standard error if json is "-", which sends the document to standard output), writes
   the document unless `json` is "", and frees the results. False, after a message, when the document could
   not be written. */
bool tx_bench_report_close(tx_bench_report *report, const char *json);

#endif
