/* Bars: one a row, stacks, and histograms. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/drawing.h"
#include "report/figures.h"

enum { BARS_MAX = 20, STACKS_MAX = 120, NAMES_MAX = 16, LINE_BYTES = 60 };

/* The number of texts at the start of a row: what the row is called. */
static size_t label_count(const tx_numbers *numbers)
{
  size_t count = 0;
  while (count < numbers->column_count && numbers->columns[count].decimals < 0) count++;
  return count;
}

static double largest_of(const tx_numbers *numbers, size_t column)
{
  double largest = 0;
  for (size_t row = 0; row < tx_numbers_rows(numbers); row++)
    largest = fmax(largest, tx_numbers_at(numbers, row, column)->number);
  return largest;
}

/* A lineage that is too long for its line loses its upper names. */
static void put_lineage_end(tx_bytes *out, const char *text)
{
  const char *from = text;
  while (strlen(from) > LINE_BYTES && strstr(from, "; ")) from = strstr(from, "; ") + 2;
  if (from != text) tx_bytes_text(out, "\xe2\x80\xa6 ");
  tx_markup_short(out, from, LINE_BYTES);
}

/* Whether the last column says something in one of the first rows. */
static bool has_flags(const tx_numbers *numbers, size_t rows)
{
  for (size_t row = 0; row < rows; row++)
    if (*tx_numbers_at(numbers, row, numbers->column_count - 1)->text) return true;
  return false;
}

void tx_draw_bars(const tx_chart *figure, const tx_numbers *numbers, tx_bytes *out)
{
  const size_t rows = tx_numbers_rows(numbers), labels = label_count(numbers);
  const size_t drawn = rows < BARS_MAX ? rows : BARS_MAX;
  const double each = 14.0 * (double)labels + 22, largest = largest_of(numbers, labels);
  const size_t last = numbers->column_count - 1;
  const bool flags = last > labels && numbers->columns[last].decimals < 0;
  const bool flagged = flags && has_flags(numbers, drawn);
  tx_drawing d = {.out = out,
                  .width = TX_DRAWING_WIDTH,
                  .height = 22 + each * (double)drawn,
                  .left = 8,
                  .right = TX_DRAWING_WIDTH - (flagged ? 210 : 70)};
  char description[160];
  snprintf(description, sizeof description, "%zu bars of %s", drawn, numbers->columns[labels].name);
  d.x = (tx_scale){0, largest, d.left, d.right, false};
  tx_drawing_begin(&d, figure->title, description);
  for (size_t row = 0; row < drawn; row++) {
    const tx_cell *value = tx_numbers_at(numbers, row, labels);
    const char *flag = flags ? tx_numbers_at(numbers, row, last)->text : "";
    const double top = 20 + each * (double)row, bar = top + 14 * (double)labels + 2;
    char number[80], label[900];
    tx_cell_text(value, numbers->columns[labels].decimals, number, sizeof number);
    snprintf(label, sizeof label, "%s%s%s: %s %s%s%s", tx_numbers_at(numbers, row, 0)->text,
             labels > 1 ? " \xe2\x86\x92 " : "", labels > 1 ? tx_numbers_at(numbers, row, 1)->text : "",
             number, numbers->columns[labels].name, *flag ? ", " : "", flag);
    tx_mark_begin(&d, *flag ? 1 : 0, label);
    for (size_t l = 0; l < labels; l++) {
      tx_markup(out, "<text class=\"name\" x=\"%c\" y=\"%c\">%m", d.left, top + 14 * (double)l + 10,
                l ? "\xe2\x86\x92 " : "");
      put_lineage_end(out, tx_numbers_at(numbers, row, l)->text);
      tx_markup(out, "</text>");
    }
    tx_markup(out, "<rect class=\"fill\" x=\"%c\" y=\"%c\" width=\"%c\" height=\"9\"/>", d.left, bar,
              fmax(1, tx_scale_at(&d.x, value->number) - d.left));
    tx_markup(out, "<text class=\"tick\" x=\"%c\" y=\"%c\">%s", tx_scale_at(&d.x, value->number) + 6, bar + 9,
              number);
    if (*flag) tx_markup(out, " \xe2\x9a\x91 %s", flag);
    tx_markup(out, "</text><title>%s</title></g>\n", label);
  }
  tx_drawing_end(&d);
}

