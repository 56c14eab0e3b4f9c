#include "options.h"

#include <string.h>

tx_status tx_options_defaults(const tx_param_table *tables, size_t table_count, tx_error *error)
{
  for (size_t t = 0; t < table_count; t++) {
    tx_status status = tx_param_defaults(tables[t].params, tables[t].count, tables[t].object, error);
    if (status != TX_OK) return status;
  }
  return TX_OK;
}

/* Optimal string alignment distance, enough for words of an option's length. */
static size_t distance(const char *a, const char *b)
{
  enum { LIMIT = 40 };
  size_t rows[3][LIMIT + 1], m = strlen(a), n = strlen(b);
  if (m > LIMIT || n > LIMIT) return LIMIT;
  for (size_t j = 0; j <= n; j++) rows[0][j] = j;
  for (size_t i = 1; i <= m; i++) {
    size_t *now = rows[i % 3], *before = rows[(i + 2) % 3], *earlier = rows[(i + 1) % 3];
    now[0] = i;
    for (size_t j = 1; j <= n; j++) {
      size_t best = before[j - 1] + (a[i - 1] != b[j - 1]);
      if (before[j] + 1 < best) best = before[j] + 1;
      if (now[j - 1] + 1 < best) best = now[j - 1] + 1;
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && earlier[j - 2] + 1 < best)
        best = earlier[j - 2] + 1;
      now[j] = best;
    }
  }
  return rows[m % 3][n];
}

void tx_closest_try(tx_closest *closest, const char *word, const char *candidate)
{
  size_t far = distance(word, candidate), length = strlen(word);
  /* a word that was cut short ("--conf" for "--config") is as good as one letter wrong */
  if (length >= 3 && strncmp(word, candidate, length) == 0) far = 1;
  if (far > 1 + length / 3) return;
  if (!closest->word || far < closest->distance) {
    closest->word = candidate;
    closest->distance = far;
  }
}

typedef struct place {
  const tx_param_table *table;
  const tx_param *param;
} place;

static place find_name(const tx_param_table *tables, size_t table_count, const char *name, size_t length)
{
  for (size_t t = 0; t < table_count; t++)
    for (size_t p = 0; p < tables[t].count; p++)
      if (strncmp(tables[t].params[p].name, name, length) == 0 && tables[t].params[p].name[length] == '\0')
        return (place){&tables[t], &tables[t].params[p]};
  return (place){NULL, NULL};
}

static place find_letter(const tx_param_table *tables, size_t table_count, char letter)
{
  for (size_t t = 0; t < table_count; t++)
    for (size_t p = 0; p < tables[t].count; p++)
      if (tables[t].params[p].letter == letter) return (place){&tables[t], &tables[t].params[p]};
  return (place){NULL, NULL};
}

static tx_status unknown_option(const tx_param_table *tables, size_t table_count, const char *word,
                                const char *name, size_t length, tx_error *error)
{
  char text[64] = "";
  tx_closest closest = {NULL, 0};
  if (length < sizeof text) memcpy(text, name, length);
  text[length < sizeof text ? length : 0] = '\0';
  tx_closest_try(&closest, text, "help");
  tx_closest_try(&closest, text, "help-all");
  for (size_t t = 0; t < table_count; t++)
    for (size_t p = 0; p < tables[t].count; p++) tx_closest_try(&closest, text, tables[t].params[p].name);
  if (closest.word)
    return tx_cli_fail(error, TX_ERROR_USAGE, "unknown option '%s' (did you mean '--%s'?)", word,
                       closest.word);
  return tx_cli_fail(error, TX_ERROR_USAGE, "unknown option '%s'", word);
}

static tx_status set(place found, const char *text, tx_given *given, tx_error *error)
{
  size_t i = 0;
  char list[2 * TX_TEXT_SIZE];
  const tx_param_type type = found.param->type;
  const bool several = type == TX_PARAM_LIST || type == TX_PARAM_OUTPUTS || type == TX_PARAM_MODELS;
  while (i < given->count && strcmp(given->names[i], found.param->name) != 0) i++;
  if (i < given->count && several) {
    const int length = tx_param_format(found.param, found.table->object, list, sizeof list);
    snprintf(list + length, sizeof list - (size_t)length, "\n%.*s", TX_TEXT_SIZE, text);
    text = list;
  }
  if (i == given->count && i < TX_GIVEN_MAX) given->names[given->count++] = found.param->name;
  return tx_param_set(found.table->params, found.table->count, found.table->object, found.param->name, text,
                      error);
}

static tx_status missing_value(const char *word, const tx_param *param, tx_error *error)
{
  return tx_cli_fail(error, TX_ERROR_USAGE, "option '%s' needs a value (%s)", word,
                     param->values ? param->values : "N");
}

