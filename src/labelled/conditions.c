#include "labelled/conditions.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

/* Cuts a line at its '=' or '!=', in place. */
static tx_status read_condition(char *line, tx_condition *condition, tx_error *error)
{
  char *equals = strchr(line, '=');
  if (!equals || equals == line)
    return tx_fail(error, TX_ERROR_USAGE,
                   "the condition '%.200s' is not of the form COLUMN=VALUE or COLUMN!=VALUE", line);
  if (equals[1] == '=')
    return tx_fail(error, TX_ERROR_USAGE, "the condition '%.200s' has two equals signs: one is meant", line);
  condition->value = tx_text_trim(equals + 1, strlen(equals + 1), NULL);
  condition->differs = equals[-1] == '!';
  if (condition->differs) equals--;
  *equals = '\0';
  condition->column = tx_text_trim(line, (size_t)(equals - line), NULL);
  if (!*condition->column)
    return tx_fail(error, TX_ERROR_USAGE, "the condition '=%.200s' names no column", condition->value);
  return TX_OK;
}

tx_status tx_conditions_parse(const char *lines, tx_conditions *conditions, tx_error *error)
{
  size_t most = 1;
  tx_status status = TX_OK;
  if (!lines || !*lines) return TX_OK;
  for (const char *at = lines; *at; at++) most += *at == '\n';
  conditions->text = tx_copy_text(lines, strlen(lines));
  conditions->items = calloc(most, sizeof *conditions->items);
  if (!conditions->text || !conditions->items) return tx_fail_memory(error, "the conditions of rows");
  for (char *line = conditions->text, *next; line && status == TX_OK; line = next) {
    next = strchr(line, '\n');
    if (next) *next++ = '\0';
    status = read_condition(line, &conditions->items[conditions->count++], error);
  }
  return status;
}

tx_status tx_conditions_find(tx_conditions *conditions, const tx_table *table, tx_error *error)
{
  tx_status status = TX_OK;
  for (size_t i = 0; i < conditions->count && status == TX_OK; i++)
    status = tx_table_require(table, conditions->items[i].column, &conditions->items[i].field, error);
  return status;
}

bool tx_conditions_hold(const tx_conditions *conditions, char **fields)
{
  for (size_t i = 0; i < conditions->count; i++) {
    const tx_condition *condition = &conditions->items[i];
    char **field = &fields[condition->field];
    *field = tx_text_trim(*field, strlen(*field), NULL);
    if ((strcmp(*field, condition->value) == 0) == condition->differs) return false;
  }
  return true;
}

void tx_conditions_free(tx_conditions *conditions)
{
  free(conditions->text);
  free(conditions->items);
  *conditions = (tx_conditions){0};
}
