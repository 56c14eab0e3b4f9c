/* Conditions that rows of a table must meet: COLUMN=VALUE, COLUMN!=VALUE. */
#ifndef TX_LABELLED_CONDITIONS_H
#define TX_LABELLED_CONDITIONS_H

#include "base/table.h"

#include <stdbool.h>

typedef struct tx_condition {
  const char *column, *value;
  bool differs; /* the row must have another value */
  size_t field; /* column of the table that is read */
} tx_condition;

/* Zero-initialise; free with tx_conditions_free. */
typedef struct tx_conditions {
  char *text; /* holds the names and values */
  tx_condition *items;
  size_t count;
} tx_conditions;

/* Reads one condition a line; NULL and "" give none. TX_ERROR_USAGE: a line without '=', or without a
   column. */
tx_status tx_conditions_parse(const char *lines, tx_conditions *conditions, tx_error *error);
/* Finds the columns of a table. TX_ERROR_DATA: one is not there. */
tx_status tx_conditions_find(tx_conditions *conditions, const tx_table *table, tx_error *error);
/* Whether a row of that table meets all of them; white space around values does not count. The fields are
   trimmed in place. */
bool tx_conditions_hold(const tx_conditions *conditions, char **fields);
void tx_conditions_free(tx_conditions *conditions);

#endif
