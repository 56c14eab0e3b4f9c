/* Which parameters have an effect, by a table of rules. */
#include "base/rules.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum {
  DEPTH = 8, /* depth of rules that depend on each other; the tables have two */
  SHORT =
      /* bytes of a value as text: choices and numbers are shorter, and of other texts only the start
         matters */
      256
};

typedef struct rule_set {
  const tx_param_rule *rules;
  size_t count;
  const tx_param_table *tables;
  size_t table_count;
} rule_set;

static const tx_param *find(const rule_set *set, const char *name, const tx_param_table **ret_table)
{
  for (size_t t = 0; t < set->table_count; t++)
    for (size_t p = 0; p < set->tables[t].count; p++)
      if (strcmp(set->tables[t].params[p].name, name) == 0) {
        *ret_table = &set->tables[t];
        return &set->tables[t].params[p];
      }
  return NULL;
}

/* Formats the default as tx_param_format does, which may differ from the text in the table. */
static void format_standard(const tx_param *param, char *text, size_t size)
{
  char field[TX_TEXT_SIZE] = "";
  tx_param alone = *param;
  tx_error error;
  alone.offset = 0;
  text[0] = '\0';
  if (tx_param_defaults(&alone, 1, field, &error) == TX_OK) tx_param_format(&alone, field, text, size);
}

bool tx_param_is_standard(const tx_param *param, const void *object)
{
  char text[2][SHORT];
  tx_param_format(param, object, text[0], SHORT);
  format_standard(param, text[1], SHORT);
  return strcmp(text[0], text[1]) == 0;
}

static bool holds(const tx_param_rule *rule, const tx_param *other, const char *value)
{
  /* where nothing is written without the option, "-" is more than the default */
  const bool stream = strcmp(value, "-") == 0 && other->type != TX_PARAM_OUTPUTS;
  const bool given =
      strcmp(value, "") != 0 && !stream && strcmp(value, "0") != 0 && strcmp(value, "false") != 0;
  switch (rule->condition) {
  case TX_RULE_ALWAYS:
    break;
  case TX_RULE_VALUE:
    return tx_choice_find(rule->values, value) >= 0;
  case TX_RULE_GIVEN:
    return given;
  case TX_RULE_ABSENT:
    return !given;
  }
  return true;
}

/* Whether the rule holds where `other` has no effect itself: it then has its default, and is not given. */
static bool holds_idle(const tx_param_rule *rule, const tx_param *other)
{
  char standard[SHORT];
  if (rule->condition != TX_RULE_VALUE) return rule->condition == TX_RULE_ABSENT;
  format_standard(other, standard, sizeof standard);
  return holds(rule, other, standard);
}

/* The rule that does not hold, NULL when all hold. It is a rule of another parameter where that one would
   decide about `name` if it had an effect itself. */
static const tx_param_rule *broken(const rule_set *set, const char *name, int depth)
{
  for (size_t i = 0; i < set->count; i++) {
    const tx_param_rule *rule = &set->rules[i], *cause;
    const tx_param_table *table;
    const tx_param *other;
    char value[SHORT];
    if (strcmp(rule->name, name) != 0 || rule->condition == TX_RULE_ALWAYS) continue;
    other = find(set, rule->other, &table);
    if (!other) continue;
    tx_param_format(other, table->object, value, sizeof value);
    cause = depth > 0 ? broken(set, rule->other, depth - 1) : NULL;
    if (!holds(rule, other, value)) {
      if (!cause || !holds_idle(rule, other)) return rule;
    } else if (cause && !holds_idle(rule, other)) {
      return cause;
    }
  }
  return NULL;
}

/* Writes what to add so that the rule holds. */
static void advise(const tx_param_rule *rule, const tx_param *other, char *text, size_t size)
{
  if (rule->condition == TX_RULE_ABSENT)
    snprintf(text, size, "leave one of them out");
  else if (rule->condition == TX_RULE_VALUE)
    snprintf(text, size, "leave it out or add --%s %.*s", other->name, (int)strcspn(rule->values, "|"),
             rule->values);
  else if (other->values)
    snprintf(text, size, "leave it out or add --%s %s", other->name, other->values);
  else
    snprintf(text, size, "leave it out or add --%s", other->name);
}

static void explain(const rule_set *set, const tx_param *param, const tx_param_table *table,
                    const tx_param_rule *rule, tx_param_idleness *idleness)
{
  char value[SHORT];
  tx_param_format(param, table->object, value, sizeof value);
  idleness->rule = rule;
  snprintf(idleness->option, sizeof idleness->option, "--%s%.40s", strcmp(value, "false") == 0 ? "no-" : "",
           param->name);
  const tx_param *other = find(set, rule->other, &table);
  tx_param_format(other, table->object, value, sizeof value);
  if (rule->condition == TX_RULE_GIVEN || !value[0])
    snprintf(idleness->where, sizeof idleness->where, "without --%.40s", other->name);
  else if (rule->condition == TX_RULE_ABSENT)
    snprintf(idleness->where, sizeof idleness->where, "with --%.40s", other->name);
  else
    snprintf(idleness->where, sizeof idleness->where, "with --%.40s %.100s", other->name, value);
  advise(rule, other, idleness->advice, sizeof idleness->advice);
}

bool tx_param_idle(const tx_param_rule *rules, size_t rule_count, const tx_param_table *tables,
                   size_t table_count, const char *name, tx_param_idleness *ret_idleness)
{
  const rule_set set = {rules, rule_count, tables, table_count};
  const tx_param_table *table;
  const tx_param *param = find(&set, name, &table);
  const tx_param_rule *rule =
      param && !tx_param_is_standard(param, table->object) ? broken(&set, name, DEPTH) : NULL;
  if (rule) explain(&set, param, table, rule, ret_idleness);
  return rule != NULL;
}
