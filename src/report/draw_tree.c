/* A taxonomy as an icicle, and points of a map. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/drawing.h"
#include "report/figures.h"

enum { DEPTH_MAX = TX_RANKS_MAX, TREE_WIDTH = 900, TREE_HEIGHT = 560, STEPS = 5, GROUPS_MAX = 10 };

/* Columns of a tree: lineage, rank, depth, taxon, count, value. */
enum { LINEAGE, RANK, DEPTH, TAXON, COUNT, VALUE };

/* Colours from dark blue (0) to yellow (1), which no colour blindness confuses, as steps; the text on them is
   white or black (report/page.c). */
static int step_of(double value)
{
  const double step = floor((1 - value) * 20); /* 5 % each: differences near 1 count most */
  if (!isfinite(value)) return STEPS;
  return step < 1 ? 4 : step < 2 ? 3 : step < 4 ? 2 : step < 10 ? 1 : 0;
}

static void draw_step_legend(tx_bytes *out)
{
  static const char *const words[STEPS] = {"below 50 %", "50 to 80 %", "80 to 90 %", "90 to 95 %",
                                           "over 95 %"};
  tx_legend_begin(out);
  for (int i = STEPS - 1; i >= 0; i--)
    tx_markup(out,
              "<li><svg class=\"key\" viewBox=\"0 0 26 14\" aria-hidden=\"true\"><rect class=\"v%d\" x=\"6\" "
              "y=\"1\" width=\"14\" height=\"12\"/></svg>%s</li>",
              i, words[i]);
  tx_legend_end(out);
}

/* One cell: its place, and what it says. */
static void draw_cell(tx_drawing *d, const tx_numbers *numbers, size_t row, const double box[4],
                      const char *look)
{
  const tx_cell *count = tx_numbers_at(numbers, row, COUNT), *value = tx_numbers_at(numbers, row, VALUE);
  const char *taxon = tx_numbers_at(numbers, row, TAXON)->text;
  const bool tall = box[3] >= 12;
  char number[80], share[80], label[900];
  tx_cell_text(count, 0, number, sizeof number);
  tx_cell_text(value, 3, share, sizeof share);
  snprintf(label, sizeof label, "%s (%s): %s %s, %s %s", tx_numbers_at(numbers, row, LINEAGE)->text,
           tx_numbers_at(numbers, row, RANK)->text, number, numbers->columns[COUNT].name,
           numbers->columns[VALUE].name, share);
  if (tall)
    tx_markup(d->out, "<g class=\"mark\" tabindex=\"0\" role=\"img\" aria-label=\"%s\">", label);
  else
    tx_markup(d->out, "<g class=\"mark\">");
  tx_markup(d->out, "<rect class=\"%m\" x=\"%c\" y=\"%c\" width=\"%c\" height=\"%c\"/>", look, box[0], box[1],
            box[2], fmax(0.4, box[3] - 0.7));
  if (tall) {
    tx_markup(d->out, "<text class=\"%m t\" x=\"%c\" y=\"%c\">", look, box[0] + 5,
              box[1] + fmin(box[3] / 2 + 4, 16));
    tx_markup_short(d->out, taxon, (size_t)(box[2] / 6.4));
    tx_markup(d->out, "</text>");
  }
  tx_markup(d->out, "<text class=\"tip\" aria-hidden=\"true\" x=\"%c\" y=\"12\" text-anchor=\"end\">",
            d->width - 4);
  tx_markup_short(d->out, label, 130);
  tx_markup(d->out, "</text></g>\n");
}

/* Names of the ranks above their columns. */
static size_t draw_ranks(tx_drawing *d, const tx_numbers *numbers)
{
  const char *ranks[DEPTH_MAX] = {NULL};
  size_t depths = 1;
  for (size_t row = 0; row < tx_numbers_rows(numbers); row++) {
    const size_t depth = (size_t)tx_numbers_at(numbers, row, DEPTH)->number;
    if (depth >= DEPTH_MAX) continue;
    if (!ranks[depth]) ranks[depth] = tx_numbers_at(numbers, row, RANK)->text;
    if (depth + 1 > depths) depths = depth + 1;
  }
  for (size_t depth = 0; depth < depths; depth++)
    tx_markup(d->out, "<text class=\"axis\" x=\"%c\" y=\"32\">%s</text>\n",
              d->left + (d->right - d->left) * (double)depth / (double)depths + 2,
              ranks[depth] ? ranks[depth] : "");
  return depths;
}

