/* Lines and points of series. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/drawing.h"
#include "report/figures.h"

enum { SERIES_MAX = 16, VALUES_MAX = 40, MARKS_MAX = 150, LINE_MARKS_MAX = 80 };

typedef struct plot_series {
  const char *name, *set; /* texts of the numbers; set NULL: none */
  size_t rows;
} plot_series;

/* A plot while it is drawn. */
typedef struct plotting {
  tx_drawing drawing;
  const tx_plot *plot;
  const tx_chart *figure;
  const tx_numbers *numbers;
  plot_series series[SERIES_MAX];
  size_t series_count;
  bool more;                      /* series that have no place */
  const char *values[VALUES_MAX]; /* of x where it is a text */
  size_t value_count;
} plotting;

static const tx_cell *cell_of(const plotting *p, size_t row, int column)
{
  return tx_numbers_at(p->numbers, row, (size_t)column);
}

static double number_of(const plotting *p, size_t row, int column)
{
  return column < 0 ? NAN : cell_of(p, row, column)->number;
}

/* The series of a row, -1 beyond the last that has a place. */
static int series_of(plotting *p, size_t row)
{
  const char *name = cell_of(p, row, p->plot->series)->text;
  const char *set = p->plot->set < 0 ? NULL : cell_of(p, row, p->plot->set)->text;
  size_t s = 0;
  while (s < p->series_count && (p->series[s].name != name || p->series[s].set != set)) s++;
  if (s == SERIES_MAX) return -1;
  if (s == p->series_count) p->series[p->series_count++] = (plot_series){name, set, 0};
  return (int)s;
}

static int value_of(plotting *p, size_t row)
{
  const char *text = cell_of(p, row, p->plot->x)->text;
  size_t v = 0;
  while (v < p->value_count && p->values[v] != text) v++;
  if (v == VALUES_MAX) return -1;
  if (v == p->value_count) p->values[p->value_count++] = text;
  return (int)v;
}

static bool has_texts(const plotting *p)
{
  return cell_of(p, 0, p->plot->x)->text != NULL;
}

static void include(tx_scale *scale, double value)
{
  if (!isfinite(value)) return;
  if (!(scale->low <= value)) scale->low = value;
  if (!(scale->high >= value)) scale->high = value;
}

/* Looks through the rows: series, values and bounds. */
static void measure(plotting *p)
{
  tx_scale *x = &p->drawing.x, *y = &p->drawing.y;
  x->low = x->high = y->low = y->high = NAN;
  for (size_t row = 0; row < tx_numbers_rows(p->numbers); row++) {
    const int s = series_of(p, row);
    p->more = p->more || s < 0;
    if (s < 0) continue;
    p->series[s].rows++;
    if (has_texts(p))
      value_of(p, row);
    else
      include(x, number_of(p, row, p->plot->x));
    include(y, number_of(p, row, p->plot->y));
    include(y, number_of(p, row, p->plot->low));
    include(y, number_of(p, row, p->plot->high));
  }
  if (has_texts(p)) {
    x->low = -0.5;
    x->high = (double)p->value_count - 0.5;
  }
  x->log = p->plot->log_x && x->low > 0;
  if (p->plot->unit_x) x->low = 0, x->high = 1;
  if (p->plot->fitted_y) {
    tx_scale_widen(y, 6);
    y->low = fmax(0, y->low);
    y->high = fmin(1, y->high);
  } else if (p->plot->unit_y) {
    y->low = 0, y->high = 1;
  } else {
    y->low = fmin(0, y->low);
    tx_scale_widen(y, 6);
  }
}

static double x_of(plotting *p, size_t row, int s)
{
  double at, step;
  if (!has_texts(p)) return tx_scale_at(&p->drawing.x, number_of(p, row, p->plot->x));
  at = tx_scale_at(&p->drawing.x, value_of(p, row));
  step = (p->drawing.right - p->drawing.left) / (double)p->value_count * 0.7 / (double)p->series_count;
  if (step > 11) step = 11;
  return at + ((double)s - ((double)p->series_count - 1) / 2) * step;
}

static void name_series(const plotting *p, int s, char *text, size_t size)
{
  const plot_series *series = &p->series[s];
  if (series->set && *series->set)
    snprintf(text, size, "%s, %s", series->name, series->set);
  else
    snprintf(text, size, "%s", series->name);
}

/* What a row says: "test, all taxa: rank genus, accuracy 0.981 (0.970 to 0.989)". */
static void describe_row(const plotting *p, size_t row, int s, char *text, size_t size)
{
  const tx_plot *plot = p->plot;
  const tx_column *columns = p->numbers->columns;
  char name[300], x[80], y[80], low[80] = "", high[80] = "";
  name_series(p, s, name, sizeof name);
  tx_cell_text(cell_of(p, row, plot->x), columns[plot->x].decimals, x, sizeof x);
  tx_cell_text(cell_of(p, row, plot->y), columns[plot->y].decimals, y, sizeof y);
  if (plot->low >= 0 && isfinite(number_of(p, row, plot->low))) {
    tx_cell_text(cell_of(p, row, plot->low), columns[plot->low].decimals, low, sizeof low);
    tx_cell_text(cell_of(p, row, plot->high), columns[plot->high].decimals, high, sizeof high);
  }
  snprintf(text, size, *low ? "%s: %s %s, %s %s (%s to %s)" : "%s: %s %s, %s %s", name, plot->x_label, x,
           plot->y_label, y, low, high);
}

