/* The tables that say which option has an effect with which others: each row is tried through the command
   itself, and no option is without a row. */
#include "settings/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "commands.h"
#include "options.h"

#define SOURCE TX_TESTS_DIR "/.."

enum { WORDS = 64, DEPTH = 8 };

/* A command's options at their defaults, and all rules about them. */
typedef struct bench {
  const tx_command *command;
  void *options;
  tx_param_table tables[TX_TABLES_MAX];
  size_t table_count;
  tx_param_rule rules[256];
  size_t rule_count;
} bench;

static void must(tx_status status, const tx_error *error)
{
  if (status != TX_OK) fail_msg("%s", error->message);
}

static void reset(bench *b)
{
  tx_error error;
  must(tx_options_defaults(b->tables, b->table_count, &error), &error);
}

static void bench_create(bench *b, const tx_command *command)
{
  size_t count;
  const tx_param_rule *rules = command->rules(&count);
  memset(b, 0, sizeof *b);
  b->command = command;
  b->options = calloc(1, command->options_size);
  assert_non_null(b->options);
  b->table_count = command->tables(b->options, b->tables);
  memcpy(b->rules, rules, count * sizeof *rules);
  b->rule_count = count;
  if (command->library_rules) {
    rules = command->library_rules(&count);
    assert_true(b->rule_count + count <= sizeof b->rules / sizeof *b->rules);
    memcpy(b->rules + b->rule_count, rules, count * sizeof *rules);
    b->rule_count += count;
  }
  reset(b);
}

static const tx_param *find(const bench *b, const char *name, const tx_param_table **ret_table)
{
  for (size_t t = 0; t < b->table_count; t++)
    for (size_t p = 0; p < b->tables[t].count; p++)
      if (strcmp(b->tables[t].params[p].name, name) == 0) {
        if (ret_table) *ret_table = &b->tables[t];
        return &b->tables[t].params[p];
      }
  return NULL;
}

static void set(bench *b, const char *name, const char *value)
{
  const tx_param_table *table = NULL;
  tx_error error;
  assert_non_null(find(b, name, &table));
  must(tx_param_set(table->params, table->count, table->object, name, value, &error), &error);
}

/* A value that is not the default, and does not count as not given. */
static void other_value(const tx_param *param, char *text, size_t size)
{
  const char *values = param->values;
  switch (param->type) {
  case TX_PARAM_FLAG:
    snprintf(text, size, "%s", strcmp(param->standard, "true") == 0 ? "false" : "true");
    return;
  case TX_PARAM_COUNT:
    snprintf(text, size, "%.0f",
             strtod(param->standard, NULL) < param->maximum ? strtod(param->standard, NULL) + 1
                                                            : param->minimum);
    return;
  case TX_PARAM_REAL:
    snprintf(text, size, "%g",
             strtod(param->standard, NULL) > 1                     ? strtod(param->standard, NULL) + 1
             : strtod(param->standard, NULL) + 0.1 <= param->maximum ? strtod(param->standard, NULL) + 0.1
             : param->maximum / 2 > param->minimum                 ? param->maximum / 2
                                                                   : param->minimum);
    return;
  case TX_PARAM_LIST:
    snprintf(text, size, "column=value");
    return;
  case TX_PARAM_TEXT:
  case TX_PARAM_INPUT:
  case TX_PARAM_OUTPUT:
  case TX_PARAM_INPUTS:
  case TX_PARAM_OUTPUTS:
  case TX_PARAM_MODEL:
  case TX_PARAM_MODELS: /* a number, for those that are lists of shares */
    snprintf(text, size, "%s",
             strcmp(param->name, "init") == 0           ? SOURCE "/models/its-fungi.safetensors"
             : strcmp(param->name, "crop-lengths") == 0 ? "150"
                                                        : "0.5");
    return;
  case TX_PARAM_CHOICE:
    if (strncmp(values, param->standard, strcspn(values, "|")) == 0) values += strcspn(values, "|") + 1;
    snprintf(text, size, "%.*s", (int)strcspn(values, "|"), values);
    return;
  }
}

static bool listed(const char *list, const char *word, size_t length)
{
  for (;; list++) {
    const size_t size = strcspn(list, "|");
    if (size == length && strncmp(list, word, size) == 0) return true;
    list += size;
    if (!*list) return false;
  }
}

static void give(bench *b, const char *name, int depth);

static void satisfy(bench *b, const tx_param_rule *rule, int depth)
{
  char value[256];
  if (rule->condition == TX_RULE_ALWAYS) return;
  if (rule->condition == TX_RULE_GIVEN) give(b, rule->other, depth);
  if (rule->condition == TX_RULE_ABSENT) set(b, rule->other, find(b, rule->other, NULL)->standard);
  if (rule->condition == TX_RULE_VALUE) {
    snprintf(value, sizeof value, "%.*s", (int)strcspn(rule->values, "|"), rule->values);
    set(b, rule->other, value);
  }
}

