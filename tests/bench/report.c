#include "report.h"

#include "bench.h"

#include "base/bytes.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <taxamba/runtime.h>
#include <taxamba/version.h>
#include <time.h>

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#elif defined(__GNUC__)
#define COMPILER "gcc " __VERSION__
#else
#define COMPILER "unknown"
#endif

void tx_bench_report_add(tx_bench_report *report, const tx_bench_result *result)
{
  if (!tx_reserve(&report->results, &report->capacity, report->count + 1, sizeof *report->results))
    tx_bench_must(NULL);
  report->results[report->count++] = *result;
}

void tx_bench_report_peaks(tx_bench_report *report, const tx_bench_peaks *peaks)
{
  for (tx_bench_format format = 0; format < TX_BENCH_FORMATS; format++) {
    tx_bench_result r = {.threads = peaks->threads, .value = peaks->operations[format] * 1e-9};
    r.unit = format == TX_BENCH_INT8 ? "Gop/s" : "GFLOP/s";
    snprintf(r.name, sizeof r.name, "peak %s, %s", tx_bench_format_name(format), peaks->instruction[format]);
    tx_bench_report_add(report, &r);
  }
  for (tx_bench_memory memory = 0; memory < TX_BENCH_MEMORIES; memory++) {
    tx_bench_result r = {.threads = peaks->threads, .value = peaks->bytes[memory] * 1e-9, .unit = "GB/s"};
    snprintf(r.name, sizeof r.name, "peak %s, triad of %zu KiB", tx_bench_memory_name(memory),
             peaks->triad_bytes[memory] / 1024);
    tx_bench_report_add(report, &r);
  }
}

void tx_bench_rate_operations(tx_bench_result *result, const tx_bench_peaks *peaks, tx_bench_format format,
                              double work, double seconds)
{
  const double rate = (double)peaks->threads * work / seconds, peak = peaks->operations[format];
  result->threads = peaks->threads;
  result->value = rate * 1e-9;
  result->unit = format == TX_BENCH_INT8 ? "Gop/s" : "GFLOP/s";
  result->seconds = seconds;
  result->work = work;
  result->work_unit = format == TX_BENCH_INT8 ? "op" : "FLOP";
  result->peak = peak > 0 ? tx_bench_format_name(format) : NULL;
  result->share = peak > 0 ? rate / peak : 0;
}

void tx_bench_rate_bytes(tx_bench_result *result, const tx_bench_peaks *peaks, tx_bench_memory memory,
                         double work, double seconds)
{
  const double rate = (double)peaks->threads * work / seconds;
  result->threads = peaks->threads;
  result->value = rate * 1e-9;
  result->unit = "GB/s";
  result->seconds = seconds;
  result->work = work;
  result->work_unit = "byte";
  result->peak = tx_bench_memory_name(memory);
  result->share = rate / peaks->bytes[memory];
}

/* ---- the table ---- */

static void print_number(FILE *file, int decimals, double value)
{
  if (value > 0)
    fprintf(file, "%12.*f", decimals, value);
  else
    fprintf(file, "%12s", "");
}

static void print_table(FILE *file, const tx_bench_report *report)
{
  int width = (int)strlen(report->program);
  for (size_t i = 0; i < report->count; i++) {
    const int length = (int)strlen(report->results[i].name);
    if (length > width) width = length;
  }
  fprintf(file, "%-*s %7s %11s %-11s%12s%12s  %s\n", width, report->program, "threads", "value", "",
          "us/call", "ns/element", "share of peak");
  for (size_t i = 0; i < report->count; i++) {
    const tx_bench_result *r = &report->results[i];
    fprintf(file, "%-*s %7zu ", width, r->name, r->threads);
    if (r->value > 0)
      fprintf(file, "%11.*f %-11s", r->value < 10 ? 3 : 1, r->value, r->unit);
    else
      fprintf(file, "%11s", "none");
    if (r->seconds > 0 || r->peak) print_number(file, 2, r->seconds * 1e6);
    if (r->elements > 0 || r->peak)
      print_number(file, 3, r->elements > 0 ? r->seconds * 1e9 / r->elements : 0);
    if (r->peak) fprintf(file, " %5.1f %% of %s", 100 * r->share, r->peak);
    fputc('\n', file);
  }
  fputc('\n', file);
}

