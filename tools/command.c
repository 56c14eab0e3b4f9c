/* One run of a command: options, help, its files compared, run, exit code. */
#include <stdlib.h>
#include <string.h>

#include <taxamba/runtime.h>

#include "cli.h"
#include "help.h"
#include "options.h"
#include "paths.h"

/* The words as they were typed, with quotes where the shell would need them. */
static char *join_words(int argc, char **argv)
{
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+./,:@%";
  size_t size = sizeof "taxamba", used;
  char *line;
  for (int i = 0; i < argc; i++) size += strlen(argv[i]) + 3;
  line = malloc(size);
  if (!line) return NULL;
  used = (size_t)snprintf(line, size, "taxamba");
  for (int i = 0; i < argc; i++) {
    bool quote = argv[i][0] == '\0' || strspn(argv[i], plain) != strlen(argv[i]);
    used += (size_t)snprintf(line + used, size - used, quote ? " '%s'" : " %s", argv[i]);
  }
  return line;
}

/* The arguments as they came. */
typedef struct arguments {
  int count;
  char **words;
} arguments;

static tx_status read_command_line(const tx_command *command, void *options, const tx_param_table *tables,
                                   size_t table_count, const arguments *given, tx_command_line *line,
                                   tx_error *error)
{
  tx_status status = tx_options_read(tables, table_count, given->count, given->words, line, error);
  if (status != TX_OK || line->help || !command->configure) return status;
  status = command->configure(options, error);
  if (status == TX_OK) status = tx_options_read(tables, table_count, given->count, given->words, line, error);
  return status;
}

int tx_command_main(const tx_command *command, int argc, char **argv)
{
  tx_error error = {0};
  tx_param_table tables[TX_TABLES_MAX];
  const arguments given = {argc, argv};
  tx_command_line read = {0};
  size_t table_count = 0;
  void *options = calloc(1, command->options_size);
  char *line = join_words(argc, argv);
  tx_status status;
  read.operands = calloc((size_t)argc + 1, sizeof *read.operands);
  status = options && read.operands && line
               ? TX_OK
               : tx_cli_fail(&error, TX_ERROR_MEMORY, "out of memory for the options");
  if (status == TX_OK) {
    table_count = command->tables(options, tables);
    status = tx_options_defaults(tables, table_count, &error);
  }
  if (status == TX_OK)
    status = read_command_line(command, options, tables, table_count, &given, &read, &error);
  if (status == TX_OK && !read.help)
    status = tx_options_check(command, tables, table_count, &read.given, &error);
  if (status == TX_OK && read.help) {
    status = tx_options_defaults(tables, table_count, &error);
    if (status == TX_OK) {
      (read.help == TX_HELP_ALL ? tx_help_all : tx_help_command)(stdout, command, tables, table_count);
      status = tx_print_end(&error);
    }
  } else if (status == TX_OK) {
    tx_call call = {command, options, read.operands, read.operand_count, &read.given, line, tx_clock()};
    if (command->settle) status = command->settle(options, &error);
    if (status == TX_OK) status = tx_check_paths(&call, &error);
    if (status == TX_OK) status = command->run(&call, &error);
  }
  free(options);
  free(read.operands);
  free(line);
  return tx_report(command->name, status, &error);
}
