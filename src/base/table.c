#include "base/table.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"
#include "base/window.h"

struct tx_table {
  tx_input *input;
  tx_window window; /* from the start of the next row */
  char delimiter;
  char *header; /* holds the names of the columns */
  char **columns;
  char *first;         /* holds the fields of a first line that is a row: tx_table_name_columns */
  char **first_fields; /* those that tx_table_next returns next, or NULL */
  size_t column_count;
  char **fields;     /* (column_count + 1) */
  uint64_t lines;    /* number of lines before the window */
  uint64_t row_line; /* line of the row last found */
  uint64_t row;
  tx_bytes text;            /* a row that was not plain ASCII, made valid UTF-8 */
  tx_foreign_lines foreign; /* rows that were not UTF-8 */
  bool broken;              /* the last error was of the input or its form, not of one row */
};

/* State of the search for the end of a row. */
typedef struct row_search {
  size_t done;      /* bytes of the row searched */
  bool quoted;      /* within quotes at `done` */
  bool field_start; /* a field begins at `done` */
  uint64_t breaks;  /* newlines within quotes so far */
  uint64_t quote_line;
  size_t separators; /* commas outside quotes, of lines with quotes */
} row_search;

static tx_status fill(tx_table *table, tx_error *error)
{
  tx_status status;
  if (!tx_window_make_room(&table->window)) return tx_fail_memory(error, "a row of a table");
  status = tx_window_read(&table->window, table->input, error);
  if (status) table->broken = true;
  if (status && error) error->line = table->lines + 1;
  return status;
}

/* Whether a quote closes a field of a CSV: `after` bytes of its line follow. */
static bool closes(const char *after, size_t count)
{
  return count == 0 || *after == ',' || (*after == '\r' && count == 1);
}

/* Follows the quotes of a CSV over `size` bytes of the row, which end with a line (a newline or the end of
   the file). */
static void follow_quotes(const tx_table *table, const char *text, size_t size, row_search *search)
{
  for (size_t i = 0; i < size; i++) {
    char letter = text[i];
    if (search->quoted) {
      if (letter != '"') continue;
      if (i + 1 < size && text[i + 1] == '"')
        i++;
      else if (closes(text + i + 1, size - i - 1))
        search->quoted = false;
    } else if (letter == '"' && search->field_start) {
      search->quoted = true;
      search->quote_line = table->lines + search->breaks + 1;
    }
    search->field_start = letter == table->delimiter && !search->quoted;
    search->separators += search->field_start;
  }
}

/* Gives up a row: the next one is looked for behind its first line. */
static void skip_line(tx_table *table)
{
  tx_window *window = &table->window;
  const char *text = window->data + window->begin;
  const char *newline = memchr(text, '\n', window->end - window->begin);
  window->begin = newline ? (size_t)(newline + 1 - window->data) : window->end;
  table->row_line = ++table->lines;
}

static tx_status fail_row(tx_table *table, const row_search *search, tx_error *error)
{
  skip_line(table);
  if (search->quoted)
    return tx_fail_at(error, TX_ERROR_DATA, tx_input_name(table->input), search->quote_line, 0,
                      "a quote is opened here and not closed: end the field with '\"' before the comma");
  table->broken = true;
  return tx_fail_at(error, TX_ERROR_DATA, tx_input_name(table->input), table->row_line, 0,
                    "a line of more than %d bytes: this is no table", TX_TABLE_ROW_MAX);
}

/* Finds the end of the row. *ret_length: bytes up to the newline that ends it, or to the end of the file.
   TX_END when nothing is left. */
static tx_status find_row(tx_table *table, size_t *ret_length, row_search *search, tx_error *error)
{
  const tx_window *window = &table->window;
  size_t looked = 0; /* bytes without a newline after `done` */
  *search = (row_search){.field_start = true};
  for (;;) {
    const char *text = window->data + window->begin + search->done;
    size_t left = window->end - window->begin - search->done;
    const char *newline = left > looked ? memchr(text + looked, '\n', left - looked) : NULL;
    if (newline || window->ended) {
      size_t size = newline ? (size_t)(newline - text) : left;
      if (!newline && !left && !search->done) return TX_END;
      if (search->quoted || (table->delimiter == ',' && memchr(text, '"', size)))
        follow_quotes(table, text, size, search);
      *ret_length = search->done + size;
      if (!search->quoted) return TX_OK;
      if (!newline) return fail_row(table, search, error);
      search->done += size + 1;
      search->breaks++;
      looked = 0;
    } else {
      tx_status status;
      looked = left;
      if (search->done + left > TX_TABLE_ROW_MAX) return fail_row(table, search, error);
      status = fill(table, error);
      if (status) return status;
    }
    if (search->done > TX_TABLE_ROW_MAX) return fail_row(table, search, error);
  }
}

