#include "report/numbers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "out/text.h"
#include "report/markup.h"
#include "report/scale.h"

tx_status tx_numbers_begin(tx_numbers *numbers, const tx_column *columns, size_t count, tx_error *error)
{
  *numbers = (tx_numbers){.columns = columns, .column_count = count};
  return tx_names_create(&numbers->texts, error);
}

static void append(tx_numbers *numbers, tx_cell cell)
{
  if (numbers->failed ||
      !tx_reserve(&numbers->cells, &numbers->capacity, numbers->cell_count + 1, sizeof *numbers->cells)) {
    numbers->failed = true;
    return;
  }
  numbers->cells[numbers->cell_count++] = cell;
}

void tx_numbers_text(tx_numbers *numbers, const char *text)
{
  uint32_t number = 0;
  if (tx_names_add(numbers->texts, text, strlen(text), &number, NULL) != TX_OK)
    numbers->failed = true;
  else
    append(numbers, (tx_cell){NAN, tx_names_key(numbers->texts, number, NULL)});
}

void tx_numbers_put(tx_numbers *numbers, double number)
{
  append(numbers, (tx_cell){isfinite(number) ? number : NAN, NULL});
}

size_t tx_numbers_rows(const tx_numbers *numbers)
{
  return numbers->column_count ? numbers->cell_count / numbers->column_count : 0;
}

const tx_cell *tx_numbers_at(const tx_numbers *numbers, size_t row, size_t column)
{
  return &numbers->cells[row * numbers->column_count + column];
}

void tx_numbers_free(tx_numbers *numbers)
{
  free(numbers->cells);
  tx_names_free(numbers->texts);
  *numbers = (tx_numbers){0};
}

void tx_cell_text(const tx_cell *cell, int decimals, char *text, size_t size)
{
  if (cell->text)
    snprintf(text, size, "%s", cell->text);
  else
    tx_number_text(cell->number, decimals < 0 ? 0 : decimals, text, size);
}

static void put_html_cell(const tx_numbers *numbers, size_t row, size_t column, tx_bytes *out)
{
  const tx_cell *cell = tx_numbers_at(numbers, row, column);
  char text[80];
  if (cell->text) {
    tx_markup(out, column ? "<td>%s</td>" : "<th scope=\"row\">%s</th>", cell->text);
    return;
  }
  tx_cell_text(cell, numbers->columns[column].decimals, text, sizeof text);
  tx_markup(out, column ? "<td class=\"n\">%s</td>" : "<th scope=\"row\" class=\"n\">%s</th>", text);
}

/* A name of a column as words. */
static void put_words(const char *name, tx_bytes *out)
{
  char words[64];
  size_t i = 0;
  for (; name[i] && i + 1 < sizeof words; i++) words[i] = name[i] == '_' ? ' ' : name[i];
  words[i] = '\0';
  tx_markup_text(out, words);
}

void tx_numbers_html(const tx_numbers *numbers, const char *caption, size_t most, tx_bytes *out)
{
  const size_t rows = tx_numbers_rows(numbers);
  tx_markup(out, "<table><caption>%s", caption);
  if (rows > most) tx_markup(out, " (the first %u of %u rows; --tsv and --json write all)", most, rows);
  tx_markup(out, "</caption><thead><tr>");
  for (size_t c = 0; c < numbers->column_count; c++) {
    tx_markup(out, "<th scope=\"col\"%m>", numbers->columns[c].decimals < 0 ? "" : " class=\"n\"");
    put_words(numbers->columns[c].name, out);
    tx_markup(out, "</th>");
  }
  tx_markup(out, "</tr></thead><tbody>\n");
  for (size_t r = 0; r < rows && r < most; r++) {
    tx_markup(out, "<tr>");
    for (size_t c = 0; c < numbers->column_count; c++) put_html_cell(numbers, r, c, out);
    tx_markup(out, "</tr>\n");
  }
  tx_markup(out, "</tbody></table>");
}

void tx_numbers_tsv(const tx_numbers *numbers, tx_bytes *out)
{
  const size_t rows = tx_numbers_rows(numbers);
  for (size_t c = 0; c < numbers->column_count; c++)
    tx_bytes_printf(out, c ? "\t%s" : "%s", numbers->columns[c].name);
  tx_bytes_text(out, "\n");
  for (size_t r = 0; r < rows; r++) {
    for (size_t c = 0; c < numbers->column_count; c++) {
      const tx_cell *cell = tx_numbers_at(numbers, r, c);
      if (c) tx_bytes_text(out, "\t");
      if (cell->text)
        tx_text_field(out, cell->text, strlen(cell->text));
      else if (isfinite(cell->number))
        tx_bytes_printf(out, "%.10g", cell->number);
    }
    tx_bytes_text(out, "\n");
  }
}

void tx_numbers_json(const tx_numbers *numbers, tx_bytes *out)
{
  const size_t rows = tx_numbers_rows(numbers);
  tx_bytes_text(out, "\"columns\":[");
  for (size_t c = 0; c < numbers->column_count; c++)
    tx_bytes_printf(out, c ? ",\"%s\"" : "\"%s\"", numbers->columns[c].name);
  tx_bytes_text(out, "],\"rows\":[");
  for (size_t r = 0; r < rows; r++) {
    tx_bytes_text(out, r ? ",\n[" : "\n[");
    for (size_t c = 0; c < numbers->column_count; c++) {
      const tx_cell *cell = tx_numbers_at(numbers, r, c);
      if (c) tx_bytes_text(out, ",");
      if (cell->text)
        tx_bytes_json_string(out, cell->text, strlen(cell->text));
      else if (isfinite(cell->number))
        tx_bytes_printf(out, "%.10g", cell->number);
      else
        tx_bytes_text(out, "null");
    }
    tx_bytes_text(out, "]");
  }
  tx_bytes_text(out, "]");
}
