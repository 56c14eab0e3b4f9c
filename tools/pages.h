/* Functions that the help texts, the man pages and the completion share. */
#ifndef TX_TOOLS_PAGES_H
#define TX_TOOLS_PAGES_H

#include <stdio.h>

#include "cli.h"

#define TX_PROGRAM_SUMMARY "Names the taxon a DNA barcode comes from, with a trained Mamba-2 network"

/* The word that stands for an option's value. */
const char *tx_value_word(const tx_param *param);
/* Describes bounds, default, and the options of the command with which it has an effect; "" if there is
   nothing to describe. */
void tx_param_bounds(const tx_command *command, const tx_param *param, char *text, size_t size);
/* Whether params[at] of a table is the first option under its heading, over all tables. */
bool tx_section_first(const tx_param_table *tables, size_t table_count, size_t table, size_t at);

#endif