/* ---- the document ---- */

static void json_text(tx_bytes *out, const char *key, const char *value)
{
  tx_bytes_json_string(out, key, strlen(key));
  tx_bytes_text(out, ": ");
  tx_bytes_json_string(out, value, strlen(value));
}

/* Nothing if the figure does not apply; JSON has no infinity. */
static void json_number(tx_bytes *out, const char *key, double value)
{
  if (value > 0 && isfinite(value)) tx_bytes_printf(out, ", \"%s\": %.8g", key, value);
}

static void json_optional(tx_bytes *out, const char *key, const char *value)
{
  if (!value) return;
  tx_bytes_text(out, ", ");
  json_text(out, key, value);
}

/* The processor's name as Linux tells it, "unknown" elsewhere. */
static void processor_name(char name[256])
{
  FILE *file = fopen("/proc/cpuinfo", "re");
  char line[256];
  snprintf(name, 256, "unknown");
  while (file && fgets(line, sizeof line, file)) {
    char *value = strchr(line, ':');
    if (strncmp(line, "model name", 10) != 0 || !value) continue;
    value += 1 + strspn(value + 1, " \t");
    value[strcspn(value, "\n")] = 0;
    memcpy(name, value, strlen(value) + 1);
    break;
  }
  if (file) fclose(file);
}

static void json_head(tx_bytes *out, const char *program)
{
  const time_t now = time(NULL);
  struct tm utc;
  char text[256];
  tx_bytes_text(out, "{");
  json_text(out, "program", program);
  strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
  json_optional(out, "date", text);
  processor_name(text);
  tx_bytes_text(out, ",\n \"machine\": {");
  json_text(out, "cpu", text);
  tx_bytes_printf(out, ", \"processors\": %zu", tx_processors());
  json_optional(out, "level", tx_cpu());
  tx_bytes_text(out, "},\n \"versions\": {");
  json_text(out, "taxamba", TX_VERSION);
  json_optional(out, "libraries", tx_libraries());
  json_optional(out, "compiler", COMPILER);
  tx_bytes_text(out, "},\n \"results\": [");
}

static void json_result(tx_bytes *out, const tx_bench_result *r)
{
  json_text(out, "name", r->name);
  json_number(out, "threads", (double)r->threads);
  tx_bytes_printf(out, ", \"value\": %.8g", isfinite(r->value) ? r->value : 0);
  json_optional(out, "unit", r->unit);
  json_number(out, "seconds", r->seconds);
  json_number(out, "elements", r->elements);
  json_number(out, "work", r->work);
  json_optional(out, "work_unit", r->work_unit);
  json_optional(out, "peak", r->peak);
  json_number(out, "share", r->share);
}

static bool write_json(const tx_bench_report *report, const char *path)
{
  const bool standard = !strcmp(path, "-");
  tx_bytes out = {0};
  FILE *file;
  bool written;
  json_head(&out, report->program);
  for (size_t i = 0; i < report->count; i++) {
    tx_bytes_text(&out, i ? ",\n  {" : "\n  {");
    json_result(&out, &report->results[i]);
    tx_bytes_text(&out, "}");
  }
  tx_bytes_text(&out, "\n]}\n");
  file = out.failed ? NULL : standard ? stdout : fopen(path, "we");
  written = file && fwrite(out.data, 1, out.size, file) == out.size && !fflush(file);
  if (file && !standard && fclose(file)) written = false;
  tx_bytes_free(&out);
  if (!written) fprintf(stderr, "%s: cannot write %s\n", report->program, path);
  return written;
}

bool tx_bench_report_close(tx_bench_report *report, const char *json)
{
  bool written = true;
  print_table(strcmp(json, "-") ? stdout : stderr, report);
  if (*json) written = write_json(report, json);
  free(report->results);
  *report = (tx_bench_report){0};
  return written;
}
