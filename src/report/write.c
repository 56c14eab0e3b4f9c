/* Makes the figures of a report, and writes its files. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "report/figures.h"
#include "report/page.h"

tx_status tx_report_finish(tx_result_report *report, tx_error *error)
{
  size_t count;
  const tx_chart *figures = tx_charts(&count);
  report->figures = calloc(count, sizeof *report->figures);
  if (!report->figures) return tx_fail_memory(error, "the figures");
  for (size_t i = 0; i < count; i++) {
    tx_report_figure *figure = &report->figures[report->figure_count];
    tx_status status;
    if (!figures[i].needs(report)) continue;
    figure->kind = &figures[i];
    status = tx_numbers_begin(&figure->numbers, figures[i].columns, figures[i].column_count, error);
    if (status == TX_OK) status = figures[i].collect(report, &figure->numbers, error);
    if (status == TX_OK && figure->numbers.failed) status = tx_fail_memory(error, "the numbers of a figure");
    if (status != TX_OK || !tx_numbers_rows(&figure->numbers))
      tx_numbers_free(&figure->numbers);
    else
      report->figure_count++;
    if (status != TX_OK) return status;
  }
  if (report->figure_count) return TX_OK;
  return tx_fail(error, TX_ERROR_DATA, "nothing to show: the inputs have no record and no score");
}

size_t tx_report_figure_count(const tx_result_report *report)
{
  return report->figure_count;
}

const char *tx_report_figure_name(const tx_result_report *report, size_t figure)
{
  return report->figures[figure].kind->name;
}

/* The files of a report while they are written. */
typedef struct writing {
  tx_output **outputs;
  size_t count;
  const volatile int *opt_stop;
} writing;

static tx_status write_bytes(writing *to, const char *path, const tx_bytes *content, tx_error *error)
{
  tx_status status = content->failed ? tx_fail_memory(error, "the report")
                                     : tx_output_open(path, to->opt_stop, &to->outputs[to->count], error);
  if (status != TX_OK) return status;
  to->count++;
  return tx_output_write(to->outputs[to->count - 1], content->data, content->size, error);
}

static tx_status write_tables(const tx_result_report *report, const char *folder, writing *to,
                              tx_error *error)
{
  tx_status status = TX_OK;
  for (size_t i = 0; i < report->figure_count && status == TX_OK; i++) {
    tx_bytes path = {0}, content = {0};
    tx_bytes_printf(&path, "%s/%s.tsv", folder, report->figures[i].kind->name);
    tx_numbers_tsv(&report->figures[i].numbers, &content);
    status = path.failed ? tx_fail_memory(error, "the report") : write_bytes(to, path.data, &content, error);
    tx_bytes_free(&path);
    tx_bytes_free(&content);
  }
  return status;
}

tx_status tx_report_write(const tx_result_report *report, const tx_report_files *files, tx_error *error)
{
  static void (*const makers[])(const tx_result_report *report, tx_bytes *out) = {tx_report_page,
                                                                                  tx_report_json};
  const char *const paths[] = {files->html, files->json};
  writing to = {calloc(report->figure_count + 2, sizeof(tx_output *)), 0, files->opt_stop};
  tx_status status = to.outputs ? TX_OK : tx_fail_memory(error, "the report");
  for (size_t i = 0; i < 2 && status == TX_OK; i++) {
    tx_bytes content = {0};
    if (!paths[i] || !*paths[i]) continue;
    makers[i](report, &content);
    status = write_bytes(&to, paths[i], &content, error);
    tx_bytes_free(&content);
  }
  if (status == TX_OK && files->tsv_folder && *files->tsv_folder)
    status = write_tables(report, files->tsv_folder, &to, error);
  if (status == TX_OK)
    status = tx_outputs_commit(to.outputs, to.count, error);
  else
    for (size_t i = 0; i < to.count; i++) tx_output_abort(to.outputs[i]);
  free(to.outputs);
  return status;
}