/* Another value than the default for an option, and for others what gives it an effect. */
static void give(bench *b, const char *name, int depth)
{
  char value[256];
  assert_true(depth < DEPTH); /* no rules in a circle */
  other_value(find(b, name, NULL), value, sizeof value);
  set(b, name, value);
  for (size_t i = 0; i < b->rule_count; i++)
    if (strcmp(b->rules[i].name, name) == 0) satisfy(b, &b->rules[i], depth + 1);
}

/* The option that decides gets a value with which the rule does not hold. */
static void violate(bench *b, const tx_param_rule *rule)
{
  const tx_param *other = find(b, rule->other, NULL);
  if (rule->condition == TX_RULE_ABSENT) give(b, rule->other, 0);
  if (rule->condition == TX_RULE_GIVEN)
    set(b, rule->other,
        other->type == TX_PARAM_REAL || other->type == TX_PARAM_COUNT ? "0" : other->standard);
  for (const char *word = other->values; rule->condition == TX_RULE_VALUE && word;
       word += word[strcspn(word, "|")] ? strcspn(word, "|") + 1 : 0) {
    const size_t length = strcspn(word, "|");
    char value[64];
    if (listed(rule->values, word, length)) continue;
    snprintf(value, sizeof value, "%.*s", (int)length, word);
    set(b, rule->other, value);
    return;
  }
}

static bool idle(const bench *b, const char *name, tx_param_idleness *idleness)
{
  return tx_param_idle(b->rules, b->rule_count, b->tables, b->table_count, name, idleness);
}

/* The command line that sets what is not at its default, and its exit code; what it said goes to `said`. */
static int run(const bench *b, char *said, size_t size)
{
  char words[WORDS][512], value[512], path[] = "/tmp/test_tools_rules_XXXXXX";
  char *argv[WORDS];
  int argc = 0, saved, code;
  const int file = mkstemp(path);
  ssize_t length;
  snprintf(words[argc++], sizeof words[0], "%s", b->command->name);
  for (size_t t = 0; t < b->table_count; t++)
    for (size_t p = 0; p < b->tables[t].count; p++) {
      const tx_param *param = &b->tables[t].params[p];
      tx_param_format(param, b->tables[t].object, value, sizeof value);
      if (strcmp(value, param->standard) == 0 ||
          (param->type == TX_PARAM_REAL && strtod(value, NULL) == strtod(param->standard, NULL)))
        continue;
      if (param->type == TX_PARAM_FLAG)
        snprintf(words[argc++], sizeof words[0], "--%s%s", strcmp(value, "true") == 0 ? "" : "no-",
                 param->name);
      else
        snprintf(words[argc++], sizeof words[0], "--%s=%.400s", param->name, value);
    }
  if (b->command == &tx_train_command) snprintf(words[argc++], sizeof words[0], "--output=%s.model", path);
  snprintf(words[argc++], sizeof words[0], SOURCE "/data/simulated_unite.fasta");
  for (int i = 0; i < argc; i++) argv[i] = words[i];
  assert_true(file >= 0);
  fflush(stderr);
  saved = dup(STDERR_FILENO);
  dup2(file, STDERR_FILENO);
  code = tx_command_main(b->command, argc, argv);
  fflush(stderr);
  dup2(saved, STDERR_FILENO);
  close(saved);
  length = pread(file, said, size - 1, 0);
  said[length < 0 ? 0 : length] = '\0';
  close(file);
  unlink(path);
  return code;
}

/* Every option stands in the table, and the table names nothing else. */
static void every_option_has_a_row(void **state)
{
  (void)state;
  for (const tx_command *const *command = tx_commands(); *command; command++) {
    bench b;
    size_t options = 0;
    bench_create(&b, *command);
    for (size_t t = 0; t < b.table_count; t++)
      for (size_t p = 0; p < b.tables[t].count; p++, options++) {
        size_t i = 0;
        while (i < b.rule_count && strcmp(b.rules[i].name, b.tables[t].params[p].name) != 0) i++;
        if (i == b.rule_count)
          fail_msg("%s --%s stands in no row of the rules", (*command)->name, b.tables[t].params[p].name);
      }
    assert_true(options <= TX_GIVEN_MAX);
    for (size_t i = 0; i < b.rule_count; i++) {
      const tx_param_rule *rule = &b.rules[i];
      const tx_param *other;
      if (!find(&b, rule->name, NULL)) fail_msg("%s has no --%s", (*command)->name, rule->name);
      if (rule->condition == TX_RULE_ALWAYS) continue;
      other = find(&b, rule->other, NULL);
      if (!other) fail_msg("%s has no --%s", (*command)->name, rule->other);
      assert_int_equal(rule->condition == TX_RULE_VALUE, other->type == TX_PARAM_CHOICE);
      for (const char *word = rule->values; word && *word; word += strcspn(word, "|"), word += *word == '|')
        if (!listed(other->values, word, strcspn(word, "|")))
          fail_msg("--%s has no value '%s'", other->name, word);
    }
    free(b.options);
  }
}