/* The place of a text among those of a column, in their order. */
static size_t place_of(const char *names[], size_t *count, size_t most, const char *name)
{
  size_t at = 0;
  while (at < *count && names[at] != name) at++;
  if (at == *count && *count < most) names[(*count)++] = name;
  return at;
}

/* Names that are no taxon have no colour of their own. */
static const char *fill_of(size_t place, const char *name)
{
  static const char *const shades[] = {"fill", "fill b"};
  if (strcmp(name, "other taxa") == 0) return "fill rest";
  if (strcmp(name, "unclassified") == 0) return "fill none";
  return shades[place / TX_SERIES_STYLES % 2];
}

static void draw_stack_legend(const tx_numbers *numbers, tx_bytes *out)
{
  const char *names[NAMES_MAX];
  size_t count = 0;
  for (size_t row = 0; row < tx_numbers_rows(numbers); row++)
    place_of(names, &count, NAMES_MAX, tx_numbers_at(numbers, row, 1)->text);
  tx_legend_begin(out);
  for (size_t i = 0; i < count; i++)
    tx_markup(out,
              "<li><svg class=\"key s%d\" viewBox=\"0 0 26 14\" aria-hidden=\"true\"><rect class=\"%m\" "
              "x=\"6\" y=\"1\" width=\"14\" height=\"12\"/></svg>%s</li>",
              (int)(i % TX_SERIES_STYLES), fill_of(i, names[i]), names[i]);
  tx_legend_end(out);
}

/* Rows: sample, taxon, reads, share; the rows of a sample stand together. */
void tx_draw_stacks(const tx_chart *figure, const tx_numbers *numbers, tx_bytes *out)
{
  const char *names[NAMES_MAX], *sample = NULL;
  size_t count = 0, samples = 0, bar = 0;
  double at = 0;
  tx_drawing d = {
      .out = out, .width = TX_DRAWING_WIDTH, .left = 104, .right = TX_DRAWING_WIDTH - 12, .top = 22};
  for (size_t row = 0; row < tx_numbers_rows(numbers); row++)
    if (tx_numbers_at(numbers, row, 0)->text != sample) {
      sample = tx_numbers_at(numbers, row, 0)->text;
      samples++;
    }
  if (samples > STACKS_MAX) samples = STACKS_MAX;
  d.bottom = d.top + 24 * (double)samples + 4;
  d.height = d.bottom + 42;
  d.x = (tx_scale){0, 1, d.left, d.right, false};
  draw_stack_legend(numbers, out);
  tx_drawing_begin(&d, figure->title, "A bar for each sample, cut into the shares of its taxa");
  tx_drawing_axes(&d, "share of reads", NULL);
  sample = NULL;
  for (size_t row = 0; row < tx_numbers_rows(numbers); row++) {
    const char *own = tx_numbers_at(numbers, row, 0)->text, *name = tx_numbers_at(numbers, row, 1)->text;
    const size_t place = place_of(names, &count, NAMES_MAX, name);
    const double share = tx_numbers_at(numbers, row, 3)->number;
    double y, from;
    char reads[80], label[500];
    if (own != sample) {
      if (++bar > samples) break;
      sample = own;
      at = 0;
      tx_markup(out, "<text class=\"tick\" x=\"%c\" y=\"%c\" text-anchor=\"end\">", d.left - 6,
                d.top + 24 * (double)bar - 7);
      tx_markup_short(out, own, 15);
      tx_markup(out, "<title>%s</title></text>\n", own);
    }
    if (!(share > 0)) continue;
    y = d.top + 24 * (double)(bar - 1) + 3;
    from = tx_scale_at(&d.x, at);
    at += share;
    tx_number_text(tx_numbers_at(numbers, row, 2)->number, 0, reads, sizeof reads);
    snprintf(label, sizeof label, "%s, %s: %s reads, %.1f %%", own, name, reads, share * 100);
    tx_mark_begin(&d, (int)(place % TX_SERIES_STYLES), label);
    tx_markup(out, "<rect class=\"%m\" x=\"%c\" y=\"%c\" width=\"%c\" height=\"18\"/>", fill_of(place, name),
              from, y, fmax(0.4, tx_scale_at(&d.x, at) - from - 0.8));
    tx_mark_end(&d, label);
  }
  tx_drawing_end(&d);
}

