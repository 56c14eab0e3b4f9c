/* What drawings share: the frame with its axes, marks that the keyboard reaches, legends. */
#ifndef TX_REPORT_DRAWING_H
#define TX_REPORT_DRAWING_H

#include "report/markup.h"
#include "report/scale.h"

#include <stdbool.h>

/* A picture in units of about a pixel; all are as wide, so that they stay readable on a small screen. */
enum { TX_DRAWING_WIDTH = 440, TX_SERIES_STYLES = 8 };

typedef struct tx_drawing {
  tx_bytes *out;
  double width, height;
  double left, right, top, bottom; /* of the area between the axes */
  tx_scale x, y;
} tx_drawing;

/* Begins a picture with a name and a description for those who do not see it. */
void tx_drawing_begin(tx_drawing *drawing, const char *name, const char *description);
void tx_drawing_end(tx_drawing *drawing);
/* Grid lines, ticks and names of both axes; a name may be NULL: no axis there. */
void tx_drawing_axes(tx_drawing *drawing, const char *opt_x, const char *opt_y);
/* The ticks of one axis alone. */
void tx_drawing_x_ticks(tx_drawing *drawing, const char *name);
void tx_drawing_y_ticks(tx_drawing *drawing, const char *name);

/* Begins a mark, which the keyboard reaches and which says `label`; its shapes follow. */
void tx_mark_begin(tx_drawing *drawing, int style, const char *label);
/* Ends it, with its label where it is shown when the mark is pointed at or has the focus. */
void tx_mark_end(tx_drawing *drawing, const char *label);
/* The shape of a style: circle, square, triangle, diamond. */
void tx_mark_shape(tx_bytes *out, int style, double x, double y, double radius);

/* A legend: begin, an item for each style, end. */
void tx_legend_begin(tx_bytes *out);
/* line, point: what the key shows; neither: a filled square. */
void tx_legend_item(tx_bytes *out, int style, bool line, bool point, const char *text);
void tx_legend_end(tx_bytes *out);

#endif