/* Rows in the order of a walk from the top: each after its parent, the last row of a lesser depth. */
void tx_draw_tree(const tx_chart *figure, const tx_numbers *numbers, tx_bytes *out)
{
  const bool valued = strcmp(numbers->columns[VALUE].name, "accuracy") == 0;
  tx_drawing d = {.out = out,
                  .width = TREE_WIDTH,
                  .height = TREE_HEIGHT,
                  .left = 4,
                  .right = TREE_WIDTH - 4,
                  .top = 38,
                  .bottom = TREE_HEIGHT - 4};
  double next[DEPTH_MAX + 1] = {0}, total = 0, column;
  int group = -1;
  size_t depths;
  for (size_t row = 0; row < tx_numbers_rows(numbers); row++)
    if (tx_numbers_at(numbers, row, DEPTH)->number == 0) total += tx_numbers_at(numbers, row, COUNT)->number;
  if (valued) draw_step_legend(out);
  tx_markup(out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">", figure->title);
  tx_markup(
      out,
      "<svg viewBox=\"0 0 %c %c\" role=\"group\" aria-label=\"%s. A column for each rank; the height of "
      "a cell is the share of its taxon\" class=\"plot tree\">\n",
      d.width, d.height, figure->title);
  depths = draw_ranks(&d, numbers);
  column = (d.right - d.left) / (double)depths;
  for (size_t row = 0; row < tx_numbers_rows(numbers); row++) {
    const size_t depth = (size_t)tx_numbers_at(numbers, row, DEPTH)->number;
    const double height =
        (d.bottom - d.top) * tx_numbers_at(numbers, row, COUNT)->number / fmax(total, 1e-300);
    const char *taxon = tx_numbers_at(numbers, row, TAXON)->text;
    char look[16];
    if (depth >= DEPTH_MAX) continue;
    if (depth == 0) group++;
    if (valued)
      snprintf(look, sizeof look, "v%d", step_of(tx_numbers_at(numbers, row, VALUE)->number));
    else if (strcmp(taxon, "unclassified") == 0)
      snprintf(look, sizeof look, "wx");
    else
      snprintf(look, sizeof look, "w%d", group % TX_SERIES_STYLES);
    draw_cell(&d, numbers, row,
              (const double[4]){d.left + column * (double)depth, d.top + next[depth], column - 1, height},
              look);
    next[depth + 1] = next[depth];
    next[depth] += height;
  }
  tx_drawing_end(&d);
  tx_markup(out, "</div>");
}

/* The path of all points of a group: dots are ends of lines without length. */
static void draw_group(tx_drawing *d, const tx_numbers *numbers, int style, const char *group)
{
  char label[300];
  size_t count = 0;
  for (size_t row = 0; row < tx_numbers_rows(numbers); row++)
    count += tx_numbers_at(numbers, row, 3)->text == group;
  snprintf(label, sizeof label, "%s: %zu points", group, count);
  tx_mark_begin(d, style, label);
  tx_markup(d->out, "<path class=\"%m\" d=\"", strcmp(group, "others") == 0 ? "points rest" : "points");
  for (size_t row = 0; row < tx_numbers_rows(numbers); row++)
    if (tx_numbers_at(numbers, row, 3)->text == group)
      tx_markup(d->out, "M%c %ch0", tx_scale_at(&d->x, tx_numbers_at(numbers, row, 1)->number),
                tx_scale_at(&d->y, tx_numbers_at(numbers, row, 2)->number));
  tx_markup(d->out, "\"/>");
  tx_mark_end(d, label);
}

/* Rows: record, x, y, group. */
void tx_draw_map(const tx_chart *figure, const tx_numbers *numbers, tx_bytes *out)
{
  const char *groups[GROUPS_MAX];
  size_t count = 0;
  tx_drawing d = {.out = out,
                  .width = TX_DRAWING_WIDTH,
                  .height = 430,
                  .left = 16,
                  .right = TX_DRAWING_WIDTH - 10,
                  .top = 24,
                  .bottom = 400};
  d.x = (tx_scale){NAN, NAN, d.left + 8, d.right - 8, false};
  d.y = (tx_scale){NAN, NAN, d.bottom - 8, d.top + 8, false};
  for (size_t row = 0; row < tx_numbers_rows(numbers); row++) {
    const double x = tx_numbers_at(numbers, row, 1)->number, y = tx_numbers_at(numbers, row, 2)->number;
    const char *group = tx_numbers_at(numbers, row, 3)->text;
    size_t at = 0;
    d.x.low = fmin(d.x.low, x), d.x.high = fmax(d.x.high, x);
    d.y.low = fmin(d.y.low, y), d.y.high = fmax(d.y.high, y);
    while (at < count && groups[at] != group) at++;
    if (at == count && count < GROUPS_MAX) groups[count++] = group;
  }
  tx_legend_begin(out);
  for (size_t g = 0; g < count; g++)
    tx_markup(out,
              "<li><svg class=\"key s%d\" viewBox=\"0 0 26 14\" aria-hidden=\"true\"><path class=\"%m\" "
              "d=\"M9 8h0M16 5h0M17 10h0\"/></svg>%s</li>",
              (int)g % TX_SERIES_STYLES, strcmp(groups[g], "others") == 0 ? "points rest" : "points",
              groups[g]);
  tx_legend_end(out);
  tx_drawing_begin(&d, figure->title, "Points in two dimensions, near where records are similar");
  tx_markup(out,
            "<path class=\"frame\" d=\"M%c %cV%cH%c\"/><text class=\"axis\" x=\"%c\" y=\"%c\" "
            "text-anchor=\"middle\">first coordinate</text><text class=\"axis\" x=\"4\" y=\"14\">second "
            "coordinate</text>\n",
            d.left, d.top, d.bottom, d.right, (d.left + d.right) / 2, d.bottom + 18);
  for (size_t g = count; g-- > 0;)
    if (strcmp(groups[g], "others") == 0) draw_group(&d, numbers, (int)g, groups[g]);
  for (size_t g = 0; g < count; g++)
    if (strcmp(groups[g], "others") != 0) draw_group(&d, numbers, (int)g, groups[g]);
  tx_drawing_end(&d);
}
