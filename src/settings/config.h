/* The configuration of a training run: checks, its form in files, comparison on resume. */
#ifndef TX_SETTINGS_CONFIG_H
#define TX_SETTINGS_CONFIG_H

#include <taxamba/train.h>

/* The value of one parameter as text. */
typedef struct tx_config_text {
  char value[TX_TEXT_SIZE];
} tx_config_text;

/* Returns the row of tx_train_params with this name, or NULL. */
const tx_param *tx_train_param(const char *name);

/* Returns the epochs of a run with so many training records (at least 1): those of the configuration, or for
   0 the rule of the parameter. */
uint64_t tx_train_epochs(const tx_train_config *config, size_t records);

/* Checks that every field is within the bounds of its parameter. TX_ERROR_USAGE. */
tx_status tx_train_config_check(const tx_train_config *config, tx_error *error);

/* Checks the fields. Replaces each setting that has no effect with the others (tx_train_rules) by its
   default, with a note. TX_ERROR_USAGE for a bad field, and for a setting without effect that is in
   files->given or must not be ignored. */
tx_status tx_train_config_settle(tx_train_config *config, const tx_train_files *files,
                                 const tx_train_hooks *hooks, tx_error *error);

/* Handles the setting `name` having no effect because of the input; `why` is the reason ("there is no table
   in the input"). Does nothing when it has its default, otherwise sends a note, or returns TX_ERROR_USAGE for
   one in files->given. */
tx_status tx_train_setting_idle(const tx_train_config *config, const tx_train_files *files, const char *name,
                                const char *why, const tx_train_hooks *hooks, tx_error *error);

/* Writes flat JSON for model and checkpoint, without settings that have no influence on the result (threads).
   The caller frees it. */
tx_status tx_train_config_write(const tx_train_config *config, char **ret_json, tx_error *error);

/* TX_ERROR_USAGE naming the first setting in which `config` differs from the JSON of a checkpoint `file`;
   TX_ERROR_MODEL when that is not a JSON object of settings. */
tx_status tx_train_config_agrees(const tx_train_config *config, const char *json, const char *file,
                                 tx_error *error);

#endif
