#include "commands.h"
#include "help.h"

#include <string.h>

#include "pages.h"

enum { WIDTH = 80 };

/* Text in lines of at most WIDTH columns, each after `indent` blanks; `at` columns of the first line are
   taken. */
static void wrap(FILE *out, const char *text, int indent, int at)
{
  bool first = true;
  fprintf(out, "%*s", indent - at, "");
  at = indent;
  while (*text) {
    int word = (int)strcspn(text, " ");
    if (!first && at + 1 + word > WIDTH) {
      fprintf(out, "\n%*s", indent, "");
      at = indent;
      first = true;
    }
    at += fprintf(out, "%s%.*s", first ? "" : " ", word, text);
    first = false;
    text += word + (text[word] == ' ');
  }
  fputc('\n', out);
}

const char *tx_value_word(const tx_param *param)
{
  /* what follows are endings */
  if (param->type == TX_PARAM_OUTPUT && strchr(param->values, '|')) return "FILE";
  return param->values ? param->values : "N";
}

/* "used with --objective masked or masked-autoencoder" */
static void add_rules(const tx_param_rule *rules, size_t count, const char *name, char *text, size_t size)
{
  for (size_t i = 0; i < count; i++) {
    const tx_param_rule *rule = &rules[i];
    size_t used = strlen(text);
    if (strcmp(rule->name, name) != 0 || rule->condition == TX_RULE_ALWAYS) continue;
    used += (size_t)snprintf(text + used, size - used, "%sused %s --%s", used ? "; " : "",
                             rule->condition == TX_RULE_ABSENT ? "without" : "with", rule->other);
    for (const char *word = rule->values; word && *word && used < size;
         word += strcspn(word, "|"), word += *word == '|')
      used += (size_t)snprintf(text + used, size - used, "%s%.*s", word == rule->values ? " " : " or ",
                               (int)strcspn(word, "|"), word);
  }
}

static void add_bounds(const tx_param *param, char *text, size_t size)
{
  size_t used = 0;
  text[0] = '\0';
  if (param->type == TX_PARAM_COUNT || param->type == TX_PARAM_REAL) {
    bool open = param->maximum >= 1e9;
    used = (size_t)(open ? snprintf(text, size, "at least %.9g", param->minimum)
                         : snprintf(text, size, "%.9g to %.9g", param->minimum, param->maximum));
  }
  if (used >= size) return;
  if (param->type == TX_PARAM_FLAG) {
    if (strcmp(param->standard, "true") == 0)
      snprintf(text, size, "default: on; --no-%s switches it off", param->name);
  } else if (param->standard[0]) {
    snprintf(text + used, size - used, "%sdefault: %s", used ? "; " : "", param->standard);
  }
}

/* "1 to 1024; default: 8", or nothing to say. */
void tx_param_bounds(const tx_command *command, const tx_param *param, char *text, size_t size)
{
  size_t count;
  const tx_param_rule *rules = command->rules(&count);
  add_bounds(param, text, size);
  add_rules(rules, count, param->name, text, size);
  if (!command->library_rules) return;
  rules = command->library_rules(&count);
  add_rules(rules, count, param->name, text, size);
}

/* Prints the value word of an option behind `at` columns, a long list of choices in several lines; returns
   the column it ends at. */
static int print_value(FILE *out, const char *value, int at)
{
  const int start = at;
  while (*value) {
    const int word = (int)strcspn(value, "|") + (value[strcspn(value, "|")] == '|');
    if (at + word > WIDTH && at > start) at = fprintf(out, "\n%*s", start, "") - 1;
    at += fprintf(out, "%.*s", word, value);
    value += word;
  }
  return at;
}

