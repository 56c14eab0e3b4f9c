/* Usage texts, man pages and shell completion, all from the commands' parameter tables. */
#ifndef TX_TOOLS_HELP_H
#define TX_TOOLS_HELP_H

#include <stdio.h>

#include "cli.h"

/* Prints the overview of all commands. */
void tx_help_overview(FILE *out);
/* Prints usage and options of one command; `tables` point to structs with their defaults set. */
void tx_help_command(FILE *out, const tx_command *command, const tx_param_table *tables, size_t table_count);
/* Prints the same with the options that are rarely needed. */
void tx_help_all(FILE *out, const tx_command *command, const tx_param_table *tables, size_t table_count);
/* Prints a man page in roff; `command` NULL: the page of the program. */
void tx_man_page(FILE *out, const tx_command *command, const tx_param_table *tables, size_t table_count);
/* Print the bash completion: its beginning, the part of one command, its end. */
void tx_completion_begin(FILE *out);
void tx_completion_command(FILE *out, const tx_command *command, const tx_param_table *tables,
                           size_t table_count);
void tx_completion_end(FILE *out);

#endif
