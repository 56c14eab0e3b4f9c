/* The configuration of a training run: checks, its form in files, comparison on resume. */
#ifndef TX_SETTINGS_CONFIG_H
#define TX_SETTINGS_CONFIG_H

#include "seq/tokenizer.h"

#include <taxamba/train.h>

/* One parameter's value as text. */
typedef struct tx_config_text {
  char value[TX_TEXT_SIZE];
} tx_config_text;

/* Returns the row of tx_train_params with this name, or NULL. */
const tx_param *tx_train_param(const char *name);

/* Every field within the bounds of its parameter. TX_ERROR_USAGE. */
tx_status tx_train_config_check(const tx_train_config *config, tx_error *error);

/* Checks the fields and puts the default in the place of each setting that has no effect beside the others
   (tx_train_rules), with a note, so that it has none. TX_ERROR_USAGE of a bad field, and of a setting without
   effect that stands in files->given or must not be left aside. */
tx_status tx_train_config_settle(tx_train_config *config, const tx_train_files *files,
                                 const tx_train_hooks *hooks, tx_error *error);

/* The input gives the setting `name` no effect, because of `why` ("there is no table in the input"): nothing
   when it has its default, otherwise a note, or TX_ERROR_USAGE of one in files->given. */
tx_status tx_train_setting_idle(const tx_train_config *config, const tx_train_files *files, const char *name,
                                const char *why, const tx_train_hooks *hooks, tx_error *error);

/* Rows of the position embeddings: --positions, or, where that is 0 and the objective needs some, the tokens
   of tokenizer->max_bases bases, for BPE half as many as there are bases: nearly all of its words have two or
   more. 0 for none, and where max_bases is 0. */
size_t tx_train_positions(const tx_train_config *config, const tx_tokenizer *tokenizer);

/* As flat JSON for model and checkpoint, without what has no influence on the result (threads). The caller
   frees it. */
tx_status tx_train_config_write(const tx_train_config *config, char **ret_json, tx_error *error);

/* TX_ERROR_USAGE naming the first setting in which `config` differs from the JSON of a checkpoint `file`;
   TX_ERROR_MODEL when that is no JSON of settings. */
tx_status tx_train_config_agrees(const tx_train_config *config, const char *json, const char *file,
                                 tx_error *error);

#endif