/* A row over several lines with another number of fields than the header: a stray quote has swallowed
   lines. */
static bool swallows_lines(const tx_table *table, const row_search *search)
{
  return search->breaks && table->column_count && search->separators + 1 != table->column_count;
}

/* Makes a row valid UTF-8, in a buffer of the table if it has to change. */
static tx_status make_valid(tx_table *table, char **row, size_t *length, tx_error *error)
{
  if (tx_is_ascii(*row, *length)) return TX_OK;
  tx_utf8_line(&table->text, *row, *length, table->row_line, &table->foreign);
  if (table->text.failed) return tx_fail_memory(error, "a row of a table");
  *row = table->text.data;
  *length = table->text.size;
  return TX_OK;
}

/* Takes the next row that is not empty; it is NUL-terminated and may be changed. */
static tx_status take_row(tx_table *table, char **ret_row, size_t *ret_length, tx_error *error)
{
  tx_window *window = &table->window;
  row_search search;
  size_t length;
  char *row;
  do {
    tx_status status = find_row(table, &length, &search, error);
    if (status) return status;
    if (swallows_lines(table, &search)) {
      const uint64_t last = table->lines + search.breaks + 1;
      skip_line(table);
      return tx_fail_at(error, TX_ERROR_DATA, tx_input_name(table->input), table->row_line, table->row + 1,
                        "row has %zu fields, the header %zu: a quote at the start of a field goes on to line "
                        "%" PRIu64, search.separators + 1, table->column_count, last);
    }
    row = window->data + window->begin;
    window->begin += length + (window->begin + length < window->end ? 1 : 0);
    table->row_line = table->lines + 1;
    table->lines += search.breaks + 1;
    if (memchr(row, '\0', length))
      return tx_fail_at(error, TX_ERROR_DATA, tx_input_name(table->input), table->row_line, 0,
                        "a NUL byte: this is no text file");
    if (length && row[length - 1] == '\r') length--;
    row[length] = '\0';
  } while (!length);
  *ret_row = row;
  *ret_length = length;
  return make_valid(table, ret_row, ret_length, error);
}

/* Unquotes the field of a CSV that begins at *at, in place, and moves *at to the comma or NUL after it. */
static void unquote(char **at)
{
  char *from = *at + 1;
  char *to = *at;
  for (; *from; from++) {
    if (*from == '"' && (from[1] == ',' || !from[1])) break;
    if (*from == '"' && from[1] == '"') from++;
    *to++ = *from;
  }
  *at = *from ? from + 1 : from;
  *to = '\0'; /* never the comma itself, because the closing quote is between them */
}

/* Unquotes a field of a TSV that is quoted as a whole, quotes inside it doubled; leaves any other. */
static void unquote_whole(char *field)
{
  const size_t length = strlen(field);
  char *to = field;
  if (length < 2 || field[length - 1] != '"') return;
  for (size_t i = 1; i + 1 < length; i++)
    if (field[i] == '"' && (field[++i] != '"' || i + 1 >= length)) return;
  for (size_t i = 1; i + 1 < length; i++) {
    if (field[i] == '"') i++;
    *to++ = field[i];
  }
  *to = '\0';
}

/* Splits a row; at most `limit` fields are stored, all are counted. */
static size_t split_row(const tx_table *table, char *row, char **fields, size_t limit)
{
  const bool commas = table->delimiter == ',';
  size_t count = 0;
  char *at = row;
  for (;;) {
    char *field = at;
    char end;
    if (commas && *at == '"')
      unquote(&at);
    else
      at += strcspn(at, commas ? "," : "\t");
    if (count < limit) fields[count] = field;
    count++;
    end = *at;
    *at = '\0';
    if (!commas && *field == '"') unquote_whole(field);
    if (!end) return count;
    at++;
  }
}

static size_t count_letters(const char *text, char letter)
{
  size_t count = 0;
  for (; *text; text++) count += *text == letter;
  return count;
}

