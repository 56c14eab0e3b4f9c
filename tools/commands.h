/* The commands of the tool, one file each. */
#ifndef TX_TOOLS_COMMANDS_H
#define TX_TOOLS_COMMANDS_H

#include "cli.h"

/* The commands, ended by NULL. */
const tx_command *const *tx_commands(void);

extern const tx_command tx_train_command;
extern const tx_command tx_embed_command;
extern const tx_command tx_classify_command;
extern const tx_command tx_eval_command;
extern const tx_command tx_quantize_command;
extern const tx_command tx_index_command;
extern const tx_command tx_calibrate_command;
extern const tx_command tx_cluster_command;
extern const tx_command tx_compare_command;
extern const tx_command tx_report_command;
extern const tx_command tx_sources_command;
extern const tx_command tx_table_command;
extern const tx_command tx_import_command;
extern const tx_command tx_export_command;
extern const tx_command tx_traits_command;

#endif