/* --name, --name=VALUE, --no-name. *at is the index of the word and moves past a value of its own. */
static tx_status read_long(const tx_param_table *tables, size_t table_count, int argc, char **argv, int *at,
                           tx_given *given, tx_error *error)
{
  const char *word = argv[*at], *name = word + 2, *equals = strchr(name, '=');
  size_t length = equals ? (size_t)(equals - name) : strlen(name);
  place found = find_name(tables, table_count, name, length);
  if (!found.param && length > 3 && strncmp(name, "no-", 3) == 0) {
    found = find_name(tables, table_count, name + 3, length - 3);
    if (found.param && found.param->type == TX_PARAM_FLAG) {
      if (equals)
        return tx_cli_fail(error, TX_ERROR_USAGE, "option '%.*s' takes no value", (int)(length + 2), word);
      return set(found, "false", given, error);
    }
    found.param = NULL;
  }
  if (!found.param) return unknown_option(tables, table_count, word, name, length, error);
  if (found.param->type == TX_PARAM_FLAG) {
    if (equals)
      return tx_cli_fail(error, TX_ERROR_USAGE, "option '--%s' takes no value (--no-%s switches it off)",
                         found.param->name, found.param->name);
    return set(found, "true", given, error);
  }
  if (equals) return set(found, equals + 1, given, error);
  if (*at + 1 >= argc) return missing_value(word, found.param, error);
  return set(found, argv[++*at], given, error);
}

/* -x VALUE, -xVALUE, and several flags in one word. */
static tx_status read_short(const tx_param_table *tables, size_t table_count, int argc, char **argv, int *at,
                            tx_command_line *line, tx_error *error)
{
  tx_given *given = &line->given;
  const char *word = argv[*at];
  size_t length = strcspn(word + 1, "=");
  /* "-threads" is not -t with the value "hreads" */
  if (length > 1 && find_name(tables, table_count, word + 1, length).param)
    return unknown_option(tables, table_count, word, word + 1, length, error);
  for (const char *letter = word + 1; *letter; letter++) {
    place found = find_letter(tables, table_count, *letter);
    tx_status status;
    if (!found.param && *letter == 'h') {
      line->help = TX_HELP_USUAL;
      return TX_OK;
    }
    if (!found.param) {
      if (letter == word + 1 && strlen(word) > 2)
        return unknown_option(tables, table_count, word, word + 1, strlen(word + 1), error);
      return tx_cli_fail(error, TX_ERROR_USAGE, "unknown option '-%c' in '%s'", *letter, word);
    }
    if (found.param->type != TX_PARAM_FLAG) {
      if (letter[1]) return set(found, letter + 1, given, error);
      if (*at + 1 >= argc) return missing_value(word, found.param, error);
      return set(found, argv[++*at], given, error);
    }
    status = set(found, "true", given, error);
    if (status != TX_OK) return status;
  }
  return TX_OK;
}

tx_status tx_options_read(const tx_param_table *tables, size_t table_count, int argc, char **argv,
                          tx_command_line *line, tx_error *error)
{
  bool options_end = false;
  line->operand_count = line->given.count = 0;
  line->help = TX_HELP_NONE;
  for (int at = 1; at < argc; at++) {
    const char *word = argv[at];
    tx_status status = TX_OK;
    if (options_end || word[0] != '-' || word[1] == '\0') {
      line->operands[line->operand_count++] = word;
    } else if (strcmp(word, "--") == 0) {
      options_end = true;
    } else if (strcmp(word, "--help") == 0) {
      line->help = TX_HELP_USUAL;
    } else if (strcmp(word, "--help-all") == 0) {
      line->help = TX_HELP_ALL;
    } else if (word[1] == '-') {
      status = read_long(tables, table_count, argc, argv, &at, &line->given, error);
    } else {
      status = read_short(tables, table_count, argc, argv, &at, line, error);
    }
    if (status != TX_OK || line->help) return status;
  }
  return TX_OK;
}

tx_status tx_options_check(const tx_command *command, const tx_param_table *tables, size_t table_count,
                           const tx_given *given, tx_error *error)
{
  size_t count;
  const tx_param_rule *rules = command->rules(&count);
  for (size_t i = 0; i < given->count; i++) {
    tx_param_idleness idleness;
    if (tx_param_idle(rules, count, tables, table_count, given->names[i], &idleness))
      return tx_cli_fail(error, TX_ERROR_USAGE, "%s has no effect %s: %s", idleness.option, idleness.where,
                         idleness.advice);
  }
  return TX_OK;
}

bool tx_is_given(const tx_call *call, const char *name)
{
  for (size_t i = 0; i < call->given->count; i++)
    if (strcmp(call->given->names[i], name) == 0) return true;
  return false;
}

tx_status tx_refuse_columns(const tx_call *call, const char *why, tx_error *error)
{
  static const char *const names[] = {"id-column", "sequence-column", "split-column"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (tx_is_given(call, names[i]))
      return tx_cli_fail(error, TX_ERROR_USAGE, "--%s has no effect, as %s: leave it out", names[i], why);
  return TX_OK;
}

tx_status tx_check_columns(const tx_call *call, bool has_table, tx_error *error)
{
  return has_table ? TX_OK : tx_refuse_columns(call, "there is no table in the input", error);
}
