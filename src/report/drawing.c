#include "report/drawing.h"

#include <math.h>
#include <stdio.h>

void tx_drawing_begin(tx_drawing *drawing, const char *name, const char *description)
{
  tx_markup(drawing->out, "<svg viewBox=\"0 0 %c %c\" role=\"group\" aria-label=\"%s. %s\" class=\"plot\">\n",
            drawing->width, drawing->height, name, description);
}

void tx_drawing_end(tx_drawing *drawing)
{
  tx_markup(drawing->out, "</svg>\n");
}

void tx_drawing_x_ticks(tx_drawing *drawing, const char *name)
{
  double ticks[TX_TICKS_MAX];
  const size_t count = tx_scale_ticks(&drawing->x, 6, ticks);
  for (size_t i = 0; i < count; i++) {
    const double at = tx_scale_at(&drawing->x, ticks[i]);
    char text[48];
    tx_tick_text(ticks[i], text, sizeof text);
    tx_markup(drawing->out,
              "<path class=\"grid\" d=\"M%c %cV%c\"/><text class=\"tick\" x=\"%c\" y=\"%c\" "
              "text-anchor=\"middle\">%s</text>\n",
              at, drawing->top, drawing->bottom, at, drawing->bottom + 15, text);
  }
  tx_markup(drawing->out, "<text class=\"axis\" x=\"%c\" y=\"%c\" text-anchor=\"middle\">%s</text>\n",
            (drawing->left + drawing->right) / 2, drawing->bottom + 32, name);
}

void tx_drawing_y_ticks(tx_drawing *drawing, const char *name)
{
  double ticks[TX_TICKS_MAX];
  const size_t count = tx_scale_ticks(&drawing->y, 7, ticks);
  for (size_t i = 0; i < count; i++) {
    const double at = tx_scale_at(&drawing->y, ticks[i]);
    char text[48];
    tx_tick_text(ticks[i], text, sizeof text);
    tx_markup(drawing->out,
              "<path class=\"grid\" d=\"M%c %cH%c\"/><text class=\"tick\" x=\"%c\" y=\"%c\" "
              "text-anchor=\"end\">%s</text>\n",
              drawing->left, at, drawing->right, drawing->left - 6, at + 4, text);
  }
  tx_markup(drawing->out, "<text class=\"axis\" x=\"4\" y=\"%c\">%s</text>\n", drawing->top - 10, name);
}

void tx_drawing_axes(tx_drawing *drawing, const char *opt_x, const char *opt_y)
{
  if (opt_x) tx_drawing_x_ticks(drawing, opt_x);
  if (opt_y) tx_drawing_y_ticks(drawing, opt_y);
  tx_markup(drawing->out, "<path class=\"frame\" d=\"M%c %cV%cH%c\"/>\n", drawing->left, drawing->top,
            drawing->bottom, drawing->right);
}

void tx_mark_begin(tx_drawing *drawing, int style, const char *label)
{
  tx_markup(drawing->out, "<g class=\"mark s%d\" tabindex=\"0\" role=\"img\" aria-label=\"%s\">",
            style % TX_SERIES_STYLES, label);
}

void tx_mark_end(tx_drawing *drawing, const char *label)
{
  tx_markup(drawing->out, "<text class=\"tip\" aria-hidden=\"true\" x=\"%c\" y=\"12\" text-anchor=\"end\">",
            drawing->width - 4);
  tx_markup_short(drawing->out, label, 70);
  tx_markup(drawing->out, "</text></g>\n");
}

void tx_mark_shape(tx_bytes *out, int style, double x, double y, double radius)
{
  const double r = radius;
  switch (style % 4) {
  case 0:
    tx_markup(out, "<circle class=\"dot\" cx=\"%c\" cy=\"%c\" r=\"%c\"/>", x, y, r);
    break;
  case 1:
    tx_markup(out, "<rect class=\"dot\" x=\"%c\" y=\"%c\" width=\"%c\" height=\"%c\"/>", x - r * 0.9,
              y - r * 0.9, r * 1.8, r * 1.8);
    break;
  case 2:
    tx_markup(out, "<path class=\"dot\" d=\"M%c %cL%c %cH%cZ\"/>", x, y - r * 1.2, x + r * 1.1, y + r * 0.8,
              x - r * 1.1);
    break;
  default:
    tx_markup(out, "<path class=\"dot\" d=\"M%c %cL%c %cL%c %cL%c %cZ\"/>", x, y - r * 1.3, x + r * 1.3, y, x,
              y + r * 1.3, x - r * 1.3, y);
    break;
  }
}

void tx_legend_begin(tx_bytes *out)
{
  tx_markup(out, "<ul class=\"legend\">");
}

void tx_legend_item(tx_bytes *out, int style, bool line, bool point, const char *text)
{
  tx_markup(out, "<li><svg class=\"key s%d\" viewBox=\"0 0 26 14\" aria-hidden=\"true\">",
            style % TX_SERIES_STYLES);
  if (line) tx_markup(out, "<path class=\"line\" d=\"M1 7H25\"/>");
  if (point) tx_mark_shape(out, style, 13, 7, 4);
  if (!line && !point) tx_markup(out, "<rect class=\"fill\" x=\"6\" y=\"1\" width=\"14\" height=\"12\"/>");
  tx_markup(out, "</svg>%s</li>", text);
}

void tx_legend_end(tx_bytes *out)
{
  tx_markup(out, "</ul>\n");
}
