/* CSV and TSV tables with a header line, row by row. The delimiter is a tab if the first line has one, else
   a comma. In a TSV every line is a row, and quotes are characters, except around a whole field. In a CSV
   a quote opens a field at its start, and closes it before a comma or the end of the line; between them it
   is a character, as is a doubled quote, and line breaks belong to the field (RFC 4180). Lines end in LF or
   CRLF; a byte order mark and empty lines are skipped; plain or gzip. */
#ifndef TX_BASE_TABLE_H
#define TX_BASE_TABLE_H

#include "base/input.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A longer row is treated as an unclosed quote or as a file that is not a table. */
enum { TX_TABLE_ROW_MAX = 1 << 26 };

typedef struct tx_table tx_table;

/* Reads the header. The table owns the input from now on, and closes it if this fails. TX_ERROR_DATA: an
   empty file, binary data, semicolons between the columns. Used by one thread. */
tx_status tx_table_open(tx_input *input, tx_table **ret_table, tx_error *error);
/* Makes the first line of a TSV the first row, and names its columns: as many names as it has fields, with
   tabs between them. Once, before the first row is read. */
tx_status tx_table_name_columns(tx_table *table, const char *names, tx_error *error);
const char *tx_table_name(const tx_table *table);
size_t tx_table_column_count(const tx_table *table);
/* Name of a column, trimmed. Borrowed. */
const char *tx_table_column(const tx_table *table, size_t column);
/* The column of that name, otherwise the column whose name differs only in letter case; -1 if there is
   none. */
int tx_table_find(const tx_table *table, const char *name);
/* The column of the first of these names, separated by '|', that there is; -1 if there is none. */
int tx_table_find_first(const tx_table *table, const char *names);
/* As tx_table_find, but TX_ERROR_DATA if there is none (listing the columns) or if the name occurs twice. */
tx_status tx_table_require(const tx_table *table, const char *name, size_t *ret_column, tx_error *error);
/* Writes "; the columns are a, b, c" into text, truncated to size. */
void tx_table_list_columns(const tx_table *table, char *text, size_t size);

/* The next row: fields[column_count], NUL-terminated, unquoted, not trimmed; they may be changed in place,
   and are borrowed until the next call. TX_END; TX_ERROR_DATA for a row with another number of fields than
   the header, an unclosed quote, a NUL byte: the next call reads on at the line after the one where that row
   begins. Fields are valid UTF-8 (tx_bytes_utf8); rows that were not cause a warning at the end. */
tx_status tx_table_next(tx_table *table, char ***ret_fields, tx_error *error);
/* Whether the next call reads on after an error: not after one of the input, or a line that is too long. */
bool tx_table_resumes(const tx_table *table);
/* Line where the row last returned begins, and its 1-based number. */
uint64_t tx_table_line(const tx_table *table);
uint64_t tx_table_row(const tx_table *table);
/* Sends a warning about the file: tx_input_warn. */
void tx_table_warn(const tx_table *table, const char *text);
/* Closes; NULL is allowed. */
void tx_table_close(tx_table *table);

#endif