/* With the rule broken the option is refused by the command; with its default it is not, nor with all rules
   kept. */
static void every_row_is_kept(void **state)
{
  (void)state;
  for (const tx_command *const *command = tx_commands(); *command; command++) {
    bench b;
    bench_create(&b, *command);
    for (size_t i = 0; i < b.rule_count; i++) {
      const tx_param_rule *rule = &b.rules[i];
      tx_param_idleness idleness;
      char said[2048], wanted[512];
      reset(&b);
      give(&b, rule->name, 0);
      if (idle(&b, rule->name, &idleness))
        fail_msg("%s: %s has no effect %s", (*command)->name, idleness.option, idleness.where);
      if (rule->condition == TX_RULE_ALWAYS) continue;
      violate(&b, rule);
      if (!idle(&b, rule->name, &idleness))
        fail_msg("%s: --%s is taken whatever --%s says", (*command)->name, rule->name, rule->other);
      assert_string_equal(idleness.rule->other, rule->other);
      snprintf(wanted, sizeof wanted, "%s has no effect %s: %s", idleness.option, idleness.where,
               idleness.advice);
      if (run(&b, said, sizeof said) != TX_EXIT_USAGE || !strstr(said, wanted))
        fail_msg("expected '%s', got '%s'", wanted, said);
      assert_ptr_equal(strchr(said, '\n') + 1, said + strlen(said)); /* one line */
      set(&b, rule->name, find(&b, rule->name, NULL)->standard);
      assert_false(idle(&b, rule->name, &idleness));
    }
    free(b.options);
  }
}

static void keep_note(void *context, const char *line)
{
  char *notes = context;
  snprintf(notes + strlen(notes), 4096 - strlen(notes), "%s\n", line);
}

/* What was not typed is left aside with a note, and then stands at its default; some is refused all the
 same. */
static void a_file_of_settings_gets_notes(void **state)
{
  bench b;
  (void)state;
  bench_create(&b, &tx_train_command);
  for (size_t i = 0; i < b.rule_count; i++) {
    const tx_param_rule *rule = &b.rules[i];
    const tx_train_files files = {.given_count = 0};
    const tx_param_table *table = NULL;
    tx_error error;
    tx_param_idleness idleness;
    char notes[4096] = "", value[512];
    const tx_train_hooks hooks = {.message = keep_note, .context = notes};
    tx_status status;
    if (rule->condition == TX_RULE_ALWAYS) continue;
    reset(&b);
    give(&b, rule->name, 0);
    violate(&b, rule);
    assert_true(idle(&b, rule->name, &idleness));
    const tx_param *param = find(&b, rule->name, &table);
    status = tx_train_config_settle(table->object, &files, &hooks, &error);
    assert_int_equal(status, rule->verdict == TX_RULE_REFUSED ? TX_ERROR_USAGE : TX_OK);
    if (status != TX_OK) continue;
    if (!strstr(notes, idleness.option) || !strstr(notes, idleness.where))
      fail_msg("no note about %s: '%s'", idleness.option, notes);
    tx_param_format(param, table->object, value, sizeof value);
    if (param->type == TX_PARAM_REAL)
      assert_true(strtod(value, NULL) == strtod(param->standard, NULL));
    else
      assert_string_equal(value, param->standard);
  }
  free(b.options);
}

/* An option that has no effect itself decides nothing about others, and the reason of both is the same. */
static void an_idle_option_counts_as_its_default(void **state)
{
  tx_param_idleness idleness;
  bench b;
  (void)state;
  bench_create(&b, &tx_train_command);
  set(&b, "objective", "masked");
  set(&b, "contrast", "1");
  set(&b, "contrast-decay", "0.2");
  assert_true(idle(&b, "contrast-decay", &idleness));
  assert_string_equal(idleness.option, "--contrast-decay");
  assert_string_equal(idleness.where, "with --objective masked");
  assert_string_equal(idleness.advice, "leave it out or add --objective taxa");
  set(&b, "contrast", "0");
  assert_true(idle(&b, "contrast-decay", &idleness));
  assert_string_equal(idleness.where, "without --contrast");
  set(&b, "valid-fraction", "0.1");
  assert_false(idle(&b, "valid-fraction", &idleness));
  free(b.options);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_option_has_a_row),
      cmocka_unit_test(every_row_is_kept),
      cmocka_unit_test(a_file_of_settings_gets_notes),
      cmocka_unit_test(an_idle_option_counts_as_its_default),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