static void print_option(FILE *out, const tx_command *command, const tx_param *param)
{
  enum { COLUMN = 28 };
  char text[1024], bounds[320];
  int at = param->letter ? fprintf(out, "  -%c, --%s", param->letter, param->name)
                         : fprintf(out, "      --%s", param->name);
  if (param->type != TX_PARAM_FLAG) at = print_value(out, tx_value_word(param), at + fprintf(out, " "));
  if (at + 2 > COLUMN) {
    fputc('\n', out);
    at = 0;
  }
  tx_param_bounds(command, param, bounds, sizeof bounds);
  snprintf(text, sizeof text, "%s%s%s%s", param->help, bounds[0] ? " (" : "", bounds, bounds[0] ? ")" : "");
  wrap(out, text, COLUMN, at);
}

bool tx_section_first(const tx_param_table *tables, size_t table_count, size_t table, size_t at)
{
  const char *section = tables[table].params[at].section;
  for (size_t t = 0; t <= table && t < table_count; t++)
    for (size_t p = 0; p < (t == table ? at : tables[t].count); p++)
      if (strcmp(tables[t].params[p].section, section) == 0) return false;
  return true;
}

static bool is_usual(const tx_command *command, const tx_param *param)
{
  if (!command->usual) return true;
  for (const char *const *name = command->usual; *name; name++)
    if (strcmp(*name, param->name) == 0) return true;
  return false;
}

/* Options of one heading may stand in several tables: they are gathered under the first of them. A heading
   without options is left out. */
static void print_section(FILE *out, const tx_command *command, const tx_param_table *tables,
                          size_t table_count, const char *section, bool all)
{
  size_t printed = 0;
  for (size_t t = 0; t < table_count; t++)
    for (size_t p = 0; p < tables[t].count; p++) {
      const tx_param *param = &tables[t].params[p];
      if (strcmp(param->section, section) != 0 || !(all || is_usual(command, param))) continue;
      if (printed++ == 0) fprintf(out, "\n%s:\n", section);
      print_option(out, command, param);
    }
}

static void print_help(FILE *out, const tx_command *command, const tx_param_table *tables, size_t table_count,
                       bool all)
{
  size_t options = 0;
  fprintf(out, "Usage: taxamba %s [OPTION]... %s\n", command->name, command->operands);
  fprintf(out, "%s.\n", command->summary);
  for (size_t t = 0; t < table_count; t++)
    for (size_t p = 0; p < tables[t].count; p++, options++)
      if (tx_section_first(tables, table_count, t, p))
        print_section(out, command, tables, table_count, tables[t].params[p].section, all);
  fputs("  -h, --help                Prints this text and exits.\n", out);
  if (command->usual && !all)
    fprintf(out, "      --help-all            Prints all %zu options and exits.\n", options);
  fputs("\nExamples:\n", out);
  for (const tx_example *example = command->examples; example->line; example++)
    fprintf(out, "  %s\n", example->line);
  fprintf(out, "\nFor more: man taxamba-%s\n", command->name);
}

void tx_help_all(FILE *out, const tx_command *command, const tx_param_table *tables, size_t table_count)
{
  print_help(out, command, tables, table_count, true);
}

void tx_help_command(FILE *out, const tx_command *command, const tx_param_table *tables, size_t table_count)
{
  print_help(out, command, tables, table_count, false);
}

void tx_help_overview(FILE *out)
{
  fputs("Usage: taxamba COMMAND [OPTION]... [FILE]...\n", out);
  fputs(TX_PROGRAM_SUMMARY ".\n\nCommands:\n", out);
  for (const tx_command *const *command = tx_commands(); *command; command++)
    fprintf(out, "  %-12s%s.\n", (*command)->name, (*command)->summary);
  fputs("\nOther:\n"
        "  help COMMAND      The options of a command; so does COMMAND --help.\n"
        "  --version         Versions of the program, the libraries and the kernels in use.\n"
        "  man [COMMAND]     The manual page as roff: taxamba man classify | man -l -\n"
        "  completion bash   Shell completion: source <(taxamba completion bash)\n",
        out);
}
