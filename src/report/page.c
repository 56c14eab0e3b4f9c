#include "report/page.h"

#include <string.h>

#include "report/figures.h"
#include "report/markup.h"
#include "report/style.h"

#include <taxamba/version.h>

enum { ROWS_SHOWN = 200 };

static const char *const part_titles[TX_PARTS] = {"Classified samples", "Evaluation",
                                                  "Embeddings and clusters", "Training"};
static const char *const part_names[TX_PARTS] = {"samples", "evaluation", "clusters", "training"};

static bool has_part(const tx_result_report *report, tx_report_part part)
{
  for (size_t i = 0; i < report->figure_count; i++)
    if (report->figures[i].kind->part == part) return true;
  return false;
}

static void put_head(const tx_result_report *report, tx_bytes *out)
{
  tx_markup(out,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
            "'unsafe-inline'; img-src data:\">\n<meta name=\"generator\" content=\"taxamba %s\">\n"
            "<link rel=\"icon\" href=\"data:,\">\n<title>%s</title>\n<style>",
            tx_version(), report->title);
  for (size_t i = 0; tx_report_style[i]; i++) tx_bytes_text(out, tx_report_style[i]);
  tx_markup(out, "</style>\n</head>\n<body>\n");
  tx_markup(out,
            "<header><h1>%s</h1>\n<p class=\"lead\">%u figures from %u files. Every figure has its numbers "
            "below it; its marks can be reached with the Tab key.</p>\n<nav aria-label=\"Figures\"><ul>",
            report->title, report->figure_count, report->input_count);
  for (size_t i = 0; i < report->figure_count; i++)
    tx_markup(out, "<li><a href=\"#%s\">%s</a></li>", report->figures[i].kind->name,
              report->figures[i].kind->title);
  tx_markup(out, "<li><a href=\"#inputs\">Command and inputs</a></li></ul></nav></header>\n<main>\n");
}

static void put_figure(const tx_report_figure *figure, tx_bytes *out)
{
  const tx_chart *kind = figure->kind;
  const size_t rows = tx_numbers_rows(&figure->numbers);
  tx_markup(out, "<figure class=\"card%m\" id=\"%s\"><figcaption><h3>%s</h3><p>%m</p></figcaption>\n",
            kind->wide ? " wide" : "", kind->name, kind->title, kind->explanation);
  if (kind->opt_draw) kind->opt_draw(kind, &figure->numbers, out);
  if (figure->numbers.note[0]) tx_markup(out, "<p class=\"note\">%s</p>\n", figure->numbers.note);
  tx_markup(out,
            "<details><summary>Numbers (%u %m)</summary><div class=\"scroll\" tabindex=\"0\" role=\"region\" "
            "aria-label=\"Numbers: %s\">",
            rows, rows == 1 ? "row" : "rows", kind->title);
  tx_numbers_html(&figure->numbers, kind->title, ROWS_SHOWN, out);
  tx_markup(out, "</div></details></figure>\n");
}

static void put_inputs(const tx_result_report *report, tx_bytes *out)
{
  tx_markup(out, "<section aria-labelledby=\"inputs\"><h2 id=\"inputs\">Command and inputs</h2>\n<div "
                 "class=\"card\">\n");
  if (report->command) tx_markup(out, "<pre>%s</pre>\n", report->command);
  tx_markup(
      out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Inputs\"><table><caption>Inputs"
           "</caption><thead><tr><th scope=\"col\">file</th><th scope=\"col\">what</th><th scope=\"col\" "
           "class=\"n\">bytes</th><th scope=\"col\">SHA-256</th></tr></thead><tbody>\n");
  for (size_t i = 0; i < report->input_count; i++) {
    const tx_report_input *input = &report->inputs[i];
    tx_markup(
        out, "<tr><th scope=\"row\">%s</th><td>%s</td><td class=\"n\">%u</td><td><code>%s</code></td></tr>\n",
        input->path, input->kind, (size_t)input->size, input->sha256);
  }
  tx_markup(out, "</tbody></table></div></div></section>\n");
}

void tx_report_page(const tx_result_report *report, tx_bytes *out)
{
  put_head(report, out);
  for (int part = 0; part < TX_PARTS; part++) {
    if (!has_part(report, (tx_report_part)part)) continue;
    tx_markup(out, "<section aria-labelledby=\"%s\"><h2 id=\"%s\">%s</h2>\n<div class=\"cards\">\n",
              part_names[part], part_names[part], part_titles[part]);
    for (size_t i = 0; i < report->figure_count; i++)
      if (report->figures[i].kind->part == (tx_report_part)part) put_figure(&report->figures[i], out);
    tx_markup(out, "</div></section>\n");
  }
  put_inputs(report, out);
  tx_markup(out,
            "</main>\n<footer>Made by taxamba %s. The numbers of the figures can be written with --tsv and "
            "--json.</footer>\n</body>\n</html>\n",
            tx_version());
}

static void put_member(tx_bytes *out, const char *name, const char *text)
{
  tx_bytes_printf(out, ",\"%s\":", name);
  tx_bytes_json_string(out, text, strlen(text));
}

void tx_report_json(const tx_result_report *report, tx_bytes *out)
{
  tx_bytes_text(out, "{\"version\":");
  tx_bytes_json_string(out, tx_version(), strlen(tx_version()));
  put_member(out, "title", report->title);
  if (report->command) put_member(out, "command", report->command);
  tx_bytes_text(out, ",\"inputs\":[");
  for (size_t i = 0; i < report->input_count; i++) {
    const tx_report_input *input = &report->inputs[i];
    tx_bytes_text(out, i ? ",\n{\"path\":" : "\n{\"path\":");
    tx_bytes_json_string(out, input->path, strlen(input->path));
    put_member(out, "kind", input->kind);
    tx_bytes_printf(out, ",\"bytes\":%llu", (unsigned long long)input->size);
    put_member(out, "sha256", input->sha256);
    tx_bytes_text(out, "}");
  }
  tx_bytes_text(out, "],\"figures\":[");
  for (size_t i = 0; i < report->figure_count; i++) {
    const tx_report_figure *figure = &report->figures[i];
    tx_bytes_text(out, i ? ",\n{\"figure\":" : "\n{\"figure\":");
    tx_bytes_json_string(out, figure->kind->name, strlen(figure->kind->name));
    put_member(out, "title", figure->kind->title);
    put_member(out, "note", figure->numbers.note);
    tx_bytes_text(out, ",");
    tx_numbers_json(&figure->numbers, out);
    tx_bytes_text(out, "}");
  }
  tx_bytes_text(out, "]}\n");
}
