/* The figures of a report: one entry each. */
#ifndef TX_REPORT_FIGURES_H
#define TX_REPORT_FIGURES_H

#include "report/data.h"

typedef struct tx_chart tx_chart;

/* Parts of the page, in this order. */
typedef enum tx_report_part {
  TX_PART_SAMPLE,
  TX_PART_EVALUATION,
  TX_PART_CLUSTERS,
  TX_PART_TRAINING,
  TX_PARTS
} tx_report_part;

/* How rows become lines and points. The numbers are columns, -1 for none. */
typedef struct tx_plot {
  int series, set; /* texts that together name the series; the second may be none */
  int x, y;        /* x may be a text: its values stand side by side in their order */
  int low, high;   /* ends of an interval of y */
  int weight;      /* the area of the points */
  bool lines;
  bool unit_x, unit_y; /* the axis is 0 to 1 */
  bool fitted_y;       /* within 0 to 1, from what is needed */
  bool log_x, diagonal;
  bool best_low; /* a low value is good: said in the label */
  const char *x_label, *y_label;
} tx_plot;

/* A figure: what it is called, what it needs, how its numbers are made, and how they are drawn. A new figure
   is a new entry of the table in figures.c. It is left out where its numbers have no rows. */
struct tx_chart {
  const char *name; /* of its files and its place in the page: "risk" */
  const char *title;
  const char *explanation; /* a sentence or two below the title; markup */
  tx_report_part part;
  bool (*needs)(const tx_result_report *report);
  const tx_column *columns;
  size_t column_count;
  tx_status (*collect)(const tx_result_report *report, tx_numbers *numbers, tx_error *error);
  /* draws the numbers, and nothing else; NULL: their table is the figure */
  void (*opt_draw)(const tx_chart *figure, const tx_numbers *numbers, tx_bytes *out);
  const tx_plot *opt_plot; /* of tx_draw_plot */
  bool wide;               /* takes both columns of the page */
};

/* The figures in the order of the page. */
const tx_chart *tx_charts(size_t *ret_count);

/* What figures need. */
bool tx_needs_scores(const tx_result_report *report);
bool tx_needs_scored(const tx_result_report *report);
bool tx_needs_novelty(const tx_result_report *report);
bool tx_needs_sample(const tx_result_report *report);
bool tx_needs_runs(const tx_result_report *report);
bool tx_needs_clusterings(const tx_result_report *report);
bool tx_needs_maps(const tx_result_report *report);

#define TX_FIGURE_OF(name, count)                                                                            \
  extern const tx_column tx_##name##_columns[count];                                                         \
  tx_status tx_collect_##name(const tx_result_report *report, tx_numbers *numbers, tx_error *error)

TX_FIGURE_OF(unlike, 8);
TX_FIGURE_OF(composition, 4);
TX_FIGURE_OF(taxa, 5);
TX_FIGURE_OF(reads_tree, 6);
TX_FIGURE_OF(lengths, 5);
TX_FIGURE_OF(attention, 6);
TX_FIGURE_OF(accuracy, 13);
TX_FIGURE_OF(reliability, 7);
TX_FIGURE_OF(risk, 6);
TX_FIGURE_OF(by_length, 6);
TX_FIGURE_OF(by_class_size, 6);
TX_FIGURE_OF(novelty, 5);
TX_FIGURE_OF(confusions, 6);
TX_FIGURE_OF(accuracy_tree, 6);
TX_FIGURE_OF(map, 4);
TX_FIGURE_OF(clusterings, 6);
TX_FIGURE_OF(losses, 5);
TX_FIGURE_OF(training_accuracy, 4);

/* Ways to draw. */
void tx_draw_plot(const tx_chart *figure, const tx_numbers *numbers, tx_bytes *out);
/* A bar per row: label (the first column), value (the second), and a flag (the last column, a text). */
void tx_draw_bars(const tx_chart *figure, const tx_numbers *numbers, tx_bytes *out);
void tx_draw_stacks(const tx_chart *figure, const tx_numbers *numbers, tx_bytes *out);
void tx_draw_histogram(const tx_chart *figure, const tx_numbers *numbers, tx_bytes *out);
void tx_draw_tree(const tx_chart *figure, const tx_numbers *numbers, tx_bytes *out);
void tx_draw_map(const tx_chart *figure, const tx_numbers *numbers, tx_bytes *out);
void tx_draw_alarm(const tx_chart *figure, const tx_numbers *numbers, tx_bytes *out);

#endif