static tx_status check_header(const tx_table *table, const char *header, tx_error *error)
{
  for (const char *at = header; *at; at++) {
    if (((unsigned char)*at >= 32 && *at != 127) || *at == '\t') continue;
    if (*at == '\r')
      return tx_fail_at(error, TX_ERROR_DATA, tx_input_name(table->input), table->row_line, 0,
                        "carriage returns inside the header line: convert the line ends to newlines (tr "
                        "'\\r' '\\n')");
    if (*at == '\n')
      return tx_fail_at(error, TX_ERROR_DATA, tx_input_name(table->input), table->row_line, 0,
                        "a line break inside a column name");
    return tx_fail_at(error, TX_ERROR_DATA, tx_input_name(table->input), table->row_line, 0,
                      "binary data (byte 0x%02x): expected a CSV or TSV table, FASTA or FASTQ",
                      (unsigned)(unsigned char)*at);
  }
  return TX_OK;
}

static tx_status split_header(tx_table *table, char *row, size_t length, tx_error *error)
{
  size_t most;
  table->header = tx_copy_text(row, length);
  if (!table->header) return tx_fail_memory(error, "the header of a table");
  most = count_letters(row, table->delimiter) + 1;
  table->columns = calloc(most, sizeof *table->columns);
  table->fields = calloc(most + 1, sizeof *table->fields);
  if (!table->columns || !table->fields) return tx_fail_memory(error, "the header of a table");
  table->column_count = split_row(table, table->header, table->columns, most);
  for (size_t i = 0; i < table->column_count; i++)
    table->columns[i] = tx_text_trim(table->columns[i], strlen(table->columns[i]), NULL);
  if (table->column_count == 1 && strchr(table->columns[0], ';'))
    return tx_fail_at(error, TX_ERROR_DATA, tx_input_name(table->input), table->row_line, 0,
                      "the header '%.200s' has semicolons, but neither tabs nor commas: semicolons do not "
                      "separate columns here, save the table with tabs or commas",
                      table->columns[0]);
  return TX_OK;
}

/* Skips a byte order mark, after which the quote of the first column would not be at the start of the row. */
static tx_status skip_mark(tx_table *table, tx_error *error)
{
  tx_window *window = &table->window;
  while (window->end - window->begin < 3 && !window->ended) {
    tx_status status = fill(table, error);
    if (status) return status;
  }
  if (window->end - window->begin >= 3 && !memcmp(window->data + window->begin, "\xEF\xBB\xBF", 3))
    window->begin += 3;
  return TX_OK;
}

static bool is_blank(const char *line, size_t length)
{
  while (length && tx_text_is_space(*line)) line++, length--;
  return length == 0;
}

/* Sets the delimiter by the first line that is not blank. */
static tx_status find_delimiter(tx_table *table, tx_error *error)
{
  table->delimiter = '\t'; /* quotes do not count, so that a row is a line */
  for (;;) {
    row_search search;
    size_t length;
    const char *line;
    tx_status status = find_row(table, &length, &search, error);
    if (status) return status;
    line = table->window.data + table->window.begin;
    if (!is_blank(line, length)) {
      table->delimiter = memchr(line, '\t', length) ? '\t' : ',';
      return TX_OK;
    }
    skip_line(table);
  }
}

static tx_status read_header(tx_table *table, tx_error *error)
{
  char *row;
  size_t length;
  tx_status status = skip_mark(table, error);
  if (!status) status = find_delimiter(table, error);
  if (!status) status = take_row(table, &row, &length, error);
  if (status == TX_END)
    return tx_fail_at(error, TX_ERROR_DATA, tx_input_name(table->input), 0, 0, "is empty: expected a table "
        "with a header line");
  if (!status) status = check_header(table, row, error);
  return status ? status : split_header(table, row, length, error);
}

tx_status tx_table_open(tx_input *input, tx_table **ret_table, tx_error *error)
{
  tx_table *table = calloc(1, sizeof *table);
  tx_status status;
  *ret_table = NULL;
  if (!table) {
    tx_input_close(input);
    return tx_fail_memory(error, "a table");
  }
  table->input = input;
  if (tx_window_make_room(&table->window))
    status = read_header(table, error);
  else
    status = tx_fail_memory(error, "a table");
  if (status) {
    tx_table_close(table);
    return status;
  }
  *ret_table = table;
  return TX_OK;
}