/* Rows: from, to, records, reads, and whether the lengths are good ("yes", "no" or ""). */
void tx_draw_histogram(const tx_chart *figure, const tx_numbers *numbers, tx_bytes *out)
{
  const size_t rows = tx_numbers_rows(numbers);
  tx_drawing d = {.out = out,
                  .width = TX_DRAWING_WIDTH,
                  .height = 310,
                  .left = 56,
                  .right = TX_DRAWING_WIDTH - 14,
                  .top = 40,
                  .bottom = 268};
  bool judged = *tx_numbers_at(numbers, 0, 4)->text != '\0';
  d.x = (tx_scale){tx_numbers_at(numbers, 0, 0)->number, tx_numbers_at(numbers, rows - 1, 1)->number + 1,
                   d.left, d.right, false};
  d.y = (tx_scale){0, largest_of(numbers, 3), d.bottom, d.top, false};
  tx_scale_widen(&d.y, 6);
  if (judged) {
    tx_legend_begin(out);
    tx_legend_item(out, 0, false, false, "a length the answers are meant for");
    tx_legend_item(out, 1, false, false, "shorter or longer");
    tx_legend_end(out);
  }
  tx_drawing_begin(&d, figure->title, "Bars of reads against length");
  tx_drawing_axes(&d, "length in bases", "reads");
  for (size_t row = 0; row < rows; row++) {
    const double from = tx_numbers_at(numbers, row, 0)->number, to = tx_numbers_at(numbers, row, 1)->number;
    const double reads = tx_numbers_at(numbers, row, 3)->number;
    const bool bad = strcmp(tx_numbers_at(numbers, row, 4)->text, "no") == 0;
    const double x = tx_scale_at(&d.x, from), top = tx_scale_at(&d.y, reads);
    char text[80], label[200];
    if (!(reads > 0)) continue;
    tx_number_text(reads, 0, text, sizeof text);
    snprintf(label, sizeof label, "%.0f to %.0f bases: %s reads%s", from, to, text,
             bad ? ", outside of the good lengths" : "");
    tx_mark_begin(&d, bad ? 1 : 0, label);
    tx_markup(out, "<rect class=\"%m\" x=\"%c\" y=\"%c\" width=\"%c\" height=\"%c\"/>",
              bad ? "fill b" : "fill", x, fmin(top, d.bottom - 0.8),
              fmax(0.6, tx_scale_at(&d.x, to + 1) - x - 1), fmax(0.8, d.bottom - top));
    tx_mark_end(&d, label);
  }
  tx_drawing_end(&d);
}

/* Rows as the box of tx_unlike_columns; the first is all samples. */
void tx_draw_alarm(const tx_chart *figure, const tx_numbers *numbers, tx_bytes *out)
{
  const double share = tx_numbers_at(numbers, 0, 5)->number, no_call = tx_numbers_at(numbers, 0, 6)->number;
  const bool judged = strcmp(tx_numbers_at(numbers, 0, 7)->text, "yes") == 0;
  char percent[32], others[32], reads[80];
  snprintf(others, sizeof others, "%.1f %%", no_call * 100);
  if (!judged) {
    tx_markup(out,
              "<div class=\"alarm unknown\" role=\"note\" aria-label=\"%s\"><p class=\"big\">?</p><p><strong>"
              "Nothing says whether these reads are like anything known.</strong> The predictions come from "
              "a network without references: it names every read after the most similar taxon that it has "
              "learned. %s of the reads have no name.</p></div>\n",
              figure->title, others);
    return;
  }
  snprintf(percent, sizeof percent, "%.1f %%", share * 100);
  tx_number_text(tx_numbers_at(numbers, 0, 4)->number, 0, reads, sizeof reads);
  tx_markup(
      out,
      "<div class=\"alarm %m\" role=\"note\" aria-label=\"%s\"><p class=\"big\">%s</p><p><strong>of the "
      "reads are like no reference</strong> (%s reads): another marker, other organisms, chimeras or "
      "noise. They have no name, and no confidence says anything about them. %s of the reads have no "
      "name in all.%m</p></div>\n",
      share >= 0.2    ? "high"
      : share >= 0.02 ? "some"
                      : "few",
      figure->title, percent, reads, others,
      share >= 0.2 ? " <strong>Do not read the taxa below as the whole of the sample.</strong>" : "");
}