static void draw_line(plotting *p, int s)
{
  bool begun = false;
  tx_markup(p->drawing.out, "<path class=\"line\" d=\"");
  for (size_t row = 0; row < tx_numbers_rows(p->numbers); row++) {
    const double y = number_of(p, row, p->plot->y);
    if (series_of(p, row) != s || !isfinite(y)) continue;
    tx_markup(p->drawing.out, begun ? "L%c %c" : "M%c %c", x_of(p, row, s), tx_scale_at(&p->drawing.y, y));
    begun = true;
  }
  tx_markup(p->drawing.out, "\"/>");
}

static void draw_row(plotting *p, size_t row, int s, double largest)
{
  const double x = x_of(p, row, s), y = tx_scale_at(&p->drawing.y, number_of(p, row, p->plot->y));
  const double low = number_of(p, row, p->plot->low), high = number_of(p, row, p->plot->high);
  const double weight = number_of(p, row, p->plot->weight);
  const double radius = weight >= 0 && largest > 0 ? 2.5 + 6 * sqrt(weight / largest) : 4;
  char label[700];
  describe_row(p, row, s, label, sizeof label);
  tx_mark_begin(&p->drawing, s, label);
  if (isfinite(low) && isfinite(high))
    tx_markup(p->drawing.out, "<path class=\"whisker\" d=\"M%c %cV%c\"/>", x, tx_scale_at(&p->drawing.y, low),
              tx_scale_at(&p->drawing.y, high));
  tx_mark_shape(p->drawing.out, s, x, y, radius);
  tx_mark_end(&p->drawing, label);
}

static void draw_series(plotting *p, int s, bool points, double largest)
{
  char label[400], name[300];
  if (p->plot->lines) {
    name_series(p, s, name, sizeof name);
    snprintf(label, sizeof label, "%s: %zu points", name, p->series[s].rows);
    if (points)
      tx_markup(p->drawing.out, "<g class=\"s%d\">", s % TX_SERIES_STYLES);
    else
      tx_mark_begin(&p->drawing, s, label);
    draw_line(p, s);
    if (points)
      tx_markup(p->drawing.out, "</g>\n");
    else
      tx_mark_end(&p->drawing, label);
  }
  for (size_t row = 0; row < tx_numbers_rows(p->numbers) && points; row++)
    if (series_of(p, row) == s && isfinite(number_of(p, row, p->plot->y))) draw_row(p, row, s, largest);
}

static void draw_names(plotting *p)
{
  for (size_t v = 0; v < p->value_count; v++) {
    tx_markup(p->drawing.out, "<text class=\"tick\" x=\"%c\" y=\"%c\" text-anchor=\"middle\">",
              tx_scale_at(&p->drawing.x, (double)v), p->drawing.bottom + 15);
    tx_markup_short(p->drawing.out, p->values[v], 60 / p->value_count + 4);
    tx_markup(p->drawing.out, "</text>\n");
  }
  tx_markup(p->drawing.out, "<text class=\"axis\" x=\"%c\" y=\"%c\" text-anchor=\"middle\">%s</text>\n",
            (p->drawing.left + p->drawing.right) / 2, p->drawing.bottom + 32, p->plot->x_label);
}

void tx_draw_plot(const tx_chart *figure, const tx_numbers *numbers, tx_bytes *out)
{
  plotting p = {.plot = figure->opt_plot, .figure = figure, .numbers = numbers};
  tx_drawing *d = &p.drawing;
  char description[200];
  bool points;
  double largest = 0;
  *d = (tx_drawing){.out = out,
                    .width = TX_DRAWING_WIDTH,
                    .height = 310,
                    .left = 46,
                    .right = TX_DRAWING_WIDTH - 14,
                    .top = 40,
                    .bottom = 268};
  measure(&p);
  d->x.from = d->left, d->x.to = d->right;
  d->y.from = d->bottom, d->y.to = d->top;
  points = tx_numbers_rows(numbers) <= (p.plot->lines ? LINE_MARKS_MAX : MARKS_MAX);
  for (size_t row = 0; row < tx_numbers_rows(numbers); row++)
    largest = fmax(largest, number_of(&p, row, p.plot->weight));
  tx_legend_begin(out);
  for (size_t s = 0; s < p.series_count; s++) {
    char name[300];
    name_series(&p, (int)s, name, sizeof name);
    tx_legend_item(out, (int)s, p.plot->lines, points, name);
  }
  if (p.more) tx_markup(out, "<li>More series are in the numbers below.</li>");
  tx_legend_end(out);
  snprintf(description, sizeof description, "%s against %s, %zu series", p.plot->y_label, p.plot->x_label,
           p.series_count);
  tx_drawing_begin(d, figure->title, description);
  tx_drawing_axes(d, has_texts(&p) ? NULL : p.plot->x_label, p.plot->y_label);
  if (has_texts(&p)) draw_names(&p);
  if (p.plot->diagonal)
    tx_markup(out, "<path class=\"reference\" d=\"M%c %cL%c %c\"/>\n", d->left, d->bottom, d->right, d->top);
  for (size_t s = 0; s < p.series_count; s++) draw_series(&p, (int)s, points, largest);
  tx_drawing_end(d);
}