tx_status tx_table_name_columns(tx_table *table, const char *names, tx_error *error)
{
  char *header = tx_copy_text(names, strlen(names));
  char **columns = calloc(table->column_count, sizeof *columns);
  if (!header || !columns) {
    free(header);
    free(columns);
    return tx_fail_memory(error, "the header of a table");
  }
  table->first = table->header;
  table->first_fields = table->columns;
  table->header = header;
  table->columns = columns;
  split_row(table, header, columns, table->column_count);
  return TX_OK;
}

const char *tx_table_name(const tx_table *table)
{
  return tx_input_name(table->input);
}

size_t tx_table_column_count(const tx_table *table)
{
  return table->column_count;
}

const char *tx_table_column(const tx_table *table, size_t column)
{
  return column < table->column_count ? table->columns[column] : NULL;
}

int tx_table_find(const tx_table *table, const char *name)
{
  for (size_t i = 0; i < table->column_count; i++)
    if (!strcmp(table->columns[i], name)) return (int)i;
  for (size_t i = 0; i < table->column_count; i++)
    if (tx_text_equal_fold(table->columns[i], name)) return (int)i;
  return -1;
}

int tx_table_find_first(const tx_table *table, const char *names)
{
  char name[64];
  while (*names) {
    const size_t length = strcspn(names, "|");
    int column;
    memcpy(name, names, length);
    name[length] = '\0';
    column = tx_table_find(table, name);
    if (column >= 0) return column;
    names += length + (names[length] == '|');
  }
  return -1;
}

void tx_table_list_columns(const tx_table *table, char *text, size_t size)
{
  size_t used = 0;
  for (size_t i = 0; i < table->column_count && used < size; i++) {
    int length =
        snprintf(text + used, size - used, "%s%s", i ? ", " : "; the columns are ", table->columns[i]);
    used += length > 0 ? (size_t)length : 0;
  }
}

tx_status tx_table_require(const tx_table *table, const char *name, size_t *ret_column, tx_error *error)
{
  int column = tx_table_find(table, name);
  if (column < 0) {
    char list[700] = "";
    tx_table_list_columns(table, list, sizeof list);
    return tx_fail_at(error, TX_ERROR_DATA, tx_input_name(table->input), 0, 0, "there is no column '%s'%s",
                      name, list);
  }
  for (size_t i = (size_t)column + 1; i < table->column_count; i++)
    if (!strcmp(table->columns[i], table->columns[column]))
      return tx_fail_at(error, TX_ERROR_DATA, tx_input_name(table->input), 0, 0,
                        "the header has two columns '%s'", table->columns[i]);
  *ret_column = (size_t)column;
  return TX_OK;
}

/* Tells at the end which rows were not UTF-8. */
static void warn_at_end(tx_table *table)
{
  char text[160];
  if (tx_foreign_lines_describe(&table->foreign, text, sizeof text)) tx_input_warn(table->input, text);
  table->foreign = (tx_foreign_lines){0};
}

tx_status tx_table_next(tx_table *table, char ***ret_fields, tx_error *error)
{
  char *row;
  size_t length;
  size_t count;
  tx_status status;
  table->broken = false;
  if (table->first_fields) {
    memcpy(table->fields, table->first_fields, table->column_count * sizeof *table->fields);
    free(table->first_fields);
    table->first_fields = NULL;
    table->row++;
    *ret_fields = table->fields;
    return TX_OK;
  }
  status = take_row(table, &row, &length, error);
  if (status != TX_END) table->row++;
  if (status == TX_END) warn_at_end(table);
  if (status) return status;
  count = split_row(table, row, table->fields, table->column_count);
  if (count != table->column_count)
    return tx_fail_at(error, TX_ERROR_DATA, tx_input_name(table->input), table->row_line, table->row,
                      "row has %zu field%s, the header %zu", count, count == 1 ? "" : "s",
                      table->column_count);
  *ret_fields = table->fields;
  return TX_OK;
}

bool tx_table_resumes(const tx_table *table)
{
  return !table->broken;
}

uint64_t tx_table_line(const tx_table *table)
{
  return table->row_line;
}

uint64_t tx_table_row(const tx_table *table)
{
  return table->row;
}

void tx_table_warn(const tx_table *table, const char *text)
{
  tx_input_warn(table->input, text);
}

void tx_table_close(tx_table *table)
{
  if (!table) return;
  tx_input_close(table->input);
  free(table->window.data);
  tx_bytes_free(&table->text);
  free(table->header);
  free(table->columns);
  free(table->first);
  free(table->first_fields);
  free(table->fields);
  free(table);
}
