#include "commands.h"

#include <stddef.h>

const tx_command *const *tx_commands(void)
{
  static const tx_command *const commands[] = {&tx_train_command,
                                               &tx_embed_command,
                                               &tx_classify_command,
                                               &tx_eval_command,
                                               &tx_quantize_command,
                                               &tx_index_command,
                                               &tx_calibrate_command,
                                               &tx_cluster_command,
                                               &tx_table_command,
                                               &tx_compare_command,
                                               &tx_sources_command,
                                               &tx_import_command,
                                               &tx_export_command,
                                               &tx_report_command,
                                               &tx_traits_command,
                                               NULL};
  return commands;
}
