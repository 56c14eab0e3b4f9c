/* CSV and TSV tables with a header line, row by row. The delimiter is a tab if the header has one, else a
   comma. Fields may be quoted (RFC 4180): "a ""b"", c", with line breaks inside; a quote that does not begin
   a field is an ordinary character. Lines end in LF or CRLF; a byte order mark and empty lines are skipped;
   plain or gzip. */
#ifndef TX_BASE_TABLE_H
#define TX_BASE_TABLE_H

#include "base/input.h"

#include <stddef.h>
#include <stdint.h>

/* A longer row is taken for an unclosed quote or for something that is no table. */
enum { TX_TABLE_ROW_MAX = 1 << 26 };

typedef struct tx_table tx_table;

/* Reads the header. The input belongs to the table from now on, and is closed if this fails. TX_ERROR_DATA:
   an empty file, binary data, semicolons between the columns. Used by one thread. */
tx_status tx_table_open(tx_input *input, tx_table **ret_table, tx_error *error);
const char *tx_table_name(const tx_table *table);
size_t tx_table_column_count(const tx_table *table);
/* Name of a column, trimmed. Borrowed. */
const char *tx_table_column(const tx_table *table, size_t column);
/* The column of that name, or else of that name in other letter case; -1 if there is none. */
int tx_table_find(const tx_table *table, const char *name);
/* As tx_table_find; TX_ERROR_DATA if there is none (listing those there are) or if the name stands there
   twice. */
tx_status tx_table_require(const tx_table *table, const char *name, size_t *ret_column, tx_error *error);
/* "; the columns are a, b, c" into text, cut to size. */
void tx_table_list_columns(const tx_table *table, char *text, size_t size);

/* The next row: fields[column_count], NUL-terminated, unquoted, not trimmed; they may be changed in place,
   and are borrowed until the next call. TX_END; TX_ERROR_DATA for a row with another number of fields than
   the header, an unclosed quote, a NUL byte. */
tx_status tx_table_next(tx_table *table, char ***ret_fields, tx_error *error);
/* Line where the row last returned begins, and its 1-based number. */
uint64_t tx_table_line(const tx_table *table);
uint64_t tx_table_row(const tx_table *table);
/* Closes; NULL is allowed. */
void tx_table_close(tx_table *table);

#endif
