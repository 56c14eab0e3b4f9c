/* Reading a command line against the parameter tables of a command. */
#ifndef TX_TOOLS_OPTIONS_H
#define TX_TOOLS_OPTIONS_H

#include "cli.h"

/* Sets every option of the tables to its default. */
tx_status tx_options_defaults(const tx_param_table *tables, size_t table_count, tx_error *error);

typedef enum tx_help_kind { TX_HELP_NONE, TX_HELP_USUAL, TX_HELP_ALL } tx_help_kind;

/* The content of a command line except the values of options. */
typedef struct tx_command_line {
  const char **operands; /* memory for argc pointers */
  size_t operand_count;
  tx_given given;    /* the options that were typed */
  tx_help_kind help; /* --help, -h or --help-all, after which nothing was read */
} tx_command_line;

/* Reads argv[1..argc-1]: --name VALUE, --name=VALUE, --flag, --no-flag, -x VALUE, -xVALUE, -abc for flags;
   "--" ends the options, "-" is an operand, and options may follow operands. Errors: TX_ERROR_USAGE naming
   the word, and the closest option for an unknown one. */
tx_status tx_options_read(const tx_param_table *tables, size_t table_count, int argc, char **argv,
                          tx_command_line *line, tx_error *error);

/* Checks that each option that was typed has an effect, by the rules of the command. TX_ERROR_USAGE. */
tx_status tx_options_check(const tx_command *command, const tx_param_table *tables, size_t table_count,
                           const tx_given *given, tx_error *error);

#endif
